//===- FrequenciesAttr.cpp - The frequencies of an embedding --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Syntax, verification and exact values of `#rope.frequencies`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/SmallSet.h"

using namespace mlir;
using namespace mlir::rope;

ExactReal BaseStretch::at(int64_t sequenceLength) const {
  int64_t beyond = std::max<int64_t>(sequenceLength - trainedLength, 0);
  return ExactReal(1) + slope * ExactReal(beyond);
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

/// [n, ...] or, where they are not contiguous, their kind in front.
static ParseResult parseSections(AsmParser &parser, SectionKind &kind,
                                 SmallVectorImpl<int64_t> &sections) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalKeyword(&keyword))) {
    std::optional<SectionKind> symbol = symbolizeSectionKind(keyword);
    if (!symbol)
      return parser.emitError(loc, "expected sections to be one of: "
                                   "contiguous, interleaved, axial, got ")
             << keyword;
    kind = *symbol;
  }
  loc = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parser.parseInteger(sections.emplace_back());
      }))
    return failure();
  if (sections.empty())
    return parser.emitError(loc, "(C4) sections need at least one entry");
  return success();
}

Attribute FrequenciesAttr::parse(AsmParser &parser, Type) {
  int64_t dim;
  double base = kDefaultBase;
  FrequencyScalingAttrInterface scaling =
      DefaultScalingAttr::get(parser.getContext());
  SectionKind kind = SectionKind::Contiguous;
  SmallVector<int64_t> sections;
  std::optional<int64_t> sequenceLength;
  if (parser.parseLess() || parser.parseKeyword("dim") || parser.parseEqual() ||
      parser.parseInteger(dim))
    return {};
  llvm::SmallSet<StringRef, 4> seen;
  while (succeeded(parser.parseOptionalComma())) {
    StringRef name;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&name))
      return {};
    if (!seen.insert(name).second) {
      parser.emitError(loc, "parameter '") << name << "' is given twice";
      return {};
    }
    if (parser.parseEqual())
      return {};
    ParseResult result = success();
    if (name == "base") {
      result = parser.parseFloat(base);
    } else if (name == "scaling") {
      result = parser.parseAttribute(scaling);
    } else if (name == "sections") {
      result = parseSections(parser, kind, sections);
    } else if (name == "sequence_length") {
      result = parser.parseInteger(sequenceLength.emplace());
    } else {
      result = parser.emitError(loc, "unknown parameter '")
               << name
               << "', expected one of: base, scaling, sections, "
                  "sequence_length";
    }
    if (failed(result))
      return {};
  }
  if (parser.parseGreater())
    return {};
  auto emitError = [&] { return parser.emitError(parser.getNameLoc()); };
  return getChecked(function_ref<InFlightDiagnostic()>(emitError),
                    parser.getContext(), dim, APFloat(base), scaling,
                    ArrayRef<int64_t>(sections), kind, sequenceLength);
}

void FrequenciesAttr::print(AsmPrinter &printer) const {
  printer << "<dim = " << getDim();
  if (!isa<TableScalingAttr>(getScaling())) {
    printer << ", base = ";
    printer.printFloat(getBase());
  }
  if (!isa<DefaultScalingAttr>(getScaling()))
    printer << ", scaling = " << getScaling();
  if (hasAxes()) {
    printer << ", sections = ";
    if (getSectionKind() != SectionKind::Contiguous)
      printer << getSectionKind() << " ";
    printer << "[";
    llvm::interleaveComma(getSections(), printer);
    printer << "]";
  }
  if (getSequenceLength())
    printer << ", sequence_length = " << *getSequenceLength();
  printer << ">";
}

//===----------------------------------------------------------------------===//
// Verification
//===----------------------------------------------------------------------===//

/// C4
static LogicalResult
verifySections(function_ref<InFlightDiagnostic()> emitError, int64_t dim,
               ArrayRef<int64_t> sections, SectionKind kind) {
  if (sections.empty())
    return success();
  int64_t sum = 0, numAxes = sections.size();
  for (auto [axis, section] : llvm::enumerate(sections)) {
    if (section <= 0 || section > dim / 2)
      return emitError() << "(C4) sections must be in [1, dim/2 = " << dim / 2
                         << "], got " << section << " for axis " << axis;
    sum += section;
    int64_t last = numAxes * (section - 1) + int64_t(axis);
    if (kind == SectionKind::Interleaved && axis && last >= dim / 2)
      return emitError() << "(C4) interleaved sections put the last of "
                         << section << " frequencies of axis " << axis << " at "
                         << last << ", it must be below dim/2 = " << dim / 2;
  }
  if (sum != dim / 2)
    return emitError() << "(C4) sections must sum to dim/2 = " << dim / 2
                       << ", got " << sum;
  return success();
}

LogicalResult FrequenciesAttr::verify(
    function_ref<InFlightDiagnostic()> emitError, int64_t dim, APFloat base,
    FrequencyScalingAttrInterface scaling, ArrayRef<int64_t> sections,
    SectionKind kind, std::optional<int64_t> sequenceLength) {
  // C1
  if (dim <= 0 || dim % 2)
    return emitError() << "(C1) dim must be even and positive, got " << dim;
  if (dim > kMaxDim)
    return emitError() << "(C1) dim must be at most " << kMaxDim << ", got "
                       << dim;
  // C2
  double baseValue = base.convertToDouble();
  if (!(baseValue > 1.0 && baseValue <= 0x1p64))
    return emitError() << "(C2) base must be greater than 1 and at most 2^64, "
                       << "got " << baseValue;
  // C4
  if (failed(verifySections(emitError, dim, sections, kind)))
    return failure();
  // C3
  if (kind == SectionKind::Axial && !sections.empty()) {
    for (int64_t section : sections)
      if (failed(scaling.verifyScaling(emitError, 2 * section, baseValue)))
        return failure();
  } else if (failed(scaling.verifyScaling(emitError, dim, baseValue))) {
    return failure();
  }
  // C5
  if (!sequenceLength)
    return success();
  if (!scaling.dependsOnSequenceLength())
    return emitError() << "(C5) sequence_length = " << *sequenceLength
                       << " has no meaning beside a scaling that does not "
                          "depend on it";
  if (*sequenceLength < 1 || *sequenceLength > INT32_MAX)
    return emitError() << "(C5) sequence_length must be in [1, 2^31), got "
                       << *sequenceLength;
  return success();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

SmallVector<int64_t> FrequenciesAttr::getAxes() const {
  SmallVector<int64_t> axes;
  if (getSectionKind() != SectionKind::Interleaved) {
    for (auto [axis, section] : llvm::enumerate(getSections()))
      axes.append(section, axis);
    axes.resize(getDim() / 2, 0);
    return axes;
  }
  int64_t numAxes = getSections().size();
  for (int64_t i = 0; i < getDim() / 2; ++i)
    axes.push_back(i < numAxes * getSections()[i % numAxes] ? i % numAxes : 0);
  return axes;
}

FrequenciesAttr
FrequenciesAttr::atSequenceLength(int64_t sequenceLength) const {
  return get(getContext(), getDim(), getBase(), getScaling(), getSections(),
             getSectionKind(), sequenceLength);
}

std::vector<FrequenciesAttr> FrequenciesAttr::getPieces() const {
  std::vector<FrequenciesAttr> pieces;
  SmallVector<int64_t> steps = getScaling().getSequenceLengthSteps();
  if (getSequenceLength() || steps.empty())
    return {*this};
  for (int64_t step : steps)
    pieces.push_back(atSequenceLength(step));
  pieces.push_back(atSequenceLength(steps.back() + 1));
  return pieces;
}

bool FrequenciesAttr::dependsOnSequenceLength() const {
  return !getSequenceLength() && getScaling().dependsOnSequenceLength();
}

SmallVector<std::pair<int64_t, int64_t>> FrequenciesAttr::getSeries() const {
  if (!hasAxes() || getSectionKind() != SectionKind::Axial)
    return {{0, getDim()}};
  SmallVector<std::pair<int64_t, int64_t>> series;
  int64_t first = 0;
  for (int64_t section : getSections()) {
    series.push_back({first, 2 * section});
    first += section;
  }
  return series;
}

SmallVector<ExactReal> FrequenciesAttr::getExact() const {
  SmallVector<ExactReal> frequencies;
  for (auto [first, dim] : getSeries())
    frequencies.append(getScaling().computeFrequencies(
        dim, getBase().convertToDouble(), getSequenceLength()));
  return frequencies;
}

SmallVector<APFloat>
FrequenciesAttr::getRounded(const llvm::fltSemantics &semantics) const {
  return llvm::map_to_vector(getExact(), [&](const ExactReal &frequency) {
    return frequency.round(semantics);
  });
}

SmallVector<APFloat> FrequenciesAttr::getTimescales() const {
  const llvm::fltSemantics &single = APFloat::IEEEsingle();
  return llvm::map_to_vector(getExact(), [&](const ExactReal &frequency) {
    return frequency.isZero() ? APFloat::getInf(single)
                              : (ExactReal(1) / frequency).round(single);
  });
}

SmallVector<ExactReal> FrequenciesAttr::getTurns() const {
  ExactReal turn = ExactReal::pi().scaleByPowerOfTwo(1);
  return llvm::map_to_vector(
      getExact(), [&](const ExactReal &frequency) { return frequency / turn; });
}

ExactReal FrequenciesAttr::getAttentionFactor() const {
  return getScaling().computeAttentionFactor(
      getDim(), getBase().convertToDouble(), getSequenceLength());
}

SmallVector<ExactReal> FrequenciesAttr::getGrowth() const {
  SmallVector<ExactReal> growth;
  for (auto [first, dim] : getSeries())
    growth.append(getScaling().computeGrowth(dim));
  return growth;
}

bool FrequenciesAttr::isPure() const {
  return getAttentionFactor() == ExactReal(1) && getGrowth().empty();
}
