//===- FeatureMapToLinalg.h - Features of queries and keys ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOLINALG_FEATUREMAPTOLINALG_H
#define ROPE_LIB_CONVERSION_ROPETOLINALG_FEATUREMAPTOLINALG_H

#include "ShapedEmitter.h"

namespace mlir::rope {
class LinearAttentionOp;

/// phi of every row of `input`, a query or key of the op, in the type of the
/// computation.
Value emitFeatures(ShapedEmitter &emitter, LinearAttentionOp op, Value input);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOLINALG_FEATUREMAPTOLINALG_H
