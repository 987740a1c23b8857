//===- FeatureMapToLinalg.cpp - Features of queries and keys --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The equations of `#rope.feature_map`.
//
//===----------------------------------------------------------------------===//

#include "FeatureMapToLinalg.h"

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

/// phi(x) for a map of single lanes.
static Value buildLane(OpBuilder &builder, Location loc, FeatureMapKind kind,
                       Value lane) {
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(
        builder, loc, builder.getFloatAttr(lane.getType(), value));
  };
  switch (kind) {
  case FeatureMapKind::Identity:
    return lane;
  case FeatureMapKind::Relu:
    return arith::MaximumFOp::create(builder, loc, lane, constant(0.0));
  case FeatureMapKind::Exp:
    return math::ExpOp::create(builder, loc, lane);
  case FeatureMapKind::EluPlusOne: {
    Value isPositive = arith::CmpFOp::create(
        builder, loc, arith::CmpFPredicate::OGT, lane, constant(0.0));
    Value above = arith::AddFOp::create(builder, loc, lane, constant(1.0));
    Value below = math::ExpOp::create(builder, loc, lane);
    return arith::SelectOp::create(builder, loc, isPositive, above, below);
  }
  case FeatureMapKind::SoftmaxKernel:
    break;
  }
  llvm_unreachable("a softmax kernel is no map of single lanes");
}

/// phi_r(x) = exp(w_r . x - |x|^2 / 2) / sqrt(F).
static Value emitKernel(ShapedEmitter &emitter, LinearAttentionOp op,
                        Value input) {
  FloatType type = op.getComputeType();
  MLIRContext *context = op.getContext();
  int64_t numFeatures = op.getNumFeatures();
  SmallVector<OpFoldResult> sizes = emitter.getSizes(input);
  SmallVector<AffineExpr> exprs(5);
  bindDimsList(context, MutableArrayRef(exprs));
  auto row = ArrayRef(exprs).take_front(3);
  auto append = [&](unsigned loops, AffineExpr last) {
    SmallVector<AffineExpr> results(row);
    results.push_back(last);
    return AffineMap::get(loops, 0, results, context);
  };
  auto contract = [&](OpBuilder &builder, Location loc, Value lhs, Value rhs,
                      Value sum) -> Value {
    Value product = arith::MulFOp::create(
        builder, loc, convertFloat(builder, loc, lhs, type),
        convertFloat(builder, loc, rhs, type));
    return arith::AddFOp::create(builder, loc, sum, product);
  };

  Value squares =
      emitter.map({{input, append(4, exprs[3])}},
                  {emitter.fillWithZeros(
                       emitter.allocate(ArrayRef(sizes).drop_back(), type)),
                   AffineMap::get(4, 0, row, context)},
                  [&](OpBuilder &builder, Location loc, ValueRange args) {
                    return contract(builder, loc, args[0], args[0], args[1]);
                  });
  sizes.back() = emitter.builder.getIndexAttr(numFeatures);
  Value features =
      emitter.map({{input, append(5, exprs[4])},
                   {op.getProjection(),
                    AffineMap::get(5, 0, {exprs[3], exprs[4]}, context)}},
                  {emitter.fillWithZeros(emitter.allocate(sizes, type)),
                   append(5, exprs[3])},
                  [&](OpBuilder &builder, Location loc, ValueRange args) {
                    return contract(builder, loc, args[0], args[1], args[2]);
                  });
  return emitter.map(
      {{squares, AffineMap::get(4, 0, row, context)}},
      {features, append(4, exprs[3])},
      [&](OpBuilder &builder, Location loc, ValueRange args) -> Value {
        auto constant = [&](double value) -> Value {
          return arith::ConstantOp::create(builder, loc,
                                           builder.getFloatAttr(type, value));
        };
        Value half =
            arith::MulFOp::create(builder, loc, constant(0.5), args[0]);
        Value exponent = arith::SubFOp::create(builder, loc, args[1], half);
        Value exponential = math::ExpOp::create(builder, loc, exponent);
        double factor = 1.0 / std::sqrt(static_cast<double>(numFeatures));
        return arith::MulFOp::create(builder, loc, exponential,
                                     constant(factor));
      });
}

Value rope::emitFeatures(ShapedEmitter &emitter, LinearAttentionOp op,
                         Value input) {
  FloatType type = op.getComputeType();
  FeatureMapKind kind = op.getFeatures();
  if (kind == FeatureMapKind::SoftmaxKernel)
    return emitKernel(emitter, op, input);
  if (kind == FeatureMapKind::Identity &&
      cast<ShapedType>(input.getType()).getElementType() == type)
    return input;
  AffineMap all = emitter.builder.getMultiDimIdentityMap(4);
  return emitter.map(
      {{input, all}}, {emitter.allocate(emitter.getSizes(input), type), all},
      [&](OpBuilder &builder, Location loc, ValueRange args) {
        return buildLane(builder, loc, kind,
                         convertFloat(builder, loc, args[0], type));
      });
}
