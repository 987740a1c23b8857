// A remark says that the chip has no products of matrices; none says so where they
// are turned off or, on Vulkan, are for no device. AMD's have 16 lanes of values.
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_75" 2>&1 | FileCheck %s --check-prefixes=CHIP,NONE
// RUN: rope-opt %s --convert-rope-to-gpu="target=amdgpu chip=gfx908" 2>&1 | FileCheck %s --check-prefixes=CHIP,NONE
// RUN: rope-opt %s --convert-rope-to-gpu="target=amdgpu chip=gfx1201" 2>&1 | FileCheck %s --check-prefixes=CHIP,NONE
// RUN: rope-opt %s --convert-rope-to-gpu="target=amdgpu chip=gfx1170" 2>&1 | FileCheck %s --check-prefixes=CHIP,NONE
// RUN: rope-opt %s --convert-rope-to-gpu="target=amdgpu chip=gfx1151" 2>&1 | FileCheck %s --check-prefixes=LANES,NONE
// RUN: rope-opt %s --convert-rope-to-gpu="target=amdgpu chip=gfx942" 2>&1 | FileCheck %s --check-prefixes=LANES,NONE
// RUN: rope-opt %s --convert-rope-to-gpu="target=amdgpu chip=gfx1100" 2>&1 | FileCheck %s --check-prefixes=LANES,NONE
// RUN: rope-opt %s --convert-rope-to-gpu="matrix-products=none" 2>&1 | FileCheck %s --check-prefix=NONE --implicit-check-not=remark
// RUN: rope-opt %s --convert-rope-to-gpu="target=vulkan" 2>&1 | FileCheck %s --check-prefix=NONE --implicit-check-not=remark
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_80" 2>&1 | FileCheck %s --check-prefix=SOME --implicit-check-not=remark
// CHIP:     remark: {{.*}}is computed without products of matrices: the chip is none of those whose products it has: sm_80 and later, gfx90a, gfx942, gfx950, gfx110x, gfx115x
// LANES:    remark: {{.*}}is computed without products of matrices: a product takes 16 lanes of values, of which there are 24
// NONE:     gpu.launch_func
// NONE-NOT: {{nvvm.mma.sync|rocdl.mfma|rocdl.wmma}}
// SOME:     nvvm.mma.sync

!x = memref<1x1x64x64xf16>
!v = memref<1x1x64x24xf16>
func.func @negative_products(%x: !x, %v: !v, %o: !v) {
  rope.attention %x, %x, %v into %o : !x, !x, !v into !v
  return
}
