// RUN: rope-opt %s --convert-rope-to-affine --canonicalize --cse | FileCheck %s
// RUN: rope-opt %s --convert-rope-to-affine="parallel=true" | FileCheck %s --check-prefix=PARALLEL
// RUN: rope-opt %s --rope-cpu-pipeline | FileCheck %s --check-prefix=LLVM

// Factors and the log-sum-exp once a row, whole vectors of its lanes, then the rest.
// CHECK-LABEL: func @rows
// CHECK-SAME:    (%[[A:[a-z0-9]*]]: memref<?x40xbf16>, %[[LA:[a-z0-9]*]]: memref<?xf32>,
// CHECK:         affine.for %[[ROW:.*]] = 0 to
// CHECK:           affine.load %[[LA]][%[[ROW]]]
// CHECK:           arith.maximumf
// CHECK-COUNT-2:   arith.divf
// CHECK:           affine.for %[[LANE:.*]] = 0 to 32 step 16 {
// CHECK:             affine.vector_load %[[A]][%[[ROW]], %[[LANE]]] : memref<?x40xbf16>, vector<16xbf16>
// CHECK:             affine.vector_store
// CHECK:           affine.for %[[REST:.*]] = 32 to 40 {
// CHECK:             affine.store
// CHECK:           math.log
// CHECK-NEXT:      arith.addf
// CHECK-NEXT:      affine.store %{{.*}}, %[[LA]][%[[ROW]]]
// PARALLEL-LABEL: func @rows
// PARALLEL:         affine.parallel
// Exponentials are no calls.
// LLVM-LABEL: llvm.func @rows
// LLVM-NOT:     llvm.intr.exp
// LLVM-NOT:     llvm.call @exp
func.func @rows(%a: memref<?x40xbf16>, %la: memref<?xf32>, %b: memref<?x40xbf16>, %lb: memref<?xf32>) {
  rope.merge %a, %la and %b, %lb into %a, %la : memref<?x40xbf16>, memref<?xf32> into memref<?x40xbf16>, memref<?xf32>
  return
}

// Too few elements for threads.
// PARALLEL-LABEL: func @one
// PARALLEL-NOT:     affine.parallel
// PARALLEL:         return
func.func @one(%a: memref<8xf64>, %la: memref<f64>, %b: memref<8xf64>, %lb: memref<f64>) {
  rope.merge %a, %la and %b, %lb into %a, %la : memref<8xf64>, memref<f64> into memref<8xf64>, memref<f64>
  return
}

// Lanes that are not side by side are read one by one.
// CHECK-LABEL: func @strided
// CHECK-NOT:     vector_load
// CHECK:         return
func.func @strided(%a: memref<3x40xf32, strided<[1, 3]>>, %la: memref<3xf32>, %b: memref<3x40xf32>, %lb: memref<3xf32>, %o: memref<3x40xf32>) {
  rope.merge %a, %la and %b, %lb into %o, %la : memref<3x40xf32, strided<[1, 3]>>, memref<3xf32> and memref<3x40xf32>, memref<3xf32> into memref<3x40xf32>, memref<3xf32>
  return
}

// No row, nothing to do.
// CHECK-LABEL: func @empty
// CHECK-NEXT:    return
func.func @empty(%a: memref<0x8xf32>, %la: memref<0xf32>, %b: memref<0x8xf32>, %lb: memref<0xf32>) {
  rope.merge %a, %la and %b, %lb into %a, %la : memref<0x8xf32>, memref<0xf32> into memref<0x8xf32>, memref<0xf32>
  return
}
