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

#include "EraseDead.h"
#include "RaiseAttentions.h"
#include "RaiseCandidates.h"
#include "RotationRaiser.h"
#include "StrictRaising.h"
#include "WidenRotation.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::rope {
#define GEN_PASS_DEF_ROPERAISE
#include "Rope/Dialect/Rope/Transforms/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using namespace mlir::rope;

/// Whether the tables differ between pairs.
static bool hasSeveralAngles(const RotationMatch &match) {
  return llvm::any_of(match.pairs, [&](const RotationPair &pair) {
    return pair.cosFirst.factors != match.pairs.front().cosFirst.factors ||
           pair.sinFirst.factors != match.pairs.front().sinFirst.factors;
  });
}

/// The same op without `value` in its body: it reads `rotated`, whose
/// dimensions are the loops `dims`, instead.
static linalg::GenericOp readInsteadOf(Value value, linalg::GenericOp op,
                                       const RaisedRotation &raised,
                                       OpBuilder &builder) {
  SmallVector<Value> inputs(op.getInputs());
  inputs.push_back(raised.rotated);
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<AffineExpr> exprs;
  for (int64_t dim : raised.dims)
    exprs.push_back(builder.getAffineDimExpr(dim));
  maps.insert(maps.begin() + op.getNumDpsInputs(),
              AffineMap::get(op.getNumLoops(), 0, exprs, op.getContext()));
  builder.setInsertionPoint(op);
  auto read = linalg::GenericOp::create(
      builder, op.getLoc(), op.getResultTypes(), inputs, op.getOutputs(), maps,
      op.getIteratorTypesArray());
  read->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  IRMapping mapping;
  op.getRegion().cloneInto(&read.getRegion(), mapping);
  Block *body = read.getBlock();
  BlockArgument element = body->insertArgument(op.getNumDpsInputs(),
                                               value.getType(), value.getLoc());
  Operation *computed = mapping.lookup(value).getDefiningOp();
  computed->getResult(0).replaceAllUsesWith(element);
  eraseDeadChains(computed, /*ownsModule=*/false);
  op->replaceAllUsesWith(read->getResults());
  return read;
}

/// Of the tables to be made: a cosine of math has no bits of its own that
/// rope.sincos could keep, so strict raising makes none.
static std::optional<AccuracyKind>
getAccuracy(const RopeRaiseOptions &options) {
  if (options.strict)
    return std::nullopt;
  return options.upgradeAngles ? AccuracyKind::Exact : AccuracyKind::F32Angle;
}

namespace {
/// Raises all rotations of one function.
class FunctionRaiser {
public:
  /// `ownsModule` says that no other thread changes the functions beside this
  /// one, so that calls of them may be looked through.
  FunctionRaiser(FunctionOpInterface function, const RopeRaiseOptions &options,
                 bool ownsModule)
      : function(function), options(options),
        evaluator(options.strict
                      ? LaneExprContext::Arithmetic::Strict
                      : LaneExprContext::Arithmetic::ZeroIsAbsorbing),
        matcher(evaluator, givesRemarks()), dominance(function),
        builder(function),
        raiser(evaluator, matcher, dominance, builder, getAccuracy(options)),
        ownsModule(ownsModule) {
    if (ownsModule)
      evaluator.lookThroughCalls();
  }

  void run() {
    evaluator.learnEqualSizes(function.getFunctionBody().front());
    SmallVector<Operation *> ops;
    function->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (combinesLanes(op))
        ops.push_back(op);
      // Bodies of structured ops hold elements, not tensors.
      return isa<linalg::LinalgOp>(op) ? WalkResult::skip()
                                       : WalkResult::advance();
    });
    // The unusual places count only where no rotation of a usual place takes
    // their lanes.
    for (LanePlace place : {LanePlace::LastDim, LanePlace::LastTwoDims,
                            LanePlace::OtherDim, LanePlace::Body}) {
      for (Operation *op : ops)
        if (!isCovered(op))
          visit(op, place);
      findCovered();
    }
    // Not before everything is evaluated: the evaluator knows values by
    // address.
    eraseDeadChains(replaced, ownsModule);
  }

private:
  /// Whether anybody reads remarks. Values in them are printed, at the cost of
  /// a walk over the function.
  bool givesRemarks() {
    return function.getContext()->getRemarkEngine() != nullptr;
  }

  /// Whether an op, or a loop around it, serves nothing any more.
  bool isCovered(Operation *op) const {
    while (op != function && !covered.contains(op))
      op = op->getParentOp();
    return op != function;
  }

  /// Ops that serve nothing but values that have been replaced.
  void findCovered() {
    SetVector<Operation *> worklist(replaced.begin(), replaced.end());
    while (!worklist.empty()) {
      Operation *op = worklist.pop_back_val();
      bool unused = llvm::all_of(op->getUsers(), [&](Operation *user) {
        return covered.contains(user) || covered.contains(user->getParentOp());
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

  void visit(Operation *op, LanePlace place) {
    for (const RotationCandidate &candidate :
         getCandidates(evaluator, op, place))
      if (Operation *next = visit(candidate, place)) {
        // What is left of a body may hold another rotation.
        if (place == LanePlace::Body)
          visit(next, place);
        return;
      }
  }

  /// Raises a candidate if it is a rotation. The op that takes its place.
  Operation *visit(RotationCandidate candidate, LanePlace place) {
    evaluator.setBudget(options.maxSteps);
    std::optional<SmallVector<ExprId>> lanes =
        evaluateLanes(evaluator, candidate);
    std::optional<DenseRow> dense = evaluator.takeDenseRow();
    if (evaluator.isExhausted())
      return giveUp(candidate);
    if (dense && dense->contraction == candidate.value.getDefiningOp() &&
        dense->numColumns == candidate.getNumLanes() &&
        place == LanePlace::LastDim) {
      missed(candidate, "NotARotation",
             "the matrix is not a block-diagonal rotation: row " +
                 Twine(dense->row) + " has entries in columns " +
                 Twine(dense->columns[0]) + ", " + Twine(dense->columns[1]) +
                 " and " + Twine(dense->columns[2]));
      return nullptr;
    }
    if (!lanes && !options.algebraic)
      return nullptr;
    std::optional<RotationMatch> match;
    std::optional<NearMiss> miss;
    if (lanes) {
      match = matcher.match(*lanes);
      miss = matcher.getNearMiss();
    }
    if (!match && options.algebraic) {
      RotationCandidate expanded = candidate;
      std::optional<SmallVector<ExprId>> products =
          evaluateLanes(evaluator, expanded, /*expandsProducts=*/true);
      if (evaluator.isExhausted())
        return giveUp(candidate);
      if (products && (match = matcher.match(*products))) {
        candidate = expanded;
        lanes = products;
      }
    }
    if (match) {
      // A batch or a sequence, not lanes, where all pairs turn by one angle.
      if (place != LanePlace::LastDim && !hasSeveralAngles(*match))
        return nullptr;
      return replace(candidate, *match, *lanes);
    }
    if (miss) {
      if (place == LanePlace::LastDim)
        missed(candidate, "NotARotation", miss->reason);
      return nullptr;
    }
    if (lanes && place == LanePlace::LastDim && !candidate.roundedType)
      if (Operation *widened =
              widenRotation(evaluator, dominance, builder, candidate, *lanes))
        return finish(candidate, {widened->getResult(0), {}},
                      "widened to the whole head");
    return nullptr;
  }

  Operation *replace(const RotationCandidate &candidate,
                     const RotationMatch &match, ArrayRef<ExprId> lanes) {
    if (options.strict)
      if (std::optional<std::string> reason =
              getInexactness(evaluator, matcher, match, lanes)) {
        missed(candidate, "NotStrict", *reason);
        return nullptr;
      }
    Operation *before = candidate.anchor->getPrevNode();
    std::optional<RaisedRotation> raised = raiser.raise(candidate, match);
    if (!raised) {
      missed(candidate, "NotRaised", "a rotation, but " + raiser.getRefusal());
      return nullptr;
    }
    if (StringRef kept = raiser.getKeptTables(); !kept.empty())
      missed(candidate, "KeptTables", kept);
    Operation *next = finish(candidate, *raised,
                             Twine(match.pairs.size()) + " pairs of lanes");
    eraseDeadOps(before, candidate.anchor->getPrevNode());
    return next;
  }

  Operation *finish(const RotationCandidate &candidate,
                    const RaisedRotation &raised, const Twine &what) {
    remark::passed(candidate.value.getLoc(),
                   remark::RemarkOpts::name("Rotation")
                       .category("rope")
                       .function(function.getName()))
        << ("raised to rope.rotate: " + what).str();
    replaced.push_back(candidate.anchor);
    auto value = dyn_cast<TypedValue<RankedTensorType>>(candidate.value);
    if (!value)
      return readInsteadOf(candidate.value,
                           cast<linalg::GenericOp>(candidate.anchor), raised,
                           builder);
    Value rotated = raised.rotated;
    if (rotated.getType() != value.getType()) {
      builder.setInsertionPoint(candidate.anchor);
      rotated = tensor::CastOp::create(builder, value.getLoc(), value.getType(),
                                       rotated);
    }
    // Sizes do not need the rotated value: its source has the same.
    Value sized = rotated;
    if (auto rotate = rotated.getDefiningOp<RotateOp>())
      sized = rotate.getInput();
    value.replaceUsesWithIf(sized, [](OpOperand &use) {
      return isa<tensor::DimOp>(use.getOwner());
    });
    value.replaceAllUsesWith(rotated);
    if (candidate.anchor->getNumRegions() && candidate.anchor->use_empty())
      covered.insert(candidate.anchor);
    matcher.getNames().forget(value);
    return rotated.getDefiningOp();
  }

  Operation *giveUp(const RotationCandidate &candidate) {
    missed(candidate, "Budget",
           "gave up after " + Twine(options.maxSteps) + " steps");
    return nullptr;
  }

  void missed(const RotationCandidate &candidate, StringRef name,
              const Twine &reason) {
    if (!givesRemarks())
      return;
    remark::missed(candidate.value.getLoc(),
                   remark::RemarkOpts::name(name).category("rope").function(
                       function.getName()))
        << reason.str()
        << remark::detail::Remark::Arg("Value", candidate.value);
  }

  FunctionOpInterface function;
  const RopeRaiseOptions &options;
  LaneEvaluator evaluator;
  RotationMatcher matcher;
  DominanceInfo dominance;
  OpBuilder builder;
  RotationRaiser raiser;
  bool ownsModule;
  SmallVector<Operation *> replaced;
  DenseSet<Operation *> covered;
};

struct RopeRaise : rope::impl::RopeRaiseBase<RopeRaise> {
  using RopeRaiseBase::RopeRaiseBase;

  void runOnOperation() override {
    if (strict && (upgradeAngles || algebraic)) {
      getOperation()->emitError("rope-raise: strict keeps every bit, ")
          << (algebraic ? "algebraic" : "upgrade-angles") << " does not";
      return signalPassFailure();
    }
    RopeRaiseOptions options;
    options.strict = strict;
    options.upgradeAngles = upgradeAngles;
    options.algebraic = algebraic;
    options.maxSteps = maxSteps;
    getOperation()->walk<WalkOrder::PreOrder>(
        [&](FunctionOpInterface function) {
          if (function.isExternal())
            return WalkResult::skip();
          bool ownsModule = function != getOperation();
          FunctionRaiser(function, options, ownsModule).run();
          raiseAttentions(function, options, ownsModule);
          return WalkResult::skip();
        });
  }
};
} // namespace
