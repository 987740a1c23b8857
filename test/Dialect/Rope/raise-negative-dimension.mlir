// RUN: rope-opt %s --rope-raise | FileCheck %s

// The size of a dimension that the tensor does not have is undefined, but the
// program is valid: it is left as it is.
// CHECK-LABEL: func.func @no_such_dimension(
// CHECK:         tensor.dim %{{.*}}, %c1000000
// CHECK-NOT:     rope.
func.func @no_such_dimension(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c1000000 = arith.constant 1000000 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1000000 : tensor<?x4xf32>
  %rows = arith.addi %n, %c1 : index
  %slice = tensor.extract_slice %x[0, 0] [%rows, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
  %empty = tensor.empty(%rows) : tensor<?x4xf32>
  %sum = linalg.add ins(%slice, %y : tensor<?x4xf32>, tensor<?x4xf32>) outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %sum : tensor<?x4xf32>
}
