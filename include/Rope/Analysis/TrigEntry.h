//===- TrigEntry.h - Entries of computed cos/sin tables ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an entry of a table says of its angle, and the angle of its position.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_TRIGENTRY_H
#define ROPE_ANALYSIS_TRIGENTRY_H

#include "Rope/Analysis/LaneExpr.h"

namespace mlir::rope {

/// cos or sin of an angle, behind scalings by constants, conversions to a
/// narrower type and selections by a mask.
struct TrigEntry {
  enum class Kind { Cos, Sin } kind;
  ExprId angle;
  /// The type in which cosine and sine are computed.
  Type type;
  /// What is done to cos or sin, from the outside to the inside: ids of the
  /// expressions, and what tells whether two entries are treated alike.
  SmallVector<ExprId, 2> wrappers;
  SmallVector<uint64_t, 4> wrapperKeys;
};

/// None where the entry is not of this form.
std::optional<TrigEntry> getTrigEntry(const LaneExprContext &exprs, ExprId id);

/// angle = fl(position) * frequency, computed in f32.
struct PositionAngle {
  IndexId position;
  double frequency;
};

/// None where the angle is not exactly of this form.
std::optional<PositionAngle> getPositionAngle(const LaneExprContext &exprs,
                                              ExprId angle);

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_TRIGENTRY_H
