//===- ScalingParameters.h - Parameters of frequency scalings ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Syntax and checks that the scalings share. Parameter names are those of
// Hugging Face `modeling_rope_utils`.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_IR_SCALINGPARAMETERS_H
#define ROPE_LIB_DIALECT_ROPE_IR_SCALINGPARAMETERS_H

#include "Rope/Dialect/Rope/IR/ExactReal.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OpImplementation.h"

namespace mlir::rope {

FailureOr<APFloat> parseReal(AsmParser &parser);
FailureOr<std::optional<APFloat>> parseOptionalReal(AsmParser &parser);
/// [1.0, ...]
FailureOr<DenseF64ArrayAttr> parseReals(AsmParser &parser);
void printReals(AsmPrinter &printer, DenseF64ArrayAttr values);
/// true or false
FailureOr<bool> parseFlag(AsmParser &parser);

/// A parameter without a default: its name, and where its value goes.
struct RequiredParameter {
  StringRef name;
  std::optional<APFloat> *real = nullptr;
  std::optional<int64_t> *integer = nullptr;
};
/// <name = value, ...>, each once, in any order.
ParseResult parseParameters(AsmParser &parser,
                            ArrayRef<RequiredParameter> parameters);
void printParameter(AsmPrinter &printer, StringRef name, const APFloat &value);

/// C3 for the parameters of one scaling: `emitError` is called for the first
/// one out of range.
class ParameterChecks {
public:
  ParameterChecks(function_ref<InFlightDiagnostic()> emitError,
                  StringRef scaling)
      : emitError(emitError), scaling(scaling) {}

  /// Whether `value` is in a range of reals, which is not so for NaN.
  LogicalResult checkFactor(StringRef name, double value); // [2^-64, 2^64]
  LogicalResult checkGrowth(StringRef name, double value); // [1, 2^64]
  LogicalResult checkStretch(StringRef name, double value, int64_t dim);
  LogicalResult checkLength(StringRef name, int64_t value, int64_t least);
  LogicalResult checkOptionalFactor(StringRef name,
                                    const std::optional<APFloat> &value);

  /// "(C3) <scaling> scaling needs <name> <what is allowed>, got <value>"
  template <typename T>
  LogicalResult fail(StringRef name, const Twine &allowed, const T &value) {
    return emitError() << "(C3) " << scaling << " scaling needs " << name << " "
                       << allowed << ", got " << value;
  }

private:
  function_ref<InFlightDiagnostic()> emitError;
  StringRef scaling;
};

/// w_i = base^(-2i/dim) stretch^(-2i/(dim-2)), i in [0, dim/2).
SmallVector<ExactReal> getGeometricSeries(int64_t dim, double base,
                                          const ExactReal &stretch = 1);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_IR_SCALINGPARAMETERS_H
