// Both lanes of a pair have the same table entries, or nothing is a rotation.

// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t

// V-JEPA 2: tables repeat each entry, as for neighbours, but lanes pair as halves.
// CHECK: remark: [Missed] {{.*}}Function=negative_interleaved_tables {{.*}}lanes 0 and 1 
// IR-LABEL: func.func @negative_interleaved_tables(
// IR-NOT: rope.
func.func @negative_interleaved_tables(%x: tensor<6x8xf32>, %a: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
  %e = tensor.empty() : tensor<6x4x2xf32>
  %c2 = linalg.broadcast ins(%c : tensor<6x4xf32>) outs(%e : tensor<6x4x2xf32>) dimensions = [2]
  %cc = tensor.collapse_shape %c2 [[0], [1, 2]] : tensor<6x4x2xf32> into tensor<6x8xf32>
  %s2 = linalg.broadcast ins(%s : tensor<6x4xf32>) outs(%e : tensor<6x4x2xf32>) dimensions = [2]
  %ss = tensor.collapse_shape %s2 [[0], [1, 2]] : tensor<6x4x2xf32> into tensor<6x8xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %upper : tensor<6x4xf32>
  %h = tensor.concat dim(1) %n, %lower : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %p = arith.mulf %x, %cc : tensor<6x8xf32>
  %q = arith.mulf %h, %ss : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// The second lanes take the entries of the next pair.
// CHECK: remark: [Missed] {{.*}}Function=negative_shifted_tables {{.*}}do not share their tables
// IR-LABEL: func.func @negative_shifted_tables(
// IR-NOT: rope.
func.func @negative_shifted_tables(%x: tensor<6x8xf32>, %a: tensor<6x5xf32>) -> tensor<6x8xf32> {
  %c5 = math.cos %a : tensor<6x5xf32>
  %s5 = math.sin %a : tensor<6x5xf32>
  %c = tensor.extract_slice %c5[0, 0] [6, 4] [1, 1] : tensor<6x5xf32> to tensor<6x4xf32>
  %s = tensor.extract_slice %s5[0, 0] [6, 4] [1, 1] : tensor<6x5xf32> to tensor<6x4xf32>
  %d = tensor.extract_slice %c5[0, 1] [6, 4] [1, 1] : tensor<6x5xf32> to tensor<6x4xf32>
  %t = tensor.extract_slice %s5[0, 1] [6, 4] [1, 1] : tensor<6x5xf32> to tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %t : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %d : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// One number of the second copy of a constant table is another.
// CHECK: remark: [Missed] {{.*}}Function=negative_perturbed_constant {{.*}}lanes 3 and 7 are scaled differently: 4 * %arg0[.., 3] against 4.5 * %arg0[.., 7]
// IR-LABEL: func.func @negative_perturbed_constant(
// IR-NOT: rope.
func.func @negative_perturbed_constant(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %cc = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.5]]> : tensor<1x8xf32>
  %ss = arith.constant dense<[[5.0, 6.0, 7.0, 8.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32>
  %lower = tensor.extract_slice %x[0, 0] [1, 4] [1, 1] : tensor<1x8xf32> to tensor<1x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [1, 4] [1, 1] : tensor<1x8xf32> to tensor<1x4xf32>
  %n = arith.negf %upper : tensor<1x4xf32>
  %h = tensor.concat dim(1) %n, %lower : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x8xf32>
  %p = arith.mulf %x, %cc : tensor<1x8xf32>
  %q = arith.mulf %h, %ss : tensor<1x8xf32>
  %y = arith.addf %p, %q : tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}

// Two given tables, one for each lane, are not one that differs by the lane.
// CHECK: remark: [Missed] {{.*}}Function=negative_two_given_tables {{.*}}do not share their tables
// IR-LABEL: func.func @negative_two_given_tables(
// IR-NOT: rope.
func.func @negative_two_given_tables(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>, %d: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %d : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// The second lane of each pair takes the entry of the next pair: a given table of
// one entry a pair, not one that has an entry for each lane.
// CHECK: remark: [Missed] {{.*}}Function=negative_shifted_given_table {{.*}}lanes 1 and 5 take entries of tables that other lanes take, too
// IR-LABEL: func.func @negative_shifted_given_table(
// IR-NOT: rope.
func.func @negative_shifted_given_table(%x: tensor<6x8xf32>, %c: tensor<6x5xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %c0 = tensor.extract_slice %c[0, 0] [6, 4] [1, 1] : tensor<6x5xf32> to tensor<6x4xf32>
  %c1 = tensor.extract_slice %c[0, 1] [6, 4] [1, 1] : tensor<6x5xf32> to tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c0 : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c1 : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
