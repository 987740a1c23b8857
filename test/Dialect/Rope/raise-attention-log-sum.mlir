// Weights from the logarithm of their sum: exp(x - (m + log s)) = exp(x - m) / s.

// RUN: rope-opt %s --rope-raise | FileCheck %s

#q = affine_map<(h, i, r, d) -> (h, i, d)>
#k = affine_map<(h, i, r, d) -> (h, r, d)>
#x = affine_map<(h, i, r, d) -> (h, i, r)>

// CHECK-LABEL: func.func @log_sum_exp(
// CHECK:         rope.attention %{{.*}}, %{{.*}}, %{{.*}} scale 1.0{{.*}} : tensor<3x1x5x8xf32>
// CHECK-NOT:     linalg.
// CHECK:         return
func.func @log_sum_exp(%q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %row = tensor.empty() : tensor<3x5xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<3x5x7xf32>) outs(%m0 : tensor<3x5xf32>) dimensions = [2]
  %mm = linalg.broadcast ins(%m : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %p = linalg.map ins(%x, %mm : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_p: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %s0 = linalg.fill ins(%zero : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %s = linalg.reduce { arith.addf } ins(%p : tensor<3x5x7xf32>) outs(%s0 : tensor<3x5xf32>) dimensions = [2]
  %lse = linalg.map ins(%s, %m : tensor<3x5xf32>, tensor<3x5xf32>) outs(%row : tensor<3x5xf32>) (%a: f32, %b: f32, %out_lse: f32) {
    %l = math.log %a : f32
    %y = arith.addf %l, %b : f32
    linalg.yield %y : f32
  }
  %ll = linalg.broadcast ins(%lse : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %w = linalg.map ins(%x, %ll : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_w: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// The sum of positive numbers is its absolute value (JAX).
// CHECK-LABEL: func.func @absolute(
// CHECK:         rope.attention
func.func @absolute(%q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %row = tensor.empty() : tensor<3x5xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<3x5x7xf32>) outs(%m0 : tensor<3x5xf32>) dimensions = [2]
  %mm = linalg.broadcast ins(%m : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %p = linalg.map ins(%x, %mm : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_p: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %s0 = linalg.fill ins(%zero : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %s = linalg.reduce { arith.addf } ins(%p : tensor<3x5x7xf32>) outs(%s0 : tensor<3x5xf32>) dimensions = [2]
  %lse = linalg.map ins(%s, %m : tensor<3x5xf32>, tensor<3x5xf32>) outs(%row : tensor<3x5xf32>) (%a: f32, %b: f32, %out_lse: f32) {
    %t = math.absf %a : f32
    %l = math.log %t : f32
    %y = arith.addf %l, %b : f32
    linalg.yield %y : f32
  }
  %ll = linalg.broadcast ins(%lse : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %w = linalg.map ins(%x, %ll : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_w: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// CHECK-LABEL: func.func @powers_of_two(
// CHECK:         rope.attention
func.func @powers_of_two(%q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %row = tensor.empty() : tensor<3x5xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<3x5x7xf32>) outs(%m0 : tensor<3x5xf32>) dimensions = [2]
  %mm = linalg.broadcast ins(%m : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %p = linalg.map ins(%x, %mm : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_p: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp2 %d : f32
    linalg.yield %y : f32
  }
  %s0 = linalg.fill ins(%zero : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %s = linalg.reduce { arith.addf } ins(%p : tensor<3x5x7xf32>) outs(%s0 : tensor<3x5xf32>) dimensions = [2]
  %lse = linalg.map ins(%s, %m : tensor<3x5xf32>, tensor<3x5xf32>) outs(%row : tensor<3x5xf32>) (%a: f32, %b: f32, %out_lse: f32) {
    %l = math.log2 %a : f32
    %y = arith.addf %l, %b : f32
    linalg.yield %y : f32
  }
  %ll = linalg.broadcast ins(%lse : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %w = linalg.map ins(%x, %ll : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_w: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp2 %d : f32
    linalg.yield %y : f32
  }
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// exp(x - log2 s) is no quotient by s.
// CHECK-LABEL: func.func @negative_other_base(
// CHECK-NOT:     rope.
// CHECK:         return
func.func @negative_other_base(%q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %row = tensor.empty() : tensor<3x5xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<3x5x7xf32>) outs(%m0 : tensor<3x5xf32>) dimensions = [2]
  %mm = linalg.broadcast ins(%m : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %p = linalg.map ins(%x, %mm : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_p: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %s0 = linalg.fill ins(%zero : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %s = linalg.reduce { arith.addf } ins(%p : tensor<3x5x7xf32>) outs(%s0 : tensor<3x5xf32>) dimensions = [2]
  %lse = linalg.map ins(%s, %m : tensor<3x5xf32>, tensor<3x5xf32>) outs(%row : tensor<3x5xf32>) (%a: f32, %b: f32, %out_lse: f32) {
    %l = math.log2 %a : f32
    %y = arith.addf %l, %b : f32
    linalg.yield %y : f32
  }
  %ll = linalg.broadcast ins(%lse : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %w = linalg.map ins(%x, %ll : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_w: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// exp(x + m + log s) multiplies by s.
// CHECK-LABEL: func.func @negative_added(
// CHECK-NOT:     rope.
// CHECK:         return
func.func @negative_added(%q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %row = tensor.empty() : tensor<3x5xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<3x5x7xf32>) outs(%m0 : tensor<3x5xf32>) dimensions = [2]
  %mm = linalg.broadcast ins(%m : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %p = linalg.map ins(%x, %mm : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_p: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %s0 = linalg.fill ins(%zero : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %s = linalg.reduce { arith.addf } ins(%p : tensor<3x5x7xf32>) outs(%s0 : tensor<3x5xf32>) dimensions = [2]
  %lse = linalg.map ins(%s, %m : tensor<3x5xf32>, tensor<3x5xf32>) outs(%row : tensor<3x5xf32>) (%a: f32, %b: f32, %out_lse: f32) {
    %l = math.log %a : f32
    %y = arith.addf %l, %b : f32
    linalg.yield %y : f32
  }
  %ll = linalg.broadcast ins(%lse : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %w = linalg.map ins(%x, %ll : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_w: f32) {
    %d = arith.addf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// exp(x - log s) where s sums exp(x - m): the weights add up to exp(m).
// CHECK-LABEL: func.func @negative_lost_shift(
// CHECK-NOT:     rope.
// CHECK:         return
func.func @negative_lost_shift(%q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %row = tensor.empty() : tensor<3x5xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<3x5x7xf32>) outs(%m0 : tensor<3x5xf32>) dimensions = [2]
  %mm = linalg.broadcast ins(%m : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %p = linalg.map ins(%x, %mm : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_p: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %s0 = linalg.fill ins(%zero : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %s = linalg.reduce { arith.addf } ins(%p : tensor<3x5x7xf32>) outs(%s0 : tensor<3x5xf32>) dimensions = [2]
  %lse = linalg.map ins(%s, %m : tensor<3x5xf32>, tensor<3x5xf32>) outs(%row : tensor<3x5xf32>) (%a: f32, %b: f32, %out_lse: f32) {
    %l = math.log %a : f32
    linalg.yield %l : f32
  }
  %ll = linalg.broadcast ins(%lse : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %w = linalg.map ins(%x, %ll : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_w: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// The sum is of other weights.
// CHECK-LABEL: func.func @negative_other_sum(
// CHECK-NOT:     rope.
// CHECK:         return
func.func @negative_other_sum(%q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %row = tensor.empty() : tensor<3x5xf32>
  %m0 = linalg.fill ins(%low : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<3x5x7xf32>) outs(%m0 : tensor<3x5xf32>) dimensions = [2]
  %mm = linalg.broadcast ins(%m : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %p = linalg.map ins(%x, %mm : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_p: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp2 %d : f32
    linalg.yield %y : f32
  }
  %s0 = linalg.fill ins(%zero : f32) outs(%row : tensor<3x5xf32>) -> tensor<3x5xf32>
  %s = linalg.reduce { arith.addf } ins(%p : tensor<3x5x7xf32>) outs(%s0 : tensor<3x5xf32>) dimensions = [2]
  %lse = linalg.map ins(%s, %m : tensor<3x5xf32>, tensor<3x5xf32>) outs(%row : tensor<3x5xf32>) (%a: f32, %b: f32, %out_lse: f32) {
    %l = math.log %a : f32
    %y = arith.addf %l, %b : f32
    linalg.yield %y : f32
  }
  %ll = linalg.broadcast ins(%lse : tensor<3x5xf32>) outs(%e : tensor<3x5x7xf32>) dimensions = [2]
  %w = linalg.map ins(%x, %ll : tensor<3x5x7xf32>, tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) (%a: f32, %b: f32, %out_w: f32) {
    %d = arith.subf %a, %b : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  }
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}
