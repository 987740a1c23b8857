//===- AttentionLayout.cpp - Batch, heads and queries by symbols ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionLayout.h"

#include "Rope/Dialect/Rope/IR/RopeOps.h"

using namespace mlir;
using namespace mlir::rope;

static LeadingDim getDim(IndexContext &indices, IndexId symbol) {
  const IndexAtom *atom = indices.getAsAtom(symbol);
  return {static_cast<unsigned>(atom->number), atom->operands[0]};
}

SymbolGroup rope::getSymbolGroup(IndexContext &indices,
                                 ArrayRef<IndexId> symbols) {
  SymbolGroup group;
  for (IndexId symbol : symbols)
    group.push_back(getDim(indices, symbol));
  return group;
}

std::optional<SymbolSplit> rope::findSplit(IndexContext &indices,
                                           ArrayRef<IndexId> at,
                                           ArrayRef<LeadingDim> symbols) {
  SmallVector<IndexId> worklist(at);
  while (!worklist.empty()) {
    SmallVector<IndexContext::Monomial> monomials(
        indices.getMonomials(worklist.pop_back_val()));
    for (const IndexContext::Monomial &monomial : monomials)
      for (AtomId id : monomial.atoms) {
        IndexAtom atom = indices.getAtom(id);
        if (atom.kind != IndexAtom::Kind::FloorDiv &&
            atom.kind != IndexAtom::Kind::Mod)
          continue;
        std::optional<int64_t> divisor =
            indices.getConstantValue(atom.operands[1]);
        for (const LeadingDim &symbol : symbols)
          if (divisor && *divisor > 1 &&
              atom.operands[0] ==
                  indices.getSymbol(symbol.symbol, symbol.size) &&
              indices.mod(symbol.size, atom.operands[1]) ==
                  indices.getConstant(0))
            return SymbolSplit{symbol, *divisor};
        worklist.push_back(atom.operands[0]);
      }
  }
  return std::nullopt;
}

namespace {
class LayoutFinder {
public:
  LayoutFinder(LaneEvaluator &evaluator, const AttentionMatch &match,
               const NamedTensor &query)
      : indices(evaluator.getIndices()), exprs(evaluator.getExprs()),
        match(match), queryName(query) {
    for (const ScoreProduct &product : match.products) {
      for (ExprId factor : product.query)
        inQuery |= exprs.getSymbols(factor);
      for (ExprId factor : product.key)
        inKey |= exprs.getSymbols(factor);
    }
    for (ExprId factor : match.value)
      inValue |= exprs.getSymbols(factor);
    for (const ScoreBias &bias : match.biases)
      inBias |= exprs.getSymbols(bias.expr);
    for (const KeyCondition &condition : match.conditions)
      inBias |= indices.getSymbols(condition.condition);
    if (match.sink)
      inSink = exprs.getSymbols(*match.sink);
  }

  std::optional<AttentionLayout> find(ArrayRef<LeadingDim> symbols,
                                      std::string &reason) {
    AttentionLayout layout;
    layout.key = {getDim(indices, match.keySymbol)};
    for (const ScoreProduct &product : match.products) {
      layout.lanes.push_back(getSymbolGroup(indices, product.laneSymbols));
    }
    SymbolGroup shared, queries;
    for (const LeadingDim &symbol : symbols) {
      bool isInKey = has(inKey, symbol), isInQuery = has(inQuery, symbol);
      bool isInValue = has(inValue, symbol), isInBias = has(inBias, symbol);
      if (isInKey || (isInValue && (isInQuery || isInBias))) {
        shared.push_back(symbol);
      } else if (isInValue) {
        layout.valueLanes.push_back(symbol);
      } else if (isInQuery || isInBias) {
        queries.push_back(symbol);
      } else {
        reason = "a dimension of the result repeats it";
        return std::nullopt;
      }
    }
    // Each head has its sink.
    SymbolGroup sinkHeads;
    llvm::copy_if(
        queries, std::back_inserter(sinkHeads),
        [&](const LeadingDim &symbol) { return has(inSink, symbol); });
    llvm::erase_if(
        queries, [&](const LeadingDim &symbol) { return has(inSink, symbol); });
    if (std::optional<unsigned> position = findQuery(queries, shared)) {
      layout.query = {queries[*position]};
      queries.erase(queries.begin() + *position);
    }
    llvm::append_range(queries, sinkHeads);
    layout.groups = queries;
    if (llvm::any_of(queries, [&](const LeadingDim &symbol) {
          return !indices.getConstantValue(symbol.size);
        })) {
      reason = "the number of its heads is not static";
      return std::nullopt;
    }
    for (const LeadingDim &symbol : shared)
      (indices.getConstantValue(symbol.size) && isHead(symbol, shared, queries)
           ? layout.kvHeads
           : layout.batch)
          .push_back(symbol);
    return layout;
  }

private:
  bool has(uint64_t symbols, const LeadingDim &symbol) const {
    return symbols >> symbol.symbol & 1;
  }

  /// The queries among the symbols that keys do not depend on: others are heads
  /// that share keys.
  std::optional<unsigned> findQuery(ArrayRef<LeadingDim> queries,
                                    ArrayRef<LeadingDim> shared) {
    if (queries.empty())
      return std::nullopt;
    auto first = [&](function_ref<bool(const LeadingDim &)> holds)
        -> std::optional<unsigned> {
      auto *found = llvm::find_if(queries, holds);
      if (found == queries.end())
        return std::nullopt;
      return found - queries.begin();
    };
    // The mask compares them with the keys.
    if (auto found = first([&](const LeadingDim &symbol) {
          MaskBounds bounds = getMaskBounds(
              indices, match.conditions,
              indices.getSymbol(symbol.symbol, symbol.size), match.keySymbol);
          return bounds.upper || bounds.lower;
        }))
      return found;
    // They are the rows that a rotation of the query has tables for; of one row
    // there is no symbol.
    if (auto rotate = queryName.value
                          ? queryName.value.getDefiningOp<RotateOp>()
                          : RotateOp()) {
      if (!rotate.getAlong().empty() &&
          indices.getConstantValue(queryName.at[rotate.getAlong().back()]))
        return std::nullopt;
      for (int64_t dim : llvm::reverse(rotate.getAlong()))
        if (auto found = first([&](const LeadingDim &symbol) {
              return queryName.at[dim] ==
                     indices.getSymbol(symbol.symbol, symbol.size);
            }))
          return found;
    }
    // Heads are static.
    if (auto found = first([&](const LeadingDim &symbol) {
          return !indices.getConstantValue(symbol.size);
        }))
      return found;
    // A mask that depends on one of them depends on the queries.
    auto isInBias = [&](const LeadingDim &symbol) {
      return has(inBias, symbol);
    };
    if (llvm::count_if(queries, isInBias) == 1)
      return first(isInBias);
    // Groups follow the heads that they share.
    const LeadingDim *head = getLast(shared);
    bool follows = false;
    for (IndexId index : queryName.at) {
      if (auto found = first([&](const LeadingDim &symbol) {
            return has(indices.getSymbols(index), symbol);
          });
          found && follows && queries.size() == 2)
        return 1 - *found;
      follows = head && has(indices.getSymbols(index), *head);
    }
    return queries.size() - 1;
  }

  bool isHead(const LeadingDim &symbol, ArrayRef<LeadingDim> shared,
              ArrayRef<LeadingDim> groups) {
    if (has(inSink, symbol))
      return true;
    // All heads share the key of a second product.
    uint64_t inLastKey = 0;
    for (ExprId factor : match.products.back().key)
      inLastKey |= exprs.getSymbols(factor);
    if (match.products.size() == 2 && !has(inLastKey, symbol))
      return true;
    // h * G + g in one dimension of the query.
    for (IndexId index : queryName.at) {
      uint64_t symbols = indices.getSymbols(index);
      if (has(symbols, symbol) &&
          llvm::any_of(groups, [&](const LeadingDim &group) {
            return has(symbols, group);
          }))
        return true;
    }
    if (shared.size() < 2)
      return false;
    // Of batch and heads the query has heads last.
    const LeadingDim *last = getLast(shared);
    return last && last->symbol == symbol.symbol;
  }

  /// The symbol that stands last among the dimensions of the query.
  const LeadingDim *getLast(ArrayRef<LeadingDim> symbols) const {
    const LeadingDim *last = nullptr;
    for (IndexId index : queryName.at)
      for (const LeadingDim &symbol : symbols)
        if (has(indices.getSymbols(index), symbol))
          last = &symbol;
    return last;
  }

  IndexContext &indices;
  LaneExprContext &exprs;
  const AttentionMatch &match;
  const NamedTensor &queryName;
  uint64_t inQuery = 0, inKey = 0, inValue = 0, inBias = 0, inSink = 0;
};
} // namespace

std::optional<AttentionLayout>
rope::getAttentionLayout(LaneEvaluator &evaluator, const AttentionMatch &match,
                         ArrayRef<LeadingDim> symbols, const NamedTensor &query,
                         std::string &reason) {
  return LayoutFinder(evaluator, match, query).find(symbols, reason);
}
