// Which lane has the minus sign makes the rotation.

// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t

// [[c, s], [s, c]]
// CHECK: remark: [Missed] {{.*}}Function=negative_no_minus {{.*}}expected exactly one minus sign
// IR-LABEL: func.func @negative_no_minus(
// IR-NOT: rope.
func.func @negative_no_minus(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.addf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// [[c, -s], [-s, c]] as (c a - s b, c b - s a)
// CHECK: remark: [Missed] {{.*}}Function=negative_both_minus {{.*}}expected exactly one minus sign
// IR-LABEL: func.func @negative_both_minus(
// IR-NOT: rope.
func.func @negative_both_minus(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.subf %p3, %p2 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// [[s, -c], [c, s]] with the roles of the tables exchanged is a rotation; this is
// [[-c, s], [s, c]], a reflection.
// CHECK: remark: [Missed] {{.*}}Function=negative_reflection {{.*}}a reflection of their sources
// IR-LABEL: func.func @negative_reflection(
// IR-NOT: rope.
func.func @negative_reflection(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p1, %p0 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
