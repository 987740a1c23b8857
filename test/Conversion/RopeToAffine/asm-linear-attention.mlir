// RUN: rope-opt %s --rope-cpu-pipeline | %llvm_prefix/bin/mlir-translate --mlir-to-llvmir \
// RUN:   | %cc -x ir - --target=x86_64-linux-gnu -O3 -march=x86-64-v4 -mprefer-vector-width=512 -Wno-override-module -S -o - \
// RUN:   | FileCheck %s --implicit-check-not=gather --implicit-check-not=exp2f --implicit-check-not=expf --implicit-check-not=memcpy --implicit-check-not='rsp), %%zmm' --implicit-check-not='%%zmm{{[0-9]+}}, {{[0-9]*}}(%%rsp'

// A gated delta rule: a pass over the state forgets and recalls, another one updates
// it and answers two heads, both with a whole row of 128 lanes in registers. No vector
// goes to the stack.
// CHECK-LABEL: gated_delta:
// CHECK:         Inner Loop Header: Depth=4
// CHECK-COUNT-8:   vfmadd231ps {{.*}}%zmm
// CHECK-NOT:       vfmadd
// CHECK:           jne
// CHECK:         Inner Loop Header: Depth=4
// CHECK-COUNT-24:  vfmadd{{.*}}%zmm
// CHECK-NOT:       vfmadd
// CHECK:           jne
// CHECK:       .Lfunc_end
func.func @gated_delta(%q: memref<1x16x512x128xf32>, %k: memref<1x8x512x128xf32>, %v: memref<1x8x512x128xf32>, %g: memref<1x8x512xf32>, %b: memref<1x8x512xf32>, %o: memref<1x16x512x128xf32>) {
  rope.linear_attention %q, %k, %v into %o causal log_decay(%g : memref<1x8x512xf32>) beta(%b : memref<1x8x512xf32>)
    : memref<1x16x512x128xf32>, memref<1x8x512x128xf32>, memref<1x8x512x128xf32> into memref<1x16x512x128xf32>
  return
}

// Whole sequences. Features of four vectors are exponentials by a polynomial of full
// width; then a tile of 6 rows of the state by 4 vectors takes a chunk of keys, 4
// loads and 6 broadcasts a key, and four queries at once take a row of the state.
// CHECK-LABEL: whole:
// CHECK-COUNT-5: vfmadd{{.*}}%zmm
// CHECK:         Inner Loop Header: Depth=4
// CHECK-COUNT-4:   vmov{{.*}}, %zmm
// CHECK:           vbroadcastss {{.*}}, %zmm
// CHECK-COUNT-24:  vfmadd231ps {{.*}}%zmm
// CHECK-NOT:       vfmadd
// CHECK:           jne
// CHECK:         vdivps {{.*}}%zmm
// CHECK:       .Lfunc_end
func.func @whole(%q: memref<1x8x512x128xf32>, %k: memref<1x8x512x128xf32>, %v: memref<1x8x512x128xf32>, %o: memref<1x8x512x128xf32>) {
  rope.linear_attention %q, %k, %v into %o features<elu_plus_one> normalize
    : memref<1x8x512x128xf32>, memref<1x8x512x128xf32>, memref<1x8x512x128xf32> into memref<1x8x512x128xf32>
  return
}
