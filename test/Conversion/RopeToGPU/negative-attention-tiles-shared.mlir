// Tiles that take more shared memory than a block has go to the other kernel;
// the model's own tiles of the same op fit.
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_80 query-tile=208 key-tile=16" --verify-diagnostics | FileCheck %s --implicit-check-not=nvvm.mma.sync
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_80" | FileCheck %s --check-prefix=FITS
// CHECK: gpu.launch_func @rope_kernels::@attention blocks in
// FITS:  nvvm.mma.sync

!x = memref<1x1x256x104xf16>
func.func @negative_shared_memory(%x: !x, %o: !x) {
  // expected-remark @+1 {{is computed without products of matrices: a tile of 208 queries and 16 keys takes 49924 bytes of shared memory, of which a block has 49152}}
  rope.attention %x, %x, %x into %o : !x, !x, !x into !x
  return
}
