//===- AttentionVerification.cpp - Attention at run time ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// That dynamic dimensions of both attentions agree, and that lengths, starts
// and the past are within the keys and queries.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"
#include "RuntimeChecks.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Interfaces/RuntimeVerifiableOpInterface.h"

using namespace mlir;
using namespace mlir::rope;
using arith::CmpIPredicate;

/// Tables have a row for each position of the sequence that they rotate.
template <typename OpTy>
static void checkTables(RuntimeChecks &checks, OpTy op, StringRef role,
                        Value cos, Value sin, Value rotated) {
  if (!cos)
    return;
  for (Value table : {cos, sin}) {
    int64_t sequence = cast<ShapedType>(table.getType()).getRank() - 2;
    checks.requireEqual({table, sequence}, {rotated, op.getSequenceDimension()},
                        "tables of rotate_" + role +
                            " must have one row for each position");
    if (sequence == 1)
      checks.requireEqual({table, 0}, {rotated, 0},
                          "tables of rotate_" + role +
                              " must have the batches of the operand");
  }
}

/// Query, keys and values have one number of batches, keys and values one of
/// keys; a destination of the output has the batches and queries.
template <typename OpTy>
static void checkTokens(RuntimeChecks &checks, OpTy op, ValueRange others) {
  int64_t sequence = op.getSequenceDimension();
  for (Value operand : others) {
    checks.requireEqual({op.getQuery(), 0}, {operand, 0},
                        "query, key and value must have one batch dimension");
    checks.requireEqual({op.getKey(), sequence}, {operand, sequence},
                        "key and value must have one number of keys");
  }
  if (!op.hasTensorSemantics())
    checks.requireSameShape(
        op.getQuery(), op.getDestinations().front(),
        "query and output must have one shape but for the lanes", 3);
}

namespace {
struct AttentionChecks
    : RuntimeVerifiableOpInterface::ExternalModel<AttentionChecks,
                                                  AttentionOp> {
  static void checkMask(RuntimeChecks &checks, AttentionOp op) {
    Value mask = op.getMask();
    if (!mask)
      return;
    int64_t sequence = op.getSequenceDimension();
    OperandDim scores[] = {{op.getQuery(), 0},
                           {op.getQuery(), op.getHeadDimension()},
                           {op.getQuery(), sequence},
                           {op.getKey(), sequence}};
    auto type = cast<ShapedType>(mask.getType());
    int64_t last = type.getRank() - 1;
    for (int64_t dim = 0; dim < last; ++dim)
      if (type.getDimSize(dim) != 1)
        checks.requireEqual({mask, dim}, scores[3 - last + dim],
                            "dimension " + Twine(dim) +
                                " of the mask must agree with the scores");
    if (ShapedType::isDynamic(type.getDimSize(last)) ||
        ShapedType::isDynamic(scores[3].getStaticSize()))
      checks.require(CmpIPredicate::sle, checks.sizeOf({mask, last}),
                     checks.sizeOf(scores[3]),
                     "the mask must not have more keys than there are");
  }

  /// `sequence` is null where an origin leaves the larger one unknown.
  static void checkStarts(RuntimeChecks &checks, Value starts,
                          std::optional<OperandDim> sequence, StringRef name) {
    Value numSequences = checks.add(checks.sizeOf({starts, 0}), -1);
    checks.require(CmpIPredicate::sge, numSequences, checks.constant(1),
                   "starts must have two entries or more");
    checks.forEach(numSequences, [&](Value position) {
      Value start = checks.load(starts, position);
      Value end = checks.load(starts, checks.add(position, 1));
      checks.require(CmpIPredicate::sge, start, checks.constant(0),
                     "starts must not be negative");
      checks.require(CmpIPredicate::sle, start, end,
                     "starts must not decrease");
      if (sequence)
        checks.require(CmpIPredicate::sle, end, checks.sizeOf(*sequence),
                       "starts must not be past the last of the " + name);
    });
  }

  void generateRuntimeVerification(Operation *operation, OpBuilder &builder,
                                   Location loc,
                                   RuntimeMessageFn message) const {
    auto op = cast<AttentionOp>(operation);
    RuntimeChecks checks(op, builder, loc, message);
    int64_t sequence = op.getSequenceDimension();
    OperandDim batch{op.getQuery(), 0}, queries{op.getQuery(), sequence},
        keys{op.getKey(), sequence};
    SmallVector<Value> others{op.getKey(), op.getValue()};
    if (Value tail = op.getKeyTail())
      others.push_back(tail);
    checkTokens(checks, op, others);
    checkTables(checks, op, "query", op.getQueryCos(), op.getQuerySin(),
                op.getQuery());
    checkTables(checks, op, "key", op.getKeyCos(), op.getKeySin(), op.getKey());
    checkTables(checks, op, "value", op.getValueCos(), op.getValueSin(),
                op.getValue());
    checkTables(checks, op, "output", op.getOutputCos(), op.getOutputSin(),
                op.getQuery());
    if (Value lse = op.getLse(); lse && !op.hasTensorSemantics())
      checks.requireSameShape(op.getQuery(), lse,
                              "lse must have the leading dimensions of query",
                              3);
    if (Value scores = op.getScores(); scores && !op.hasTensorSemantics()) {
      checks.requireEqual(batch, {scores, 0},
                          "scores must have the batches of query");
      checks.requireEqual(queries, {scores, 2},
                          "scores must have a row for each query");
      checks.requireEqual(keys, {scores, 3},
                          "scores must have a column for each key");
    }
    checkMask(checks, op);
    if (Value sinks = op.getSinks())
      checks.requireEqual({sinks, 0}, {op.getQuery(), op.getHeadDimension()},
                          "sinks must have one logit for each head");
    bool isTile = static_cast<bool>(op.getQueryOrigin());
    auto requireCount = [&](Value count, StringRef name) {
      if (isTile)
        checks.require(CmpIPredicate::sge, count, checks.constant(0),
                       name + " must not be negative");
      else
        checks.requireWithin(count, checks.sizeOf(keys),
                             name + " must be within [0, number of keys]");
    };
    if (Value past = op.getPast())
      requireCount(past, "past");
    if (Value lengths = op.getKvLengths()) {
      checks.requireEqual({lengths, 0}, batch,
                          "kv_lengths must have one length for each batch");
      checks.forEach(checks.sizeOf({lengths, 0}), [&](Value position) {
        requireCount(checks.load(lengths, position), "kv_lengths");
      });
    }
    if (Value queryStarts = op.getQueryStarts()) {
      checks.requireEqual({queryStarts, 0}, {op.getKeyStarts(), 0},
                          "starts of queries and of keys must be as many");
      auto within = [&](OperandDim dim) {
        return isTile ? std::nullopt : std::optional(dim);
      };
      checkStarts(checks, queryStarts, within(queries), "queries");
      checkStarts(checks, op.getKeyStarts(), within(keys), "keys");
    }
  }
};

struct LinearAttentionChecks
    : RuntimeVerifiableOpInterface::ExternalModel<LinearAttentionChecks,
                                                  LinearAttentionOp> {
  void generateRuntimeVerification(Operation *operation, OpBuilder &builder,
                                   Location loc,
                                   RuntimeMessageFn message) const {
    auto op = cast<LinearAttentionOp>(operation);
    RuntimeChecks checks(op, builder, loc, message);
    checkTokens(checks, op, {op.getKey(), op.getValue()});
    int64_t sequence = op.getSequenceDimension();
    if (op.getCausal())
      checks.requireEqual({op.getQuery(), sequence}, {op.getKey(), sequence},
                          "causal queries must be as many as keys");
    checkTables(checks, op, "query", op.getQueryCos(), op.getQuerySin(),
                op.getQuery());
    checkTables(checks, op, "key", op.getKeyCos(), op.getKeySin(), op.getKey());
    for (Value perToken : {op.getLogDecay(), op.getBeta()})
      if (perToken)
        checks.requireSameShape(op.getKey(), perToken,
                                "decay and beta must have the batches and "
                                "tokens of key",
                                3);
    SmallVector<Value> sums;
    for (Value sum : {op.getPastState(), op.getPastNormalizer()})
      if (sum)
        sums.push_back(sum);
    llvm::append_range(
        sums, op.getDestinations().drop_front(op.hasTensorSemantics() ? 0 : 1));
    for (Value sum : sums)
      checks.requireEqual({op.getQuery(), 0}, {sum, 0},
                          "state and normalizer must have the batches of "
                          "query");
  }
};
} // namespace

void rope::registerAttentionVerificationExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RopeDialect *) {
    AttentionOp::attachInterface<AttentionChecks>(*context);
    LinearAttentionOp::attachInterface<LinearAttentionChecks>(*context);
    context->loadDialect<arith::ArithDialect, cf::ControlFlowDialect,
                         memref::MemRefDialect, scf::SCFDialect,
                         tensor::TensorDialect>();
  });
}
