// RUN: rope-opt %s --rope-cpu-pipeline | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v4 -mprefer-vector-width=512 -Wno-override-module -S -o - \
// RUN:   | FileCheck %s --implicit-check-not=gather --implicit-check-not=exp2f --implicit-check-not=expf --implicit-check-not=memcpy --implicit-check-not='rsp), %%zmm'

// A decoder's step: four keys by four queries are 16 fused products of full width for
// each 16 lanes of 128, then 15 sums of shuffles. No vector comes from the stack.
// CHECK-LABEL: decode:
// CHECK:         Inner Loop Header: Depth=5
// CHECK-COUNT-128: vfmadd{{.*}} %zmm
// CHECK-COUNT-8: vaddps {{.*}}, %zmm
// CHECK-NOT:     vfmadd
// CHECK:         Inner Loop Header
// Weights of four rows, each by a polynomial of degree five.
// CHECK-COUNT-20: vfmadd{{.*}} %zmm
// Sums of values: four vectors of them by four weights.
// CHECK:         Inner Loop Header: Depth=5
// CHECK-COUNT-4: vmovups {{.*}}, %zmm
// CHECK:         vbroadcastss {{.*}}, %zmm
// CHECK-COUNT-16: vfmadd231ps {{.*}}%zmm
// CHECK:         jb
// CHECK:         .Lfunc_end
func.func @decode(%q: memref<1x1x32x128xf32>, %k: memref<1x4096x8x128xf32>, %v: memref<1x4096x8x128xf32>, %o: memref<1x1x32x128xf32>) {
  rope.attention %q, %k, %v into %o layout<bshd> : memref<1x1x32x128xf32>, memref<1x4096x8x128xf32>, memref<1x4096x8x128xf32> into memref<1x1x32x128xf32>
  return
}
