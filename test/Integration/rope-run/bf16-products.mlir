// What the host cannot run is refused before it is compiled: exit code 2. A pipeline
// without such instructions runs.

// UNSUPPORTED: host-amx, host-avx512bf16
// RUN: %npy make %t.npy "np.ones((1, 1, 64, 8), 'u2')"
// RUN: %exits 2 rope-run %s --input=%t.npy "--pipeline=rope-cpu-pipeline{bf16-products=tiles}" 2>&1 | FileCheck %s --check-prefix=TILES
// RUN: %exits 2 rope-run %s --input=%t.npy "--pipeline=rope-cpu-pipeline{bf16-products=dots}" 2>&1 | FileCheck %s --check-prefix=DOTS
// RUN: rope-run %s --input=%t.npy --pipeline=cpu
// TILES: {{^}}rope-run: the code has bf16-products=tiles, and this machine or its kernel does not give AMX tiles to the process{{$}}
// DOTS: {{^}}rope-run: the code has bf16-products=dots, and this machine has no AVX512_BF16{{$}}
func.func @main(%x: tensor<1x1x64x8xbf16>) -> tensor<1x1x64x8xbf16> {
  %o = rope.attention %x, %x, %x : tensor<1x1x64x8xbf16>, tensor<1x1x64x8xbf16>, tensor<1x1x64x8xbf16>
  return %o : tensor<1x1x64x8xbf16>
}
