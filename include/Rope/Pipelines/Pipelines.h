//===- Pipelines.h - Named pipelines of rope --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a module on tensors to the LLVM dialect, as named pipelines and as
// functions that an embedding compiler calls.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_PIPELINES_PIPELINES_H
#define ROPE_PIPELINES_PIPELINES_H

#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "Rope/Conversion/RopeToGPU/RopeToGPU.h"
#include "Rope/Dialect/Rope/Transforms/Passes.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir {
class OpPassManager;

namespace rope {

struct CpuPipelineOptions : PassPipelineOptions<CpuPipelineOptions> {
  Option<bool> raise{*this, "raise", llvm::cl::init(true),
                     llvm::cl::desc("Recognise rotations first (rope-raise)")};
  Option<bool> algebraic{
      *this, "algebraic", llvm::cl::init(false),
      llvm::cl::desc("Apply rules that round elsewhere (rope-optimize)")};
  Option<unsigned> vectorBits{
      *this, "vector-bits", llvm::cl::init(512),
      llvm::cl::desc("Width of a vector register in bits")};
  Option<unsigned> vectorRegisters{
      *this, "vector-registers", llvm::cl::init(0),
      llvm::cl::desc("Number of vector registers; 0 is 32 with 512 bits and "
                     "more, else 16")};
  Option<unsigned> keyParts{
      *this, "key-parts", llvm::cl::init(0),
      llvm::cl::desc("Parts of the keys of an attention; 0 is 1 without "
                     "parallel, else enough for 16 items of work")};
  Option<BF16Products> bf16Products{
      *this, "bf16-products", llvm::cl::init(BF16Products::Widen),
      llvm::cl::desc("What multiplies bf16 in an attention of many rows"),
      llvm::cl::values(
          clEnumValN(BF16Products::Widen, "widen",
                     "operands that are widened to f32"),
          clEnumValN(BF16Products::Dots, "dots", "vdpbf16ps of AVX512_BF16"),
          clEnumValN(BF16Products::Tiles, "tiles", "tdpbf16ps of AMX"))};
  Option<bool> emulatePairProducts{
      *this, "emulate-pair-products", llvm::cl::init(false),
      llvm::cl::desc("Do what these instructions do in loops of vectors, for "
                     "tests on machines without them")};
  Option<bool> contract{
      *this, "contract", llvm::cl::init(true),
      llvm::cl::desc("Fuse a product and a sum of our own kernels into one "
                     "rounding")};
  Option<bool> parallel{*this, "parallel", llvm::cl::init(false),
                        llvm::cl::desc("Run outer loops in parallel (OpenMP)")};
  Option<AnglePlacement> angles{
      *this, "angles", llvm::cl::init(AnglePlacement::Auto),
      llvm::cl::desc("Where tables are computed (rope-fuse-tables)"),
      llvm::cl::values(
          clEnumValN(AnglePlacement::Auto, "auto",
                     "on the fly for one rotation, else as a table"),
          clEnumValN(AnglePlacement::OnTheFly, "on-the-fly",
                     "in the loop of every rotation"),
          clEnumValN(AnglePlacement::Table, "table", "before the rotations"))};
  Option<bool> tight{*this, "tight", llvm::cl::init(false),
                     llvm::cl::desc("Compute f32 tables to 0.54 ulp instead of "
                                    "0.92")};
};

struct SimplifyPipelineOptions : PassPipelineOptions<SimplifyPipelineOptions> {
  Option<bool> algebraic{
      *this, "algebraic", llvm::cl::init(false),
      llvm::cl::desc("Apply rules that round elsewhere (rope-optimize)")};
};

struct GpuPipelineOptions : PassPipelineOptions<GpuPipelineOptions> {
  Option<GpuTarget> target{
      *this, "target", llvm::cl::init(GpuTarget::NVPTX),
      llvm::cl::desc("Who compiles the kernels"),
      llvm::cl::values(
          clEnumValN(GpuTarget::NVPTX, "nvptx", "NVIDIA"),
          clEnumValN(GpuTarget::AMDGPU, "amdgpu", "AMD"),
          clEnumValN(GpuTarget::Vulkan, "vulkan", "any, through SPIR-V"))};
  Option<std::string> chip{
      *this, "chip", llvm::cl::init(""),
      llvm::cl::desc("The chip (nvptx: sm_80, amdgpu: gfx942)")};
  Option<std::string> format{
      *this, "format", llvm::cl::init(""),
      llvm::cl::desc("What the kernels become: isa (assembly, the default) or "
                     "bin (machine code, which needs the vendor's tool; all "
                     "that vulkan has)")};
  Option<bool> raise{*this, "raise", llvm::cl::init(true),
                     llvm::cl::desc("Recognise rotations first (rope-raise)")};
  Option<bool> algebraic{
      *this, "algebraic", llvm::cl::init(false),
      llvm::cl::desc("Apply rules that round elsewhere (rope-optimize)")};
  Option<unsigned> blockSize{*this, "block-size", llvm::cl::init(0),
                             llvm::cl::desc("Threads a block, at most; 0 is "
                                            "what suits the kernel")};
  Option<MatrixProducts> matrixProducts{
      *this, "matrix-products", llvm::cl::init(MatrixProducts::Auto),
      llvm::cl::desc("What multiplies matrices"),
      llvm::cl::values(
          clEnumValN(MatrixProducts::Auto, "auto", "what the chip has"),
          clEnumValN(MatrixProducts::None, "none", "nothing"),
          clEnumValN(MatrixProducts::Emulated, "emulated",
                     "single threads as NVIDIA's, for tests"),
          clEnumValN(MatrixProducts::EmulatedMfma, "emulated-mfma",
                     "single threads as AMD's, for tests"),
          clEnumValN(MatrixProducts::EmulatedWmma, "emulated-wmma",
                     "single threads as those of AMD's gfx11, for tests"),
          clEnumValN(MatrixProducts::Wgmma, "wgmma",
                     "NVIDIA's of four warps, or an error"),
          clEnumValN(MatrixProducts::EmulatedWgmma, "emulated-wgmma",
                     "single threads as NVIDIA's four warps, for tests"))};
  Option<KeyRotation> keyRotation{
      *this, "key-rotation", llvm::cl::init(KeyRotation::Auto),
      llvm::cl::desc("Where an attention in tiles rotates keys"),
      llvm::cl::values(
          clEnumValN(KeyRotation::Auto, "auto", "what is less work"),
          clEnumValN(KeyRotation::InBlocks, "blocks", "in every block"),
          clEnumValN(KeyRotation::Ahead, "ahead", "in memory ahead of it"))};
  Option<unsigned> queryTile{*this, "query-tile", llvm::cl::init(0),
                             llvm::cl::desc("Queries a block of an attention "
                                            "with products of matrices")};
  Option<unsigned> keyTile{*this, "key-tile", llvm::cl::init(0),
                           llvm::cl::desc("Keys that it takes at a time")};
  Option<unsigned> keyParts{
      *this, "key-parts", llvm::cl::init(0),
      llvm::cl::desc("Parts of the keys of an attention of few queries; 0 is "
                     "enough for 8 blocks a multiprocessor")};
  Option<bool> distinctArguments{
      *this, "distinct-arguments", llvm::cl::init(true),
      llvm::cl::desc("Buffers that are arguments of a function do not overlap, "
                     "as bufferization takes for granted")};

  /// The chip that is asked for, else the first with what kernels need.
  std::string getChip() const {
    if (!chip.empty() || target == GpuTarget::Vulkan)
      return chip;
    return target == GpuTarget::AMDGPU ? "gfx942" : "sm_80";
  }
  std::string getFormat() const {
    if (!format.empty())
      return format;
    return target == GpuTarget::Vulkan ? "bin" : "isa";
  }
};

/// Reference: every op by its linalg meaning, to plain loops, to LLVM.
void buildReferencePipeline(OpPassManager &pm);

/// CPU: rope ops to affine loops of vectors, the rest through fused linalg.
void buildCpuPipeline(OpPassManager &pm, const CpuPipelineOptions &options);

/// GPU: rope ops to kernels in a `gpu.binary`, the rest to LLVM on the host,
/// which launches them through the functions that `gpu-to-llvm` calls.
void buildGpuPipeline(OpPassManager &pm, const GpuPipelineOptions &options);

/// For use ahead of another compiler: rotations are recognised and simplified,
/// and only stock dialects are left.
void buildSimplifyPipeline(OpPassManager &pm,
                           const SimplifyPipelineOptions &options);

/// Registers `rope-reference-pipeline`, `rope-cpu-pipeline`,
/// `rope-gpu-pipeline` and `rope-simplify-pipeline`.
void registerRopePipelines();

} // namespace rope
} // namespace mlir

#endif // ROPE_PIPELINES_PIPELINES_H
