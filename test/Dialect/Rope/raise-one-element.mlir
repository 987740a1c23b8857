// RUN: rope-opt %s --rope-raise --split-input-file | FileCheck %s

// A batch of one, or a single position, leaves source and positions as they
// are.

// CHECK-LABEL: func @one_batch(
// CHECK-SAME:    %[[X:.*]]: tensor<1x6x8xf32>, %[[C:.*]]: tensor<1x6x4xf32>, %[[S:.*]]: tensor<1x6x4xf32>
// CHECK-NEXT:    %[[COS:.*]] = tensor.extract_slice %[[C]]
// CHECK-NEXT:    %[[SIN:.*]] = tensor.extract_slice %[[S]]
// CHECK-NEXT:    %[[Y:.*]] = rope.rotate %[[X]] by %[[COS]], %[[SIN]] along [1] : tensor<1x6x8xf32>, tensor<6x4xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @one_batch(%x: tensor<1x6x8xf32>, %c: tensor<1x6x4xf32>, %s: tensor<1x6x4xf32>) -> tensor<1x6x8xf32> {
  %a = tensor.extract_slice %x[0, 0, 0] [1, 6, 4] [1, 1, 1] : tensor<1x6x8xf32> to tensor<1x6x4xf32>
  %b = tensor.extract_slice %x[0, 0, 4] [1, 6, 4] [1, 1, 1] : tensor<1x6x8xf32> to tensor<1x6x4xf32>
  %ac = arith.mulf %a, %c : tensor<1x6x4xf32>
  %bs = arith.mulf %b, %s : tensor<1x6x4xf32>
  %as = arith.mulf %a, %s : tensor<1x6x4xf32>
  %bc = arith.mulf %b, %c : tensor<1x6x4xf32>
  %first = arith.subf %ac, %bs : tensor<1x6x4xf32>
  %second = arith.addf %as, %bc : tensor<1x6x4xf32>
  %y = tensor.concat dim(2) %first, %second : (tensor<1x6x4xf32>, tensor<1x6x4xf32>) -> tensor<1x6x8xf32>
  return %y : tensor<1x6x8xf32>
}

// -----

// CHECK-LABEL: func @one_row(
// CHECK-SAME:    %[[X:.*]]: tensor<1x1x8xf32>, %[[C:.*]]: tensor<4xf32>, %[[S:.*]]: tensor<4xf32>
// CHECK-NEXT:    %[[Y:.*]] = rope.rotate %[[X]] by %[[C]], %[[S]] along [] : tensor<1x1x8xf32>, tensor<4xf32>
// CHECK-NEXT:    return %[[Y]]
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d2)>
func.func @one_row(%x: tensor<1x1x8xf32>, %c: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<1x1x8xf32> {
  %a = tensor.extract_slice %x[0, 0, 0] [1, 1, 4] [1, 1, 1] : tensor<1x1x8xf32> to tensor<1x1x4xf32>
  %b = tensor.extract_slice %x[0, 0, 4] [1, 1, 4] [1, 1, 1] : tensor<1x1x8xf32> to tensor<1x1x4xf32>
  %empty = tensor.empty() : tensor<1x1x4xf32>
  %both:2 = linalg.generic {indexing_maps = [#id, #id, #row, #row, #id, #id], iterator_types = ["parallel", "parallel", "parallel"]} ins(%a, %b, %c, %s : tensor<1x1x4xf32>, tensor<1x1x4xf32>, tensor<4xf32>, tensor<4xf32>) outs(%empty, %empty : tensor<1x1x4xf32>, tensor<1x1x4xf32>) {
  ^bb0(%a0: f32, %b0: f32, %c0: f32, %s0: f32, %o0: f32, %o1: f32):
    %ac = arith.mulf %a0, %c0 : f32
    %bs = arith.mulf %b0, %s0 : f32
    %as = arith.mulf %a0, %s0 : f32
    %bc = arith.mulf %b0, %c0 : f32
    %first = arith.subf %ac, %bs : f32
    %second = arith.addf %as, %bc : f32
    linalg.yield %first, %second : f32, f32
  } -> (tensor<1x1x4xf32>, tensor<1x1x4xf32>)
  %y = tensor.concat dim(2) %both#0, %both#1 : (tensor<1x1x4xf32>, tensor<1x1x4xf32>) -> tensor<1x1x8xf32>
  return %y : tensor<1x1x8xf32>
}

// -----

// CHECK-LABEL: func @one_batch_of_positions(
// CHECK-SAME:    %[[X:.*]]: tensor<1x6x4xf32>, %[[P:.*]]: tensor<1x6xi64>
// CHECK-NEXT:    %[[COS:.*]], %[[SIN:.*]] = rope.sincos %[[P]] {{.*}} : tensor<1x6xi64> -> tensor<1x6x2xf32>
// CHECK-NEXT:    rope.rotate %[[X]] by %[[COS]], %[[SIN]] along [0, 1] : tensor<1x6x4xf32>, tensor<1x6x2xf32>
#positions = affine_map<(d0, d1, d2) -> (d0, d1)>
#frequencies = affine_map<(d0, d1, d2) -> (d2)>
#element = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
func.func @one_batch_of_positions(%x: tensor<1x6x4xf32>, %p: tensor<1x6xi64>) -> tensor<1x6x4xf32> {
  %w = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %empty = tensor.empty() : tensor<1x6x2xf32>
  %a = tensor.extract_slice %x[0, 0, 0] [1, 6, 2] [1, 1, 1] : tensor<1x6x4xf32> to tensor<1x6x2xf32>
  %b = tensor.extract_slice %x[0, 0, 2] [1, 6, 2] [1, 1, 1] : tensor<1x6x4xf32> to tensor<1x6x2xf32>
  %both:2 = linalg.generic {indexing_maps = [#positions, #frequencies, #element, #element, #element, #element], iterator_types = ["parallel", "parallel", "parallel"]} ins(%p, %w, %a, %b : tensor<1x6xi64>, tensor<2xf32>, tensor<1x6x2xf32>, tensor<1x6x2xf32>) outs(%empty, %empty : tensor<1x6x2xf32>, tensor<1x6x2xf32>) {
  ^bb0(%p0: i64, %w0: f32, %a0: f32, %b0: f32, %o0: f32, %o1: f32):
    %real = arith.sitofp %p0 : i64 to f32
    %angle = arith.mulf %real, %w0 : f32
    %c0 = math.cos %angle : f32
    %s0 = math.sin %angle : f32
    %ac = arith.mulf %a0, %c0 : f32
    %bs = arith.mulf %b0, %s0 : f32
    %as = arith.mulf %a0, %s0 : f32
    %bc = arith.mulf %b0, %c0 : f32
    %first = arith.subf %ac, %bs : f32
    %second = arith.addf %as, %bc : f32
    linalg.yield %first, %second : f32, f32
  } -> (tensor<1x6x2xf32>, tensor<1x6x2xf32>)
  %y = tensor.concat dim(2) %both#0, %both#1 : (tensor<1x6x2xf32>, tensor<1x6x2xf32>) -> tensor<1x6x4xf32>
  return %y : tensor<1x6x4xf32>
}
