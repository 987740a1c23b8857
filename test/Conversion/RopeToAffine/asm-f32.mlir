// RUN: rope-opt %s --rope-cpu-pipeline | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v4 -mprefer-vector-width=512 -Wno-override-module -S -o - \
// RUN:   | FileCheck %s --implicit-check-not=gather --implicit-check-not=scatter --implicit-check-not=call \
// RUN:       --implicit-check-not='{{vmov.*%[xyz]mm[0-9]+, .*\(%rsp\)}}' --implicit-check-not=ymm --implicit-check-not=vperm

// Eight vectors of tables stay in registers; each vector of x is loaded once,
// takes part in a product and a fused product, and is stored once.
// CHECK-LABEL: half:
// CHECK-COUNT-8: vmovups {{.*}}, %zmm
// CHECK:         Inner Loop Header
// CHECK-COUNT-8: vmovups {{.*}}, %zmm
// CHECK:         vmulps %zmm
// CHECK:         vfmsub{{.*}} %zmm
// CHECK:         vmulps %zmm
// CHECK:         vfmadd{{.*}} %zmm
// CHECK:         vmovups %zmm
// CHECK:         retq
func.func @half(%x: memref<?x?x128xf32>, %c: memref<?x64xf32>, %s: memref<?x64xf32>) {
  rope.rotate %x into %x by %c, %s along [0] : memref<?x?x128xf32> into memref<?x?x128xf32>, memref<?x64xf32>
  return
}
