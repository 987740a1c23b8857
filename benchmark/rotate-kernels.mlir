// What rope-bench-rotate measures: rotations of [position, head, lane] with the
// positions and heads at run time, compiled through rope-cpu-pipeline.

!x_f32_64 = memref<?x?x64xf32>
!x_f32_128 = memref<?x?x128xf32>
!x_bf16_64 = memref<?x?x64xbf16>
!x_bf16_128 = memref<?x?x128xbf16>
!t_64 = memref<?x32xf32>
!t_128 = memref<?x64xf32>

func.func @rotate_half_f32_64(%x: !x_f32_64, %y: !x_f32_64, %c: !t_64, %s: !t_64) {
  rope.rotate %x into %y by %c, %s along [0] pairing<half> : !x_f32_64 into !x_f32_64, !t_64
  return
}
func.func @rotate_half_f32_64_in_place(%x: !x_f32_64, %c: !t_64, %s: !t_64) {
  rope.rotate %x into %x by %c, %s along [0] pairing<half> : !x_f32_64 into !x_f32_64, !t_64
  return
}

func.func @rotate_half_f32_128(%x: !x_f32_128, %y: !x_f32_128, %c: !t_128, %s: !t_128) {
  rope.rotate %x into %y by %c, %s along [0] pairing<half> : !x_f32_128 into !x_f32_128, !t_128
  return
}
func.func @rotate_half_f32_128_in_place(%x: !x_f32_128, %c: !t_128, %s: !t_128) {
  rope.rotate %x into %x by %c, %s along [0] pairing<half> : !x_f32_128 into !x_f32_128, !t_128
  return
}

func.func @rotate_interleaved_f32_64(%x: !x_f32_64, %y: !x_f32_64, %c: !t_64, %s: !t_64) {
  rope.rotate %x into %y by %c, %s along [0] pairing<interleaved> : !x_f32_64 into !x_f32_64, !t_64
  return
}
func.func @rotate_interleaved_f32_64_in_place(%x: !x_f32_64, %c: !t_64, %s: !t_64) {
  rope.rotate %x into %x by %c, %s along [0] pairing<interleaved> : !x_f32_64 into !x_f32_64, !t_64
  return
}

func.func @rotate_interleaved_f32_128(%x: !x_f32_128, %y: !x_f32_128, %c: !t_128, %s: !t_128) {
  rope.rotate %x into %y by %c, %s along [0] pairing<interleaved> : !x_f32_128 into !x_f32_128, !t_128
  return
}
func.func @rotate_interleaved_f32_128_in_place(%x: !x_f32_128, %c: !t_128, %s: !t_128) {
  rope.rotate %x into %x by %c, %s along [0] pairing<interleaved> : !x_f32_128 into !x_f32_128, !t_128
  return
}

func.func @rotate_half_bf16_64(%x: !x_bf16_64, %y: !x_bf16_64, %c: !t_64, %s: !t_64) {
  rope.rotate %x into %y by %c, %s along [0] pairing<half> : !x_bf16_64 into !x_bf16_64, !t_64
  return
}
func.func @rotate_half_bf16_64_in_place(%x: !x_bf16_64, %c: !t_64, %s: !t_64) {
  rope.rotate %x into %x by %c, %s along [0] pairing<half> : !x_bf16_64 into !x_bf16_64, !t_64
  return
}

func.func @rotate_half_bf16_128(%x: !x_bf16_128, %y: !x_bf16_128, %c: !t_128, %s: !t_128) {
  rope.rotate %x into %y by %c, %s along [0] pairing<half> : !x_bf16_128 into !x_bf16_128, !t_128
  return
}
func.func @rotate_half_bf16_128_in_place(%x: !x_bf16_128, %c: !t_128, %s: !t_128) {
  rope.rotate %x into %x by %c, %s along [0] pairing<half> : !x_bf16_128 into !x_bf16_128, !t_128
  return
}

func.func @rotate_interleaved_bf16_64(%x: !x_bf16_64, %y: !x_bf16_64, %c: !t_64, %s: !t_64) {
  rope.rotate %x into %y by %c, %s along [0] pairing<interleaved> : !x_bf16_64 into !x_bf16_64, !t_64
  return
}
func.func @rotate_interleaved_bf16_64_in_place(%x: !x_bf16_64, %c: !t_64, %s: !t_64) {
  rope.rotate %x into %x by %c, %s along [0] pairing<interleaved> : !x_bf16_64 into !x_bf16_64, !t_64
  return
}

func.func @rotate_interleaved_bf16_128(%x: !x_bf16_128, %y: !x_bf16_128, %c: !t_128, %s: !t_128) {
  rope.rotate %x into %y by %c, %s along [0] pairing<interleaved> : !x_bf16_128 into !x_bf16_128, !t_128
  return
}
func.func @rotate_interleaved_bf16_128_in_place(%x: !x_bf16_128, %c: !t_128, %s: !t_128) {
  rope.rotate %x into %x by %c, %s along [0] pairing<interleaved> : !x_bf16_128 into !x_bf16_128, !t_128
  return
}
