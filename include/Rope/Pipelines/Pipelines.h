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

/// Reference: every op by its linalg meaning, to plain loops, to LLVM.
void buildReferencePipeline(OpPassManager &pm);

/// CPU: rope ops to affine loops of vectors, the rest through fused linalg.
void buildCpuPipeline(OpPassManager &pm, const CpuPipelineOptions &options);

/// For use ahead of another compiler: rotations are recognised and simplified,
/// and only stock dialects are left.
void buildSimplifyPipeline(OpPassManager &pm,
                           const SimplifyPipelineOptions &options);

/// Registers `rope-reference-pipeline`, `rope-cpu-pipeline` and
/// `rope-simplify-pipeline`.
void registerRopePipelines();

} // namespace rope
} // namespace mlir

#endif // ROPE_PIPELINES_PIPELINES_H
