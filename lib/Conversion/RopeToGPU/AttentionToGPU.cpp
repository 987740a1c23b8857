//===- AttentionToGPU.cpp - rope.attention as a kernel --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpsToGPU.h"

#include "AttentionKernel.h"
#include "TiledAttention.h"

using namespace mlir;
using namespace mlir::rope;

std::optional<std::string>
rope::getAttentionToGPUObstacle(AttentionOp op, const GpuModel &model) {
  if (!op.getComputeType().isF32())
    return "attention in f64 has no kernel";
  if (op.getSoftmaxPrecision() && op.getSoftmaxPrecision()->isF64())
    return "a softmax in f64 has no kernel";
  for (AttentionOp::Rotation rotation :
       {op.getQueryTables(), op.getKeyTables(), op.getValueTables(),
        op.getOutputTables()})
    if (rotation && getElementTypeOrSelf(rotation.cos).isF64())
      return "attention with tables of f64 has no kernel";
  for (Value numbers :
       {op.getKvLengths(), op.getQueryStarts(), op.getKeyStarts()})
    if (numbers && !isIndexOrWord(getElementTypeOrSelf(numbers)))
      return "lengths and starts of neither 32 nor 64 bits have no kernel";
  int64_t bytes = AttentionKernel::getSharedBytes(op, model);
  if (bytes > model.getMaxSharedBytes())
    return "attention of heads of " + std::to_string(op.getHeadDim()) +
           " lanes takes " + std::to_string(bytes) +
           " bytes of shared memory a block, of which the target has " +
           std::to_string(model.getMaxSharedBytes());
  return std::nullopt;
}

void rope::lowerAttention(RewriterBase &rewriter, gpu::GPUModuleOp module,
                          AttentionOp op, const GpuModel &model) {
  bool hasTiles = model.hasMatrixProducts();
  if (hasTiles)
    if (std::optional<std::string> obstacle =
            AttentionTiles::getObstacle(op, model)) {
      op.emitRemark("is computed without products of matrices: ") << *obstacle;
      hasTiles = false;
    }
  if (hasTiles)
    lowerToKernel<TiledAttention>(rewriter, module, "attention",
                                  op.getOperation(), op, model);
  else
    lowerToKernel<AttentionKernel>(rewriter, module, "attention",
                                   op.getOperation(), op, model);
}
