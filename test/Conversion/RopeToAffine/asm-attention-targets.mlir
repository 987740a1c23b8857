// RUN: rope-opt %s --rope-cpu-pipeline="vector-bits=256" | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v3 -Wno-override-module -S -o - | FileCheck %s --check-prefix=AVX2
// RUN: rope-opt %s --rope-cpu-pipeline="vector-bits=128 vector-registers=32" | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=aarch64-linux-gnu -O3 -Wno-override-module -S -o - | FileCheck %s --check-prefix=NEON

// The products of scores fill the registers of the target: 6 x 2 vectors of 256
// bits with AVX2, 6 x 4 of 128 bits with NEON; nothing comes from the stack.
// AVX2-LABEL: attention:
// AVX2:         vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vbroadcastss {{.*}}, %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vbroadcastss {{.*}}, %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vbroadcastss {{.*}}, %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vbroadcastss {{.*}}, %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vbroadcastss {{.*}}, %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    vfmadd{{.*}} %ymm
// AVX2-NEXT:    add
// NEON-LABEL: attention:
// NEON:         Inner Loop Header
// NEON:         ld1r
// NEON-COUNT-24: fmla v{{[0-9]+}}.4s
// NEON-NOT:     sp
// NEON:         b.ne
func.func @attention(%q: memref<1x12x512x64xf32>, %k: memref<1x12x512x64xf32>, %v: memref<1x12x512x64xf32>, %o: memref<1x12x512x64xf32>) {
  rope.attention %q, %k, %v into %o : memref<1x12x512x64xf32>, memref<1x12x512x64xf32>, memref<1x12x512x64xf32> into memref<1x12x512x64xf32>
  return
}
