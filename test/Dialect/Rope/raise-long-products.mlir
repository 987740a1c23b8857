// RUN: rope-opt %s --rope-raise | FileCheck %s
// RUN: rope-opt %s --rope-raise=algebraic | FileCheck %s

// A number raised to 2^40 by squares of squares: as long a list
// of factors as that would never end.
// CHECK-LABEL: func @negative_squares_of_squares
// CHECK-NOT:     rope.rotate
func.func @negative_squares_of_squares(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %a = tensor.extract_slice %x[0, 0] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %b = tensor.extract_slice %x[0, 4] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %p0 = arith.mulf %a, %b : tensor<3x4xf32>
  %p1 = arith.mulf %p0, %p0 : tensor<3x4xf32>
  %p2 = arith.mulf %p1, %p1 : tensor<3x4xf32>
  %p3 = arith.mulf %p2, %p2 : tensor<3x4xf32>
  %p4 = arith.mulf %p3, %p3 : tensor<3x4xf32>
  %p5 = arith.mulf %p4, %p4 : tensor<3x4xf32>
  %p6 = arith.mulf %p5, %p5 : tensor<3x4xf32>
  %p7 = arith.mulf %p6, %p6 : tensor<3x4xf32>
  %p8 = arith.mulf %p7, %p7 : tensor<3x4xf32>
  %p9 = arith.mulf %p8, %p8 : tensor<3x4xf32>
  %p10 = arith.mulf %p9, %p9 : tensor<3x4xf32>
  %p11 = arith.mulf %p10, %p10 : tensor<3x4xf32>
  %p12 = arith.mulf %p11, %p11 : tensor<3x4xf32>
  %p13 = arith.mulf %p12, %p12 : tensor<3x4xf32>
  %p14 = arith.mulf %p13, %p13 : tensor<3x4xf32>
  %p15 = arith.mulf %p14, %p14 : tensor<3x4xf32>
  %p16 = arith.mulf %p15, %p15 : tensor<3x4xf32>
  %p17 = arith.mulf %p16, %p16 : tensor<3x4xf32>
  %p18 = arith.mulf %p17, %p17 : tensor<3x4xf32>
  %p19 = arith.mulf %p18, %p18 : tensor<3x4xf32>
  %p20 = arith.mulf %p19, %p19 : tensor<3x4xf32>
  %p21 = arith.mulf %p20, %p20 : tensor<3x4xf32>
  %p22 = arith.mulf %p21, %p21 : tensor<3x4xf32>
  %p23 = arith.mulf %p22, %p22 : tensor<3x4xf32>
  %p24 = arith.mulf %p23, %p23 : tensor<3x4xf32>
  %p25 = arith.mulf %p24, %p24 : tensor<3x4xf32>
  %p26 = arith.mulf %p25, %p25 : tensor<3x4xf32>
  %p27 = arith.mulf %p26, %p26 : tensor<3x4xf32>
  %p28 = arith.mulf %p27, %p27 : tensor<3x4xf32>
  %p29 = arith.mulf %p28, %p28 : tensor<3x4xf32>
  %p30 = arith.mulf %p29, %p29 : tensor<3x4xf32>
  %p31 = arith.mulf %p30, %p30 : tensor<3x4xf32>
  %p32 = arith.mulf %p31, %p31 : tensor<3x4xf32>
  %p33 = arith.mulf %p32, %p32 : tensor<3x4xf32>
  %p34 = arith.mulf %p33, %p33 : tensor<3x4xf32>
  %p35 = arith.mulf %p34, %p34 : tensor<3x4xf32>
  %p36 = arith.mulf %p35, %p35 : tensor<3x4xf32>
  %p37 = arith.mulf %p36, %p36 : tensor<3x4xf32>
  %p38 = arith.mulf %p37, %p37 : tensor<3x4xf32>
  %p39 = arith.mulf %p38, %p38 : tensor<3x4xf32>
  %p40 = arith.mulf %p39, %p39 : tensor<3x4xf32>
  %y = tensor.concat dim(1) %p40, %b : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}
