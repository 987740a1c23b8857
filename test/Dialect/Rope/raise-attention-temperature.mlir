// RUN: rope-opt %s --rope-raise | FileCheck %s

#q = affine_map<(h, i, r, d) -> (h, i, d)>
#k = affine_map<(h, i, r, d) -> (h, r, d)>
#x = affine_map<(h, i, r, d) -> (h, i, r)>
#id = affine_map<(h, i, r) -> (h, i, r)>

// A temperature that is learned for each head is a factor of the query.
// CHECK-LABEL: func @learned_temperature
// CHECK:           %[[T:.*]] = tensor.extract %arg3[%{{.*}}] : tensor<3xf32>
// CHECK:           %[[X:.*]] = tensor.extract %arg0
// CHECK:           arith.mulf %[[T]], %[[X]]
// CHECK:         rope.attention {{.*}} scale 1.000000e+00
// CHECK-NOT:     linalg.softmax
func.func @learned_temperature(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %t: tensor<3xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %b = linalg.broadcast ins(%t : tensor<3xf32>) outs(%e : tensor<3x5x5xf32>) dimensions = [1, 2]
  %s = linalg.mul ins(%x, %b : tensor<3x5x5xf32>, tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// The program does not round queries times a temperature to either's type.
// CHECK-LABEL: func @temperature_of_another_type
// CHECK-COUNT-1: arith.mulf {{.*}} : f32
// CHECK-NOT:     arith.mulf
// CHECK:         rope.attention {{.*}} : tensor<3x1x5x8xf32>, tensor<3x1x5x8xbf16>
func.func @temperature_of_another_type(%q: tensor<3x5x8xbf16>, %k: tensor<3x5x8xbf16>, %v: tensor<3x5x4xf32>, %t: tensor<3xf16>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.generic {indexing_maps = [#q, #k, #x], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<3x5x8xbf16>, tensor<3x5x8xbf16>) outs(%z : tensor<3x5x5xf32>) {
  ^bb0(%a: bf16, %b: bf16, %c: f32):
    %aw = arith.extf %a : bf16 to f32
    %bw = arith.extf %b : bf16 to f32
    %p = arith.mulf %aw, %bw : f32
    %n = arith.addf %c, %p : f32
    linalg.yield %n : f32
  } -> tensor<3x5x5xf32>
  %s = linalg.generic {indexing_maps = [#id, affine_map<(h, i, r) -> (h)>, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x, %t : tensor<3x5x5xf32>, tensor<3xf16>) outs(%e : tensor<3x5x5xf32>) {
  ^bb0(%a: f32, %b: f16, %c: f32):
    %tr = arith.truncf %a : f32 to f16
    %m = arith.mulf %tr, %b : f16
    %r = arith.extf %m : f16 to f32
    linalg.yield %r : f32
  } -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// CHECK-LABEL: func @temperature_of_one_type
// CHECK-COUNT-1: arith.mulf {{.*}} : f32
// CHECK-NOT:     arith.mulf
// CHECK:         rope.attention {{.*}} : tensor<3x1x5x8xf32>, tensor<3x1x5x8xbf16>
func.func @temperature_of_one_type(%q: tensor<3x5x8xbf16>, %k: tensor<3x5x8xbf16>, %v: tensor<3x5x4xf32>, %t: tensor<3xbf16>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.generic {indexing_maps = [#q, #k, #x], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<3x5x8xbf16>, tensor<3x5x8xbf16>) outs(%z : tensor<3x5x5xf32>) {
  ^bb0(%a: bf16, %b: bf16, %c: f32):
    %aw = arith.extf %a : bf16 to f32
    %bw = arith.extf %b : bf16 to f32
    %p = arith.mulf %aw, %bw : f32
    %n = arith.addf %c, %p : f32
    linalg.yield %n : f32
  } -> tensor<3x5x5xf32>
  %s = linalg.generic {indexing_maps = [#id, affine_map<(h, i, r) -> (h)>, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x, %t : tensor<3x5x5xf32>, tensor<3xbf16>) outs(%e : tensor<3x5x5xf32>) {
  ^bb0(%a: f32, %b: bf16, %c: f32):
    %bb = arith.extf %b : bf16 to f32
    %r = arith.mulf %a, %bb : f32
    linalg.yield %r : f32
  } -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// A divisor is a temperature, too: here one of each query, in f16, whose
// inverse is not rounded to f16.
// CHECK-LABEL: func @divided_by_a_temperature
// CHECK:         %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK:         %[[T:.*]] = tensor.extract %arg3[%{{.*}}] : tensor<5xf16>
// CHECK:         %[[W:.*]] = arith.extf %[[T]] : f16 to f32
// CHECK:         arith.divf %[[ONE]], %[[W]] : f32
// CHECK:         rope.attention {{.*}} scale 5.000000e-01
// CHECK-NOT:     linalg.softmax
func.func @divided_by_a_temperature(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %t: tensor<5xf16>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %s = linalg.generic {indexing_maps = [#id, affine_map<(h, i, r) -> (i)>, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x, %t : tensor<3x5x5xf32>, tensor<5xf16>) outs(%e : tensor<3x5x5xf32>) {
  ^bb0(%a: f32, %b: f16, %c: f32):
    %half = arith.constant 0.5 : f32
    %bw = arith.extf %b : f16 to f32
    %m = arith.mulf %a, %half : f32
    %r = arith.divf %m, %bw : f32
    linalg.yield %r : f32
  } -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// A bias that is divided, too, has no place in the op.
// CHECK-LABEL: func @negative_biased_before_the_division
// CHECK-NOT:     rope.attention
// CHECK:         linalg.softmax
// CHECK-NOT:     rope.attention
func.func @negative_biased_before_the_division(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %t: tensor<f32>, %bias: tensor<3x5x5xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %y = linalg.add ins(%x, %bias : tensor<3x5x5xf32>, tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %b = linalg.broadcast ins(%t : tensor<f32>) outs(%e : tensor<3x5x5xf32>) dimensions = [0, 1, 2]
  %s = linalg.div ins(%y, %b : tensor<3x5x5xf32>, tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// A number of the key is no temperature.
// CHECK-LABEL: func @negative_divided_by_a_number_of_the_key
// CHECK-NOT:     rope.attention
// CHECK:         linalg.softmax
// CHECK-NOT:     rope.attention
func.func @negative_divided_by_a_number_of_the_key(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %t: tensor<5xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %b = linalg.broadcast ins(%t : tensor<5xf32>) outs(%e : tensor<3x5x5xf32>) dimensions = [0, 1]
  %s = linalg.div ins(%x, %b : tensor<3x5x5xf32>, tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}
