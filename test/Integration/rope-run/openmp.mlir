// Parallel loops find the OpenMP run time in the process.

// RUN: %npy make %t/x.npy "np.arange(1000, dtype='i4')" \
// RUN:   %t/y.npy "np.arange(1000, dtype='i4') * 3"
// RUN: env OMP_NUM_THREADS=3 rope-run %s --input=%t/x.npy --expected=%t/y.npy --report=json \
// RUN:   --pipeline=convert-scf-to-openmp,convert-to-llvm,finalize-memref-to-llvm,convert-openmp-to-llvm,reconcile-unrealized-casts \
// RUN:   | FileCheck %s
// CHECK: "ok":true
// CHECK-SAME: "threads":3

func.func @main(%x: memref<1000xi32>) -> memref<1000xi32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c1000 = arith.constant 1000 : index
  %c3 = arith.constant 3 : i32
  scf.parallel (%i) = (%c0) to (%c1000) step (%c1) {
    %value = memref.load %x[%i] : memref<1000xi32>
    %product = arith.muli %value, %c3 : i32
    memref.store %product, %x[%i] : memref<1000xi32>
  }
  return %x : memref<1000xi32>
}
