//===- ScoreMath.h - Functions of scores ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_SCOREMATH_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_SCOREMATH_H

#include "../RopeToAffine/LaneValue.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

namespace mlir::rope {

/// By the instruction of the device, not by the polynomials of the CPU.
inline LaneValue emitNativeExp2(LaneValue x) {
  return x.emit<math::Exp2Op>(x.get());
}

/// e^(x - m). The difference comes first: log2(e) times a large score is not a
/// number of f32.
inline LaneValue emitWeight(LaneValue score, LaneValue largest) {
  return emitNativeExp2((score - largest) * llvm::numbers::log2e);
}

/// m, or 0 where no key has a weight yet: what exponents are relative to.
inline LaneValue emitBase(LaneValue largest) {
  return largest
      .compare(arith::CmpFPredicate::OEQ,
               -std::numeric_limits<double>::infinity())
      .select(largest.like(0.0), largest);
}

/// A sum of weighted values relative to a new maximum: `factor` is what the
/// weights in it are multiplied by. None of them is left where that is 0, which
/// times an infinity or a NaN would be NaN.
inline LaneValue emitRescaled(LaneValue sum, LaneValue factor) {
  return factor.compare(arith::CmpFPredicate::OEQ, 0.0)
      .select(sum.like(0.0), sum * factor);
}

/// sum / total, 0 where no key has a weight.
inline LaneValue emitQuotient(LaneValue sum, LaneValue total) {
  LaneValue quotient = sum.emit<arith::DivFOp>(sum.get(), total.get());
  return total.compare(arith::CmpFPredicate::OEQ, 0.0)
      .select(sum.like(0.0), quotient);
}

/// m + log l, -inf where no key has a weight.
inline LaneValue emitLogSumExp(LaneValue largest, LaneValue total) {
  LaneValue logarithm =
      largest + total.emit<math::Log2Op>(total.get()) * llvm::numbers::ln2;
  return total.compare(arith::CmpFPredicate::OEQ, 0.0)
      .select(total.like(-std::numeric_limits<double>::infinity()), logarithm);
}

/// tanh(x) = 1 - 2 / (e^(2 x) + 1), which cancels near 0: there the series, of
/// which the next term is below 2^-29 of the first.
inline LaneValue emitNativeTanh(LaneValue x) {
  LaneValue square = x * x;
  LaneValue series = square * (-17.0 / 315) + x.like(2.0 / 15);
  series = square * series + x.like(-1.0 / 3);
  series = x * (square * series) + x;
  LaneValue growth = emitNativeExp2(x * (2 * llvm::numbers::log2e));
  LaneValue quotient =
      x.emit<arith::DivFOp>(x.like(2.0).get(), (growth + x.like(1.0)).get());
  return x.emit<math::AbsFOp>(x.get())
      .compare(arith::CmpFPredicate::OLT, 0.125)
      .select(series, x.like(1.0) - quotient);
}

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_SCOREMATH_H
