// What rope-bench-attention measures: rotated queries and keys of [position, head,
// lane], and one query over a cache of rotated keys, of known sizes; then of sizes
// whose lengths are not known. Compiled through rope-cpu-pipeline.

!x_d = memref<1x512x12x64xf32>
!t_d = memref<512x32xf32>
!q_e = memref<1x2048x32x128xf32>
!k_e = memref<1x2048x8x128xf32>
!t_e = memref<2048x64xf32>
!q_f = memref<1x1x32x128xf32>
!k_f = memref<1x4096x8x128xf32>
!t_f = memref<1x64xf32>

func.func @attention_d(%q: !x_d, %k: !x_d, %v: !x_d, %c: !t_d, %s: !t_d, %o: !x_d) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_query(%c, %s : !t_d) rotate_key(%c, %s : !t_d)
    : !x_d, !x_d, !x_d into !x_d
  return
}

func.func @attention_d_causal(%q: !x_d, %k: !x_d, %v: !x_d, %c: !t_d, %s: !t_d, %o: !x_d) {
  rope.attention %q, %k, %v into %o layout<bshd> causal rotate_query(%c, %s : !t_d) rotate_key(%c, %s : !t_d)
    : !x_d, !x_d, !x_d into !x_d
  return
}

func.func @attention_e(%q: !q_e, %k: !k_e, %v: !k_e, %c: !t_e, %s: !t_e, %o: !q_e) {
  rope.attention %q, %k, %v into %o layout<bshd> causal rotate_query(%c, %s : !t_e) rotate_key(%c, %s : !t_e)
    : !q_e, !k_e, !k_e into !q_e
  return
}

func.func @attention_f(%q: !q_f, %k: !k_f, %v: !k_f, %c: !t_f, %s: !t_f, %o: !q_f) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_query(%c, %s : !t_f)
    : !q_f, !k_f, !k_f into !q_f
  return
}

!x_f32_64 = memref<1x?x12x64xf32>
!x_f32_80 = memref<1x?x12x80xf32>
!x_f32_96 = memref<1x?x12x96xf32>
!x_f32_112 = memref<1x?x12x112xf32>
!x_f32_128 = memref<1x?x12x128xf32>
!x_f32_64_heads_first = memref<1x12x?x64xf32>
!q_grouped = memref<1x?x8x128xf32>
!k_grouped = memref<1x?x2x128xf32>
!x_f16_64 = memref<1x?x12x64xf16>
!x_bf16_64 = memref<1x?x12x64xbf16>
!t_64 = memref<?x32xf32>
!t_80 = memref<?x40xf32>
!t_96 = memref<?x48xf32>
!t_112 = memref<?x56xf32>
!t_128 = memref<?x64xf32>

func.func @attention_f32_64(%q: !x_f32_64, %k: !x_f32_64, %v: !x_f32_64, %c: !t_64, %s: !t_64, %o: !x_f32_64) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_query(%c, %s : !t_64) rotate_key(%c, %s : !t_64)
    : !x_f32_64, !x_f32_64, !x_f32_64 into !x_f32_64
  return
}

func.func @attention_f32_80(%q: !x_f32_80, %k: !x_f32_80, %v: !x_f32_80, %c: !t_80, %s: !t_80, %o: !x_f32_80) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_query(%c, %s : !t_80) rotate_key(%c, %s : !t_80)
    : !x_f32_80, !x_f32_80, !x_f32_80 into !x_f32_80
  return
}

func.func @attention_f32_96(%q: !x_f32_96, %k: !x_f32_96, %v: !x_f32_96, %c: !t_96, %s: !t_96, %o: !x_f32_96) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_query(%c, %s : !t_96) rotate_key(%c, %s : !t_96)
    : !x_f32_96, !x_f32_96, !x_f32_96 into !x_f32_96
  return
}

func.func @attention_f32_112(%q: !x_f32_112, %k: !x_f32_112, %v: !x_f32_112, %c: !t_112, %s: !t_112, %o: !x_f32_112) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_query(%c, %s : !t_112) rotate_key(%c, %s : !t_112)
    : !x_f32_112, !x_f32_112, !x_f32_112 into !x_f32_112
  return
}

func.func @attention_f32_128(%q: !x_f32_128, %k: !x_f32_128, %v: !x_f32_128, %c: !t_128, %s: !t_128, %o: !x_f32_128) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_query(%c, %s : !t_128) rotate_key(%c, %s : !t_128)
    : !x_f32_128, !x_f32_128, !x_f32_128 into !x_f32_128
  return
}

func.func @attention_f16_64(%q: !x_f16_64, %k: !x_f16_64, %v: !x_f16_64, %c: !t_64, %s: !t_64, %o: !x_f16_64) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_query(%c, %s : !t_64) rotate_key(%c, %s : !t_64)
    : !x_f16_64, !x_f16_64, !x_f16_64 into !x_f16_64
  return
}

func.func @attention_bf16_64(%q: !x_bf16_64, %k: !x_bf16_64, %v: !x_bf16_64, %c: !t_64, %s: !t_64, %o: !x_bf16_64) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_query(%c, %s : !t_64) rotate_key(%c, %s : !t_64)
    : !x_bf16_64, !x_bf16_64, !x_bf16_64 into !x_bf16_64
  return
}

func.func @attention_grouped_causal(%q: !q_grouped, %k: !k_grouped, %v: !k_grouped, %c: !t_128, %s: !t_128, %o: !q_grouped) {
  rope.attention %q, %k, %v into %o layout<bshd> causal rotate_query(%c, %s : !t_128) rotate_key(%c, %s : !t_128)
    : !q_grouped, !k_grouped, !k_grouped into !q_grouped
  return
}

func.func @attention_f32_64_heads_first(%q: !x_f32_64_heads_first, %k: !x_f32_64_heads_first, %v: !x_f32_64_heads_first, %c: !t_64, %s: !t_64, %o: !x_f32_64_heads_first) {
  rope.attention %q, %k, %v into %o layout<bhsd> rotate_query(%c, %s : !t_64) rotate_key(%c, %s : !t_64)
    : !x_f32_64_heads_first, !x_f32_64_heads_first, !x_f32_64_heads_first into !x_f32_64_heads_first
  return
}
