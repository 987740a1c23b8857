// Code without rotations stays as it is, dead code included.

// RUN: rope-opt %s -o %t.before
// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope -o %t.after 2> %t.remarks
// RUN: diff %t.before %t.after
// RUN: count 0 < %t.remarks

func.func @dead(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  return %x : tensor<6x8xf32>
}

func.func @sum(%x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %y = arith.addf %x, %x : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

func.func private @external(tensor<6x8xf32>) -> tensor<6x8xf32>

func.func @call(%x: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %y = call @external(%x) : (tensor<6x8xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
