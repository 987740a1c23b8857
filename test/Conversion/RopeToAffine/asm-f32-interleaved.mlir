// RUN: rope-opt %s --rope-cpu-pipeline | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v4 -mprefer-vector-width=512 -Wno-override-module -S -o - \
// RUN:   | FileCheck %s --implicit-check-not=gather --implicit-check-not=scatter --implicit-check-not=call \
// RUN:       --implicit-check-not='{{vmov.*%[xyz]mm[0-9]+, .*\(%rsp\)}}'

// Tables are repeated in registers before the loop over heads; in it, lanes of a
// pair are swapped by one shuffle a vector.
// CHECK-LABEL: interleaved:
// CHECK:         Inner Loop Header
// CHECK-NOT:     {{vpermt2|vpermps|vunpck}}
// CHECK:         {{vpermilps|vshufps|vpshufd}} {{.*}}[1,0,3,2,5,4,7,6,9,8,11,10,13,12,15,14]
// CHECK-NOT:     {{vpermt2|vpermps|vunpck}}
// CHECK:         vmulps {{.*}}%zmm
// CHECK-NOT:     {{vpermt2|vpermps|vunpck}}
// CHECK:         vfmadd{{.*}} %zmm
// CHECK-NOT:     {{vpermt2|vpermps|vunpck}}
// CHECK:         jne
// CHECK:         retq
func.func @interleaved(%x: memref<?x?x128xf32>, %c: memref<?x64xf32>, %s: memref<?x64xf32>) {
  rope.rotate %x into %x by %c, %s along [0] pairing<interleaved> : memref<?x?x128xf32> into memref<?x?x128xf32>, memref<?x64xf32>
  return
}
