// RUN: rope-opt %s --rope-cpu-pipeline | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v4 -mprefer-vector-width=512 -Wno-override-module -S -o - \
// RUN:   | FileCheck %s --implicit-check-not=gather --implicit-check-not=exp2f --implicit-check-not=expf --implicit-check-not=memcpy

// The products of scores are 24 fused products of full width a step, with the
// loads and broadcasts that they need and nothing from the stack.
// CHECK-LABEL: attention:
// CHECK:         vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    vfmadd{{.*}} %zmm
// CHECK-NEXT:    add
// CHECK:         j
// The maximum of a row, then its exponentials, sixteen vectors of each: a clamp and a
// polynomial of degree five, in registers.
// CHECK-COUNT-16: vmaxps {{.*}}, %zmm
// CHECK-NOT:     {{v.*%rsp}}
// CHECK:         vsubps {{.*}}, %zmm
// CHECK-NEXT:    vmaxps {{.*}}, %zmm
// CHECK-NOT:     {{v.*%rsp}}
// CHECK-COUNT-2: vfmadd{{.*}} %zmm
// CHECK-NEXT:    vpslld $23, %zmm
// CHECK-NOT:     {{v.*%rsp}}
// CHECK-COUNT-4: vfmadd{{.*}} %zmm
// CHECK-NOT:     {{v.*%rsp}}
// CHECK-COUNT-15: vpslld $23, %zmm
// Sums of values, in registers, too.
// CHECK-COUNT-24: vfmadd231ps %zmm
// CHECK:         .Lfunc_end
func.func @attention(%q: memref<1x12x512x64xf32>, %k: memref<1x12x512x64xf32>, %v: memref<1x12x512x64xf32>, %o: memref<1x12x512x64xf32>) {
  rope.attention %q, %k, %v into %o : memref<1x12x512x64xf32>, memref<1x12x512x64xf32>, memref<1x12x512x64xf32> into memref<1x12x512x64xf32>
  return
}
