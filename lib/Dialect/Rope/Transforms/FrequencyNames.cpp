//===- FrequencyNames.cpp - Formulas of given frequencies -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parameters are numbers of few digits: they are estimated from some of the
// frequencies and rounded. Whether the formula then gives all of the
// frequencies is decided in exact arithmetic.
//
//===----------------------------------------------------------------------===//

#include "FrequencyNames.h"

#include <cmath>

using namespace mlir;
using namespace mlir::rope;

/// The number by which the position is multiplied or divided.
static APFloat roundFrequency(const ExactReal &frequency,
                              PositionAngle::Form form) {
  if (form == PositionAngle::Form::Wide)
    return frequency.round(APFloat::IEEEdouble());
  if (form == PositionAngle::Form::Product || frequency.isZero())
    return frequency.round(APFloat::IEEEsingle());
  return (ExactReal(1) / frequency).round(APFloat::IEEEsingle());
}

static double roundToDigits(double value, int digits) {
  if (!(value > 0.0) || !std::isfinite(value))
    return 0.0;
  double unit = std::pow(10.0, std::floor(std::log10(value)) + 1 - digits);
  // 10^-3 is no double, 10^3 is.
  return unit < 1.0 ? std::round(value / unit) / std::round(1.0 / unit)
                    : std::round(value / unit) * std::round(unit);
}

namespace {
/// Looks for the formula of one list of frequencies.
class FormulaSearch {
public:
  FormulaSearch(MLIRContext *context, ArrayRef<double> frequencies,
                PositionAngle::Form form, const PositionAxes &axes)
      : context(context), frequencies(frequencies), form(form), axes(axes) {}

  FrequenciesAttr find();
  FrequenciesAttr makeTable();

private:
  /// Null where a constraint of the attribute does not hold.
  FrequenciesAttr make(double base, FrequencyScalingAttrInterface scaling,
                       SectionKind kind) {
    // Not an error of the program: it only has no name here.
    ScopedDiagnosticHandler silent(context,
                                   [](Diagnostic &) { return success(); });
    auto emit = [&] { return emitError(UnknownLoc::get(context)); };
    return FrequenciesAttr::getChecked(
        function_ref<InFlightDiagnostic()>(emit), context,
        static_cast<int64_t>(2 * frequencies.size()), APFloat(base), scaling,
        ArrayRef<int64_t>(axes.sections), kind, std::optional<int64_t>());
  }
  /// The attribute if it gives the numbers of the program.
  FrequenciesAttr check(double base, FrequencyScalingAttrInterface scaling);
  FrequenciesAttr check(double base, FrequencyScalingAttrInterface scaling,
                        SectionKind kind);

  FrequenciesAttr findScaled(double base);
  FrequenciesAttr findRamp(double base, double factor);
  /// The base from frequency i of a series of as many pairs, w_0 being `first`.
  double getBase(size_t i, size_t numPairs, double first) const {
    return roundToDigits(
        std::pow(frequencies[i] / first, -static_cast<double>(numPairs) / i),
        /*digits=*/4);
  }
  double getDefault(double base, size_t i) const {
    return std::pow(base, -static_cast<double>(i) / frequencies.size());
  }

  MLIRContext *context;
  ArrayRef<double> frequencies;
  PositionAngle::Form form;
  const PositionAxes &axes;
};
} // namespace

FrequenciesAttr FormulaSearch::check(double base,
                                     FrequencyScalingAttrInterface scaling,
                                     SectionKind kind) {
  FrequenciesAttr attr = make(base, scaling, kind);
  if (!attr)
    return {};
  for (auto [exact, frequency] : llvm::zip_equal(attr.getExact(), frequencies))
    if (roundFrequency(exact, form) !=
        roundFrequency(ExactReal(APFloat(frequency)), form))
      return {};
  return attr;
}

FrequenciesAttr FormulaSearch::check(double base,
                                     FrequencyScalingAttrInterface scaling) {
  return check(base, scaling, axes.kind);
}

/// Scalings with a ramp between frequencies that stay and those that are
/// divided; the length of the training follows from where the ramp begins.
FrequenciesAttr FormulaSearch::findRamp(double base, double factor) {
  const double pi = std::acos(-1.0), dim = 2.0 * frequencies.size();
  size_t begin = 0;
  while (begin < frequencies.size() &&
         std::abs(frequencies[begin] / getDefault(base, begin) - 1) < 1e-5)
    ++begin;
  if (begin == 0 || begin == frequencies.size())
    return {};
  APFloat one(1.0);
  for (int64_t length = 1024; length <= int64_t(1) << 20; length *= 2) {
    // Turns in the training of the last frequency that stays, and of the next.
    double turns = length * getDefault(base, begin - 1) / (2 * pi);
    double fewer = length * getDefault(base, begin) / (2 * pi);
    if (turns >= 4.0 && fewer < 4.0)
      if (FrequenciesAttr attr =
              check(base, Llama3ScalingAttr::get(context, APFloat(factor), one,
                                                 APFloat(4.0), length)))
        return attr;
    double first =
        dim * std::log(length / (2 * pi * 32.0)) / (2 * std::log(base));
    if (std::abs(std::floor(first) + 1.0 - static_cast<double>(begin)) <= 1.0)
      if (FrequenciesAttr attr = check(
              base, YarnScalingAttr::get(context, APFloat(factor), length,
                                         APFloat(32.0), one, /*truncate=*/true,
                                         std::nullopt, std::nullopt,
                                         /*attention_factor=*/one)))
        return attr;
  }
  return {};
}

/// Fast frequencies are those of `base`.
FrequenciesAttr FormulaSearch::findScaled(double base) {
  size_t last = frequencies.size() - 1;
  double ratio = getDefault(base, last) / frequencies[last];
  double factor = roundToDigits(ratio, /*digits=*/4);
  if (factor <= 1.0 || std::abs(ratio / factor - 1) > 1e-4)
    return {};
  return findRamp(base, factor);
}

FrequenciesAttr FormulaSearch::find() {
  size_t numPairs = frequencies.size();
  if (numPairs < 2 || frequencies.front() <= 0.0 || frequencies[1] <= 0.0)
    return {};
  // Sections that are embeddings of their own.
  if (!axes.sections.empty() && axes.kind == SectionKind::Contiguous &&
      axes.sections.front() > 1) {
    size_t first = axes.sections.front();
    if (frequencies[first - 1] > 0.0)
      if (FrequenciesAttr attr =
              check(getBase(first - 1, first, 1.0),
                    DefaultScalingAttr::get(context), SectionKind::Axial))
        return attr;
  }
  size_t last = numPairs - 1;
  double first = frequencies.front();
  if (frequencies[last] > 0.0) {
    double base = getBase(last, numPairs, first);
    double factor = roundToDigits(1.0 / first, /*digits=*/4);
    FrequencyScalingAttrInterface scaling = DefaultScalingAttr::get(context);
    if (factor != 1.0)
      scaling = LinearScalingAttr::get(context, APFloat(factor));
    if (FrequenciesAttr attr = check(base, scaling))
      return attr;
    // RoFormer's base, stretched.
    double stretch = roundToDigits(
        getDefault(FrequenciesAttr::kDefaultBase, last) / frequencies[last], 4);
    if (first == 1.0 && stretch > 1.0)
      if (FrequenciesAttr attr =
              check(FrequenciesAttr::kDefaultBase,
                    NtkScalingAttr::get(context, APFloat(stretch))))
        return attr;
    if (first == 1.0)
      if (FrequenciesAttr attr = findScaled(getBase(1, numPairs, 1.0)))
        return attr;
    return {};
  }
  // Pairs at the end that stand still.
  size_t numMoving = llvm::find(frequencies, 0.0) - frequencies.begin();
  return check(getBase(numMoving - 1, numPairs, first),
               ProportionalScalingAttr::get(
                   context, APFloat(static_cast<double>(numMoving) / numPairs),
                   APFloat(roundToDigits(1.0 / first, /*digits=*/4))));
}

FrequenciesAttr FormulaSearch::makeTable() {
  int64_t numPairs = frequencies.size();
  DenseElementsAttr table;
  if (form == PositionAngle::Form::Product) {
    SmallVector<float> values(frequencies.begin(), frequencies.end());
    table = DenseElementsAttr::get(
        RankedTensorType::get({numPairs}, Float32Type::get(context)),
        ArrayRef<float>(values));
  } else {
    table = DenseElementsAttr::get(
        RankedTensorType::get({numPairs}, Float64Type::get(context)),
        frequencies);
  }
  return make(FrequenciesAttr::kDefaultBase,
              TableScalingAttr::get(context, cast<DenseFPElementsAttr>(table)),
              axes.kind);
}

FrequenciesAttr FrequencyNames::get(MLIRContext *context,
                                    ArrayRef<double> frequencies,
                                    PositionAngle::Form form,
                                    const PositionAxes &axes) {
  Key key{frequencies.vec(), form,
          std::vector<int64_t>(axes.sections.begin(), axes.sections.end()),
          axes.kind};
  auto [entry, isNew] = known.try_emplace(key);
  if (!isNew)
    return entry->second;
  FormulaSearch search(context, frequencies, form, axes);
  entry->second = search.find();
  if (!entry->second)
    entry->second = search.makeTable();
  return entry->second;
}
