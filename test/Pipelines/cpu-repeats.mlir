// What comes out of the pipeline has no op twice: conversions to LLVM's dialect make
// constants and descriptors again, but CSE finds nothing more in it.
// RUN: rope-opt %s --rope-cpu-pipeline -o %t.mlir
// RUN: rope-opt %t.mlir --cse -o %t.cse.mlir
// RUN: diff %t.mlir %t.cse.mlir
// RUN: FileCheck %s --input-file %t.mlir

// CHECK: llvm.func @step(
// CHECK: llvm.intr.fma
func.func @step(%q: memref<1x8x1x64xf32>, %k: memref<1x2x300x64xf32>, %v: memref<1x2x300x64xf32>, %o: memref<1x8x1x64xf32>) {
  rope.attention %q, %k, %v into %o : memref<1x8x1x64xf32>, memref<1x2x300x64xf32>, memref<1x2x300x64xf32> into memref<1x8x1x64xf32>
  return
}
