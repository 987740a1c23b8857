// Keys that eight blocks or more would rotate are rotated ahead, in memory that is
// freed behind the attention; the host decides where the number of queries is
// dynamic. Few queries, and keys that a window keeps from most blocks, are not.
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_80" | FileCheck %s
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_80 key-rotation=blocks" | FileCheck %s --check-prefix=BLOCKS
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_80 key-rotation=ahead" | FileCheck %s --check-prefix=AHEAD
// RUN: rope-opt %s --convert-rope-to-gpu="matrix-products=none key-rotation=ahead" | FileCheck %s --check-prefix=BLOCKS
// RUN: not rope-opt %s --convert-rope-to-gpu="key-rotation=some" 2>&1 | FileCheck %s --check-prefix=SOME
// BLOCKS-NOT: @rope_kernels::@rotate
// AHEAD-COUNT-8: @rope_kernels::@rotate
// SOME: for the --key-rotation option: Cannot find option named 'some'!

!t = memref<1024x32xf32>
!q = memref<1x8x1024x64xbf16>
!k = memref<1x2x1024x64xbf16>
// CHECK-LABEL: func.func @many(
// CHECK-SAME:    %[[Q:.*]]: memref<1x8x1024x64xbf16>, %[[K:[^:]*]]: memref<1x2x1024x64xbf16>
// CHECK:         %[[ROTATED:.*]] = memref.alloc() : memref<1x2x1024x64xbf16>
// CHECK:         gpu.launch_func @rope_kernels::@rotate
// CHECK:         extract_strided_metadata %[[ROTATED]]
// CHECK:         gpu.launch_func @rope_kernels::@attention
// CHECK:         memref.dealloc %[[ROTATED]]
func.func @many(%q: !q, %k: !k, %c: !t, %s: !t, %o: !q) {
  rope.attention %q, %k, %k into %o causal rotate_key(%c, %s inverse : !t) : !q, !k, !k into !q
  return
}

!few = memref<1x8x384x64xbf16>
// CHECK-LABEL: func.func @few(
// CHECK-NOT:     memref.alloc
func.func @few(%q: !few, %k: !k, %c: !t, %s: !t, %o: !few) {
  rope.attention %q, %k, %k into %o causal rotate_key(%c, %s : !t) : !few, !k, !k into !few
  return
}

!any = memref<?x?x8x64xbf16>
!keys = memref<?x?x2x64xbf16>
!tables = memref<?x?x16xf32>
// CHECK-LABEL: func.func @dynamic(
// CHECK:         %[[LEAST:.*]] = arith.constant 129 : index
// CHECK:         arith.cmpi ult, %{{.*}}, %[[LEAST]] : index
// CHECK:         } else {
// CHECK:         memref.alloc(%{{.*}}, %{{.*}}) : memref<?x?x2x64xbf16>
// CHECK:         @rope_kernels::@rotate
// CHECK:         memref.dealloc
func.func @dynamic(%q: !any, %k: !keys, %c: !tables, %s: !tables, %o: !any) {
  rope.attention %q, %k, %k into %o layout<bshd> rotate_key(%c, %s pairing<interleaved> offset 8 rotary_dim 32 : !tables) : !any, !keys, !keys into !any
  return
}

// Three tiles of queries of four heads take a key; a window of one head, two.
// CHECK-LABEL: func.func @window(
// CHECK:         @rope_kernels::@rotate
func.func @window(%q: !q, %k: !k, %c: !t, %s: !t, %o: !q) {
  rope.attention %q, %k, %k into %o causal window [128, -1] rotate_key(%c, %s : !t) : !q, !k, !k into !q
  return
}

// A window that leaves all keys changes nothing: eight tiles of one head, of which
// causality leaves half. Nor does the largest one.
// CHECK-LABEL: func.func @wide(
// CHECK-NOT:     memref.alloc
func.func @wide(%q: !k, %k: !k, %c: !t, %s: !t, %o: !k) {
  rope.attention %q, %k, %k into %o causal window [5000, -1] rotate_key(%c, %s : !t) : !k, !k, !k into !k
  return
}

// CHECK-LABEL: func.func @largest(
// CHECK:         @rope_kernels::@rotate
func.func @largest(%q: !k, %k: !k, %c: !t, %s: !t, %o: !k) {
  rope.attention %q, %k, %k into %o window [9223372036854775807, 9223372036854775807] rotate_key(%c, %s : !t) : !k, !k, !k into !k
  return
}

// CHECK-LABEL: func.func @narrow(
// CHECK-NOT:     memref.alloc
func.func @narrow(%q: !k, %k: !k, %c: !t, %s: !t, %o: !k) {
  rope.attention %q, %k, %k into %o causal window [0, -1] rotate_key(%c, %s : !t) : !k, !k, !k into !k
  return
}

// A cache that may be nearly empty.
// CHECK-LABEL: func.func @cache(
// CHECK-NOT:     memref.alloc
func.func @cache(%q: !q, %k: !k, %n: memref<1xi32>, %c: !t, %s: !t, %o: !q) {
  rope.attention %q, %k, %k into %o rotate_key(%c, %s : !t) kv_lengths(%n : memref<1xi32>) : !q, !k, !k into !q
  return
}

// Nothing to rotate.
// CHECK-LABEL: func.func @plain(
// CHECK-NOT:     memref.alloc
func.func @plain(%q: !q, %k: !k, %o: !q) {
  rope.attention %q, %k, %k into %o : !q, !k, !k into !q
  return
}
