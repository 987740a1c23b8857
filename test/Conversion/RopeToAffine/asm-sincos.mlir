// RUN: rope-opt %s --rope-cpu-pipeline | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v4 -mprefer-vector-width=512 -Wno-override-module -S -o - \
// RUN:   | FileCheck %s --implicit-check-not='call{{q?}} {{[^fm]}}' --implicit-check-not=gather --implicit-check-not='{{v.*ps .*ymm}}' \
// RUN:       --implicit-check-not='{{v(add|sub|mul|fmadd[0-9]+)pd}}' --implicit-check-not='{{v(mul|fmadd[0-9]+)ss}}'
// RUN: rope-opt %s --rope-cpu-pipeline=tight=true | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v4 -mprefer-vector-width=512 -Wno-override-module -S -o - \
// RUN:   | FileCheck %s --implicit-check-not='call{{q?}} {{[^fm]}}' --implicit-check-not=gather --implicit-check-not='{{v.*ps .*ymm}}' \
// RUN:       --implicit-check-not='{{v(add|sub|mul|fmadd[0-9]+)pd}}' --implicit-check-not='{{v(mul|fmadd[0-9]+)ss}}'

// Products of 32 bits, conversions and fma of whole registers; no call, no f64,
// no scalar arithmetic. Blocks of consecutive positions call malloc and free.
// CHECK-LABEL: tables:
// CHECK:         vpmuludq {{.*}}zmm
// CHECK:         vcvtdq2ps %zmm
// CHECK:         vfm{{.*}}ps {{.*}}zmm
// CHECK:         vmovdqu64 %zmm
// CHECK:         retq
func.func @tables(%p: memref<?xi32>, %c: memref<?x16xf32>, %s: memref<?x16xf32>) {
  rope.sincos %p into %c, %s frequencies<dim = 32> : memref<?xi32> -> memref<?x16xf32>, memref<?x16xf32>
  return
}
