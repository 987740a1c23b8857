// RUN: rope-opt %s --rope-cpu-pipeline | FileCheck %s
// RUN: rope-opt %s --rope-reference-pipeline | FileCheck %s --check-prefix=REFERENCE

// One allocation, the result; the argument is read, and not copied.
// CHECK-LABEL: llvm.func @result
// CHECK:         llvm.call @malloc
// CHECK-NOT:     llvm.call @malloc
// CHECK-NOT:     memcpy
// CHECK-NOT:     llvm.call @free
// CHECK:         llvm.return
// REFERENCE-LABEL: llvm.func @result
// REFERENCE:         llvm.return
func.func @result(%x: tensor<?x4x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<?x4x8xf32> {
  %y = rope.rotate %x by %c, %s along [0] : tensor<?x4x8xf32>, tensor<?x4xf32>
  return %y : tensor<?x4x8xf32>
}

// The positions' copy and the rows of tables are freed, the result is not.
// CHECK-LABEL: llvm.func @tables
// CHECK-COUNT-4: llvm.call @malloc
// CHECK-NOT:     llvm.call @malloc
// CHECK-COUNT-3: llvm.call @free
// CHECK-NOT:     llvm.call @free
// CHECK:         llvm.return
func.func @tables(%x: tensor<5x4x8xf32>, %p: tensor<5xi64>) -> tensor<5x4x8xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8> : tensor<5xi64> -> tensor<5x4xf32>, tensor<5x4xf32>
  %y = rope.rotate %x by %c, %s along [0] : tensor<5x4x8xf32>, tensor<5x4xf32>
  return %y : tensor<5x4x8xf32>
}
