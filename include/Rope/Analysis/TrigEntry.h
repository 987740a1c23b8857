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

  /// What is done to a cosine or a sine.
  struct Wrapper {
    enum class Kind { Scale, Round, Mask } kind;
    /// In which a product is computed, or to which a number is rounded.
    Type type;
    double factor = 1.0;
    /// The condition and the constant beside the entry.
    IndexId condition = 0;
    ExprId other = 0;

    bool operator==(const Wrapper &wrapper) const {
      return kind == wrapper.kind && type == wrapper.type &&
             factor == wrapper.factor && condition == wrapper.condition &&
             other == wrapper.other;
    }
  };
  /// From the inside to the outside.
  SmallVector<Wrapper, 2> wrappers;
  /// Whether the entry is written as the other function of an angle that is a
  /// quarter turn away, as sin(x + pi/2). That sum rounds: the numbers are not
  /// those of `kind` of `angle`.
  bool isShifted = false;
  /// Of the entry: sin(x - pi/2) = -cos(x).
  double sign = 1.0;
};

/// None where the entry is not of this form.
std::optional<TrigEntry> getTrigEntry(const LaneExprContext &exprs, ExprId id);

/// The only factor of a product in which a cosine or a sine stands.
std::optional<ExprId> getTrigFactor(LaneExprContext &exprs,
                                    ArrayRef<ExprId> factors);

/// The angle of an integer position: how it is computed and at what frequency.
struct PositionAngle {
  enum class Form {
    Product,  ///< fl(fl(position) * frequency) in f32
    Quotient, ///< fl(fl(position) / fl(1 / frequency)) in f32
    Wide,     ///< either in f64
  } form;
  IndexId position;
  double frequency;
};

/// None where the angle is not exactly of one of these forms.
std::optional<PositionAngle> getPositionAngle(const LaneExprContext &exprs,
                                              IndexContext &indices,
                                              ExprId angle);

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_TRIGENTRY_H
