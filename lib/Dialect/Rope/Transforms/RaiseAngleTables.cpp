//===- RaiseAngleTables.cpp - Tables of cosines and sines -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// rope.sincos for tables that are proven to be cosine and sine of position
// times frequency, and what the program does to these afterwards: conversions,
// an attention factor, scales that differ from entry to entry.
//
//===----------------------------------------------------------------------===//

#include "RotationRaiser.h"

#include "Rope/Analysis/TrigEntry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// What all entries of two tables have in common.
struct AngleEntries {
  PositionAngle::Form form;
  PositionAxes axes;
  SmallVector<double> frequencies;
  /// Of rope.sincos, and what is done to its results.
  Type elementType;
  SmallVector<TrigEntry::Wrapper, 2> wrappers;
  /// Of the products of entries, and their signs.
  double scale, sinScale;
  Type productType;
  /// What cosine and sine are multiplied with beside the source.
  SmallVector<LaneTerm> factors;
};
} // namespace

/// An entry of a pair that is not rotated at all: cosine one, sine zero.
static bool isIdentity(const RotationPair &pair) {
  return pair.cosFirst.factors.empty() && pair.cosFirst.coefficient == 1.0 &&
         pair.sinFirst.coefficient == 0.0;
}

/// With the position of a neighbour where there is none.
static SmallVector<IndexId>
completePositions(ArrayRef<std::optional<IndexId>> positions) {
  IndexId last = **llvm::find_if(
      positions, [](std::optional<IndexId> known) { return known; });
  return llvm::map_to_vector(positions, [&](std::optional<IndexId> known) {
    return last = known.value_or(last);
  });
}

/// The angle that computes the program's numbers, or the real one if that is
/// asked for.
static AccuracyKind getAngleAccuracy(AccuracyKind accuracy,
                                     PositionAngle::Form form) {
  if (accuracy == AccuracyKind::Exact || form == PositionAngle::Form::Wide)
    return AccuracyKind::Exact;
  return form == PositionAngle::Form::Quotient ? AccuracyKind::F32Quotient
                                               : AccuracyKind::F32Angle;
}

/// None where the entries are not cosine and sine of angles of positions; where
/// they are of other numbers, these are `kept`.
static std::optional<AngleEntries> getAngleEntries(LaneEvaluator &evaluator,
                                                   const RotationMatch &match,
                                                   AccuracyKind accuracy,
                                                   std::string &kept) {
  LaneExprContext &exprs = evaluator.getExprs();
  std::optional<AngleEntries> all;
  for (const RotationPair &pair : match.pairs) {
    if (isIdentity(pair))
      continue;
    const LaneTerm &cosTerm = pair.cosFirst, &sinTerm = pair.sinFirst;
    std::optional<ExprId> cosFactor = getTrigFactor(exprs, cosTerm.factors);
    std::optional<ExprId> sinFactor = getTrigFactor(exprs, sinTerm.factors);
    if (!cosFactor || !sinFactor)
      return std::nullopt;
    std::optional<TrigEntry> cos = getTrigEntry(exprs, *cosFactor);
    std::optional<TrigEntry> sin = getTrigEntry(exprs, *sinFactor);
    if (!cos || !sin || cos->kind != TrigEntry::Kind::Cos ||
        sin->kind != TrigEntry::Kind::Sin)
      return std::nullopt;
    std::optional<PositionAngle> angle =
        getPositionAngle(exprs, evaluator.getIndices(), cos->angle);
    bool isReal =
        angle && getAngleAccuracy(accuracy, angle->form) == AccuracyKind::Exact;
    if ((cos->isShifted || sin->isShifted) && !isReal) {
      kept = "the tables stay the program's numbers: a quarter turn that is "
             "added rounds the angle once more";
      return std::nullopt;
    }
    if (!angle)
      return std::nullopt;

    AngleEntries entry{angle->form,
                       {},
                       {},
                       cos->type,
                       cos->wrappers,
                       cosTerm.coefficient * cos->sign,
                       sinTerm.coefficient * sin->sign,
                       cosTerm.type,
                       {}};
    // One conversion to a narrower type is what rope.sincos does itself.
    if (!entry.wrappers.empty() &&
        entry.wrappers.front().kind == TrigEntry::Wrapper::Kind::Round) {
      entry.elementType = entry.wrappers.front().type;
      entry.wrappers.erase(entry.wrappers.begin());
    }
    // What f64 rounds to f32 is the angle's own cosine; what it keeps is not.
    if (cos->type.isF64() ? !entry.elementType.isF32() : !cos->type.isF32())
      return std::nullopt;
    if (llvm::any_of(entry.wrappers, [](const TrigEntry::Wrapper &wrapper) {
          return wrapper.kind == TrigEntry::Wrapper::Kind::Mask;
        }))
      return std::nullopt;
    if (!all)
      all = entry;
    // A division by a power of two is a product, too.
    bool sameForm =
        all->form == entry.form || (all->form != PositionAngle::Form::Wide &&
                                    entry.form != PositionAngle::Form::Wide);
    if (!sameForm || all->elementType != entry.elementType ||
        all->wrappers != entry.wrappers || all->scale != entry.scale ||
        all->sinScale != entry.sinScale)
      return std::nullopt;
    if (entry.form == PositionAngle::Form::Quotient)
      all->form = entry.form;
  }
  if (!all || std::abs(all->scale) != std::abs(all->sinScale) ||
      all->scale < 0.0)
    return std::nullopt;
  // A pair that is not rotated is at any position.
  SmallVector<std::optional<IndexId>> positions;
  for (const RotationPair &pair : match.pairs) {
    LaneTerm rest{1.0, {}, all->productType};
    if (isIdentity(pair)) {
      if (all->scale != 1.0 || !all->wrappers.empty())
        return std::nullopt;
      all->frequencies.push_back(0.0);
      positions.push_back(std::nullopt);
    } else {
      ExprId trig = *getTrigFactor(exprs, pair.cosFirst.factors);
      PositionAngle angle = *getPositionAngle(exprs, evaluator.getIndices(),
                                              getTrigEntry(exprs, trig)->angle);
      // A product with a number that is no power of two is no quotient.
      if (all->form == PositionAngle::Form::Quotient &&
          angle.form == PositionAngle::Form::Product &&
          APFloat(angle.frequency).getExactLog2Abs() == INT_MIN)
        return std::nullopt;
      all->frequencies.push_back(angle.frequency);
      positions.push_back(angle.position);
      for (ExprId factor : pair.cosFirst.factors)
        if (factor != trig)
          rest.factors.push_back(factor);
    }
    all->factors.push_back(std::move(rest));
  }
  if (llvm::all_of(all->factors,
                   [](const LaneTerm &rest) { return rest.factors.empty(); }))
    all->factors.clear();
  std::optional<PositionAxes> axes =
      getPositionAxes(evaluator, completePositions(positions));
  if (!axes)
    return std::nullopt;
  all->axes = std::move(*axes);
  return all;
}

/// rope.sincos of some positions, shared by all who need it.
SinCosOp RotationRaiser::getSinCos(LaneMaterializer &materializer,
                                   Operation *anchor, const PositionAxes &axes,
                                   ArrayRef<LeadingDim> dims, Type elementType,
                                   FrequenciesAttr frequencies,
                                   AccuracyKind angleAccuracy) {
  for (const SinCos &known : sincosOps)
    if (known.axes == axes && known.frequencies == frequencies &&
        known.elementType == elementType && known.accuracy == angleAccuracy &&
        dominance.properlyDominates(known.op, anchor))
      return known.op;
  Value positions =
      makePositions(materializer, builder, anchor->getLoc(), axes, dims);
  if (!positions)
    return {};
  auto sincos = SinCosOp::create(builder, anchor->getLoc(), positions,
                                 elementType, frequencies, angleAccuracy);
  sincosOps.push_back({axes, frequencies, elementType, angleAccuracy, sincos});
  return sincos;
}

/// The table after all that the program does to its entries: the wrappers, the
/// factor of all entries, and the entries of `factors`, if there are any, whose
/// dimensions are `factorsAlong`.
static Value applyFactors(OpBuilder &builder, Location loc, Value table,
                          ArrayRef<int64_t> along, const AngleEntries &entries,
                          Value factors, ArrayRef<int64_t> factorsAlong,
                          ArrayRef<int64_t> allAlong) {
  SmallVector<Value> inputs = {table};
  SmallVector<SmallVector<int64_t>> dims = {SmallVector<int64_t>(along)};
  if (factors) {
    inputs.push_back(factors);
    dims.push_back(SmallVector<int64_t>(factorsAlong));
  }
  int64_t rank = allAlong.size() + 1;
  SmallVector<OpFoldResult> sizes(rank);
  SmallVector<AffineMap> maps;
  for (auto [input, inputDims] : llvm::zip_equal(inputs, dims)) {
    SmallVector<AffineExpr> exprs;
    SmallVector<OpFoldResult> inputSizes =
        tensor::getMixedSizes(builder, loc, input);
    for (auto [dim, size] : llvm::zip(inputDims, inputSizes)) {
      int64_t position = llvm::find(allAlong, dim) - allAlong.begin();
      exprs.push_back(builder.getAffineDimExpr(position));
      sizes[position] = size;
    }
    exprs.push_back(builder.getAffineDimExpr(rank - 1));
    sizes.back() = inputSizes.back();
    maps.push_back(AffineMap::get(rank, 0, exprs, builder.getContext()));
  }
  Type type = entries.elementType;
  for (const TrigEntry::Wrapper &wrapper : entries.wrappers)
    type = wrapper.type;
  if (factors)
    type = entries.productType;
  Value empty = tensor::EmptyOp::create(builder, loc, sizes, type);
  maps.push_back(builder.getMultiDimIdentityMap(rank));
  auto widen = [](OpBuilder &body, Location loc, Value value, Type type) {
    if (value.getType() != type)
      value = arith::ExtFOp::create(body, loc, type, value);
    return value;
  };
  return linalg::GenericOp::create(
             builder, loc, TypeRange{empty.getType()}, inputs,
             ValueRange{empty}, maps,
             SmallVector<utils::IteratorType>(rank,
                                              utils::IteratorType::parallel),
             [&](OpBuilder &body, Location loc, ValueRange arguments) {
               Value entry = arguments[0];
               auto scale = [&](double factor) {
                 Value constant = arith::ConstantOp::create(
                     body, loc, body.getFloatAttr(entry.getType(), factor));
                 entry = arith::MulFOp::create(body, loc, entry, constant);
               };
               for (const TrigEntry::Wrapper &wrapper : entries.wrappers) {
                 if (wrapper.kind == TrigEntry::Wrapper::Kind::Round) {
                   entry =
                       arith::TruncFOp::create(body, loc, wrapper.type, entry);
                   continue;
                 }
                 entry = widen(body, loc, entry, wrapper.type);
                 scale(wrapper.factor);
               }
               if (entries.scale != 1.0)
                 scale(entries.scale);
               if (factors) {
                 entry = widen(body, loc, entry, entries.productType);
                 Value other =
                     widen(body, loc, arguments[1], entries.productType);
                 entry = arith::MulFOp::create(body, loc, entry, other);
               }
               linalg::YieldOp::create(body, loc, entry);
             })
      .getResult(0);
}

std::optional<RotationRaiser::Tables>
RotationRaiser::makeAngleTables(LaneMaterializer &materializer,
                                const RotationCandidate &candidate,
                                const RotationMatch &match) {
  if (!accuracy || !match.hasPairTables)
    return std::nullopt;
  std::optional<AngleEntries> entries =
      getAngleEntries(evaluator, match, *accuracy, keptTables);
  if (!entries)
    return std::nullopt;
  FrequenciesAttr named = frequencyNames.get(
      builder.getContext(), entries->frequencies, entries->form, entries->axes);
  if (!named)
    return std::nullopt;
  // A factor that is applied in a wider type than the tables have.
  Type entryType = entries->wrappers.empty() ? entries->elementType
                                             : entries->wrappers.back().type;
  if ((entries->scale != 1.0 && entries->productType != entryType) ||
      (!entries->factors.empty() &&
       entries->productType.getIntOrFloatBitWidth() <
           entryType.getIntOrFloatBitWidth()))
    return std::nullopt;

  Tables tables;
  tables.inverse = entries->sinScale < 0.0;
  tables.along =
      getPositionDims(evaluator, entries->axes, candidate.leadingDims);
  SmallVector<LeadingDim> dims;
  for (int64_t dim : tables.along)
    dims.push_back(candidate.leadingDims[dim]);
  Operation *anchor = candidate.anchor;
  SinCosOp sincos =
      getSinCos(materializer, anchor, entries->axes, dims, entries->elementType,
                named, getAngleAccuracy(*accuracy, entries->form));
  if (!sincos)
    return std::nullopt;
  tables.cos = sincos.getCos();
  tables.sin = sincos.getSin();
  if (entries->scale == 1.0 && entries->wrappers.empty() &&
      entries->factors.empty())
    return tables;

  // With the roundings that the program gives them.
  Value factors;
  SmallVector<int64_t> factorsAlong, allAlong(tables.along);
  if (!entries->factors.empty()) {
    SmallVector<LeadingDim> factorDims;
    factorsAlong = getTableDims(candidate, entries->factors, factorDims);
    bool negated = false;
    factors = makeTable(materializer, entries->factors, factorDims,
                        entries->productType, negated);
    if (!factors || negated)
      return std::nullopt;
    for (int64_t dim : factorsAlong)
      if (!llvm::is_contained(allAlong, dim))
        allAlong.push_back(dim);
    llvm::sort(allAlong);
  }
  Location loc = anchor->getLoc();
  for (Value *table : {&tables.cos, &tables.sin})
    *table = applyFactors(builder, loc, *table, tables.along, *entries, factors,
                          factorsAlong, allAlong);
  tables.along = allAlong;
  return tables;
}
