//===- AttentionMask.h - The mask of an attention ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONMASK_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONMASK_H

#include "DeviceBuffer.h"
#include "IntegerBuffer.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include <limits>

namespace mlir::rope {

/// Booleans that say which keys take part, or what is added to their scores.
class AttentionMask {
public:
  AttentionMask(KernelBuilder &kernel, AttentionOp op)
      : kernel(kernel),
        shape(cast<MemRefType>(op.getMask().getType()).getShape()) {
    Value mask = op.getMask();
    if (getElementTypeOrSelf(mask).isInteger(1))
      isTaken.emplace(kernel, mask);
    else
      bias.emplace(kernel, mask, 1);
  }

  /// The score of a key that there is a mask for.
  LaneValue emit(Value batch, Value head, Value query, Value key,
                 LaneValue score) {
    // Aligned from the right; what has one entry has it for all.
    SmallVector<Value> indices{batch, head, query, key};
    indices.erase(indices.begin(), indices.end() - shape.size());
    for (auto [index, size] : llvm::zip(indices, shape.drop_back()))
      if (size == 1)
        index = kernel.getConstant(0);
    LaneValue excluded = score.like(-kInfinity);
    if (isTaken) {
      LaneValue takesPart(kernel.getBuilder(), isTaken->load(indices));
      return takesPart.compare(arith::CmpIPredicate::ne, 0)
          .select(score, excluded);
    }
    // Not a sum where the bias is -inf: the score may be NaN or +inf.
    LaneValue summand =
        loadF32(kernel, *bias, bias->getRow(ArrayRef(indices).drop_back()),
                LaneIndex(key));
    return summand.compare(arith::CmpFPredicate::UNE, -kInfinity)
        .select(score + summand, excluded);
  }

private:
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  KernelBuilder &kernel;
  ArrayRef<int64_t> shape;
  std::optional<IntegerBuffer> isTaken;
  std::optional<DeviceBuffer> bias;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONMASK_H
