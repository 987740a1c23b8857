//===- AttentionMask.cpp - The mask of a recognised attention -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionMask.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

/// A number that replaces scores, and to which adding any of them changes
/// nothing: half its unit in the last place of f32 is more than 2^42.
static constexpr double kAbsorbing = -1e20;
/// A number that replaces scores and is below all of them by more than exp can
/// tell from zero, if the row has another key.
static constexpr double kNegligible = -1e9;

static IndexId getSymbol(IndexContext &indices, ArrayRef<LeadingDim> group) {
  return group.empty()
             ? indices.getConstant(0)
             : indices.getSymbol(group.front().symbol, group.front().size);
}

/// Whether comparisons of positions, and nothing else, decide and leave each
/// row a key.
bool AttentionMaskBuilder::hasKeyByPosition(ArrayRef<KeyCondition> conditions,
                                            const AttentionLayout &layout) {
  MaskBounds bounds =
      getMaskBounds(indices, conditions, getSymbol(indices, layout.query),
                    getSymbol(indices, layout.key));
  if (!bounds.others.empty())
    return false;
  auto atLeastZero = [&](std::optional<IndexId> bound, int64_t sign) {
    return !bound || indices.getRange(indices.scale(*bound, sign)).lower >= 0;
  };
  if (!atLeastZero(bounds.upper, 1) || !atLeastZero(bounds.lower, -1))
    return false;
  // Key 0, or the key of the query's own position.
  return !bounds.lower ||
         views.getSize(layout.query) == views.getSize(layout.key);
}

bool AttentionMaskBuilder::setBounds(const MaskBounds &bounds,
                                     const AttentionLayout &layout,
                                     AttentionMask &mask) {
  // Queries stand at i + past.
  IndexId past = indices.getConstant(0);
  if (bounds.upper) {
    std::optional<int64_t> constant = indices.getConstantValue(*bounds.upper);
    if (constant && *constant < 0)
      return false;
    if (constant && *constant > 0) {
      mask.right = *constant;
    } else {
      // 0 <= past <= keys, as the op asks for.
      IndexId keys = views.getSize(layout.key);
      if (indices.getRange(*bounds.upper).lower < 0 ||
          indices.getRange(indices.sub(keys, *bounds.upper)).lower < 0)
        return false;
      past = *bounds.upper;
      mask.causal = true;
    }
  }
  if (bounds.lower) {
    std::optional<int64_t> left =
        indices.getConstantDifference(past, *bounds.lower);
    if (!left || *left < 0)
      return false;
    mask.left = *left;
  }
  if (indices.getConstantValue(past) == 0)
    return true;
  mask.past = materializer.makeSize(past);
  return static_cast<bool>(mask.past);
}

std::optional<AttentionMask>
AttentionMaskBuilder::build(const AttentionMatch &match,
                            const AttentionLayout &layout, Type type,
                            std::string &reason) {
  // select(c, 0, -inf) that is added excludes, with another number it is added.
  SmallVector<KeyCondition> conditions(match.conditions);
  SmallVector<std::optional<ScoreBias>> added(conditions.size());
  SmallVector<Term> terms;
  for (const ScoreBias &bias : match.biases) {
    const LaneExpr &expr = exprs.get(bias.expr);
    std::optional<KeyCondition> condition;
    if (expr.kind == LaneExpr::Kind::Function && expr.name == "arith.select")
      for (unsigned side : {0, 1})
        if (std::optional<double> other =
                exprs.getConstantValue(expr.operands[1 - side]);
            other && exprs.getConstantValue(expr.operands[side]) == 0.0)
          condition = {expr.indices[0], side == 0, *other * bias.coefficient};
    if (!condition) {
      terms.push_back({bias.expr, bias.coefficient});
      continue;
    }
    if (*condition->replacement == -std::numeric_limits<double>::infinity())
      condition->replacement.reset();
    conditions.push_back(*condition);
    added.push_back(bias);
  }

  // A finite number excludes only where the row has another key, or where its
  // exponential is zero because nothing is subtracted.
  bool hasKeys = !match.isShifted ||
                 (terms.empty() && hasKeyByPosition(conditions, layout));
  SmallVector<KeyCondition> excluding;
  for (auto [condition, bias] : llvm::zip_equal(conditions, added)) {
    if (!condition.replacement ||
        (hasKeys && *condition.replacement <= kNegligible)) {
      excluding.push_back(condition);
      excluding.back().replacement.reset();
    } else if (bias && getName(bias->expr)) {
      terms.push_back({bias->expr, bias->coefficient});
    } else if (bias || *condition.replacement <= kAbsorbing) {
      terms.push_back({std::nullopt, 1.0, condition, *condition.replacement});
    } else {
      reason = "scores are replaced by a number that does not exclude keys";
      return std::nullopt;
    }
  }

  AttentionMask mask;
  MaskBounds bounds =
      getMaskBounds(indices, excluding, getSymbol(indices, layout.query),
                    getSymbol(indices, layout.key));
  if (setBounds(bounds, layout, mask))
    excluding.assign(bounds.others.begin(), bounds.others.end());
  else
    mask = AttentionMask();
  if (excluding.empty() && terms.empty())
    return mask;
  mask.mask = makeMask(excluding, terms, layout, type);
  if (!mask.mask) {
    reason = "its mask cannot be computed here";
    return std::nullopt;
  }
  return mask;
}

Value AttentionMaskBuilder::makeHolds(const KeyCondition &condition,
                                      ArrayRef<LeadingDim> dims,
                                      ArrayRef<Value> loops) {
  Value holds = materializer.makeBoolean(condition.condition, dims, loops);
  if (!holds || condition.expected)
    return holds;
  Value one = arith::ConstantIntOp::create(builder, loc, 1, /*width=*/1);
  return arith::XOrIOp::create(builder, loc, holds, one);
}

Value AttentionMaskBuilder::makeMask(ArrayRef<KeyCondition> excluding,
                                     ArrayRef<Term> terms,
                                     const AttentionLayout &layout, Type type) {
  // Dimensions that nothing depends on have size one, but for the keys.
  uint64_t used = 0;
  for (const KeyCondition &condition : excluding)
    used |= indices.getSymbols(condition.condition);
  for (const Term &term : terms) {
    used |= term.expr ? exprs.getSymbols(*term.expr)
                      : indices.getSymbols(term.condition.condition);
  }
  SmallVector<SymbolGroup> targets = {layout.batch, layout.getHeads(),
                                      layout.query, layout.key};
  SymbolGroup dims;
  for (SymbolGroup &target : MutableArrayRef(targets).drop_back())
    if (llvm::none_of(target, [&](const LeadingDim &symbol) {
          return used >> symbol.symbol & 1;
        }))
      target.clear();
  for (const SymbolGroup &target : targets)
    llvm::append_range(dims, target);

  // One tensor of the program is the mask as it is.
  if (excluding.empty() && terms.size() == 1 && terms.front().expr &&
      terms.front().coefficient == 1.0)
    if (std::optional<NamedTensor> name = getName(*terms.front().expr);
        name && name->coefficient == 1.0)
      return views.make(name->value, name->at, targets);
  if (excluding.size() == 1 && terms.empty() && excluding.front().expected)
    if (const IndexAtom *atom = indices.getAsAtom(excluding.front().condition);
        atom && atom->kind == IndexAtom::Kind::Data &&
        isa<RankedTensorType>(atom->value.getType())) {
      IndexAtom data = *atom;
      return views.make(data.value, data.operands, targets);
    }

  bool isBoolean = terms.empty();
  Type elementType = isBoolean ? builder.getI1Type() : type;
  auto makeConstant = [&](double number) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getFloatAttr(elementType, number));
  };
  auto body = [&](ArrayRef<Value> loops, Value) -> Value {
    Value taken;
    for (const KeyCondition &condition : excluding) {
      Value holds = makeHolds(condition, dims, loops);
      if (!holds)
        return {};
      taken = taken ? arith::AndIOp::create(builder, loc, taken, holds) : holds;
    }
    if (isBoolean)
      return taken;
    Value sum;
    for (const Term &term : terms) {
      Value added;
      if (term.expr) {
        added = materializer.makeExpr(*term.expr, dims, loops, getName);
        if (added && added.getType() != elementType)
          added = arith::ExtFOp::create(builder, loc, elementType, added);
        if (added && term.coefficient != 1.0)
          added = arith::MulFOp::create(builder, loc, added,
                                        makeConstant(term.coefficient));
      } else if (Value holds = makeHolds(term.condition, dims, loops)) {
        added = arith::SelectOp::create(builder, loc, holds, makeConstant(0.0),
                                        makeConstant(term.otherwise));
      }
      if (!added)
        return {};
      sum = sum ? arith::AddFOp::create(builder, loc, sum, added) : added;
    }
    if (taken)
      sum = arith::SelectOp::create(
          builder, loc, taken, sum,
          makeConstant(-std::numeric_limits<double>::infinity()));
    return sum;
  };
  Value made =
      materializer.makeGeneric(dims, /*numLanes=*/-1, elementType, body);
  return made ? views.collapse(made, targets) : Value();
}
