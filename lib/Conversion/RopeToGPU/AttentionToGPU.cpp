//===- AttentionToGPU.cpp - rope.attention as a kernel --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpsToGPU.h"

#include "AttentionKernel.h"
#include "KeyParts.h"
#include "KeysAhead.h"
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
  if (model.needsWarpgroups())
    return AttentionTiles::getObstacle(op, model);
  return std::nullopt;
}

/// Decides between launches on the host.
static void launchEither(RewriterBase &rewriter, Location loc,
                         arith::CmpIPredicate predicate, Value number,
                         int64_t bound, function_ref<void()> launchThen,
                         function_ref<void()> launchElse) {
  OpBuilder::InsertionGuard guard(rewriter);
  Value constant = arith::ConstantIndexOp::create(rewriter, loc, bound);
  Value holds =
      arith::CmpIOp::create(rewriter, loc, predicate, number, constant);
  auto choice = scf::IfOp::create(rewriter, loc, holds,
                                  /*withElseRegion=*/true);
  rewriter.setInsertionPointToStart(choice.thenBlock());
  launchThen();
  rewriter.setInsertionPointToStart(choice.elseBlock());
  launchElse();
}

/// A block a query, or several that share its keys.
static void launchRows(RewriterBase &rewriter, gpu::GPUModuleOp module,
                       AttentionOp op, const GpuModel &model) {
  ImplicitLocOpBuilder host(op.getLoc(), rewriter);
  int64_t blocks =
      op.getNumHeads() / AttentionKernel::getHeadsOfBlock(op, model);
  OpFoldResult numParts = getNumKeyParts(host, op, blocks, model);
  auto launch = [&](KeyParts parts) {
    launchKernel<AttentionKernel>(rewriter, op.getLoc(), module, "attention",
                                  parts, model);
  };
  auto launchWhole = [&] { launch({op, numParts, Value(), Value()}); };
  auto launchParts = [&] {
    ImplicitLocOpBuilder host(op.getLoc(), rewriter);
    KeyParts parts = allocateKeyParts(host, op, numParts);
    launch(parts);
    mergeKeyParts(rewriter, module, parts, model);
  };
  if (isConstantIntValue(numParts, 1))
    return launchWhole();
  // With few queries a single part costs little more than none.
  int64_t numQueries = op.getQueryType().getDimSize(op.getSequenceDimension());
  if (getConstantIntValue(numParts) ||
      (ShapedType::isStatic(numQueries) &&
       numQueries < AttentionTiles::kRowsOfWarp))
    return launchParts();
  launchEither(rewriter, op.getLoc(), arith::CmpIPredicate::ugt,
               cast<Value>(numParts), 1, launchParts, launchWhole);
}

/// A block a tile of queries.
static void launchTiles(RewriterBase &rewriter, gpu::GPUModuleOp module,
                        AttentionOp op, const GpuModel &model) {
  auto launch = [&](AttentionOp op) {
    launchKernel<TiledAttention>(rewriter, op.getLoc(), module, "attention", op,
                                 model);
  };
  auto launchAhead = [&] {
    launchWithKeysAhead(rewriter, module, op, model, launch);
  };
  std::optional<int64_t> least = getLeastQueriesOfKeysAhead(op, model);
  if (!least)
    return launch(op);
  int64_t dim = op.getSequenceDimension();
  int64_t numQueries = op.getQueryType().getDimSize(dim);
  if (*least == 0 || (ShapedType::isStatic(numQueries) && numQueries >= *least))
    return launchAhead();
  if (ShapedType::isStatic(numQueries))
    return launch(op);
  launchEither(
      rewriter, op.getLoc(), arith::CmpIPredicate::ult,
      memref::DimOp::create(rewriter, op.getLoc(), op.getQuery(), dim), *least,
      [&] { launch(op); }, launchAhead);
}

void rope::lowerAttention(RewriterBase &rewriter, gpu::GPUModuleOp module,
                          AttentionOp op, const GpuModel &model) {
  std::optional<std::string> obstacle = AttentionTiles::getObstacle(op, model);
  // No kernel for Vulkan has them, whatever the op.
  bool isVulkan = model.target == GpuTarget::Vulkan && !model.isEmulated();
  if (obstacle && model.products != MatrixProducts::None && !isVulkan)
    op.emitRemark("is computed without products of matrices: ") << *obstacle;
  if (!obstacle && model.hasWarpgroups())
    if (auto ofGroups = AttentionTiles::getWarpgroupObstacle(op, model))
      op.emitRemark("is computed by products of single warps: ") << *ofGroups;
  auto launchMany = [&] { launchTiles(rewriter, module, op, model); };
  auto launchFew = [&] { launchRows(rewriter, module, op, model); };
  rewriter.setInsertionPoint(op);
  int64_t dim = op.getSequenceDimension();
  if (obstacle)
    launchFew();
  else if (op.getQueryType().isDynamicDim(dim))
    // As `getObstacle` does where the number of queries is static.
    launchEither(
        rewriter, op.getLoc(), arith::CmpIPredicate::uge,
        memref::DimOp::create(rewriter, op.getLoc(), op.getQuery(), dim),
        AttentionTiles::kRowsOfWarp, launchMany, launchFew);
  else
    launchMany();
  rewriter.eraseOp(op);
}
