// Tiles that warpgroups cannot have go to products of single warps, or are errors
// where wgmma is asked for.
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_90a query-tile=96" 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: not rope-opt %s --convert-rope-to-gpu="chip=sm_90a key-tile=256 matrix-products=wgmma" 2>&1 | FileCheck %s --check-prefix=MUST
// RUN: not rope-opt %s --convert-rope-to-gpu="target=vulkan matrix-products=emulated-wgmma query-tile=128" 2>&1 | FileCheck %s --check-prefix=SHARED
// RUN: not rope-opt %s --convert-rope-to-gpu="chip=sm_90a query-tile=256 matrix-products=wgmma" 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_80 query-tile=256" 2>&1 | FileCheck %s --check-prefix=WARPS --implicit-check-not=nvvm.mma.sync
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_90a" | FileCheck %s --check-prefix=FITS
// ROWS:      remark: {{.*}}is computed by products of single warps: wgmma takes multiples of 64 queries a block, got 96
// ROWS:      nvvm.mma.sync
// MUST:      error: {{.*}}cannot be lowered to a GPU kernel: {{.*}} registers a thread
// SHARED:    error: {{.*}}cannot be lowered to a GPU kernel: a tile of 128 queries and 16 keys takes {{.*}} bytes of shared memory, of which a block has 32768
// THREADS:   error: {{.*}}cannot be lowered to a GPU kernel: a tile of 256 queries and 32 keys takes some {{[0-9]+}} registers a thread, of which it has 128
// WARPS:     remark: {{.*}}is computed without products of matrices: a tile of 256 queries and 32 keys takes some {{[0-9]+}} registers a thread, of which it has 128
// FITS:      nvvm.wgmma.mma_async

!x = memref<1x1x256x128xbf16>
!t = memref<256x64xf32>
func.func @negative_tiles(%x: !x, %c: !t, %s: !t, %o: !x) {
  rope.attention %x, %x, %x into %o rotate_query(%c, %s : !t) rotate_key(%c, %s : !t) : !x, !x, !x into !x
  return
}
