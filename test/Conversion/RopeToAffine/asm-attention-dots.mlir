// RUN: rope-opt %s --rope-cpu-pipeline="bf16-products=dots" | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v4 -mavx512bf16 -mprefer-vector-width=512 -Wno-override-module -S -o - \
// RUN:   | FileCheck %s --implicit-check-not=gather --implicit-check-not=__truncsfbf2 --implicit-check-not=expf

// 24 products of pairs a step, on sums that stay in registers: a word of a row is
// broadcast, and nothing comes from the stack.
// CHECK-LABEL: attention:
// CHECK:         vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vbroadcastss {{-?[0-9]*\(%r.*,%r.*\)}}, %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    vdpbf16ps %zmm
// CHECK-NEXT:    add
// Weights are rounded by one instruction a vector.
// CHECK:         vcvtneps2bf16 %zmm
// Sums of values, in registers, too.
// CHECK-COUNT-24: vdpbf16ps %zmm
// CHECK:         .Lfunc_end
func.func @attention(%q: memref<1x12x512x64xbf16>, %k: memref<1x12x512x64xbf16>, %v: memref<1x12x512x64xbf16>, %o: memref<1x12x512x64xbf16>) {
  rope.attention %q, %k, %v into %o : memref<1x12x512x64xbf16>, memref<1x12x512x64xbf16>, memref<1x12x512x64xbf16> into memref<1x12x512x64xbf16>
  return
}
