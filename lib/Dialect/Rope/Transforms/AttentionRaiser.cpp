//===- AttentionRaiser.cpp - rope.attention from evaluated rows -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionRaiser.h"

#include "AttentionMask.h"
#include "AttentionOperands.h"
#include "AttentionTail.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

AttentionRaiser::AttentionRaiser(FunctionOpInterface function, bool ownsModule,
                                 uint64_t maxSteps)
    : matcher(evaluator), names(evaluator), dominance(function),
      builder(function), maxSteps(maxSteps) {
  if (ownsModule)
    evaluator.lookThroughCalls();
  evaluator.keepReductions();
  evaluator.lookThroughRotations();
  evaluator.learnEqualSizes(function.getFunctionBody().front());
}

bool AttentionRaiser::isWorthwhile(FunctionOpInterface function) {
  return function
      ->walk([](Operation *op) {
        return isa<math::ExpOp, math::Exp2Op, linalg::SoftmaxOp, linalg::ExpOp>(
                   op)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

bool AttentionRaiser::isCandidate(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || op->getNumResults() != 1)
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !isa<FloatType>(type.getElementType()) || type.getRank() == 0 ||
      type.getRank() > 8)
    return false;
  // A sum of products, or a quotient whose numerator is one.
  bool multiplies = false, divides = false;
  for (Operation &nested : *linalgOp.getBlock()) {
    multiplies |= isa<arith::MulFOp>(nested);
    divides |= isa<arith::DivFOp>(nested);
  }
  return (linalgOp.getNumReductionLoops() == 1 && multiplies) ||
         (linalgOp.getNumReductionLoops() == 0 && divides);
}

/// The tensor that holds a product, with the dimensions nearest to `order`.
std::optional<NamedTensor>
AttentionRaiser::getName(ArrayRef<ExprId> factors, ArrayRef<LeadingDim> order,
                         ArrayRef<LeadingDim> symbols) {
  IndexContext &indices = evaluator.getIndices();
  if (factors.size() == 1) {
    const LaneExpr &expr = evaluator.getExprs().get(factors.front());
    if (expr.kind == LaneExpr::Kind::Leaf && expr.part == ElementPart::Whole &&
        isa<RankedTensorType>(expr.value.getType()) &&
        cast<RankedTensorType>(expr.value.getType()).getRank() ==
            static_cast<int64_t>(expr.indices.size()))
      return NamedTensor{expr.value, SmallVector<IndexId>(expr.indices.begin(),
                                                          expr.indices.end())};
  }
  uint64_t ordered = 0;
  for (const LeadingDim &dim : order)
    ordered |= uint64_t(1) << dim.symbol;
  std::optional<NamedTensor> best;
  unsigned bestCost = std::numeric_limits<unsigned>::max();
  for (const NamedElement &element : names.lookup(factors)) {
    ArrayRef<IndexId> at = evaluator.getIndexList(element.indexList);
    auto type = dyn_cast<RankedTensorType>(element.value.getType());
    if (!type || element.part != ElementPart::Whole ||
        type.getRank() != static_cast<int64_t>(at.size()))
      continue;
    // Whatever repeats elements, splits symbols or orders them otherwise costs.
    unsigned cost = findSplit(indices, at, symbols) ? 100 : 0;
    unsigned position = 0;
    uint64_t seen = 0;
    for (IndexId index : at) {
      uint64_t inIndex = indices.getSymbols(index);
      cost += inIndex & seen ? 100 : 0;
      seen |= inIndex;
      cost += !order.empty() && (inIndex & ~ordered) ? 100 : 0;
      for (auto [place, dim] : llvm::enumerate(order))
        if (inIndex >> dim.symbol & 1) {
          cost += place < position ? 1 : 0;
          position = place;
        }
    }
    if (cost >= bestCost)
      continue;
    bestCost = cost;
    best = NamedTensor{element.value, SmallVector<IndexId>(at),
                       1.0 / element.coefficient};
  }
  return best;
}

Value AttentionRaiser::raise(TypedValue<RankedTensorType> candidate) {
  refusal.reset();
  IndexContext &indices = evaluator.getIndices();
  evaluator.setBudget(maxSteps);
  SmallVector<SymbolGroup> dims;
  unsigned numSymbols = 0;
  for (int64_t dim = 0; dim < candidate.getType().getRank(); ++dim) {
    IndexId size = evaluator.getSize(candidate, dim);
    SymbolGroup &group = dims.emplace_back();
    if (indices.getConstantValue(size) != 1)
      group.push_back({numSymbols++, size});
  }

  while (true) {
    SmallVector<IndexId> at;
    SmallVector<LeadingDim> symbols;
    for (const SymbolGroup &group : dims) {
      IndexId index = indices.getConstant(0);
      for (const LeadingDim &dim : group)
        index = indices.add(indices.mul(index, dim.size),
                            indices.getSymbol(dim.symbol, dim.size));
      at.push_back(index);
      llvm::append_range(symbols, group);
    }
    LaneScalar element = evaluator.evaluate(candidate, at);
    if (evaluator.isExhausted())
      return refuse("gave up after " + Twine(maxSteps) + " steps");
    std::optional<AttentionMatch> match = matcher.match(element.re);
    if (!match) {
      refusal = matcher.getNearMiss();
      return {};
    }
    Operation *anchor = candidate.getDefiningOp();
    splitSharedLanes(
        evaluator, *match,
        [&](ArrayRef<ExprId> factors) { return getName(factors, {}, symbols); },
        anchor);
    // Reshapes split dimensions: batch * heads, heads * groups.
    std::optional<SymbolSplit> split;
    auto look = [&](ArrayRef<ExprId> factors) {
      if (!split)
        if (std::optional<NamedTensor> name = getName(factors, {}, symbols))
          split = findSplit(indices, name->at, symbols);
      std::optional<RotatedProduct> rotated =
          getRotatedProduct(evaluator, factors, /*lanes=*/0);
      if (!split && rotated &&
          isDeadWithout(rotated->rotation.getResult(), anchor))
        if (std::optional<NamedTensor> name =
                getName(rotated->factors, {}, symbols))
          split = findSplit(indices, name->at, symbols);
    };
    for (const ScoreProduct &product : match->products) {
      look(product.query);
      look(product.key);
    }
    look(match->value);
    for (const ScoreBias &bias : match->biases)
      look(bias.expr);
    if (match->sink)
      look(*match->sink);
    if (!split || numSymbols + 2 > LaneEvaluator::kFirstBoundSymbol)
      return build(candidate, *match, dims);
    IndexId divisor = indices.getConstant(split->divisor);
    for (SymbolGroup &group : dims)
      for (auto *it = group.begin(); it != group.end(); ++it)
        if (it->symbol == split->symbol.symbol) {
          LeadingDim outer{numSymbols++,
                           indices.floorDiv(split->symbol.size, divisor)};
          LeadingDim inner{numSymbols++, divisor};
          it = group.erase(it);
          it = group.insert(it, inner);
          if (indices.getConstantValue(outer.size) != 1)
            it = group.insert(it, outer);
          break;
        }
  }
}

Value AttentionRaiser::build(TypedValue<RankedTensorType> candidate,
                             const AttentionMatch &match,
                             ArrayRef<SymbolGroup> dims) {
  IndexContext &indices = evaluator.getIndices();
  Operation *anchor = candidate.getDefiningOp();
  Location loc = anchor->getLoc();
  SmallVector<LeadingDim> symbols;
  for (const SymbolGroup &group : dims)
    llvm::append_range(symbols, group);

  // Queries that no tensor holds have no dimensions to learn from.
  std::optional<NamedTensor> query =
      getName(match.products.front().query, {}, symbols);
  if (!query)
    query = NamedTensor();
  std::string reason;
  std::optional<AttentionLayout> layout =
      getAttentionLayout(evaluator, match, symbols, *query, reason);
  if (!layout)
    return refuse("an attention, but " + reason);

  // The layout in which queries and keys are.
  SymbolGroup heads = layout->getHeads();
  auto getPlace = [&](const NamedTensor &name, ArrayRef<LeadingDim> group) {
    int64_t place = -1;
    for (auto [dim, index] : llvm::enumerate(name.at))
      for (const LeadingDim &symbol : group)
        if (indices.getSymbols(index) >> symbol.symbol & 1)
          place = dim;
    return place;
  };
  bool sequenceFirst =
      !heads.empty() && !layout->query.empty() &&
      getPlace(*query, layout->query) < getPlace(*query, heads);
  auto getTargets = [&](const SymbolGroup &headDim, const SymbolGroup &sequence,
                        const SymbolGroup &lanes) {
    SmallVector<SymbolGroup> targets = {layout->batch, headDim, sequence,
                                        lanes};
    if (sequenceFirst)
      std::swap(targets[1], targets[2]);
    return targets;
  };
  auto getOrder = [&](ArrayRef<SymbolGroup> targets) {
    SymbolGroup order;
    for (const SymbolGroup &target : targets)
      llvm::append_range(order, target);
    return order;
  };
  SmallVector<SymbolGroup> valueDims =
      getTargets(layout->kvHeads, layout->key, layout->valueLanes);
  LaneMaterializer materializer(evaluator, dominance, builder, anchor);
  SymbolViews views(evaluator, materializer, builder, loc);
  Type resultType = candidate.getType().getElementType();
  auto getAnyName = [&](ExprId id) { return getName(id, {}, symbols); };
  auto isAvailable = [&](Value value) {
    return dominance.properlyDominates(value, anchor);
  };
  auto dependsOnlyOn = [&](ArrayRef<ExprId> factors,
                           ArrayRef<LeadingDim> dims) {
    uint64_t known = 0, used = 0;
    for (const LeadingDim &dim : dims)
      known |= uint64_t(1) << dim.symbol;
    for (ExprId factor : factors)
      used |= evaluator.getExprs().getSymbols(factor);
    return (used & ~known) == 0;
  };
  // A tensor of the program, or what it is made of.
  auto make = [&](ArrayRef<ExprId> factors, ArrayRef<SymbolGroup> targets,
                  double &coefficient) -> Value {
    if (!dependsOnlyOn(factors, getOrder(targets)))
      return {};
    std::optional<NamedTensor> name =
        getName(factors, getOrder(targets), symbols);
    if (!name || !isAvailable(name->value))
      return views.compute(factors, targets, getAnyName);
    coefficient *= name->coefficient;
    return views.make(name->value, name->at, targets);
  };
  // The same before a rotation by tables with a row for each position.
  int64_t sequenceDim = sequenceFirst ? 1 : 2;
  auto makePart = [&](ArrayRef<ExprId> factors, ArrayRef<SymbolGroup> targets,
                      double &coefficient) -> OperandPart {
    uint64_t lanes = 0;
    for (const LeadingDim &lane : targets.back())
      lanes |= uint64_t(1) << lane.symbol;
    std::optional<RotatedProduct> rotated =
        getRotatedProduct(evaluator, factors, lanes);
    auto isRow = [&](ArrayRef<int64_t> dims) {
      return llvm::equal(rotated->row, dims, [&](IndexId index, int64_t dim) {
        return index == views.getIndex(targets[dim]);
      });
    };
    if (rotated && isDeadWithout(rotated->rotation.getResult(), anchor) &&
        dependsOnlyOn(factors, getOrder(targets)))
      for (const SmallVector<int64_t> &along :
           {SmallVector<int64_t>{sequenceDim},
            SmallVector<int64_t>{0, sequenceDim}}) {
        double factor = rotated->coefficient;
        if (!isRow(along))
          continue;
        if (Value source = make(rotated->factors, targets, factor)) {
          coefficient *= factor;
          return {source, rotated, along};
        }
      }
    return {make(factors, targets, coefficient)};
  };
  auto refuseOperand = [&](const Twine &name) {
    return refuse("an attention, but its " + name + " cannot be computed here");
  };
  // Lanes of a second product follow, as a tail where all heads share its key.
  SmallVector<OperandPart> queries, keys;
  std::optional<OperandPart> tail;
  double scale = match.products.front().scale;
  for (auto [product, lanes] : llvm::zip_equal(match.products, layout->lanes)) {
    bool isFirst = queries.empty();
    double productScale = product.scale;
    queries.push_back(makePart(
        product.query, getTargets(heads, layout->query, lanes), productScale));
    SmallVector<SymbolGroup> tailDims = getTargets({}, layout->key, lanes);
    bool isTail = !isFirst && dependsOnlyOn(product.key, getOrder(tailDims));
    OperandPart key = makePart(
        product.key,
        isTail ? tailDims : getTargets(layout->kvHeads, layout->key, lanes),
        productScale);
    if (!queries.back().value || !key.value)
      return refuseOperand(queries.back().value ? "keys" : "queries");
    if (isFirst)
      scale = productScale;
    if (scale != productScale)
      return refuse("an attention, but its products are scaled differently");
    if (isTail)
      tail = key;
    else
      keys.push_back(key);
  }
  // Lanes that the program has in this order are not put together again.
  if (match.whole) {
    double wholeScale = match.whole->scale;
    OperandPart query =
        makePart(match.whole->query,
                 getTargets(heads, layout->query,
                            getSymbolGroup(indices, match.whole->laneSymbols)),
                 wholeScale);
    if (query.value && wholeScale == scale)
      queries.assign(1, query);
  }
  double valueScale = 1.0;
  OperandPart values = makePart(match.value, valueDims, valueScale);
  if (!values.value || valueScale != 1.0)
    return refuseOperand("values");
  Value q = joinParts(queries, materializer, builder);
  Value k = joinParts(keys, materializer, builder);
  Value v = joinParts(values, materializer, builder);
  Value keyTail = tail ? joinParts(*tail, materializer, builder) : Value();
  if (keyTail) {
    Type type = materializer.getCommonType({k, keyTail});
    keyTail = materializer.convertElements(keyTail, type);
    k = materializer.convertElements(k, type);
  }
  // The result has the type of the queries; a wider one widens them.
  if (getElementTypeOrSelf(q.getType()).getIntOrFloatBitWidth() <
      resultType.getIntOrFloatBitWidth())
    q = materializer.convertElements(q, resultType);

  auto isDouble = [](Value operand) {
    return getElementTypeOrSelf(operand.getType()).isF64();
  };
  Type computeType = isDouble(q) || isDouble(k) || isDouble(v)
                         ? builder.getF64Type()
                         : builder.getF32Type();
  AttentionMaskBuilder masks(evaluator, materializer, views, builder, loc,
                             getAnyName);
  std::optional<AttentionMask> mask =
      masks.build(match, *layout, computeType, reason);
  if (!mask)
    return refuse("an attention, but " + reason);
  Value sinks;
  if (match.sink) {
    std::optional<NamedTensor> name = getName(*match.sink, {}, symbols);
    if (name && dependsOnlyOn(*match.sink, heads))
      sinks = views.make(name->value, name->at, heads);
    if (!sinks)
      return refuse("an attention, but no tensor holds its sinks");
  }

  auto headDim = cast<RankedTensorType>(q.getType()).getDimSize(3);
  bool isUsual = roundToType(computeType, scale) ==
                 roundToType(computeType, 1.0 / std::sqrt(headDim));
  DenseI64ArrayAttr window;
  if (mask->left || mask->right)
    window = builder.getDenseI64ArrayAttr(
        {mask->left.value_or(-1), mask->right.value_or(-1)});
  SmallVector<int64_t> outShape(
      cast<RankedTensorType>(q.getType()).getShape().drop_back());
  outShape.push_back(cast<RankedTensorType>(v.getType()).getDimSize(3));
  auto outType =
      RankedTensorType::get(outShape, getElementTypeOrSelf(q.getType()));
  auto attention = AttentionOp::create(
      builder, loc, TypeRange(outType), q, k, v, ValueRange(), keyTail, Value(),
      Value(), Value(), Value(), Value(), Value(), Value(), Value(), mask->mask,
      mask->past,
      /*kv_lengths=*/Value(), Value(), Value(), /*query_origin=*/Value(),
      /*key_origin=*/Value(), sinks, RotationAttr(), RotationAttr(),
      RotationAttr(), RotationAttr(),
      sequenceFirst ? LayoutKind::BSHD : LayoutKind::BHSD, mask->causal, window,
      isUsual ? FloatAttr() : builder.getF64FloatAttr(scale),
      match.softcap ? builder.getF64FloatAttr(*match.softcap) : FloatAttr(),
      /*softmax_precision=*/TypeAttr(), /*returning_lse=*/false,
      /*returning_scores=*/ScoreAttr());
  Value out = materializer.convertElements(attention.getResult(0), resultType);
  Value arranged = views.rearrange(
      out, getTargets(heads, layout->query, layout->valueLanes), dims);
  if (!arranged)
    return refuse("an attention, but its result cannot be laid out here");
  if (arranged.getType() != candidate.getType())
    arranged =
        tensor::CastOp::create(builder, loc, candidate.getType(), arranged);
  return arranged;
}
