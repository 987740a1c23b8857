//===- LoopFacts.cpp - What is known of a loop ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Facts of a loop are those of one iteration whose number is a symbol.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rope;

/// Symbols of iterations are numbered from here on: no candidate has as many.
static constexpr unsigned kFirstIterationSymbol = 64;

/// Integers as wide as this do not wrap where frontends count with them.
static bool isCounterType(Type type) {
  return type.isIndex() ||
         (type.isInteger() && type.getIntOrFloatBitWidth() >= 32);
}

/// Whether a value is one integer, and how it is indexed.
static std::optional<SmallVector<IndexId>> getOneElement(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!isCounterType(getElementTypeOrSelf(type)) ||
      (tensor && (!tensor.hasStaticShape() || tensor.getNumElements() != 1)))
    return std::nullopt;
  return SmallVector<IndexId>(tensor ? tensor.getRank() : 0, IndexId(0));
}

std::optional<IndexId> CarriedFact::count(IndexContext &indices, IndexId init,
                                          IndexId iteration, Type type) const {
  IndexId counted = indices.add(init, indices.scale(iteration, step));
  IndexRange range = indices.getRange(counted);
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  bool wraps = range.isBounded() && !(llvm::isIntN(bits, range.lower) &&
                                      llvm::isIntN(bits, range.upper));
  return wraps ? std::nullopt : std::optional(counted);
}

/// How many numbers there are of lower, lower + step, ... below upper.
static std::optional<IndexId> countIterations(IndexContext &indices,
                                              IndexId lower, IndexId upper,
                                              int64_t step) {
  std::optional<int64_t> first = indices.getConstantValue(lower);
  std::optional<int64_t> end = indices.getConstantValue(upper);
  if (!first || step <= 0)
    return std::nullopt;
  // ceil((upper - lower) / step); not positive where there are none.
  if (!end)
    return indices.floorDiv(
        indices.add(indices.sub(upper, lower), indices.getConstant(step - 1)),
        indices.getConstant(step));
  if (*end <= *first)
    return indices.getConstant(0);
  // The distance of two numbers of 64 bits may have 65 as a signed one.
  uint64_t distance = uint64_t(*end) - uint64_t(*first);
  uint64_t count = llvm::divideCeil(distance, uint64_t(step));
  if (count > uint64_t(std::numeric_limits<int64_t>::max()))
    return std::nullopt;
  return indices.getConstant(count);
}

std::optional<IterationRange>
LaneEvaluator::getIterationRange(OpFoldResult lower, OpFoldResult upper,
                                 OpFoldResult step) {
  std::optional<int64_t> increment =
      indices.getConstantValue(evaluateIndex(step));
  if (!increment)
    return std::nullopt;
  IterationRange range = {evaluateIndex(lower), *increment};
  std::optional<IndexId> count =
      countIterations(indices, range.lower, evaluateIndex(upper), *increment);
  if (!count)
    return std::nullopt;
  range.numIterations = *count;
  return range;
}

/// Whether an integer is the same in all iterations of a loop, whose own symbol
/// and those of the loops in it are number `firstSymbol` and above.
static bool isInvariant(const IndexContext &indices, IndexId id,
                        Operation *loop, int64_t firstSymbol) {
  auto isInvariantAtom = [&](AtomId atomId) {
    const IndexAtom &atom = indices.getAtom(atomId);
    if (atom.kind == IndexAtom::Kind::Symbol)
      return atom.number < firstSymbol;
    Value value = atom.value;
    if (atom.kind == IndexAtom::Kind::Function ||
        (value && loop->isAncestor(value.getParentRegion()->getParentOp())))
      return false;
    return llvm::all_of(atom.operands, [&](IndexId operand) {
      return isInvariant(indices, operand, loop, firstSymbol);
    });
  };
  return llvm::all_of(indices.getMonomials(id),
                      [&](const IndexContext::Monomial &monomial) {
                        return llvm::all_of(monomial.atoms, isInvariantAtom);
                      });
}

/// The range of a loop that goes on while a counter is below a bound. To the
/// condition, what the loop carries are leaves.
std::optional<IterationRange>
LaneEvaluator::getTestedRange(scf::WhileOp loop, const LoopFacts &facts) {
  const IndexAtom *condition = indices.getAsAtom(
      evaluateScalar(loop.getConditionOp().getCondition()).index);
  if (!condition || condition->kind != IndexAtom::Kind::Function ||
      condition->name != arith::CmpIOp::getOperationName())
    return std::nullopt;
  auto predicate = static_cast<arith::CmpIPredicate>(
      *indices.getConstantValue(condition->operands[0]));
  IndexId counter = condition->operands[1], bound = condition->operands[2];
  if (predicate == arith::CmpIPredicate::sgt ||
      predicate == arith::CmpIPredicate::ugt)
    std::swap(counter, bound);
  else if (predicate != arith::CmpIPredicate::slt &&
           predicate != arith::CmpIPredicate::ult)
    return std::nullopt;
  if (!isInvariant(indices, bound, loop,
                   kFirstIterationSymbol + numIterationSymbols))
    return std::nullopt;

  for (auto [k, argument] : llvm::enumerate(loop.getBeforeArguments())) {
    if (facts.facts[k].kind != CarriedFact::Kind::Counter)
      continue;
    SmallVector<IndexId> element = *getOneElement(argument.getType());
    if (evaluateInFrame(frame, argument, element).index != counter)
      continue;
    int64_t step = facts.facts[k].step;
    IterationRange range = {
        evaluateInFrame(frame, loop.getInits()[k], element).index, step};
    bool isUnsigned = predicate == arith::CmpIPredicate::ult ||
                      predicate == arith::CmpIPredicate::ugt;
    if (isUnsigned && (indices.getRange(range.lower).lower < 0 ||
                       indices.getRange(bound).lower < 0))
      return std::nullopt;
    std::optional<IndexId> count =
        countIterations(indices, range.lower, bound, step);
    if (!count)
      return std::nullopt;
    // The number that ends the loop must not have wrapped.
    std::optional<int64_t> end = indices.getConstantValue(bound);
    Type type = getElementTypeOrSelf(argument.getType());
    unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
    // No tensor is as large as these numbers are.
    const IndexAtom *size = indices.getAsAtom(bound);
    bool isSmall = size && size->kind == IndexAtom::Kind::Dim && bits == 64 &&
                   step < int64_t(1) << 32;
    int64_t last;
    if (step != 1 && !isSmall &&
        (!end || llvm::AddOverflow(*end, step - 1, last) ||
         !llvm::isIntN(bits, last)))
      return std::nullopt;
    range.numIterations = *count;
    return range;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

std::optional<LaneEvaluator::Span>
LaneEvaluator::getSpan(Operation *insertion, int64_t dim, Operation *loop) {
  // The frame of the insertion: any iteration of the loops around it.
  SmallVector<Operation *> loops;
  for (Operation *around = insertion->getParentOp();;
       around = around->getParentOp()) {
    if (!isa<scf::InParallelOp>(around))
      loops.push_back(around);
    if (around == loop)
      break;
  }
  unsigned current = frame;
  llvm::scope_exit restore([&] { frame = current; });
  for (Operation *around : llvm::reverse(loops)) {
    const LoopFacts &facts = getFacts(around);
    if (facts.ranges.empty())
      return std::nullopt;
    frame = getIteration(around, facts.symbols);
  }

  if (auto insert = dyn_cast<tensor::InsertOp>(insertion))
    return Span{evaluateScalar(insert.getIndices()[dim]).index, 0};
  auto slice = cast<OffsetSizeAndStrideOpInterface>(insertion);
  // At most as large as this.
  int64_t size =
      indices.getRange(evaluateIndex(slice.getMixedSizes()[dim])).upper;
  std::optional<int64_t> stride =
      indices.getConstantValue(evaluateIndex(slice.getMixedStrides()[dim]));
  int64_t reach;
  if (!stride || size <= 0 || *stride <= 0 ||
      llvm::MulOverflow(size - 1, *stride, reach))
    return std::nullopt;
  return Span{evaluateIndex(slice.getMixedOffsets()[dim]), reach};
}

/// The product of `symbol` in a sum.
static int64_t getMultiple(const IndexContext &indices, IndexId id,
                           AtomId symbol) {
  for (const IndexContext::Monomial &monomial : indices.getMonomials(id))
    if (ArrayRef<AtomId>(monomial.atoms) == ArrayRef<AtomId>(symbol))
      return monomial.coefficient;
  return 0;
}

std::optional<IterationTiles> LaneEvaluator::getTiles(ArrayRef<Span> spans,
                                                      int64_t dim,
                                                      Operation *loop,
                                                      AtomId symbol) {
  int64_t width = getMultiple(indices, spans.front().start, symbol);
  if (width <= 0)
    return std::nullopt;
  // Whatever the symbols are, all is in width * symbol + base + [lower, upper].
  auto tile = [&](IndexId base) -> std::optional<IterationTiles> {
    int64_t lower = std::numeric_limits<int64_t>::max();
    int64_t upper = std::numeric_limits<int64_t>::min();
    for (const Span &span : spans) {
      IndexId rest = indices.sub(indices.sub(span.start, base),
                                 indices.getMonomial({width, {symbol}}));
      IndexRange range = indices.getRange(rest);
      if (!range.isBounded() ||
          llvm::AddOverflow(range.upper, span.reach, range.upper))
        return std::nullopt;
      lower = std::min(lower, range.lower);
      upper = std::max(upper, range.upper);
    }
    int64_t reach;
    if (llvm::SubOverflow(upper, lower, reach) || reach >= width)
      return std::nullopt;
    return IterationTiles{dim, indices.add(base, indices.getConstant(lower)),
                          width};
  };
  if (std::optional<IterationTiles> tiles = tile(indices.getConstant(0)))
    return tiles;
  IndexId base =
      indices.sub(spans.front().start, indices.getMonomial({width, {symbol}}));
  return isInvariant(indices, base, loop, getFacts(loop).firstSymbol)
             ? tile(base)
             : std::nullopt;
}

std::optional<IterationTiles>
LaneEvaluator::getTiles(ArrayRef<Operation *> insertions, int64_t rank,
                        Operation *loop, IndexId symbol) {
  // A loop of one iteration has no symbol.
  if (!indices.getAsAtom(symbol) || insertions.empty())
    return std::nullopt;
  AtomId atom = indices.getMonomials(symbol).front().atoms.front();
  for (int64_t dim = 0; dim < rank; ++dim) {
    SmallVector<Span> spans;
    for (Operation *insertion : insertions)
      if (std::optional<Span> span = getSpan(insertion, dim, loop))
        spans.push_back(*span);
    if (spans.size() < insertions.size())
      continue;
    if (std::optional<IterationTiles> tiles = getTiles(spans, dim, loop, atom))
      return tiles;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void LaneEvaluator::nameIteration(LoopFacts &facts) {
  facts.firstSymbol = kFirstIterationSymbol + numIterationSymbols;
  for (const IterationRange &range : facts.ranges)
    facts.symbols.push_back(indices.getSymbol(
        kFirstIterationSymbol + numIterationSymbols++, range.numIterations));
}

void LaneEvaluator::learnCarried(Operation *loop, LoopFacts &facts) {
  facts.carried = CarriedValues::get(loop);
  if (!facts.carried)
    return;
  const CarriedValues &carried = *facts.carried;
  facts.facts.resize(carried.inits.size());
  for (auto [j, k] : llvm::enumerate(carried.numbers)) {
    Value argument = carried.body->getArgument(carried.firstArgument + j);
    CarriedFact &fact = facts.facts[k];
    if (carried.getNumber(carried.yielded[k]) == k) {
      fact.kind = CarriedFact::Kind::Invariant;
      continue;
    }
    std::optional<SmallVector<IndexId>> element =
        getOneElement(argument.getType());
    if (!element)
      continue;
    // Outside of its iterations an argument is a leaf.
    std::optional<int64_t> step = indices.getConstantDifference(
        evaluateInFrame(frame, carried.yielded[k], *element).index,
        evaluateInFrame(frame, argument, *element).index);
    if (step)
      fact = {CarriedFact::Kind::Counter, *step};
  }

  std::optional<IterationRange> range;
  if (auto counted = dyn_cast<scf::ForOp>(loop)) {
    if (!counted.getUnsignedCmp())
      range = getIterationRange(counted.getLowerBound(),
                                counted.getUpperBound(), counted.getStep());
  } else {
    range = getTestedRange(cast<scf::WhileOp>(loop), facts);
  }
  if (!range)
    return;
  facts.ranges.push_back(*range);
  nameIteration(facts);
  for (auto [k, fact] : llvm::enumerate(facts.facts)) {
    SmallVector<Operation *> insertions;
    auto collect = [&](Operation *insertion) {
      insertions.push_back(insertion);
      return true;
    };
    if (fact.kind != CarriedFact::Kind::Unknown ||
        !isa<RankedTensorType>(carried.inits[k].getType()) ||
        !carried.isWritten(k, collect))
      continue;
    auto type = cast<RankedTensorType>(carried.inits[k].getType());
    if (std::optional<IterationTiles> tiles =
            getTiles(insertions, type.getRank(), loop, facts.symbols.front()))
      fact = {CarriedFact::Kind::Written, 0, *tiles};
  }
}

void LaneEvaluator::learnForall(scf::ForallOp loop, LoopFacts &facts) {
  for (auto [lower, upper, step] :
       llvm::zip_equal(loop.getMixedLowerBound(), loop.getMixedUpperBound(),
                       loop.getMixedStep())) {
    std::optional<IterationRange> range = getIterationRange(lower, upper, step);
    if (!range) {
      facts.ranges.clear();
      return;
    }
    facts.ranges.push_back(*range);
  }
  nameIteration(facts);
  facts.tilesOfResult.resize(loop.getNumResults());
  for (auto [number, tiles] : llvm::enumerate(facts.tilesOfResult)) {
    SmallVector<Operation *> insertions = getParallelInsertions(loop, number);
    auto type = cast<RankedTensorType>(loop.getResult(number).getType());
    for (IndexId symbol : facts.symbols)
      tiles.push_back(getTiles(insertions, type.getRank(), loop, symbol));
    // Numbers that choose no place may write to that of another.
    for (auto [tile, symbol] : llvm::zip_equal(tiles, facts.symbols))
      if (!tile && symbol != indices.getConstant(0)) {
        tiles.clear();
        break;
      }
  }
}

const LoopFacts &LaneEvaluator::getFacts(Operation *loop) {
  auto [it, inserted] = loopFacts.try_emplace({loop, frame});
  LoopFacts &facts = it->second;
  if (!inserted && (!facts.isPartial || isExhausted()))
    return facts;
  facts = LoopFacts();
  if (auto forall = dyn_cast<scf::ForallOp>(loop))
    learnForall(forall, facts);
  else
    learnCarried(loop, facts);
  facts.isPartial = isExhausted();
  return facts;
}
