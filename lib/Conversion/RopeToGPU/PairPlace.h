//===- PairPlace.h - Where a lane stands in its pair ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_PAIRPLACE_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_PAIRPLACE_H

#include "KernelBuilder.h"
#include "Rope/Dialect/Rope/IR/RopeDialect.h"

namespace mlir::rope {

/// The pair of a lane that is known at run time, counted from the first rotary
/// lane on.
struct PairPlace {
  PairPlace(KernelBuilder &kernel, PairingKind pairing, int64_t rotaryDim,
            Value lane);

  /// Whether the lane is the first of its pair.
  Value isFirst;
  /// The number of the pair, and its other lane.
  Value pair, partner;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_PAIRPLACE_H
