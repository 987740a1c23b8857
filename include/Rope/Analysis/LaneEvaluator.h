//===- LaneEvaluator.h - Symbolic evaluation of tensor elements -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes one symbolic element of a tensor value (some indices concrete, others
// symbols) and walks back through its producers: movement ops become index
// arithmetic, scalar ops become expressions. What it does not understand is a
// leaf, so that every answer is true. See docs/Recognition.md.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_LANEEVALUATOR_H
#define ROPE_ANALYSIS_LANEEVALUATOR_H

#include "Rope/Analysis/ConstantTensor.h"
#include "Rope/Analysis/LaneExpr.h"
#include "Rope/Analysis/LoopFacts.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseSet.h"
#include <map>
#include <unordered_map>

namespace mlir::func {
class CallOp;
} // namespace mlir::func
namespace mlir::scf {
class ForallOp;
class WhileOp;
} // namespace mlir::scf

namespace mlir::rope {

class RotateOp;

/// An element: a real number, a complex one, or an integer (index, boolean).
struct LaneScalar {
  enum class Kind : uint8_t { Real, Complex, Integer } kind = Kind::Real;
  ExprId re = 0;
  ExprId im = 0;
  IndexId index = 0;

  static LaneScalar real(ExprId re) { return {Kind::Real, re, 0, 0}; }
  static LaneScalar complex(ExprId re, ExprId im) {
    return {Kind::Complex, re, im, 0};
  }
  static LaneScalar integer(IndexId index) {
    return {Kind::Integer, 0, 0, index};
  }
};

/// A contraction whose row was not sparse enough to be a pair: what a remark
/// about a matrix that is no rotation says.
struct DenseRow {
  Operation *contraction;
  /// The lane that the row makes.
  int64_t row;
  /// The first three columns with entries that are known and not zero.
  int64_t columns[3];
  int64_t numColumns;
};

class LaneEvaluator {
public:
  explicit LaneEvaluator(LaneExprContext::Arithmetic arithmetic =
                             LaneExprContext::Arithmetic::ZeroIsAbsorbing)
      : exprs(indices, arithmetic) {}

  /// Learns from the structured ops of a block that is always executed which
  /// dynamic sizes are equal: operands that share a loop have one size, or the
  /// program has no meaning. To be called before anything is evaluated.
  void learnEqualSizes(Block &block);

  /// Looks into private functions at their calls: for passes that own the whole
  /// module, since others may be changing the callees.
  void lookThroughCalls() { seesCallees = true; }

  /// Makes elements of `rope.rotate` functions of the elements that are
  /// rotated: `kRotation` of such an element and of a leaf of the op whose
  /// indices are those of the row of its tables, at the first lane that the
  /// symbol of the lanes counts from.
  void lookThroughRotations() { seesRotated = true; }
  static constexpr StringRef kRotation = "rope.rotate";

  /// Makes sums and maxima over dimensions of any size expressions with bound
  /// symbols, where otherwise only sums of few terms are looked into.
  void keepReductions() { keepsReductions = true; }
  /// The positions of bound symbols start here; those of others stay below.
  static constexpr unsigned kFirstBoundSymbol = 32;

  /// The element `at` of a tensor value.
  LaneScalar evaluate(Value tensor, ArrayRef<IndexId> at);
  /// A value in the body of a structured op at one point of its loops.
  LaneScalar evaluateInBody(Value scalar, linalg::LinalgOp op,
                            ArrayRef<IndexId> loops) {
    return evaluateIn(scalar, getBody(op, loops));
  }
  /// A scalar (integer or float) outside of any body.
  LaneScalar evaluateScalar(Value scalar) { return evaluateIn(scalar, {}); }
  /// The size of a dimension, traced to where it comes from.
  IndexId getSize(Value shaped, int64_t dim);

  IndexContext &getIndices() { return indices; }
  LaneExprContext &getExprs() { return exprs; }

  /// Work done so far, in values looked at for the first time.
  uint64_t getNumSteps() const { return numSteps; }

  /// Makes evaluation answer with leaves once `budget` more steps are done.
  void setBudget(uint64_t budget) { stepLimit = numSteps + budget; }
  bool isExhausted() const { return numSteps >= stepLimit; }

  /// `id` with products distributed over sums, as far as the budget goes.
  ExprId expandProducts(ExprId id) {
    uint64_t stepsLeft = stepLimit - std::min(numSteps, stepLimit);
    ExprId expanded = exprs.expandProducts(id, stepsLeft);
    numSteps = std::max(numSteps, stepLimit - stepsLeft);
    return expanded;
  }

  /// The first contraction with known entries that was given up.
  std::optional<DenseRow> takeDenseRow() {
    return std::exchange(denseRow, std::nullopt);
  }

  /// Elements of tensors that have been evaluated, in order: how an expression
  /// is named as an SSA value.
  struct Entry {
    Value value;
    unsigned indexList;
    LaneScalar scalar;
  };
  ArrayRef<Entry> getEntries() const { return entries; }
  ArrayRef<IndexId> getIndexList(unsigned id) const { return indexLists[id]; }

private:
  /// How deep evaluation recurses before it answers with a leaf.
  static constexpr unsigned kMaxDepth = 1500;

  /// The body of a structured op or of tensor.generate at one point of its
  /// iteration space.
  struct Body {
    Operation *op = nullptr;
    ArrayRef<IndexId> loops = {};
    /// Of the loops, in the frame of the op.
    unsigned indexList = 0;
  };
  Body getBody(Operation *op, ArrayRef<IndexId> loops) {
    return {op, loops, internList(loops)};
  }

  /// A call, or iteration number `iteration` of a loop, that is being
  /// evaluated; `caller` is the frame around it or 0.
  struct Frame {
    Operation *op;
    Block *body;
    unsigned caller;
    SmallVector<IndexId, 1> iteration;
  };

  LaneScalar evaluateTensor(Value tensor, ArrayRef<IndexId> at);
  LaneScalar evaluateCall(func::CallOp call, OpResult result,
                          ArrayRef<IndexId> at);
  std::optional<LaneScalar> evaluateFrameArgument(BlockArgument argument,
                                                  ArrayRef<IndexId> at);
  LaneScalar evaluateInFrame(unsigned other, Value value, ArrayRef<IndexId> at);
  LaneScalar evaluateLoop(Operation *loop, OpResult result,
                          ArrayRef<IndexId> at);
  LaneScalar evaluateForall(scf::ForallOp loop, OpResult result,
                            ArrayRef<IndexId> at);
  std::optional<LaneScalar> evaluateLoopArgument(const Frame &iteration,
                                                 BlockArgument argument,
                                                 ArrayRef<IndexId> at);
  /// The frame of an iteration of a loop in the current frame.
  unsigned getIteration(Operation *loop, ArrayRef<IndexId> iteration);
  /// What is known of a loop in the current frame.
  const LoopFacts &getFacts(Operation *loop);
  void learnCarried(Operation *loop, LoopFacts &facts);
  void learnForall(scf::ForallOp loop, LoopFacts &facts);
  void nameIteration(LoopFacts &facts);
  std::optional<IterationRange>
  getIterationRange(OpFoldResult lower, OpFoldResult upper, OpFoldResult step);
  std::optional<IterationRange> getTestedRange(scf::WhileOp loop,
                                               const LoopFacts &facts);
  /// The dimension that a symbol of an iteration tiles, where `insertions` in
  /// the loop are all that it writes.
  std::optional<IterationTiles> getTiles(ArrayRef<Operation *> insertions,
                                         int64_t rank, Operation *loop,
                                         IndexId symbol);
  /// Elements of a dimension that an insertion writes: from `start` to
  /// `start + reach`.
  struct Span {
    IndexId start;
    int64_t reach;
  };
  std::optional<Span> getSpan(Operation *insertion, int64_t dim,
                              Operation *loop);
  std::optional<IterationTiles> getTiles(ArrayRef<Span> spans, int64_t dim,
                                         Operation *loop, AtomId symbol);
  /// The frame in which a value is that the current frame uses.
  unsigned getFrameOf(Value value) const;
  LaneScalar evaluateRotation(RotateOp op, ArrayRef<IndexId> at);
  LaneScalar evaluateMovement(Operation *op, OpResult result,
                              ArrayRef<IndexId> at, bool &handled);
  LaneScalar evaluateLinalg(linalg::LinalgOp op, OpResult result,
                            ArrayRef<IndexId> at);
  /// What upstream derives anew for each question about a structured op.
  struct LoopNest {
    SmallVector<int64_t> ranges;
    /// Of each operand.
    SmallVector<AffineMap> maps;
    unsigned numInputs;
    bool isParallel;
  };
  const LoopNest &getLoopNest(linalg::LinalgOp op);
  LaneScalar evaluateReduction(linalg::LinalgOp op, Value summand,
                               OpOperand *init, ArrayRef<IndexId> at,
                               MutableArrayRef<IndexId> loops,
                               ArrayRef<unsigned> reductionLoops,
                               OpResult result);
  LaneScalar evaluateBoundReduction(linalg::LinalgOp op, Value yielded,
                                    OpOperand *init, ArrayRef<IndexId> at,
                                    MutableArrayRef<IndexId> loops,
                                    ArrayRef<unsigned> reductionLoops,
                                    OpResult result);
  IndexId getBoundSymbol(ArrayRef<IndexId> at, IndexId size);
  /// The sum or the maximum (`name`) over `bound` of elements; a row with
  /// another column beside it is the row and that column.
  ExprId reduceRow(StringRef name, Type type, ArrayRef<IndexId> at,
                   IndexId bound,
                   llvm::function_ref<ExprId(IndexId)> getElement);
  /// Two tensors one after the other in the dimension `dim`.
  struct Concatenation {
    Value first, second;
    unsigned dim;
  };
  /// Two insertions that fill a tensor.
  std::optional<Concatenation> getConcatenation(tensor::InsertSliceOp second);
  LaneScalar evaluateConcatenatedColumn(const Concatenation &concatenation,
                                        OpResult result, ArrayRef<IndexId> at);
  LaneScalar evaluateSoftmax(linalg::SoftmaxOp softmax, ArrayRef<IndexId> at);
  LaneScalar evaluateConstant(Value value, ElementsAttr elements,
                              ArrayRef<IndexId> at);
  LaneScalar evaluateIn(Value scalar, const Body &body);
  LaneScalar evaluateBodyArgument(BlockArgument argument, const Body &body);
  LaneScalar evaluateScalarOp(Operation *op, OpResult result, const Body &body);
  std::optional<LaneScalar> evaluateRealOp(Operation *op,
                                           ArrayRef<LaneScalar> operands);
  std::optional<LaneScalar> evaluateIntegerOp(Operation *op,
                                              ArrayRef<LaneScalar> operands);
  std::optional<LaneScalar> evaluateComplexOp(Operation *op,
                                              ArrayRef<LaneScalar> operands);
  std::optional<LaneScalar> foldConstants(Operation *op,
                                          ArrayRef<LaneScalar> operands);
  LaneScalar applyElementwise(Operation *op, OpResult result,
                              ArrayRef<LaneScalar> operands,
                              ArrayRef<IndexId> at);
  LaneScalar select(Type type, IndexId condition, LaneScalar a, LaneScalar b);
  SmallVector<IndexId> getSizes(Value tensor);
  /// Whether an insertion writes `at`, and then which element of its source it
  /// writes there. None where nobody knows.
  std::optional<bool> isInserted(OffsetSizeAndStrideOpInterface insertion,
                                 Value destination,
                                 const llvm::SmallBitVector &dropped,
                                 ArrayRef<IndexId> at,
                                 SmallVectorImpl<IndexId> &source);
  LaneScalar leaf(Value value, ArrayRef<IndexId> at);
  IndexId evaluateIndex(OpFoldResult value);
  /// Numbers of which those that are dynamic are the next of `dynamics`. (As
  /// OpFoldResults each would be made an attribute first.)
  SmallVector<IndexId> evaluateIndices(ArrayRef<int64_t> statics,
                                       ValueRange dynamics);
  IndexId computeSize(Value shaped, int64_t dim);
  IndexId getUnknownSize(Value shaped, int64_t dim);
  IndexId getRepresentative(IndexId size) const;
  unsigned internList(ArrayRef<IndexId> list);

  IndexContext indices;
  LaneExprContext exprs;
  DenseMap<std::pair<Value, unsigned>, LaneScalar> memo;
  /// By value, dimension and the frame of the value.
  DenseMap<std::pair<std::pair<Value, int64_t>, unsigned>, IndexId> sizes;
  /// Towards the representative of equal sizes.
  DenseMap<IndexId, IndexId> equalSize;
  DenseMap<Operation *, std::optional<ConstantTensor>> constants;
  std::vector<Entry> entries;
  Interner<SmallVector<IndexId, 4>> indexLists;
  bool seesCallees = false;
  bool keepsReductions = false;
  bool seesRotated = false;
  std::vector<Frame> frames;
  /// By call or loop, the frame around it, and the list that is the number of
  /// the iteration; 0 where the callee is not evaluated.
  DenseMap<std::pair<std::pair<Operation *, unsigned>, unsigned>, unsigned>
      frameOf;
  /// By loop and the frame around it. References stay valid.
  std::map<std::pair<Operation *, unsigned>, LoopFacts> loopFacts;
  unsigned numIterationSymbols = 0;
  /// The frame of the values that are being evaluated, counted from 1; 0 is the
  /// function itself.
  unsigned frame = 0;
  std::optional<DenseRow> denseRow;
  /// References stay valid.
  std::unordered_map<Operation *, LoopNest> loopNests;
  /// Contractions with a row of three or more unknown entries.
  DenseSet<Operation *> projections;
  uint64_t numSteps = 0;
  uint64_t stepLimit = std::numeric_limits<uint64_t>::max();
  unsigned depth = 0;
};

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_LANEEVALUATOR_H
