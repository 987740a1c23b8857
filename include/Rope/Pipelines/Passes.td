//===- Passes.td - Passes of the pipelines ------------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_PIPELINES_PASSES
#define ROPE_PIPELINES_PASSES

include "mlir/Pass/PassBase.td"

def ProtectArguments : Pass<"rope-protect-arguments", "::mlir::ModuleOp"> {
  let summary = "forbids bufferization to write the arguments of entry points";
  let description = [{
    One-Shot Bufferize takes the arguments of a function for writable. A caller
    who passes its data to a public function does not expect to find it
    changed, so each tensor argument of such a function gets
    `bufferization.writable = false`, unless it has the attribute already:
    `bufferization.writable = true` asks for a rotation in place.

    ```mlir
    func.func @before(%x: tensor<4x8xf32>) {
      return
    }
    // becomes
    func.func @after(%x: tensor<4x8xf32> {bufferization.writable = false}) {
      return
    }
    ```
  }];
  let dependentDialects = ["bufferization::BufferizationDialect"];
}

def ExpandStridedCopies : Pass<"rope-expand-strided-copies"> {
  let summary = "makes loops of copies between strided buffers";
  let description = [{
    `memref.copy` between buffers that are not contiguous becomes a call into
    MLIR's runner library when it is lowered to LLVM. As `linalg.copy` it becomes
    loops, and the program needs no library. Copies between contiguous buffers
    are left: they become `memcpy`.
  }];
  let dependentDialects = ["linalg::LinalgDialect"];
}

def ExpandArith : Pass<"rope-expand-arith"> {
  let summary = "expands arithmetic that LLVM or its run-time library lacks";
  let description = [{
    - f32 to bf16 in integers: targets without the conversion call a function
      that many run-time libraries lack, and AVX-512's flushes subnormals. The
      way back is left to LLVM, which makes a shift of it.
    - f64 to bf16 with one rounding: to f32 rounded to odd, then to bf16.
    - Ceiling and floor division of integers.
  }];
  let dependentDialects = ["arith::ArithDialect", "math::MathDialect"];
}

def EmulatePairProducts : Pass<"rope-emulate-pair-products"> {
  let summary = "runs products of AMX and AVX512_BF16 on any machine";
  let description = [{
    `amx` ops on tiles of f32 and bf16, `x86vector.avx512.dot` and
    `x86vector.avx512.cvt.packed.f32_to_bf16` become loops of vectors with the same
    results to the last bit, but for the payload of a NaN: fused products, subnormal
    numbers taken for 0, rounding to nearest even. Tiles become vectors, which `scf`
    loops may carry; lower `affine` loops before. The pass fails, and changes
    nothing, where another op has a tile.

    For tests: code for AMX runs and can be compared where there is no AMX.
  }];
  let dependentDialects = [
    "arith::ArithDialect", "memref::MemRefDialect", "scf::SCFDialect",
    "vector::VectorDialect"];
}

def DecomposeAggregates : Pass<"rope-decompose-aggregates"> {
  let summary = "makes structured ops of those that are several";
  let description = [{
    `linalg.softmax` on tensors becomes a maximum, exponentials, their sum and
    quotients, by its `decomposeOperation`. No pass of the packaged release does so:
    `convert-linalg-to-loops` leaves the op where it is. On memrefs, and of integers,
    it stays.

    ```mlir
    func.func @before(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
      %empty = tensor.empty() : tensor<4x8xf32>
      %y = linalg.softmax dimension(1) ins(%x : tensor<4x8xf32>) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
      return %y : tensor<4x8xf32>
    }
    // becomes four linalg.generic and two linalg.fill
    ```
  }];
  let dependentDialects = [
    "arith::ArithDialect", "linalg::LinalgDialect", "math::MathDialect",
    "tensor::TensorDialect"];
}

def SeparateInits : Pass<"rope-separate-inits"> {
  let summary = "makes inputs of the inits that elementwise ops read";
  let description = [{
    `linalg-fuse-elementwise-ops` fuses an elementwise op that reads its init into
    a reduction that consumes it, and keeps the init: every step of the reduction
    applies the op again to what the step before wrote. The result is wrong, without
    an error. An op that reads an input and writes an init without contents is
    fused correctly.

    ```mlir
    #id = affine_map<(i) -> (i)>
    func.func @before(%x: tensor<4xf32>) -> tensor<4xf32> {
      %y = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%x : tensor<4xf32>) {
      ^bb0(%out: f32):
        %negated = arith.negf %out : f32
        linalg.yield %negated : f32
      } -> tensor<4xf32>
      return %y : tensor<4xf32>
    }
    // becomes
    func.func @after(%x: tensor<4xf32>) -> tensor<4xf32> {
      %empty = tensor.empty() : tensor<4xf32>
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%empty : tensor<4xf32>) {
      ^bb0(%in: f32, %out: f32):
        %negated = arith.negf %in : f32
        linalg.yield %negated : f32
      } -> tensor<4xf32>
      return %y : tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = ["linalg::LinalgDialect", "tensor::TensorDialect"];
}

def AttachGpuTarget : Pass<"rope-attach-gpu-target", "::mlir::ModuleOp"> {
  let summary = "names the chip that kernels are compiled for";
  let description = [{
    Gives every `gpu.module` the target attribute of upstream's backend, with
    optimization level 3. The pass fails, with one error, on a chip that LLVM
    does not know, on an unknown `format`, and on a format whose tool is not
    installed: upstream reports these when it serializes, or not at all. Vulkan
    has no chips and one format, bin: nothing is attached.

    ```mlir
    gpu.module @before {
    }
    // becomes, with target=nvptx chip=sm_90
    gpu.module @after [#nvvm.target<O = 3, chip = "sm_90", features = "">] {
    }
    ```
  }];
  let options = [
    Option<"target", "target", "GpuTarget", "GpuTarget::NVPTX",
           "Who compiles the kernels",
           [{::llvm::cl::values(
               clEnumValN(::mlir::rope::GpuTarget::NVPTX, "nvptx", "NVIDIA"),
               clEnumValN(::mlir::rope::GpuTarget::AMDGPU, "amdgpu", "AMD"),
               clEnumValN(::mlir::rope::GpuTarget::Vulkan, "vulkan",
                          "any, through SPIR-V"))}]>,
    Option<"chip", "chip", "std::string", "\"sm_80\"", "The chip">,
    Option<"format", "format", "std::string", "\"isa\"",
           "What the modules are to become: isa (assembly), bin (machine code)">];
  let dependentDialects = ["gpu::GPUDialect", "NVVM::NVVMDialect",
                           "ROCDL::ROCDLDialect"];
}

def KernelsToSPIRV : Pass<"rope-kernels-to-spirv", "::mlir::ModuleOp"> {
  let summary = "makes a SPIR-V binary for Vulkan of every gpu.module";
  let description = [{
    Each `gpu.module` becomes a `gpu.binary` with one object, a SPIR-V 1.3
    module with an entry point for each kernel. The buffers of a kernel are the
    storage buffers of set 0 at bindings 0, 1, ...; its scalar arguments, which
    follow the buffers, are the 32-bit words of one more. Kernels have no bf16,
    no vector of more than four elements, a `known_block_size`, flat buffers of
    run-time size and scalars of type index: others are errors.
  }];
  let dependentDialects = ["arith::ArithDialect", "gpu::GPUDialect",
                           "memref::MemRefDialect", "scf::SCFDialect",
                           "spirv::SPIRVDialect"];
}

def NarrowIndices : Pass<"rope-narrow-indices", "::mlir::gpu::GPUModuleOp"> {
  let summary = "computes indices of kernels in 32 bits where they fit";
  let description = [{
    Sums, products, quotients and remainders of indices whose operands and
    result are below 2^31, by the sizes of the grid and of the block that are
    known: an index of 64 bits takes two registers and two instructions.

    ```mlir
    func.func @before(%x: memref<?xf32>) -> f32 {
      %c16 = arith.constant 16 : index
      %block = gpu.block_id x upper_bound 256
      %first = arith.muli %block, %c16 : index
      %entry = memref.load %x[%first] : memref<?xf32>
      return %entry : f32
    }
    // becomes
    func.func @after(%x: memref<?xf32>) -> f32 {
      %c16_i32 = arith.constant 16 : i32
      %block = gpu.block_id x upper_bound 256
      %number = arith.index_castui %block : index to i32
      %product = arith.muli %number, %c16_i32 : i32
      %first = arith.index_castui %product : i32 to index
      %entry = memref.load %x[%first] : memref<?xf32>
      return %entry : f32
    }
    ```
  }];
  let dependentDialects = ["arith::ArithDialect"];
}

def LowerKernelMath : Pass<"rope-lower-kernel-math", "::mlir::gpu::GPUModuleOp"> {
  let summary = "makes instructions of what upstream makes calls of";
  let description = [{
    `math.absf`, and `math.exp2` and `math.log2` of f32, become intrinsics of the
    target: the approximations of NVIDIA (2 ulp, subnormals are flushed) and AMD
    (1 ulp). The conversions to NVVM and ROCDL would call the vendor's library.
  }];
  let options = [
    Option<"target", "target", "GpuTarget", "GpuTarget::NVPTX",
           "Who compiles the kernels",
           [{::llvm::cl::values(
               clEnumValN(::mlir::rope::GpuTarget::NVPTX, "nvptx", "NVIDIA"),
               clEnumValN(::mlir::rope::GpuTarget::AMDGPU, "amdgpu", "AMD"))}]>];
  let dependentDialects = ["LLVM::LLVMDialect"];
}

#endif // ROPE_PIPELINES_PASSES
