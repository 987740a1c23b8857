// RUN: rope-opt %s --rope-gpu-pipeline="target=nvptx chip=sm_90" | FileCheck %s
// RUN: not rope-opt %s --rope-gpu-pipeline="chip=gfx942" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not rope-opt %s --rope-gpu-pipeline="format=elf" 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not rope-opt %s --rope-gpu-pipeline="target=vulkan format=isa" 2>&1 | FileCheck %s --check-prefix=VULKAN

// CHIP: error: unknown chip 'gfx942' for target nvptx
// FORMAT: error: unknown format 'elf': target nvptx has isa and bin
// VULKAN: error: unknown format 'isa': target vulkan has bin

// From tensors: the kernels in one binary, the host in the LLVM dialect.
// CHECK-LABEL: llvm.func @main
// CHECK:         gpu.launch_func @rope_kernels::@rotate
// CHECK-NOT:     gpu.launch_func
// CHECK:       gpu.binary @rope_kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90"{{.*}}>, {{.*}}.entry rotate(
func.func @main(%q: tensor<1x16x8x64xf16>, %k: tensor<1x16x2x64xf16>, %cos: tensor<16x32xf32>, %sin: tensor<16x32xf32>)
    -> (tensor<1x16x8x64xf16>, tensor<1x16x2x64xf16>) {
  %rq = rope.rotate %q by %cos, %sin along [1] : tensor<1x16x8x64xf16>, tensor<16x32xf32>
  %rk = rope.rotate %k by %cos, %sin along [1] : tensor<1x16x2x64xf16>, tensor<16x32xf32>
  return %rq, %rk : tensor<1x16x8x64xf16>, tensor<1x16x2x64xf16>
}
