//===- RaisePass.cpp - Recognise rotations --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Candidates in program order: the first proof wins, and a raised value is a
// leaf for everything after it.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/Transforms/Passes.h"

#include "RotationRaiser.h"
#include "WidenRotation.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::rope {
#define GEN_PASS_DEF_ROPERAISE
#include "Rope/Dialect/Rope/Transforms/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using namespace mlir::rope;

/// Fewer lanes make no embedding, more make no head.
static constexpr int64_t kMinLanes = 4;
static constexpr int64_t kMaxLanes = 512;

/// Whether an op can bring lanes together. Pure movement cannot: what it moves
/// is a candidate itself.
static bool combinesLanes(Operation *op) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<tensor::ConcatOp, tensor::InsertSliceOp, tensor::PadOp,
            tensor::ReshapeOp, arith::AddFOp, arith::SubFOp, math::FmaOp>(
          [](Operation *) { return true; })
      // Pairs that were stacked on a dimension of their own.
      .Case([](tensor::CollapseShapeOp collapse) {
        return collapse.getReassociationIndices().size() > 0 &&
               collapse.getReassociationIndices().back().size() > 1;
      })
      .Case([](linalg::LinalgOp linalgOp) {
        return linalgOp.getNumReductionLoops() > 0 ||
               llvm::any_of(*linalgOp.getBlock(), [](Operation &bodyOp) {
                 return isa<arith::AddFOp, arith::SubFOp, math::FmaOp,
                            arith::SelectOp, scf::IfOp, tensor::ExtractOp,
                            complex::MulOp>(bodyOp);
               });
      })
      .Default([](Operation *) { return false; });
}

/// The last `numLaneDims` dimensions of a value as lanes, if they can be.
static std::optional<RotationCandidate>
getCandidate(LaneEvaluator &evaluator, OpResult value, int64_t numLaneDims) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() < numLaneDims || type.getRank() > 60 ||
      !isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(
          type.getElementType()))
    return std::nullopt;
  RotationCandidate candidate{
      value, {}, type.getShape().take_back(numLaneDims)};
  if (ShapedType::isDynamicShape(candidate.laneShape))
    return std::nullopt;
  // Two dimensions hold pairs only if one of them counts the two lanes.
  if (numLaneDims == 2 && !llvm::is_contained(candidate.laneShape, 2))
    return std::nullopt;
  int64_t numLanes = candidate.getNumLanes();
  if (numLanes < kMinLanes || numLanes > kMaxLanes || numLanes % 2 != 0)
    return std::nullopt;
  for (int64_t dim = 0; dim < type.getRank() - numLaneDims; ++dim)
    candidate.leadingDims.push_back(
        {static_cast<unsigned>(dim), evaluator.getSize(value, dim)});
  return candidate;
}

/// Erases ops from `last` back to, but without, `first` that nothing uses.
static void eraseDeadOps(Operation *first, Operation *last) {
  while (last && last != first) {
    Operation *previous = last->getPrevNode();
    if (isOpTriviallyDead(last))
      last->erase();
    last = previous;
  }
}

/// Erases `op` and what it alone used.
static void eraseDeadChain(Operation *op) {
  SetVector<Operation *> worklist;
  worklist.insert(op);
  while (!worklist.empty()) {
    Operation *dead = worklist.pop_back_val();
    if (!isOpTriviallyDead(dead))
      continue;
    SmallVector<Operation *> producers;
    dead->walk([&](Operation *nested) {
      for (Value operand : nested->getOperands())
        if (Operation *producer = operand.getDefiningOp();
            producer && !dead->isAncestor(producer))
          producers.push_back(producer);
    });
    dead->erase();
    worklist.insert(producers.begin(), producers.end());
  }
}

namespace {
/// Raises all rotations of one function.
class FunctionRaiser {
public:
  FunctionRaiser(FunctionOpInterface function, const RopeRaiseOptions &options)
      : function(function), options(options),
        evaluator(options.strict
                      ? LaneExprContext::Arithmetic::Strict
                      : LaneExprContext::Arithmetic::ZeroIsAbsorbing),
        matcher(evaluator), dominance(function), builder(function),
        raiser(evaluator, matcher, dominance, builder,
               options.upgradeAngles ? AccuracyKind::Exact
                                     : AccuracyKind::F32Angle) {}

  void run() {
    evaluator.learnEqualSizes(function);
    SmallVector<Operation *> ops;
    function->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (combinesLanes(op))
        ops.push_back(op);
      // Bodies of structured ops hold elements, not tensors.
      return isa<linalg::LinalgOp>(op) ? WalkResult::skip()
                                       : WalkResult::advance();
    });
    for (int64_t numLaneDims : {1, 2}) {
      for (Operation *op : ops)
        if (!isCovered(op))
          for (OpResult result : op->getResults())
            visit(result, numLaneDims);
      // Pairs in a dimension of their own count only where no rotation of the
      // collapsed lanes takes them.
      findCovered();
    }
    // Not before everything is evaluated: the evaluator knows values by
    // address.
    for (Operation *op : replaced)
      eraseDeadChain(op);
  }

private:
  bool isCovered(Operation *op) { return covered.contains(op); }

  /// Ops that serve nothing but values that have been replaced.
  void findCovered() {
    SetVector<Operation *> worklist(replaced.begin(), replaced.end());
    while (!worklist.empty()) {
      Operation *op = worklist.pop_back_val();
      bool unused = llvm::all_of(op->getUsers(), [&](Operation *user) {
        return isCovered(user) || isCovered(user->getParentOp());
      });
      if (!unused || !covered.insert(op).second)
        continue;
      op->walk([&](Operation *nested) {
        for (Value operand : nested->getOperands())
          if (Operation *producer = operand.getDefiningOp())
            worklist.insert(producer);
      });
    }
  }

  void visit(OpResult value, int64_t numLaneDims) {
    std::optional<RotationCandidate> candidate =
        getCandidate(evaluator, value, numLaneDims);
    if (!candidate || value.use_empty())
      return;
    evaluator.setBudget(options.maxSteps);
    std::optional<SmallVector<ExprId>> lanes = evaluateLanes(*candidate);
    if (evaluator.isExhausted())
      return remark(value, "Budget",
                    "gave up after " + Twine(options.maxSteps) + " steps");
    std::optional<DenseRow> dense = evaluator.takeDenseRow();
    if (!lanes) {
      if (dense && dense->contraction == value.getOwner())
        remark(value, "NotARotation",
               "the matrix is not a block-diagonal rotation: its first row has "
               "entries in columns " +
                   Twine(dense->columns[0]) + ", " + Twine(dense->columns[1]) +
                   " and " + Twine(dense->columns[2]));
      return;
    }
    if (std::optional<RotationMatch> match = matcher.match(*lanes))
      return replace(*candidate, *match, *lanes);
    if (const std::optional<NearMiss> &miss = matcher.getNearMiss())
      return remark(value, "NotARotation", miss->reason);
    if (Operation *widened =
            widenRotation(evaluator, dominance, builder, *candidate, *lanes))
      finish(value, widened->getResult(0), "widened to the whole head");
  }

  /// The expressions of all lanes, or none as soon as one of them is neither
  /// one nor two products.
  std::optional<SmallVector<ExprId>>
  evaluateLanes(const RotationCandidate &candidate) {
    IndexContext &indices = evaluator.getIndices();
    size_t numLeading = candidate.leadingDims.size();
    SmallVector<IndexId> at(numLeading + candidate.laneShape.size());
    for (const LeadingDim &dim : candidate.leadingDims)
      at[dim.symbol] = indices.getSymbol(dim.symbol, dim.size);
    SmallVector<ExprId> lanes;
    for (int64_t lane = 0; lane < candidate.getNumLanes(); ++lane) {
      int64_t inner = candidate.laneShape.back();
      at.back() = indices.getConstant(lane % inner);
      if (candidate.laneShape.size() == 2)
        at[numLeading] = indices.getConstant(lane / inner);
      LaneScalar scalar = evaluator.evaluate(candidate.value, at);
      std::optional<SmallVector<LaneTerm, 2>> sum =
          evaluator.getExprs().getSumOfProducts(scalar.re);
      if (!sum || sum->empty() || sum->size() > 2)
        return std::nullopt;
      lanes.push_back(scalar.re);
    }
    return lanes;
  }

  void replace(const RotationCandidate &candidate, const RotationMatch &match,
               ArrayRef<ExprId> lanes) {
    if (options.strict)
      if (std::optional<std::string> reason = getInexactness(match, lanes))
        return remark(candidate.value, "NotStrict", *reason);
    Operation *anchor = candidate.value.getOwner();
    Operation *before = anchor->getPrevNode();
    Value rotated = raiser.raise(candidate, match);
    if (!rotated)
      return remark(candidate.value, "NotRaised",
                    "a rotation, but " + raiser.getRefusal());
    finish(candidate.value, rotated,
           Twine(match.pairs.size()) + " pairs of lanes");
    eraseDeadOps(before, anchor->getPrevNode());
  }

  void finish(OpResult value, Value rotated, const Twine &what) {
    remark::passed(value.getLoc(), remark::RemarkOpts::name("Rotation")
                                       .category("rope")
                                       .function(getName()))
        << ("raised to rope.rotate: " + what).str();
    // Sizes do not need the rotated value: its source has the same.
    Value sized = rotated;
    if (auto rotate = rotated.getDefiningOp<RotateOp>())
      sized = rotate.getInput();
    value.replaceUsesWithIf(sized, [](OpOperand &use) {
      return isa<tensor::DimOp>(use.getOwner());
    });
    value.replaceAllUsesWith(rotated);
    matcher.getNames().forget(value);
    replaced.push_back(value.getOwner());
  }

  /// Why the bits of the op would not be those of the program.
  std::optional<std::string> getInexactness(const RotationMatch &match,
                                            ArrayRef<ExprId> lanes) {
    LaneExprContext &exprs = evaluator.getExprs();
    for (const RotationPair &pair : match.pairs)
      for (int64_t lane : {pair.first, pair.second}) {
        const LaneExpr *sum = &exprs.get(lanes[lane]);
        if (sum->kind == LaneExpr::Kind::Neg)
          sum = &exprs.get(sum->operands[0]);
        if (sum->kind != LaneExpr::Kind::Add ||
            sum->type.getIntOrFloatBitWidth() < 32)
          return "strict: lane " + std::to_string(lane) +
                 " is rounded to a narrow type after every product";
        for (ExprId operand : sum->operands) {
          const LaneExpr *product = &exprs.get(operand);
          if (product->kind == LaneExpr::Kind::Neg)
            product = &exprs.get(product->operands[0]);
          bool isProduct =
              product->kind == LaneExpr::Kind::Mul &&
              product->type == sum->type &&
              llvm::none_of(product->operands, [&](ExprId factor) {
                return exprs.get(factor).kind == LaneExpr::Kind::Mul &&
                       exprs.get(factor).type == product->type &&
                       !isNamed(factor);
              });
          if (!isProduct)
            return "strict: the products of lane " + std::to_string(lane) +
                   " would be reassociated";
        }
      }
    return std::nullopt;
  }

  /// Whether some tensor holds the value of `id` as it is rounded.
  bool isNamed(ExprId id) { return !matcher.getNames().lookup({id}).empty(); }

  void remark(Value value, StringRef name, const Twine &reason) {
    remark::missed(
        value.getLoc(),
        remark::RemarkOpts::name(name).category("rope").function(getName()))
        << reason.str() << remark::detail::Remark::Arg("Value", value);
  }

  StringRef getName() { return function.getName(); }

  FunctionOpInterface function;
  const RopeRaiseOptions &options;
  LaneEvaluator evaluator;
  RotationMatcher matcher;
  DominanceInfo dominance;
  OpBuilder builder;
  RotationRaiser raiser;
  SmallVector<Operation *> replaced;
  DenseSet<Operation *> covered;
};

struct RopeRaise : rope::impl::RopeRaiseBase<RopeRaise> {
  using RopeRaiseBase::RopeRaiseBase;

  void runOnOperation() override {
    RopeRaiseOptions options;
    options.strict = strict;
    options.upgradeAngles = upgradeAngles;
    options.maxSteps = maxSteps;
    getOperation()->walk<WalkOrder::PreOrder>(
        [&](FunctionOpInterface function) {
          if (!function.isExternal())
            FunctionRaiser(function, options).run();
          return WalkResult::skip();
        });
  }
};
} // namespace
