// RUN: rope-opt %s --rope-cpu-pipeline | FileCheck %s

// A branch for one query of a buffer that has seven is not taken, and is valid
// until it is gone.
// CHECK-LABEL: llvm.func @negative_seven_queries(
func.func @negative_seven_queries(%q: memref<1x7x2x16xf32>, %k: memref<1x9x2x16xf32>, %v: memref<1x9x2x16xf32>, %o: memref<1x7x2x16xf32>) {
  %dynamic_q = memref.cast %q : memref<1x7x2x16xf32> to memref<1x?x2x16xf32>
  %dynamic_o = memref.cast %o : memref<1x7x2x16xf32> to memref<1x?x2x16xf32>
  rope.attention %dynamic_q, %k, %v into %dynamic_o layout<bshd>
    : memref<1x?x2x16xf32>, memref<1x9x2x16xf32>, memref<1x9x2x16xf32> into memref<1x?x2x16xf32>
  return
}
