// RUN: rope-opt %s --rope-cpu-pipeline="parallel" | FileCheck %s
// RUN: rope-opt %s --rope-cpu-pipeline | FileCheck %s --check-prefix=SERIAL

// CHECK-LABEL: llvm.func @rotate
// CHECK:         omp.parallel
// CHECK:         omp.wsloop
// CHECK:         omp.loop_nest
// CHECK:         llvm.intr.fma

// SERIAL-LABEL: llvm.func @rotate
// SERIAL-NOT:     omp.
func.func @rotate(%x: memref<?x8x64xf32>, %c: memref<?x32xf32>, %s: memref<?x32xf32>) {
  rope.rotate %x into %x by %c, %s along [0] : memref<?x8x64xf32> into memref<?x8x64xf32>, memref<?x32xf32>
  return
}
