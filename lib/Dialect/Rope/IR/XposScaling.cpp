//===- XposScaling.cpp - Frequencies with growing amplitudes --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification and exact values of `#rope.xpos`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "ScalingParameters.h"

using namespace mlir;
using namespace mlir::rope;

LogicalResult
XposScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()> emitError,
                               int64_t, double) const {
  ParameterChecks checks(emitError, "xpos");
  double scaleBase = getScaleBase().convertToDouble();
  double gamma = getGamma().convertToDouble();
  if (!(scaleBase >= 8.0 && scaleBase <= 0x1p31))
    return checks.fail("scale_base", "in [8, 2^31]", scaleBase);
  if (!(gamma >= 0.0625 && gamma <= 65536.0))
    return checks.fail("gamma", "in [1/16, 65536]", gamma);
  return success();
}

SmallVector<ExactReal>
XposScalingAttr::computeFrequencies(int64_t dim, double base,
                                    std::optional<int64_t>) const {
  return getGeometricSeries(dim, base);
}

/// log2(zeta_i) / scale_base, zeta_i = (2i/dim + gamma) / (1 + gamma).
SmallVector<ExactReal> XposScalingAttr::computeGrowth(int64_t dim) const {
  ExactReal gamma(getGamma());
  ExactReal unit = ExactReal::ln2() * ExactReal(getScaleBase());
  if (getDownscale())
    unit = -unit;
  SmallVector<ExactReal> growth;
  for (int64_t i = 0; i < dim / 2; ++i) {
    ExactReal zeta =
        (ExactReal(2 * i) / ExactReal(dim) + gamma) / (ExactReal(1) + gamma);
    growth.push_back(zeta.ln() / unit);
  }
  return growth;
}
