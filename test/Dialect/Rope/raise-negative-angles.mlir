// Computed tables are the cosine and the sine of one angle, treated alike.

// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t

// The sine of another angle.
// CHECK: remark: [Missed] {{.*}}Function=negative_other_angle {{.*}}takes cosine and sine of different angles
// IR-LABEL: func.func @negative_other_angle(
// IR-NOT: rope.
func.func @negative_other_angle(%x: tensor<6x8xf32>, %a: tensor<6x4xf32>, %b: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %b : tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Two cosines, of different angles.
// CHECK: remark: [Missed] {{.*}}Function=negative_two_cosines {{.*}}has two cosines
// IR-LABEL: func.func @negative_two_cosines(
// IR-NOT: rope.
func.func @negative_two_cosines(%x: tensor<6x8xf32>, %a: tensor<6x4xf32>, %b: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.cos %b : tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// c (a - b), c (a + b) is no rotation by an angle that the program knows.
// CHECK: remark: [Missed] {{.*}}Function=negative_same_cosine {{.*}}not lanes of one value
// IR-LABEL: func.func @negative_same_cosine(
// IR-NOT: rope.
func.func @negative_same_cosine(%x: tensor<6x8xf32>, %a: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %c = math.cos %a : tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %c : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Twice the sine.
// CHECK: remark: [Missed] {{.*}}Function=negative_other_scale {{.*}}lane 0 scales, rounds or masks cosine and sine differently
// IR-LABEL: func.func @negative_other_scale(
// IR-NOT: rope.
func.func @negative_other_scale(%x: tensor<6x8xf32>, %a: tensor<6x4xf32>, %b: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
  %two = arith.constant dense<2.0> : tensor<6x4xf32>
  %s2 = arith.mulf %s, %two : tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s2 : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s2 : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Only the sine is masked.
// CHECK: remark: [Missed] {{.*}}Function=negative_masked_sine {{.*}}scales, rounds or masks cosine and sine differently
// IR-LABEL: func.func @negative_masked_sine(
// IR-NOT: rope.
func.func @negative_masked_sine(%x: tensor<6x8xf32>, %a: tensor<6x4xf32>, %b: tensor<6x4xf32>, %m: tensor<6x4xi1>) -> tensor<6x8xf32> {
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %s2 = arith.select %m, %s, %zero : tensor<6x4xi1>, tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s2 : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s2 : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Only the sine is rounded to bf16.
// CHECK: remark: [Missed] {{.*}}Function=negative_sine_rounded {{.*}}scales, rounds or masks cosine and sine differently
// IR-LABEL: func.func @negative_sine_rounded(
// IR-NOT: rope.
func.func @negative_sine_rounded(%x: tensor<6x8xf32>, %a: tensor<6x4xf32>, %b: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
  %s1 = arith.truncf %s : tensor<6x4xf32> to tensor<6x4xbf16>
  %s2 = arith.extf %s1 : tensor<6x4xbf16> to tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s2 : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s2 : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
