//===- RaiseTables.cpp - Tables of a proven rotation ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tables that a rotation takes: rope.sincos where they are proven to be
// cosine and sine of position times frequency, else what the program has.
//
//===----------------------------------------------------------------------===//

#include "RotationRaiser.h"

#include "Rope/Analysis/TrigEntry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace mlir::rope;

/// A table whose every entry is made from an entry of `table`: a structured op,
/// since ops on whole tensors do not bufferize.
static Value mapElements(OpBuilder &builder, Location loc, Value table,
                         function_ref<Value(OpBuilder &, Value)> makeEntry) {
  auto type = cast<RankedTensorType>(table.getType());
  AffineMap map = builder.getMultiDimIdentityMap(type.getRank());
  Value empty = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, table),
      type.getElementType());
  return linalg::GenericOp::create(
             builder, loc, TypeRange{type}, ValueRange{table},
             ValueRange{empty}, ArrayRef<AffineMap>{map, map},
             SmallVector<utils::IteratorType>(type.getRank(),
                                              utils::IteratorType::parallel),
             [&](OpBuilder &body, Location, ValueRange arguments) {
               linalg::YieldOp::create(body, loc,
                                       makeEntry(body, arguments[0]));
             })
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// Computed tables
//===----------------------------------------------------------------------===//

/// The frequencies by formula where one gives the same f32 numbers, else as a
/// table; null where they are none that the dialect has (infinite, tiny).
FrequenciesAttr RotationRaiser::nameFrequencies(ArrayRef<double> frequencies) {
  MLIRContext *context = builder.getContext();
  int64_t numPairs = frequencies.size();
  auto make = [&](double base, FrequencyScalingAttrInterface scaling) {
    // Not an error of the program: it only has no name here.
    ScopedDiagnosticHandler silent(context,
                                   [](Diagnostic &) { return success(); });
    auto emit = [&] { return emitError(UnknownLoc::get(context)); };
    return FrequenciesAttr::getChecked(function_ref<InFlightDiagnostic()>(emit),
                                       context, 2 * numPairs, APFloat(base),
                                       scaling);
  };
  auto hasValues = [&](FrequenciesAttr attr) {
    return llvm::all_of(
        llvm::zip_equal(attr.getRounded(APFloat::IEEEsingle()), frequencies),
        [](auto pair) {
          return std::get<0>(pair).convertToFloat() ==
                 static_cast<float>(std::get<1>(pair));
        });
  };
  // w_i = base^(-2i/dim) gives the base from the last frequency; models have
  // bases of few digits.
  double last = frequencies.back();
  if (numPairs > 1 && last > 0.0 && last < 1.0) {
    double exponent = -static_cast<double>(numPairs) / (numPairs - 1);
    double estimate = std::pow(last, exponent);
    double magnitude = std::pow(10.0, std::floor(std::log10(estimate)) - 3);
    double base = std::round(estimate / magnitude) * magnitude;
    if (base > 1.0) {
      FrequenciesAttr attr = make(base, DefaultScalingAttr::get(context));
      if (attr && hasValues(attr))
        return attr;
    }
  }
  SmallVector<float> values(frequencies.begin(), frequencies.end());
  auto type = RankedTensorType::get({numPairs}, builder.getF32Type());
  auto table = cast<DenseFPElementsAttr>(
      DenseElementsAttr::get(type, ArrayRef<float>(values)));
  return make(FrequenciesAttr::kDefaultBase,
              TableScalingAttr::get(context, table));
}

/// The leading dimensions that positions depend on; those that index a tensor
/// of positions in order, with dimensions of one element among them, if there
/// is one.
static SmallVector<int64_t> getPositionDims(LaneEvaluator &evaluator,
                                            IndexId position,
                                            ArrayRef<LeadingDim> leadingDims) {
  IndexContext &indices = evaluator.getIndices();
  const IndexAtom *atom = indices.getAsAtom(position);
  if (atom && atom->kind == IndexAtom::Kind::Data &&
      isa<RankedTensorType>(atom->value.getType())) {
    SmallVector<int64_t> inOrder;
    SmallVector<IndexId> operands(atom->operands.begin(), atom->operands.end());
    Value value = atom->value;
    for (auto [dim, leading] : llvm::enumerate(leadingDims)) {
      size_t next = inOrder.size();
      if (next < operands.size() &&
          operands[next] == indices.getSymbol(leading.symbol, leading.size) &&
          evaluator.getSize(value, next) == leading.size)
        inOrder.push_back(dim);
    }
    if (inOrder.size() == operands.size())
      return inOrder;
  }
  SmallVector<int64_t> used;
  uint64_t symbols = indices.getSymbols(position);
  for (auto [dim, leading] : llvm::enumerate(leadingDims))
    if (symbols >> leading.symbol & 1)
      used.push_back(dim);
  return used;
}

/// rope.sincos for tables whose every entry is a cosine or a sine of a position
/// times a frequency in f32, of the same position in all lanes.
std::optional<RotationRaiser::Tables>
RotationRaiser::makeAngleTables(LaneMaterializer &materializer,
                                const RotationCandidate &candidate,
                                const RotationMatch &match) {
  LaneExprContext &exprs = evaluator.getExprs();
  if (!accuracy || !match.hasPairTables)
    return std::nullopt;
  std::optional<IndexId> position;
  SmallVector<double> frequencies;
  double scale = match.pairs.front().cosFirst.coefficient;
  double sinScale = match.pairs.front().sinFirst.coefficient;
  Type tableType;
  for (const RotationPair &pair : match.pairs) {
    const LaneTerm &cosTerm = pair.cosFirst, &sinTerm = pair.sinFirst;
    if (cosTerm.factors.size() != 1 || sinTerm.factors.size() != 1 ||
        cosTerm.coefficient != scale || sinTerm.coefficient != sinScale)
      return std::nullopt;
    std::optional<TrigEntry> cos = getTrigEntry(exprs, cosTerm.factors[0]);
    std::optional<TrigEntry> sin = getTrigEntry(exprs, sinTerm.factors[0]);
    if (!cos || !sin || cos->kind != TrigEntry::Kind::Cos ||
        sin->kind != TrigEntry::Kind::Sin || !cos->type.isF32())
      return std::nullopt;
    // One conversion to a narrower type is what rope.sincos does itself.
    if (cos->wrappers.size() > 1)
      return std::nullopt;
    Type entryType = cos->type;
    if (!cos->wrappers.empty()) {
      const LaneExpr &wrapper = exprs.get(cos->wrappers.front());
      if (wrapper.name != "arith.truncf")
        return std::nullopt;
      entryType = wrapper.type;
    }
    if (tableType && tableType != entryType)
      return std::nullopt;
    tableType = entryType;
    std::optional<PositionAngle> angle = getPositionAngle(exprs, cos->angle);
    if (!angle || (position && *position != angle->position))
      return std::nullopt;
    position = angle->position;
    frequencies.push_back(angle->frequency);
  }
  if (std::abs(scale) != std::abs(sinScale) || scale < 0.0)
    return std::nullopt;
  // A factor that is applied in a wider type than the tables have.
  if (scale != 1.0 && match.pairs.front().cosFirst.type != tableType)
    return std::nullopt;

  Tables tables;
  tables.inverse = sinScale < 0.0;
  tables.along = getPositionDims(evaluator, *position, candidate.leadingDims);
  SmallVector<LeadingDim> dims;
  for (int64_t dim : tables.along)
    dims.push_back(candidate.leadingDims[dim]);
  FrequenciesAttr named = nameFrequencies(frequencies);
  if (!named)
    return std::nullopt;
  Operation *anchor = candidate.anchor;
  SinCosOp sincos;
  for (const SinCos &known : sincosOps)
    if (known.position == *position && known.frequencies == named &&
        known.elementType == tableType &&
        dominance.properlyDominates(known.op, anchor))
      sincos = known.op;
  if (!sincos) {
    Value positions = materializer.makePositions(*position, dims);
    if (!positions)
      return std::nullopt;
    sincos = SinCosOp::create(builder, anchor->getLoc(), positions, tableType,
                              named, *accuracy);
    sincosOps.push_back({*position, named, tableType, sincos});
  }
  tables.cos = sincos.getCos();
  tables.sin = sincos.getSin();
  if (scale == 1.0)
    return tables;

  // An attention factor, with the rounding that the program gives it.
  Location loc = anchor->getLoc();
  auto makeScaled = [&](Value table) {
    Value factor = arith::ConstantOp::create(
        builder, loc, builder.getFloatAttr(tableType, scale));
    return mapElements(builder, loc, table, [&](OpBuilder &body, Value entry) {
      return arith::MulFOp::create(body, loc, entry, factor);
    });
  };
  tables.cos = makeScaled(tables.cos);
  tables.sin = makeScaled(tables.sin);
  return tables;
}

//===----------------------------------------------------------------------===//
// Given tables
//===----------------------------------------------------------------------===//

/// An SSA tensor that holds, for every lane, a multiple of the product of its
/// factors, by the cheapest access.
std::optional<LaneSource>
RotationRaiser::nameFactors(ArrayRef<SmallVector<ExprId, 4>> lanes,
                            ArrayRef<LeadingDim> dims, Type productType,
                            SmallVectorImpl<double> &coefficients,
                            LaneMaterializer &materializer) {
  IndexContext &indices = evaluator.getIndices();
  std::optional<LaneSource> found;
  SmallVector<NamedElement> seeds = matcher.getNames().lookup(lanes.front());
  for (const NamedElement &seed : llvm::reverse(seeds)) {
    Type elementType = getElementTypeOrSelf(seed.value.getType());
    if (lanes.front().size() > 1 && elementType != productType)
      continue;
    LaneSource source{seed.value, seed.part, {}};
    SmallVector<double> multiples;
    SmallVector<IndexId> seedList(evaluator.getIndexList(seed.indexList));
    for (ArrayRef<ExprId> factors : lanes) {
      for (const NamedElement &element : matcher.getNames().lookup(factors)) {
        if (element.value != seed.value || element.part != seed.part)
          continue;
        if (!llvm::all_of(
                llvm::zip_equal(evaluator.getIndexList(element.indexList),
                                seedList),
                [&](auto pair) {
                  return indices.getConstantDifference(std::get<0>(pair),
                                                       std::get<1>(pair));
                }))
          continue;
        source.indexLists.push_back(element.indexList);
        multiples.push_back(element.coefficient);
        break;
      }
    }
    if (source.indexLists.size() != lanes.size())
      continue;
    if (auto complexType = dyn_cast<ComplexType>(elementType))
      elementType = complexType.getElementType();
    // A view is best; of other accesses the first serves.
    Operation *last = builder.getInsertionPoint()->getPrevNode();
    Value view = materializer.makeView(source, dims, elementType);
    while (Operation *made = builder.getInsertionPoint()->getPrevNode()) {
      if (made == last)
        break;
      made->erase();
    }
    if (found && !view)
      continue;
    found = source;
    coefficients.assign(multiples.begin(), multiples.end());
    if (view)
      break;
  }
  return found;
}

Value RotationRaiser::makeTable(LaneMaterializer &materializer,
                                ArrayRef<LaneTerm> entries,
                                ArrayRef<LeadingDim> dims, Type elementType,
                                bool &negated) {
  negated = false;
  SmallVector<double> coefficients;
  SmallVector<SmallVector<ExprId, 4>> factors;
  Type productType;
  for (const LaneTerm &entry : entries) {
    coefficients.push_back(entry.coefficient);
    factors.push_back(entry.factors);
    productType = entry.type;
  }
  bool sameCount = llvm::all_of(factors, [&](ArrayRef<ExprId> lane) {
    return lane.size() == factors.front().size();
  });
  if (!sameCount)
    return {};

  // Numbers only.
  if (factors.front().empty())
    return materializer.makeProduct({}, coefficients, dims, elementType);
  // Constant columns.
  if (factors.front().size() == 1) {
    SmallVector<ExprId> columns;
    for (ArrayRef<ExprId> lane : factors)
      columns.push_back(lane.front());
    if (Value table =
            materializer.makeColumns(columns, coefficients, dims, elementType))
      return table;
  }
  // One tensor that holds the whole product.
  SmallVector<double> multiples;
  if (std::optional<LaneSource> source =
          nameFactors(factors, dims, productType, multiples, materializer)) {
    for (auto [coefficient, multiple] :
         llvm::zip_equal(coefficients, multiples))
      coefficient /= multiple;
    auto allAre = [&](double value) {
      return llvm::all_of(coefficients, [&](double c) { return c == value; });
    };
    negated = allAre(-1.0);
    if (negated || allAre(1.0))
      return materializer.makeLanes(*source, dims, elementType);
    return materializer.makeProduct(*source, coefficients, dims, elementType);
  }
  // A tensor for each factor, in the order of the first lane.
  SmallVector<LaneSource> sources;
  for (size_t i = 0; i < factors.front().size(); ++i) {
    SmallVector<SmallVector<ExprId, 4>> single;
    for (ArrayRef<ExprId> lane : factors)
      single.push_back({lane[i]});
    std::optional<LaneSource> source =
        nameFactors(single, dims, productType, multiples, materializer);
    if (!source)
      return {};
    for (auto [coefficient, multiple] :
         llvm::zip_equal(coefficients, multiples))
      coefficient /= multiple;
    sources.push_back(std::move(*source));
  }
  return materializer.makeProduct(sources, coefficients, dims, elementType);
}

/// The widest element type among the tensors that hold factors of entries.
static Type getTableType(LaneExprContext &exprs, ArrayRef<LaneTerm> entries,
                         Type fallback) {
  Type widest;
  for (const LaneTerm &entry : entries)
    for (ExprId factor : entry.factors) {
      Type type = exprs.get(factor).type;
      if (!widest ||
          type.getIntOrFloatBitWidth() > widest.getIntOrFloatBitWidth() ||
          (type != widest &&
           type.getIntOrFloatBitWidth() == widest.getIntOrFloatBitWidth()))
        widest = !widest || type.getIntOrFloatBitWidth() >
                                widest.getIntOrFloatBitWidth()
                     ? type
                     : Float32Type::get(type.getContext());
    }
  return widest ? widest : fallback;
}

std::optional<RotationRaiser::Tables>
RotationRaiser::makeTables(LaneMaterializer &materializer,
                           const RotationCandidate &candidate,
                           const RotationMatch &match, const Layout &layout,
                           PairingKind sourcePairing) {
  if (std::optional<Tables> tables =
          makeAngleTables(materializer, candidate, match))
    return tables;

  // One entry a pair, or one a lane, which stands where the source has the
  // lane.
  LaneExprContext &exprs = evaluator.getExprs();
  SmallVector<LaneTerm> cos, sin;
  if (match.hasPairTables) {
    for (const RotationPair &pair : match.pairs) {
      cos.push_back(pair.cosFirst);
      sin.push_back(pair.sinFirst);
    }
  } else {
    cos.resize(layout.rotaryDim);
    sin.resize(layout.rotaryDim);
    for (auto [i, pair] : llvm::enumerate(match.pairs)) {
      auto [first, second] = RotateOp::getPairLanes(sourcePairing, /*offset=*/0,
                                                    layout.rotaryDim, i);
      cos[first] = pair.cosFirst;
      cos[second] = pair.cosSecond;
      sin[first] = pair.sinFirst;
      sin[second] = pair.sinSecond;
    }
  }
  Tables tables;
  uint64_t symbols = 0;
  for (ArrayRef<LaneTerm> entries : {ArrayRef(cos), ArrayRef(sin)})
    for (const LaneTerm &entry : entries)
      for (ExprId factor : entry.factors)
        symbols |= exprs.getSymbols(factor);
  SmallVector<LeadingDim> dims;
  for (auto [index, dim] : llvm::enumerate(candidate.leadingDims))
    if (symbols >> dim.symbol & 1) {
      tables.along.push_back(index);
      dims.push_back(dim);
    }
  SmallVector<LaneTerm> all(cos);
  llvm::append_range(all, sin);
  Type elementType = getTableType(exprs, all, candidate.elementType);
  bool cosNegated = false, sinNegated = false;
  tables.cos = makeTable(materializer, cos, dims, elementType, cosNegated);
  tables.sin = makeTable(materializer, sin, dims, elementType, sinNegated);
  // R(-c, s) has no spelling but a negated table.
  if (!tables.cos || !tables.sin)
    return std::nullopt;
  if (cosNegated) {
    Location loc = candidate.anchor->getLoc();
    tables.cos = mapElements(builder, loc, tables.cos,
                             [&](OpBuilder &body, Value entry) {
                               return arith::NegFOp::create(body, loc, entry);
                             });
  }
  tables.inverse = sinNegated;
  return tables;
}
