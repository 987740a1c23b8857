//===- Canonicalization.h - Parts of the ops' canonicalization --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#ifndef ROPE_LIB_DIALECT_ROPE_IR_CANONICALIZATION_H
#define ROPE_LIB_DIALECT_ROPE_IR_CANONICALIZATION_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::rope {

/// What a `tensor.cast` that forgets sizes was made from, or the value itself.
Value lookThroughCast(Value value);

/// rotate(copy of x) = rotate from x.
void populateRotateOfCopyPatterns(RewritePatternSet &patterns);

/// Rotations of constants by constants.
void populateRotateOfConstantPatterns(RewritePatternSet &patterns);

/// Rotations by sines that are negated or zero.
void populateRotateIdentityPatterns(RewritePatternSet &patterns);

/// Tables of pairs that no rotation turns.
void populateZeroFrequencyPatterns(RewritePatternSet &patterns);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_IR_CANONICALIZATION_H
