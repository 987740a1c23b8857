//===- AttentionTail.cpp - Lanes of keys that heads share -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionTail.h"

#include "AttentionOperands.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
class TailFinder {
public:
  TailFinder(LaneEvaluator &evaluator, AttentionMatch &match,
             function_ref<std::optional<NamedTensor>(ArrayRef<ExprId>)> getName)
      : evaluator(evaluator), indices(evaluator.getIndices()),
        exprs(evaluator.getExprs()), match(match), getName(getName) {}

  void split(Operation *candidate) {
    if (match.products.size() != 1 ||
        match.products.front().laneSymbols.size() != 1)
      return;
    const ScoreProduct whole = match.products.front();
    lane = whole.laneSymbols.front();
    std::optional<int64_t> size =
        indices.getConstantValue(indices.getAsAtom(lane)->operands[0]);
    std::optional<LaneFactor> query = getLaneFactor(whole.query);
    std::optional<LaneFactor> key = getLaneFactor(whole.key);
    if (!size || !query || !key)
      return;
    std::optional<int64_t> second = findSecondPart(*key, *size);
    if (!second || !isDeadWithout(key->name.value, candidate))
      return;
    for (auto [first, end] : {std::pair<int64_t, int64_t>{0, *second},
                              std::pair<int64_t, int64_t>{*second, *size}}) {
      // A symbol of one element is none.
      if (end - first < 2)
        return;
      ScoreProduct &part = parts.emplace_back();
      part.scale = whole.scale;
      IndexId symbol = indices.getSymbol(indices.getAsAtom(lane)->number,
                                         indices.getConstant(end - first));
      part.laneSymbols = {symbol};
      IndexId at = indices.add(symbol, indices.getConstant(first));
      part.query = takeLanes(whole.query, *query, at, part.scale);
      part.key = takeLanes(whole.key, *key, at, part.scale);
      // Lanes that are a number have no tensor of their own.
      if (part.query.empty() || part.key.empty())
        return;
    }
    uint64_t inValue = 0;
    for (ExprId factor : match.value)
      inValue |= exprs.getSymbols(factor);
    uint64_t first = getRowSymbols(parts[0]), other = getRowSymbols(parts[1]);
    bool isTail = (other & ~first) == 0;
    if (!isTail) {
      std::swap(parts[0], parts[1]);
      std::swap(first, other);
    }
    // What only some lanes depend on is a head, which values have, too.
    if (first == other || (other & ~first) || (first & ~other & ~inValue))
      return;
    if (isTail)
      match.whole = whole;
    match.products.assign(parts.begin(), parts.end());
  }

private:
  /// The one factor that depends on the lane, in a tensor with a dimension of
  /// lanes.
  struct LaneFactor {
    ExprId factor;
    NamedTensor name;
    size_t dim;
  };

  std::optional<LaneFactor> getLaneFactor(ArrayRef<ExprId> factors) {
    uint64_t laneBit = indices.getSymbols(lane);
    std::optional<LaneFactor> found;
    for (ExprId factor : factors) {
      if (!(exprs.getSymbols(factor) & laneBit))
        continue;
      std::optional<NamedTensor> name = getName({factor});
      if (found || !name)
        return std::nullopt;
      std::optional<size_t> laneDim;
      for (auto [dim, index] : llvm::enumerate(name->at)) {
        if (!(indices.getSymbols(index) & laneBit))
          continue;
        if (index != lane || laneDim)
          return std::nullopt;
        laneDim = dim;
      }
      if (!laneDim)
        return std::nullopt;
      found = {factor, *name, *laneDim};
    }
    return found;
  }

  ExprId evaluate(const LaneFactor &factor, Value value, IndexId at) {
    SmallVector<IndexId> indexList(factor.name.at);
    indexList[factor.dim] = at;
    return evaluator.evaluate(value, indexList).re;
  }

  /// What is rotated, where a tensor is a rotation: its lanes depend on the
  /// same heads.
  static Value getSource(const LaneFactor &factor) {
    auto rotate = factor.name.value.getDefiningOp<RotateOp>();
    return rotate ? rotate.getInput() : factor.name.value;
  }

  /// Where lanes that depend on the symbols of lane 0 end, if the last does
  /// not. Whether all others do, is seen once they are evaluated together.
  std::optional<int64_t> findSecondPart(const LaneFactor &key,
                                        int64_t numLanes) {
    auto getSymbols = [&](int64_t number) {
      return exprs.getSymbols(
          evaluate(key, getSource(key), indices.getConstant(number)));
    };
    int64_t first = 0, second = numLanes - 1;
    uint64_t symbols = getSymbols(first);
    if (getSymbols(second) == symbols)
      return std::nullopt;
    while (second - first > 1) {
      int64_t middle = (first + second) / 2;
      (getSymbols(middle) == symbols ? first : second) = middle;
    }
    return second;
  }

  /// `factors` with other lanes; constants go to `scale`.
  SmallVector<ExprId, 2> takeLanes(ArrayRef<ExprId> factors,
                                   const LaneFactor &replaced, IndexId at,
                                   double &scale) {
    SmallVector<ExprId, 2> taken;
    for (ExprId factor : factors) {
      if (factor != replaced.factor) {
        taken.push_back(factor);
        continue;
      }
      LaneTerm term =
          exprs.getProduct(evaluate(replaced, replaced.name.value, at));
      scale *= term.coefficient * replaced.name.coefficient;
      llvm::append_range(taken, term.factors);
    }
    llvm::sort(taken);
    return taken;
  }

  uint64_t getRowSymbols(const ScoreProduct &part) {
    uint64_t symbols = 0;
    for (ExprId factor : part.key)
      symbols |= exprs.getSymbols(factor);
    return symbols & ~indices.getSymbols(part.laneSymbols.front());
  }

  LaneEvaluator &evaluator;
  IndexContext &indices;
  LaneExprContext &exprs;
  AttentionMatch &match;
  function_ref<std::optional<NamedTensor>(ArrayRef<ExprId>)> getName;
  IndexId lane = 0;
  SmallVector<ScoreProduct, 2> parts;
};
} // namespace

void rope::splitSharedLanes(
    LaneEvaluator &evaluator, AttentionMatch &match,
    function_ref<std::optional<NamedTensor>(ArrayRef<ExprId>)> getName,
    Operation *candidate) {
  TailFinder(evaluator, match, getName).split(candidate);
}
