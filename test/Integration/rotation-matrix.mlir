// RUN: mkdir -p %t
// RUN: %python %S/Inputs/write_npy.py %t/cos.npy 3x5 1
// RUN: %python %S/Inputs/write_npy.py %t/sin.npy 3x5 2
// RUN: rope-run %s --input=%t/cos.npy --input=%t/sin.npy --pipeline=reference --output=%t/half.npy --output=%t/interleaved.npy
// RUN: rope-run %s --input=%t/cos.npy --input=%t/sin.npy --pipeline=cpu --expected=%t/half.npy --expected=%t/interleaved.npy --atol=0 --rtol=0

// The loops write every entry that the reference does, to the last bit.
func.func @main(%c: tensor<?x5xf32>, %s: tensor<?x5xf32>) -> (tensor<?x10x10xf32>, tensor<?x10x10xf32>) {
  %half = rope.rotation_matrix %c, %s : tensor<?x5xf32>
  %interleaved = rope.rotation_matrix %c, %s pairing<interleaved> : tensor<?x5xf32>
  return %half, %interleaved : tensor<?x10x10xf32>, tensor<?x10x10xf32>
}
