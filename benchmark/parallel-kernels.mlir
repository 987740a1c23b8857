// What the benchmarks measure with one thread and with two: the functions of the
// same names in attention-kernels.mlir and rotate-kernels.mlir.in, with parallel loops.

!x_64 = memref<1x?x12x64xf32>
!t_64 = memref<?x32xf32>
!x_128 = memref<?x?x128xf32>
!t_128 = memref<?x64xf32>

func.func @attention_f32_64_parallel(%q: !x_64, %k: !x_64, %v: !x_64, %c: !t_64, %s: !t_64, %o: !x_64) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_query(%c, %s : !t_64) rotate_key(%c, %s : !t_64)
    : !x_64, !x_64, !x_64 into !x_64
  return
}

func.func @rotate_half_f32_128_parallel(%x: !x_128, %y: !x_128, %c: !t_128, %s: !t_128) {
  rope.rotate %x into %y by %c, %s along [0] pairing<half> : !x_128 into !x_128, !t_128
  return
}
func.func @rotate_half_f32_128_parallel_in_place(%x: !x_128, %c: !t_128, %s: !t_128) {
  rope.rotate %x into %x by %c, %s along [0] pairing<half> : !x_128 into !x_128, !t_128
  return
}
