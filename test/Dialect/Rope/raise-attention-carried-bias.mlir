// RUN: rope-opt %s --rope-raise | FileCheck %s

#q = affine_map<(h, i, r, d) -> (h, i, d)>
#k = affine_map<(h, i, r, d) -> (h, r, d)>
#x = affine_map<(h, i, r, d) -> (h, i, r)>

// The maximum of the row times a number that a loop over the keys carries: a bias, since it is
// not one number of the row, which the softmax would take away.
// CHECK-LABEL: func @carried_number_of_keys
func.func @carried_number_of_keys(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %d: f32) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %te = tensor.empty() : tensor<5xf32>
  %one = arith.constant 1.0 : f32
  %t:2 = scf.for %r = %c0 to %c5 step %c1 iter_args(%z = %te, %o = %one) -> (tensor<5xf32>, f32) {
    %z1 = tensor.insert %o into %z[%r] : tensor<5xf32>
    %n = arith.mulf %o, %d : f32
    scf.yield %z1, %n : tensor<5xf32>, f32
  }
  %e = tensor.empty() : tensor<3x5x5xf32>
  %e2 = tensor.empty() : tensor<3x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %lows = linalg.fill ins(%low : f32) outs(%e2 : tensor<3x5xf32>) -> tensor<3x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<3x5x5xf32>) outs(%lows : tensor<3x5xf32>) dimensions = [2]
  %b = linalg.broadcast ins(%t#0 : tensor<5xf32>) outs(%e : tensor<3x5x5xf32>) dimensions = [0, 1]
  %mb = linalg.broadcast ins(%m : tensor<3x5xf32>) outs(%e : tensor<3x5x5xf32>) dimensions = [2]
  %bias = linalg.mul ins(%mb, %b : tensor<3x5x5xf32>, tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  // CHECK: %[[BIAS:.*]] = linalg.mul
  // CHECK: %[[MASK:.*]] = tensor.expand_shape %[[BIAS]]
  // CHECK: rope.attention {{.*}} mask(%[[MASK]] : tensor<3x1x5x5xf32>)
  %s = linalg.add ins(%x, %bias : tensor<3x5x5xf32>, tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}
