// RUN: rope-opt %s --convert-rope-to-gpu --split-input-file --verify-diagnostics
// RUN: rope-opt %s --convert-rope-to-gpu="target=amdgpu" --split-input-file --verify-diagnostics
// RUN: rope-opt %s --convert-rope-to-gpu="target=vulkan" --split-input-file --verify-diagnostics

!x = memref<1x1x4x8xf64>

func.func @negative_f64(%x: !x, %o: !x) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: attention in f64 has no kernel}}
  rope.attention %x, %x, %x into %o : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x4x8xf32>
!t = memref<4x4xf64>

func.func @negative_output_tables_of_f64(%x: !x, %o: !x, %c: !t, %s: !t) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: attention with tables of f64 has no kernel}}
  rope.attention %x, %x, %x into %o rotate_output(%c, %s : !t) : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x4x8xf32>

func.func @negative_softmax_precision(%x: !x, %o: !x) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: a softmax in f64 has no kernel}}
  rope.attention %x, %x, %x into %o softmax_precision f64 : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x4x8xf32>
!t = memref<4x4xf64>

func.func @negative_tables_of_f64(%x: !x, %o: !x, %c: !t, %s: !t) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: attention with tables of f64 has no kernel}}
  rope.attention %x, %x, %x into %o rotate_key(%c, %s : !t) : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x4x8xf32>

func.func @negative_narrow_lengths(%x: !x, %o: !x, %n: memref<1xi16>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: lengths and starts of neither 32 nor 64 bits have no kernel}}
  rope.attention %x, %x, %x into %o kv_lengths(%n : memref<1xi16>) : !x, !x, !x into !x
  return
}

// -----

!x = tensor<1x1x4x8xf32>

func.func @negative_tensors(%x: !x) -> !x {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: it is on tensors; bufferize first}}
  %o = rope.attention %x, %x, %x : !x, !x, !x
  return %o : !x
}

// -----

// More than any target's shared memory.
!x = memref<1x1x4x16384xf32>

func.func @negative_wide_heads(%x: !x, %o: !x) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: attention of heads of 16384 lanes takes 66048 bytes of shared memory a block, of which the target has}}
  rope.attention %x, %x, %x into %o : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x4x8xf32>
!s = memref<3xi16>

func.func @negative_narrow_starts(%x: !x, %o: !x, %s: !s) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: lengths and starts of neither 32 nor 64 bits have no kernel}}
  rope.attention %x, %x, %x into %o starts(%s, %s : !s, !s) : !x, !x, !x into !x
  return
}
