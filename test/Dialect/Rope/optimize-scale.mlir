// RUN: rope-opt %s --rope-optimize=algebraic --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-optimize | FileCheck %s --check-prefix=EXACT

// The attention factor of YaRN on both tables, which q and k share: its square scales.
// CHECK-LABEL: func @shared_factor
// CHECK-NEXT:    rope.attention %arg0, %arg1, %arg2 scale 7.812500e-01 rotate_query(%arg3, %arg4 : tensor<3x2xf32>) rotate_key(%arg3, %arg4 : tensor<3x2xf32>) :
// CHECK-NEXT:    return
// EXACT-LABEL: func @shared_factor
// EXACT-COUNT-2: arith.mulf
// EXACT:         rope.attention %arg0, %arg1, %arg2 rotate_query
func.func @shared_factor(%q: tensor<1x2x3x4xf32>, %k: tensor<1x2x3x4xf32>, %v: tensor<1x2x3x4xf32>, %c: tensor<3x2xf32>, %s: tensor<3x2xf32>) -> tensor<1x2x3x4xf32> {
  %a = arith.constant dense<1.25> : tensor<3x2xf32>
  %ca = arith.mulf %c, %a : tensor<3x2xf32>
  %sa = arith.mulf %a, %s : tensor<3x2xf32>
  %qr = rope.rotate %q by %ca, %sa along [2] : tensor<1x2x3x4xf32>, tensor<3x2xf32>
  %kr = rope.rotate %k by %ca, %sa along [2] : tensor<1x2x3x4xf32>, tensor<3x2xf32>
  %out = rope.attention %qr, %kr, %v : tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>
  return %out : tensor<1x2x3x4xf32>
}

// As frontends write it, on the keys alone, beside a scale.
// CHECK-LABEL: func @structured_factor
// CHECK-NOT:     linalg.generic
// CHECK:         rope.attention %arg0, %arg1, %arg2 scale 2.500000e+00 rotate_key(%arg3, %arg4 : tensor<3x2xf32>)
func.func @structured_factor(%q: tensor<1x2x3x4xf32>, %k: tensor<1x2x3x4xf32>, %v: tensor<1x2x3x4xf32>, %c: tensor<3x2xf32>, %s: tensor<3x2xf32>) -> tensor<1x2x3x4xf32> {
  %a = arith.constant 1.25 : f32
  %e = tensor.empty() : tensor<3x2xf32>
  %ca = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%c : tensor<3x2xf32>) outs(%e : tensor<3x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %in, %a : f32
    linalg.yield %0 : f32
  } -> tensor<3x2xf32>
  %sa = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<3x2xf32>) outs(%e : tensor<3x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %a, %in : f32
    linalg.yield %0 : f32
  } -> tensor<3x2xf32>
  %out = rope.attention %q, %k, %v scale 2.0 rotate_key(%ca, %sa : tensor<3x2xf32>) : tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>
  return %out : tensor<1x2x3x4xf32>
}

// Half of the lanes pass through, and are not multiplied.
// CHECK-LABEL: func @negative_partial
// CHECK-COUNT-2: arith.mulf
// CHECK:         rope.attention %{{.*}}, %{{.*}}, %{{.*}} rotate_key
func.func @negative_partial(%q: tensor<1x2x3x8xf32>, %k: tensor<1x2x3x8xf32>, %v: tensor<1x2x3x4xf32>, %c: tensor<3x2xf32>, %s: tensor<3x2xf32>) -> tensor<1x2x3x4xf32> {
  %a = arith.constant dense<1.25> : tensor<3x2xf32>
  %ca = arith.mulf %c, %a : tensor<3x2xf32>
  %sa = arith.mulf %a, %s : tensor<3x2xf32>
  %out = rope.attention %q, %k, %v rotate_key(%ca, %sa rotary_dim 4 : tensor<3x2xf32>) : tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x4xf32>
  return %out : tensor<1x2x3x4xf32>
}

// The sine has another factor than the cosine; the product is negative; others read it.
// CHECK-LABEL: func @negative_factors
// CHECK-COUNT-5: arith.mulf
// CHECK-COUNT-3: rope.attention %{{.*}}, %{{.*}}, %{{.*}} rotate_key
func.func @negative_factors(%q: tensor<1x2x3x4xf32>, %k: tensor<1x2x3x4xf32>, %v: tensor<1x2x3x4xf32>, %c: tensor<3x2xf32>, %s: tensor<3x2xf32>) -> (tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<3x2xf32>, tensor<3x2xf32>) {
  %a = arith.constant dense<1.25> : tensor<3x2xf32>
  %b = arith.constant dense<-1.25> : tensor<3x2xf32>
  %ca = arith.mulf %c, %a : tensor<3x2xf32>
  %sa = arith.mulf %s, %a : tensor<3x2xf32>
  %cb = arith.mulf %c, %b : tensor<3x2xf32>
  %sb = arith.mulf %s, %b : tensor<3x2xf32>
  %sc = arith.mulf %s, %sa : tensor<3x2xf32>
  %0 = rope.attention %q, %k, %v rotate_key(%ca, %sc : tensor<3x2xf32>) : tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>
  %1 = rope.attention %q, %k, %v rotate_key(%cb, %sb : tensor<3x2xf32>) : tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>
  %2 = rope.attention %q, %k, %v rotate_key(%ca, %sa : tensor<3x2xf32>) : tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>
  return %0, %1, %2, %ca, %sa : tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<3x2xf32>, tensor<3x2xf32>
}

// No number that a scale can be.
// CHECK-LABEL: func @negative_infinite
// CHECK-COUNT-2: arith.mulf
// CHECK:         rope.attention %{{.*}}, %{{.*}}, %{{.*}} rotate_key
func.func @negative_infinite(%q: tensor<1x2x3x4xf32>, %k: tensor<1x2x3x4xf32>, %v: tensor<1x2x3x4xf32>, %c: tensor<3x2xf32>, %s: tensor<3x2xf32>) -> tensor<1x2x3x4xf32> {
  %a = arith.constant dense<0x7F800000> : tensor<3x2xf32>
  %ca = arith.mulf %c, %a : tensor<3x2xf32>
  %sa = arith.mulf %a, %s : tensor<3x2xf32>
  %out = rope.attention %q, %k, %v rotate_key(%ca, %sa : tensor<3x2xf32>) : tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>
  return %out : tensor<1x2x3x4xf32>
}
