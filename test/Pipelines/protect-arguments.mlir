// RUN: rope-opt %s --rope-protect-arguments | FileCheck %s

// CHECK-LABEL: func @entry
// CHECK-SAME:    (%{{.*}}: tensor<4xf32> {bufferization.writable = false}, %{{.*}}: tensor<4xf32> {bufferization.writable = true}, %{{.*}}: index, %{{.*}}: memref<4xf32>)
func.func @entry(%x: tensor<4xf32>, %y: tensor<4xf32> {bufferization.writable = true}, %n: index, %m: memref<4xf32>) {
  return
}

// Callers of private functions are known.
// CHECK-LABEL: func private @helper
// CHECK-SAME:    (%{{.*}}: tensor<4xf32>)
func.func private @helper(%x: tensor<4xf32>) {
  return
}

// CHECK: func private @declaration(tensor<4xf32>)
func.func private @declaration(tensor<4xf32>)
