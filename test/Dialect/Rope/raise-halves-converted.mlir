// RUN: rope-opt %s --rope-raise --split-input-file | FileCheck %s

// Halves that are rotated in f32 and converted one by one before they are put
// together (GPT-OSS, kernels that write each half): computed in f32 and rounded
// once, which is what the op does with narrow numbers.

// CHECK-LABEL: func @halves(
// CHECK-SAME:    %[[X:.*]]: tensor<5x8xbf16>, %[[C:.*]]: tensor<5x4xf32>, %[[S:.*]]: tensor<5x4xf32>
// CHECK:         %[[Y:.*]] = rope.rotate %[[X]] by %[[C]], %[[S]] along [0] : tensor<5x8xbf16>, tensor<5x4xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @halves(%x: tensor<5x8xbf16>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<5x8xbf16> {
  %w = arith.extf %x : tensor<5x8xbf16> to tensor<5x8xf32>
  %a = tensor.extract_slice %w[0, 0] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %b = tensor.extract_slice %w[0, 4] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %ac = arith.mulf %a, %c : tensor<5x4xf32>
  %bs = arith.mulf %b, %s : tensor<5x4xf32>
  %bc = arith.mulf %b, %c : tensor<5x4xf32>
  %as = arith.mulf %a, %s : tensor<5x4xf32>
  %y0 = arith.subf %ac, %bs : tensor<5x4xf32>
  %y1 = arith.addf %bc, %as : tensor<5x4xf32>
  %n0 = arith.truncf %y0 : tensor<5x4xf32> to tensor<5x4xbf16>
  %n1 = arith.truncf %y1 : tensor<5x4xf32> to tensor<5x4xbf16>
  %y = tensor.concat dim(1) %n0, %n1 : (tensor<5x4xbf16>, tensor<5x4xbf16>) -> tensor<5x8xbf16>
  return %y : tensor<5x8xbf16>
}

// -----

// x is f32: nothing narrow holds it, and the result is rounded after the op.
// CHECK-LABEL: func @halves_of_f32(
// CHECK:         %[[Y:.*]] = rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<5x8xf32>, tensor<5x4xf32>
// CHECK:         linalg.generic {{.*}} ins(%[[Y]] : tensor<5x8xf32>) outs(%{{.*}} : tensor<5x8xf16>)
// CHECK:           arith.truncf
func.func @halves_of_f32(%x: tensor<5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<5x8xf16> {
  %a = tensor.extract_slice %x[0, 0] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %b = tensor.extract_slice %x[0, 4] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %ac = arith.mulf %a, %c : tensor<5x4xf32>
  %bs = arith.mulf %b, %s : tensor<5x4xf32>
  %bc = arith.mulf %b, %c : tensor<5x4xf32>
  %as = arith.mulf %a, %s : tensor<5x4xf32>
  %y0 = arith.subf %ac, %bs : tensor<5x4xf32>
  %y1 = arith.addf %bc, %as : tensor<5x4xf32>
  %n0 = arith.truncf %y0 : tensor<5x4xf32> to tensor<5x4xf16>
  %n1 = arith.truncf %y1 : tensor<5x4xf32> to tensor<5x4xf16>
  %y = tensor.concat dim(1) %n0, %n1 : (tensor<5x4xf16>, tensor<5x4xf16>) -> tensor<5x8xf16>
  return %y : tensor<5x8xf16>
}

// -----

// The second half is rounded before it takes part: not the numbers of the first.
// CHECK-LABEL: func @negative_rounded_source
// CHECK-NOT:     rope.rotate
func.func @negative_rounded_source(%x: tensor<5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<5x8xf16> {
  %a = tensor.extract_slice %x[0, 0] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %b = tensor.extract_slice %x[0, 4] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %r = arith.truncf %b : tensor<5x4xf32> to tensor<5x4xf16>
  %d = arith.extf %r : tensor<5x4xf16> to tensor<5x4xf32>
  %ac = arith.mulf %a, %c : tensor<5x4xf32>
  %bs = arith.mulf %b, %s : tensor<5x4xf32>
  %dc = arith.mulf %d, %c : tensor<5x4xf32>
  %as = arith.mulf %a, %s : tensor<5x4xf32>
  %y0 = arith.subf %ac, %bs : tensor<5x4xf32>
  %y1 = arith.addf %dc, %as : tensor<5x4xf32>
  %n0 = arith.truncf %y0 : tensor<5x4xf32> to tensor<5x4xf16>
  %n1 = arith.truncf %y1 : tensor<5x4xf32> to tensor<5x4xf16>
  %y = tensor.concat dim(1) %n0, %n1 : (tensor<5x4xf16>, tensor<5x4xf16>) -> tensor<5x8xf16>
  return %y : tensor<5x8xf16>
}
