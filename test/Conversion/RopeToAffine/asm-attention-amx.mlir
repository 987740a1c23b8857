// RUN: rope-opt %s --rope-cpu-pipeline="bf16-products=tiles" | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v4 -mamx-tile -mamx-bf16 -mavx512bf16 -mprefer-vector-width=512 -Wno-override-module -S -o %t.s
// RUN: FileCheck %s --input-file %t.s --implicit-check-not=gather --implicit-check-not=expf --implicit-check-not=memcpy --implicit-check-not="vcvtneps2bf16 %xmm"
// RUN: FileCheck %s --input-file %t.s --check-prefix=VALUES

// No tile is stored to the stack or loaded from it, all along.
// RUN: not grep -E "tile(loadd|stored).*%rsp" %t.s

// Keys are transposed as words of pairs; then scores: a load for each product. The
// scale 1/8 is in the queries, so that none is multiplied.
// CHECK-LABEL: attention:
// CHECK:         vpmaxuw {{.*}}, %zmm
// CHECK-COUNT-4: tilezero
// CHECK-COUNT-4: tileloadd
// CHECK:         tdpbf16ps %tmm6, %tmm4,
// CHECK-NEXT:    tdpbf16ps %tmm7, %tmm4,
// CHECK-NEXT:    tdpbf16ps %tmm6, %tmm5,
// CHECK-NEXT:    tdpbf16ps %tmm7, %tmm5,
// CHECK-COUNT-4: tileloadd
// CHECK:         tdpbf16ps %tmm6, %tmm4,
// CHECK-NEXT:    tdpbf16ps %tmm7, %tmm4,
// CHECK-NEXT:    tdpbf16ps %tmm6, %tmm5,
// CHECK-NEXT:    tdpbf16ps %tmm7, %tmm5,
// CHECK-COUNT-4: tilestored
// Maxima of four rows, then their exponentials, rounded by one instruction a vector.
// CHECK-COUNT-4: vmaxps {{.*}}, %zmm
// CHECK:         vpslld $23, %zmm
// CHECK-COUNT-4: vcvtneps2bf16 %zmm
// Weights by values, onto the sums so far: these come before in the file.
// VALUES-LABEL: attention:
// VALUES:        ldtilecfg
// VALUES-COUNT-8: tileloadd
// VALUES-NEXT:   tdpbf16ps %tmm6, %tmm4, %tmm0
// VALUES-NEXT:   tdpbf16ps %tmm7, %tmm4, %tmm1
// VALUES-NEXT:   tdpbf16ps %tmm6, %tmm5, %tmm2
// VALUES-NEXT:   tdpbf16ps %tmm7, %tmm5, %tmm3
// CHECK:         .Lfunc_end
func.func @attention(%q: memref<1x12x512x64xbf16>, %k: memref<1x12x512x64xbf16>, %v: memref<1x12x512x64xbf16>, %o: memref<1x12x512x64xbf16>) {
  rope.attention %q, %k, %v into %o : memref<1x12x512x64xbf16>, memref<1x12x512x64xbf16>, memref<1x12x512x64xbf16> into memref<1x12x512x64xbf16>
  return
}
