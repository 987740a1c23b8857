// Softmax attention of rotated queries and keys, as frontends write it.

// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: FileCheck %s < %t

#q = affine_map<(h, i, r, d) -> (h, i, d)>
#k = affine_map<(h, i, r, d) -> (h, r, d)>
#x = affine_map<(h, i, r, d) -> (h, i, r)>

// Three heads in one batch; the scale is that of eight lanes.
// REMARK: remark: [Passed] Attention {{.*}}Function=plain {{.*}}raised to rope.attention
// CHECK-LABEL: func.func @plain(
// CHECK:         rope.attention %{{.*}}, %{{.*}}, %{{.*}} : tensor<3x1x5x8xf32>, tensor<3x1x7x8xf32>, tensor<3x1x7x4xf32>
// CHECK-NOT:     linalg.
// CHECK:         return
func.func @plain(%q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %scale = arith.constant 0.353553391 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %s = linalg.map ins(%x : tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%in: f32, %out: f32) {
    %y = arith.mulf %in, %scale : f32
    linalg.yield %y : f32
  }
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// Two of the last keys up to the query's own: a window. Positions are compared in the body.
// CHECK-LABEL: func.func @window(
// CHECK:         rope.attention %{{.*}}, %{{.*}}, %{{.*}} causal window [1, -1] : tensor<3x1x5x8xf32>
func.func @window(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %scale = arith.constant 0.353553391 : f32
  %two = arith.constant 2 : index
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %s = linalg.map ins(%x : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) (%in: f32, %out: f32) {
    %i = linalg.index 1 : index
    %r = linalg.index 2 : index
    %start = arith.subi %i, %two : index
    %after = arith.cmpi sgt, %r, %start : index
    %before = arith.cmpi sle, %r, %i : index
    %both = arith.andi %after, %before : i1
    %y = arith.mulf %in, %scale : f32
    %m = arith.select %both, %y, %low : f32
    linalg.yield %m : f32
  }
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// Another unit sums in another order: strict keeps the program.
// RUN: rope-opt %s --rope-raise=strict --remark-format=emitRemark --remarks-filter=rope 2>&1 | FileCheck %s --check-prefix=STRICT
// STRICT: remark: [Missed] NotStrict {{.*}}Function=plain {{.*}}an attention, but rope.attention rounds in another order
// STRICT-NOT: = rope.attention
