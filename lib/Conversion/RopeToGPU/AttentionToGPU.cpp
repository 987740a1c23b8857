//===- AttentionToGPU.cpp - rope.attention as a kernel --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpsToGPU.h"

#include "AttentionKernel.h"
#include "TiledAttention.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

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

/// Decides between kernels on the host, as `getObstacle` does where the number
/// of queries is static.
static void launchByQueries(RewriterBase &rewriter, AttentionOp op,
                            function_ref<void()> many,
                            function_ref<void()> few) {
  ImplicitLocOpBuilder host(op.getLoc(), rewriter);
  Value numQueries = memref::DimOp::create(host, op.getQuery(),
                                           int64_t(op.getSequenceDimension()));
  Value least =
      arith::ConstantIndexOp::create(host, AttentionTiles::kRowsOfWarp);
  Value isMany =
      arith::CmpIOp::create(host, arith::CmpIPredicate::uge, numQueries, least);
  auto choice = scf::IfOp::create(host, isMany, /*withElseRegion=*/true);
  rewriter.setInsertionPointToStart(choice.thenBlock());
  many();
  rewriter.setInsertionPointToStart(choice.elseBlock());
  few();
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
  auto launchTiles = [&] {
    launchKernel<TiledAttention>(rewriter, op.getLoc(), module, "attention", op,
                                 model);
  };
  auto launchRows = [&] {
    launchKernel<AttentionKernel>(rewriter, op.getLoc(), module, "attention",
                                  op, model);
  };
  rewriter.setInsertionPoint(op);
  if (!hasTiles)
    launchRows();
  else if (op.getQueryType().isDynamicDim(op.getSequenceDimension()))
    launchByQueries(rewriter, op, launchTiles, launchRows);
  else
    launchTiles();
  rewriter.eraseOp(op);
}
