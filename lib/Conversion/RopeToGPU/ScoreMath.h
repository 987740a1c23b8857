//===- ScoreMath.h - Functions of scores ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_SCOREMATH_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_SCOREMATH_H

#include "../RopeToAffine/LaneValue.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::rope {

/// By the instruction of the device, not by the polynomials of the CPU.
inline LaneValue emitNativeExp2(LaneValue x) {
  return x.emit<math::Exp2Op>(x.get());
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
