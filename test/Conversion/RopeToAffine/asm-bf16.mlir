// RUN: rope-opt %s --rope-cpu-pipeline | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v4 -mprefer-vector-width=512 -Wno-override-module -S -o - \
// RUN:   | FileCheck %s --implicit-check-not=gather --implicit-check-not=scatter --implicit-check-not=call \
// RUN:       --implicit-check-not='{{vmov.*%[xyz]mm[0-9]+, .*\(%rsp\)}}'

// Two registers of bf16 become four of f32 by shifts and masks; NaNs are looked
// for in the tables only.
// CHECK-LABEL: half:
// CHECK:         vcmpunordps
// CHECK:         Inner Loop Header
// CHECK-NOT:     vcmpunordps
// CHECK:         vpslld $16, %zmm
// CHECK-NOT:     vcmpunordps
// CHECK:         vfmsub{{.*}} %zmm
// CHECK-NOT:     vcmpunordps
// CHECK:         vfmadd{{.*}} %zmm
// CHECK-NOT:     vcmpunordps
// CHECK:         retq
func.func @half(%x: memref<?x?x128xbf16>, %c: memref<?x64xf32>, %s: memref<?x64xf32>) {
  rope.rotate %x into %x by %c, %s along [0] : memref<?x?x128xbf16> into memref<?x?x128xbf16>, memref<?x64xf32>
  return
}

// CHECK-LABEL: interleaved:
// CHECK:         Inner Loop Header
// CHECK:         vpslld $16, {{.*}}%zmm
// CHECK:         vfmsub{{.*}} %zmm
// CHECK:         vfmadd{{.*}} %zmm
// CHECK:         retq
func.func @interleaved(%x: memref<?x?x128xbf16>, %c: memref<?x64xf32>, %s: memref<?x64xf32>) {
  rope.rotate %x into %x by %c, %s along [0] pairing<interleaved> : memref<?x?x128xbf16> into memref<?x?x128xbf16>, memref<?x64xf32>
  return
}
