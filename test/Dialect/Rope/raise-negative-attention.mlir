// What looks like attention and is none stays as it is, with a remark.

// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t
// IR-NOT: rope.attention

#q = affine_map<(h, i, r, d) -> (h, i, d)>
#k = affine_map<(h, i, r, d) -> (h, r, d)>
#x = affine_map<(h, i, r, d) -> (h, i, r)>

// CHECK: remark: [Missed] NotAnAttention {{.*}}Function=negative_normalized_over_queries {{.*}}not divided by a sum over the keys
func.func @negative_normalized_over_queries(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(1) ins(%x : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// A number of each key.
// CHECK: remark: [Missed] NotAnAttention {{.*}}Function=negative_scale_of_keys {{.*}}multiplied by a value that is not a constant
func.func @negative_scale_of_keys(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %t: tensor<5xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %b = linalg.broadcast ins(%t : tensor<5xf32>) outs(%e : tensor<3x5x5xf32>) dimensions = [0, 1]
  %s = linalg.mul ins(%x, %b : tensor<3x5x5xf32>, tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// A temperature of scores that are masked already: where it is negative, -inf becomes inf.
// CHECK: remark: [Missed] NotAnAttention {{.*}}Function=negative_temperature_of_masked {{.*}}multiplied by a value that is not a constant
func.func @negative_temperature_of_masked(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %t: tensor<3xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(h, i, r) -> (h, i, r)>, affine_map<(h, i, r) -> (h, i, r)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    %low = arith.constant 0xFF800000 : f32
    %i = linalg.index 1 : index
    %r = linalg.index 2 : index
    %keeps = arith.cmpi sle, %r, %i : index
    %0 = arith.select %keeps, %in, %low : f32
    linalg.yield %0 : f32
  } -> tensor<3x5x5xf32>
  %b = linalg.broadcast ins(%t : tensor<3xf32>) outs(%e : tensor<3x5x5xf32>) dimensions = [1, 2]
  %s = linalg.mul ins(%m, %b : tensor<3x5x5xf32>, tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// Weights that are not divided by a sum are no softmax; nothing is said of them.
// CHECK-NOT: Function=negative_not_normalized
func.func @negative_not_normalized(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %w = linalg.exp ins(%x : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// A guard that replaces every sum but zero does not normalize.
// CHECK: remark: [Missed] NotAnAttention {{.*}}Function=negative_guard {{.*}}replaced where something else than itself is zero
func.func @negative_guard(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %p = linalg.exp ins(%x : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %r = tensor.empty() : tensor<3x5xf32>
  %rz = linalg.fill ins(%zero : f32) outs(%r : tensor<3x5xf32>) -> tensor<3x5xf32>
  %sum = linalg.reduce { arith.addf } ins(%p : tensor<3x5x5xf32>) outs(%rz : tensor<3x5xf32>) dimensions = [2]
  %guarded = linalg.map ins(%sum : tensor<3x5xf32>) outs(%r : tensor<3x5xf32>) (%in: f32, %out: f32) {
    %positive = arith.cmpf ogt, %in, %zero : f32
    %g = arith.select %positive, %one, %in : f32
    linalg.yield %g : f32
  }
  %d = linalg.broadcast ins(%guarded : tensor<3x5xf32>) outs(%e : tensor<3x5x5xf32>) dimensions = [2]
  %w = linalg.div ins(%p, %d : tensor<3x5x5xf32>, tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}
