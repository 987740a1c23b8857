// RUN: rope-opt %s --rope-expand-strided-copies | FileCheck %s

// CHECK-LABEL: func @copies
// CHECK-SAME:    (%[[X:[^:]*]]: memref<4x8xf32>, %[[Y:[^:]*]]: memref<4x8xf32>, %[[Z:[^:]*]]: memref<4x8xf32, strided<[16, 1]>>)
// CHECK-NEXT:    memref.copy %[[X]], %[[Y]]
// CHECK-NEXT:    linalg.copy ins(%[[X]] : {{.*}}) outs(%[[Z]]
// CHECK-NEXT:    linalg.copy ins(%[[Z]] : {{.*}}) outs(%[[Y]]
// CHECK-NEXT:    return
func.func @copies(%x: memref<4x8xf32>, %y: memref<4x8xf32>, %z: memref<4x8xf32, strided<[16, 1]>>) {
  memref.copy %x, %y : memref<4x8xf32> to memref<4x8xf32>
  memref.copy %x, %z : memref<4x8xf32> to memref<4x8xf32, strided<[16, 1]>>
  memref.copy %z, %y : memref<4x8xf32, strided<[16, 1]>> to memref<4x8xf32>
  return
}
