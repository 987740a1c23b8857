//===- AttentionIndices.h - Where rows of an attention are ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONINDICES_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONINDICES_H

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::rope {

/// The leading indices of a row of queries, keys or values.
inline SmallVector<Value> getIndices(AttentionOp op, Value batch, Value head,
                                     Value sequence) {
  if (op.getLayout() == LayoutKind::BHSD)
    return {batch, head, sequence};
  return {batch, sequence, head};
}

/// The head of keys and values that `head` shares with those of its group.
inline Value getKvHead(ImplicitLocOpBuilder &builder, AttentionOp op,
                       Value head) {
  if (op.getGroupSize() == 1)
    return head;
  Value size = arith::ConstantIndexOp::create(builder, op.getGroupSize());
  return builder.createOrFold<arith::DivUIOp>(head, size);
}

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONINDICES_H
