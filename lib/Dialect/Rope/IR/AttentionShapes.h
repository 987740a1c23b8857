//===- AttentionShapes.h - Shapes that both attentions ask for --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_IR_ATTENTIONSHAPES_H
#define ROPE_LIB_DIALECT_ROPE_IR_ATTENTIONSHAPES_H

#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// Whether two sizes agree, as far as they are known.
inline bool mayBeEqual(int64_t lhs, int64_t rhs) {
  return ShapedType::isDynamic(lhs) || ShapedType::isDynamic(rhs) || lhs == rhs;
}

inline ShapedType shapedTypeOf(Value value) {
  return cast<ShapedType>(value.getType());
}

/// C1: ranks, static heads and lanes, one batch and one number of keys.
template <typename Op> LogicalResult verifyOperandShapes(Op op) {
  ShapedType query = op.getQueryType(), key = op.getKeyType(),
             value = op.getValueType();
  for (ShapedType type : {query, key, value}) {
    if (type.getRank() != 4)
      return op.emitOpError("(C1) query, key and value must have rank 4, got ")
             << type;
    for (int64_t dim : {op.getHeadDimension(), int64_t(3)})
      if (type.getDimSize(dim) <= 0)
        return op.emitOpError("(C1) the numbers of heads and of lanes must be "
                              "static and positive, got ")
               << type << " in layout " << stringifyLayoutKind(op.getLayout());
  }
  for (ShapedType type : {key, value})
    if (!mayBeEqual(type.getDimSize(0), query.getDimSize(0)))
      return op.emitOpError("(C1) query, key and value must agree on the batch "
                            "dimension, got ")
             << query << " and " << type;
  int64_t sequence = op.getSequenceDimension();
  if (!mayBeEqual(key.getDimSize(sequence), value.getDimSize(sequence)))
    return op.emitOpError("(C1) key and value must agree on the number of "
                          "keys, got ")
           << key << " and " << value << " in layout "
           << stringifyLayoutKind(op.getLayout());
  return success();
}

/// C2: query heads that share heads of keys and values.
template <typename Op> LogicalResult verifyGroups(Op op) {
  int64_t valueHeads = op.getValueType().getDimSize(op.getHeadDimension());
  if (op.getNumKvHeads() != valueHeads)
    return op.emitOpError("(C2) key and value must have one number of heads, "
                          "got ")
           << op.getNumKvHeads() << " and " << valueHeads;
  if (op.getNumHeads() % op.getNumKvHeads() != 0)
    return op.emitOpError("(C2) the number of query heads must be a multiple "
                          "of that of key heads, got ")
           << op.getNumHeads() << " and " << op.getNumKvHeads();
  return success();
}

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_IR_ATTENTIONSHAPES_H
