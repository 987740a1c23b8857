// What the kernel with products of matrices does not take goes to the other one,
// and a remark says why.
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_80" --split-input-file --verify-diagnostics -o %t.mlir
// RUN: FileCheck %s --input-file %t.mlir --implicit-check-not=nvvm.mma.sync
// RUN: not rope-opt %s --split-input-file --convert-rope-to-gpu="query-tile=24" 2>&1 | FileCheck %s --check-prefix=QUERIES
// RUN: not rope-opt %s --split-input-file --convert-rope-to-gpu="key-tile=272" 2>&1 | FileCheck %s --check-prefix=KEYS
// RUN: not rope-opt %s --split-input-file --convert-rope-to-gpu="matrix-products=some" 2>&1 | FileCheck %s --check-prefix=PRODUCTS
// CHECK: gpu.launch_func
// QUERIES: error: query-tile must be a multiple of 16 up to 256, or 0, got 24
// PRODUCTS: for the --matrix-products option: Cannot find option named 'some'!
// KEYS: error: key-tile must be a multiple of 16 up to 256, or 0, got 272

!x = memref<1x1x64x64xf32>
func.func @negative_f32(%x: !x, %o: !x) {
  // expected-remark @+1 {{is computed without products of matrices: it multiplies elements of f16 or bf16 only}}
  rope.attention %x, %x, %x into %o : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x64x64xf16>
!y = memref<1x1x64x64xbf16>
func.func @negative_mixed(%x: !x, %y: !y, %o: !x) {
  // expected-remark @+1 {{without products of matrices: queries, keys and values have different element types}}
  rope.attention %x, %y, %y into %o : !x, !y, !y into !x
  return
}

// -----

!x = memref<1x1x64x64xf16>
!k = memref<1x1x64x48xf16>
!t = memref<1x1x64x16xf16>
func.func @negative_tail(%x: !x, %k: !k, %t: !t, %o: !x) {
  // expected-remark @+1 {{without products of matrices: keys have a tail}}
  rope.attention %x, %k, %x into %o key_tail(%t : !t) : !x, !k, !x into !x
  return
}

// -----

!x = memref<1x1x64x64xf16>
!t = memref<64x32xf32>
func.func @negative_rotated_values(%x: !x, %c: !t, %s: !t, %o: !x) {
  // expected-remark @+1 {{without products of matrices: values or the output are rotated}}
  rope.attention %x, %x, %x into %o rotate_value(%c, %s : !t) : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x64x64xf16>
!n = memref<3xi64>
func.func @negative_starts(%x: !x, %n: !n, %o: !x) {
  // expected-remark @+1 {{without products of matrices: sequences are packed into one}}
  rope.attention %x, %x, %x into %o starts(%n, %n : !n) : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x64x64xf16>
!n = memref<1xf64>
func.func @negative_sinks(%x: !x, %n: !n, %o: !x) {
  // expected-remark @+1 {{without products of matrices: sinks are of f64}}
  rope.attention %x, %x, %x into %o sinks(%n : !n) : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x64x64xf16>
func.func @negative_scores(%x: !x, %o: !x, %w: !x) {
  // expected-remark @+1 {{without products of matrices: scores are results}}
  rope.attention %x, %x, %x into %o, %w returning_scores<weights> : !x, !x, !x into !x, !x
  return
}

// -----

!x = memref<1x1x64x64xf16>
func.func @negative_rounded_weights(%x: !x, %o: !x) {
  // expected-remark @+1 {{without products of matrices: weights are rounded}}
  rope.attention %x, %x, %x into %o softmax_precision f16 : !x, !x, !x into !x
  return
}

// -----

!q = memref<1x1x15x64xf16>
!x = memref<1x1x64x64xf16>
func.func @negative_few_queries(%q: !q, %x: !x, %o: !q) {
  // expected-remark @+1 {{without products of matrices: a product takes 16 queries, of which there are 15}}
  rope.attention %q, %x, %x into %o : !q, !x, !x into !q
  return
}

// -----

!x = memref<1x1x64x64xf16>
!v = memref<1x1x64x60xf16>
func.func @negative_values(%x: !x, %v: !v, %o: !v) {
  // expected-remark @+1 {{without products of matrices: rows of values and of the output are not in units of 16 bytes}}
  rope.attention %x, %x, %v into %o : !x, !x, !v into !v
  return
}

// -----

!x = memref<1x1x64x64xf16>
!t = memref<64x31xf32>
func.func @negative_odd_pairs(%x: !x, %c: !t, %s: !t, %o: !x) {
  // expected-remark @+1 {{without products of matrices: rows of queries and keys, or their rotary lanes, are not in words of two elements}}
  rope.attention %x, %x, %x into %o rotate_key(%c, %s rotary_dim 62 : !t) : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x64x256xf16>
func.func @negative_registers(%x: !x, %o: !x) {
  // expected-remark @+1 {{without products of matrices: a tile of 128 queries and 32 keys takes some 272 registers a thread}}
  rope.attention %x, %x, %x into %o : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x64x64xf16>
!t = memref<64x32xf32>
func.func @negative_rotated_output(%x: !x, %c: !t, %s: !t, %o: !x) {
  // expected-remark @+1 {{without products of matrices: values or the output are rotated}}
  rope.attention %x, %x, %x into %o rotate_output(%c, %s : !t) : !x, !x, !x into !x
  return
}

// -----

// Rows of the output that start anywhere.
!x = memref<1x1x64x64xf16>
!o = memref<1x1x64x64xf16, strided<[4160, 4160, 65, 1]>>
func.func @negative_output(%x: !x, %o: !o) {
  // expected-remark @+1 {{without products of matrices: rows of values and of the output are not in units of 16 bytes}}
  rope.attention %x, %x, %x into %o : !x, !x, !x into !o
  return
}

// -----

!x = memref<1x1x64x64xf16>
!k = memref<1x1x64x64xf16, strided<[4160, 4160, 65, 1]>>
func.func @negative_words(%x: !x, %k: !k, %o: !x) {
  // expected-remark @+1 {{without products of matrices: rows of queries and keys, or their rotary lanes, are not in words of two elements}}
  rope.attention %x, %k, %x into %o : !x, !k, !x into !x
  return
}
