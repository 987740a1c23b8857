// Sources are lanes of one value, each used once; the rest passes through.

// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t

// The second half begins one lane too early.
// CHECK: remark: [Missed] {{.*}}Function=negative_overlapping_slices {{.*}}takes a source lane that another pair takes
// IR-LABEL: func.func @negative_overlapping_slices(
// IR-NOT: rope.
func.func @negative_overlapping_slices(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 3] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// The halves are of different values: nothing tells a rotation from a reflection.
// CHECK: remark: [Missed] {{.*}}Function=negative_two_values {{.*}}not lanes of one value
// IR-LABEL: func.func @negative_two_values(
// IR-NOT: rope.
func.func @negative_two_values(%x: tensor<6x4xf32>, %z: tensor<6x4xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %p0 = arith.mulf %x, %c : tensor<6x4xf32>
  %p1 = arith.mulf %z, %s : tensor<6x4xf32>
  %p2 = arith.mulf %x, %s : tensor<6x4xf32>
  %p3 = arith.mulf %z, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// The lanes that are not rotated are not those that were there.
// CHECK: remark: [Missed] {{.*}}Function=negative_shifted_pass_through {{.*}}neither takes part in the rotation nor passes its source through
// IR-LABEL: func.func @negative_shifted_pass_through(
// IR-NOT: rope.
func.func @negative_shifted_pass_through(%x: tensor<6x12xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x12xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x12xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x12xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %rest = tensor.extract_slice %x[0, 7] [6, 4] [1, 1] : tensor<6x12xf32> to tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1, %rest : (tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x12xf32>
  return %y : tensor<6x12xf32>
}

// A sum of three products.
// IR-LABEL: func.func @negative_three_terms(
// IR-NOT: rope.
func.func @negative_three_terms(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>, %z: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y2 = arith.addf %y1, %z : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y2 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Seven lanes have no pairs.
// IR-LABEL: func.func @negative_odd_lanes(
// IR-NOT: rope.
func.func @negative_odd_lanes(%x: tensor<6x7xf32>, %z: tensor<6x7xf32>, %c: tensor<6x7xf32>) -> tensor<6x7xf32> {
  %y0 = arith.mulf %x, %c : tensor<6x7xf32>
  %y1 = arith.mulf %z, %c : tensor<6x7xf32>
  %y = arith.subf %y0, %y1 : tensor<6x7xf32>
  return %y : tensor<6x7xf32>
}
