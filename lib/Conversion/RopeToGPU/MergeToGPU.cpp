//===- MergeToGPU.cpp - rope.merge as kernels -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread an entry of the output, then one a row for the log-sum-exp, which
// may be written in place of one that all threads of the first kernel read.
//
//===----------------------------------------------------------------------===//

#include "OpsToGPU.h"

#include "DeviceBuffer.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace mlir::rope;

std::optional<std::string> rope::getMergeToGPUObstacle(MergeOp op) {
  for (ShapedType type : {op.getPartialType(), op.getLseType()})
    if (type.getElementType().isF64())
      return "a merge in f64 has no kernel";
  return std::nullopt;
}

namespace {
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The log-sum-exps of two partials as weights of a row.
class RowWeights {
public:
  RowWeights(KernelBuilder &kernel, MergeOp op)
      : kernel(kernel), lhs(kernel, op.getLhsLse(), 1),
        rhs(kernel, op.getRhsLse(), 1) {}

  struct Weights {
    LaneValue lhsLse, rhsLse, lhs, rhs, sum;
    /// The larger lse, or zero where both are empty.
    LaneValue shift;
  };
  Weights load(ArrayRef<Value> row) {
    Weights weights;
    weights.lhsLse = loadLse(lhs, row);
    weights.rhsLse = loadLse(rhs, row);
    LaneValue larger = weights.lhsLse.emit<arith::MaximumFOp>(
        weights.lhsLse.get(), weights.rhsLse.get());
    weights.shift = isEmpty(larger).select(larger.like(0.0), larger);
    auto weigh = [&](LaneValue lse) {
      LaneValue exponent = (lse - weights.shift) * llvm::numbers::log2e;
      return exponent.emit<math::Exp2Op>(exponent.get());
    };
    weights.lhs = weigh(weights.lhsLse);
    weights.rhs = weigh(weights.rhsLse);
    weights.sum = weights.lhs + weights.rhs;
    return weights;
  }
  static LaneValue isEmpty(LaneValue lse) {
    return lse.compare(arith::CmpFPredicate::OEQ, -kInfinity);
  }

private:
  LaneValue loadLse(DeviceBuffer &lse, ArrayRef<Value> row) {
    return {kernel.getBuilder(), loadEntry(kernel, lse, row)};
  }

  KernelBuilder &kernel;
  DeviceBuffer lhs, rhs;
};

/// out = (w_a out_a + w_b out_b) / (w_a + w_b), without the terms of empty
/// partials.
class AverageEmitter {
public:
  AverageEmitter(KernelBuilder &kernel, MergeOp op)
      : kernel(kernel), op(op), rows(kernel, op), lhs(kernel, op.getLhs(), 1),
        rhs(kernel, op.getRhs(), 1), out(kernel, op.getOutput(), 1) {}

  void emit() {
    kernel.emitEntries(kernel.getSizes(op.getOutput()), [&](ArrayRef<Value>
                                                                indices) {
      RowWeights::Weights weights = rows.load(indices.drop_back());
      auto weigh = [&](DeviceBuffer &buffer, LaneValue lse, LaneValue weight) {
        LaneValue part(kernel.getBuilder(), loadEntry(kernel, buffer, indices));
        return RowWeights::isEmpty(lse).select(weight.like(0.0), weight * part);
      };
      LaneValue sum = weigh(lhs, weights.lhsLse, weights.lhs) +
                      weigh(rhs, weights.rhsLse, weights.rhs);
      LaneValue average = sum.emit<arith::DivFOp>(sum.get(), weights.sum.get());
      LaneValue result = weights.sum.compare(arith::CmpFPredicate::OEQ, 0.0)
                             .select(sum.like(0.0), average);
      storeEntry(kernel, out, indices, result.get());
    });
  }

private:
  KernelBuilder &kernel;
  MergeOp op;
  RowWeights rows;
  DeviceBuffer lhs, rhs, out;
};

/// lse = m + log(w_a + w_b), and log(0) = -inf where both are empty.
class LogSumExpEmitter {
public:
  LogSumExpEmitter(KernelBuilder &kernel, MergeOp op)
      : kernel(kernel), op(op), rows(kernel, op),
        lse(kernel, op.getLseOutput(), 1) {}

  void emit() {
    kernel.emitEntries(
        kernel.getSizes(op.getLseOutput()), [&](ArrayRef<Value> row) {
          RowWeights::Weights weights = rows.load(row);
          LaneValue logarithm =
              weights.sum.emit<math::Log2Op>(weights.sum.get()) *
              llvm::numbers::ln2;
          LaneValue sum = weights.shift + logarithm;
          LaneValue result = weights.sum.compare(arith::CmpFPredicate::OEQ, 0.0)
                                 .select(sum.like(-kInfinity), sum);
          storeEntry(kernel, lse, row, result.get());
        });
  }

private:
  KernelBuilder &kernel;
  MergeOp op;
  RowWeights rows;
  DeviceBuffer lse;
};
} // namespace

void rope::lowerMerge(RewriterBase &rewriter, gpu::GPUModuleOp module,
                      MergeOp op, const GpuModel &model) {
  rewriter.setInsertionPoint(op);
  if (op.getPartialType().getShape().back() != 0)
    launchKernel<AverageEmitter>(rewriter, op.getLoc(), module, "merge", op,
                                 model);
  launchKernel<LogSumExpEmitter>(rewriter, op.getLoc(), module, "merge_lse", op,
                                 model);
  rewriter.eraseOp(op);
}
