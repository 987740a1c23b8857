// What rope-bench-attention measures: rotated queries and keys of [position, head,
// lane], and one query over a cache of rotated keys, compiled through
// rope-cpu-pipeline.

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
