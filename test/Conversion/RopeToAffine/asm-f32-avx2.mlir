// RUN: rope-opt %s --rope-cpu-pipeline="vector-bits=256" | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v3 -Wno-override-module -S -o - \
// RUN:   | FileCheck %s --implicit-check-not=gather --implicit-check-not=call --implicit-check-not='{{vmov.*\(%rsp\)}}'

// Sixteen registers hold four vectors of tables, four of x and what is computed of
// them, and second halves that wait for the first ones to be stored.
// CHECK-LABEL: half:
// CHECK-COUNT-8: vmovups {{.*}}, %ymm
// CHECK:         Inner Loop Header
// CHECK-COUNT-8: vmovups {{.*}}, %ymm
// CHECK:         vfmsub{{.*}} %ymm
// CHECK:         vfmadd{{.*}} %ymm
// CHECK-COUNT-8: vmovups %ymm{{.*}}, {{-?[0-9]*}}(%r
// CHECK:         retq
func.func @half(%x: memref<?x?x128xf32>, %c: memref<?x64xf32>, %s: memref<?x64xf32>) {
  rope.rotate %x into %x by %c, %s along [0] : memref<?x?x128xf32> into memref<?x?x128xf32>, memref<?x64xf32>
  return
}
