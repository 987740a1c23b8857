//===- ValueBoundsTest.cpp - Sizes of results in terms of operands --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::rope;

static constexpr const char *kModule = R"mlir(
func.func @f(%x: tensor<2x?x?x8xf32>, %p: tensor<?xi64>) -> tensor<?x8x8xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8> : tensor<?xi64> -> tensor<?x4xf32>
  %y = rope.rotate %x by %c, %s along [2] : tensor<2x?x?x8xf32>, tensor<?x4xf32>
  %m = rope.rotation_matrix %c, %s : tensor<?x4xf32>
  return %m : tensor<?x8x8xf32>
}
func.func @g(%a: tensor<2x?x?xf32>, %l: tensor<2x?xf32>) -> tensor<2x?x?xf32> {
  %m, %s = rope.merge %a, %l and %a, %l : tensor<2x?x?xf32>, tensor<2x?xf32>
  return %m : tensor<2x?x?xf32>
}
func.func @h(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x2x8xf32>) -> tensor<?x2x8x8xf32> {
  %o, %s = rope.linear_attention %q, %k, %k layout<bshd> returning_state : tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
  return %s : tensor<?x2x8x8xf32>
}
func.func @i(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x2x8xf32>) -> tensor<?x?x4x8xf32> {
  %o, %l, %s = rope.attention %q, %k, %k layout<bshd> returning_lse returning_scores<raw>
    : tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
  return %o : tensor<?x?x4x8xf32>
}
)mlir";

TEST(ValueBounds, ResultsFollowTheirFirstOperand) {
  DialectRegistry registry;
  registry.insert<RopeDialect, func::FuncDialect>();
  registerValueBoundsOpInterfaceExternalModels(registry);
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(kModule, &context);
  ASSERT_TRUE(module);
  auto areEqual = [](Value lhs, int64_t lhsDim, Value rhs, int64_t rhsDim) {
    FailureOr<bool> equal =
        ValueBoundsConstraintSet::areEqual({lhs, lhsDim}, {rhs, rhsDim});
    return succeeded(equal) && *equal;
  };
  module->walk([&](RotateOp op) {
    EXPECT_TRUE(areEqual(op.getResult(), 1, op.getInput(), 1));
    EXPECT_TRUE(areEqual(op.getResult(), 2, op.getInput(), 2));
    EXPECT_FALSE(areEqual(op.getResult(), 1, op.getInput(), 2));
  });
  module->walk([&](SinCosOp op) {
    EXPECT_TRUE(areEqual(op.getSin(), 0, op.getPositions(), 0));
  });
  module->walk([&](AttentionOp op) {
    EXPECT_TRUE(areEqual(op.getOut(), 1, op.getQuery(), 1));
    EXPECT_FALSE(areEqual(op.getOut(), 1, op.getKey(), 1));
    EXPECT_TRUE(areEqual(op.getLse(), 0, op.getQuery(), 0));
    EXPECT_TRUE(areEqual(op.getScores(), 0, op.getQuery(), 0));
    EXPECT_TRUE(areEqual(op.getScores(), 2, op.getQuery(), 1));
    EXPECT_TRUE(areEqual(op.getScores(), 3, op.getKey(), 1));
    EXPECT_FALSE(areEqual(op.getScores(), 3, op.getQuery(), 1));
  });
  module->walk([&](MergeOp op) {
    EXPECT_TRUE(areEqual(op.getMerged(), 2, op.getLhs(), 2));
    EXPECT_TRUE(areEqual(op.getLse(), 1, op.getLhs(), 1));
    EXPECT_FALSE(areEqual(op.getLse(), 1, op.getLhs(), 2));
  });
  module->walk([&](LinearAttentionOp op) {
    EXPECT_TRUE(areEqual(op.getOut(), 1, op.getQuery(), 1));
    EXPECT_FALSE(areEqual(op.getOut(), 1, op.getKey(), 1));
    EXPECT_TRUE(areEqual(op.getState(), 0, op.getQuery(), 0));
  });
  module->walk([&](RotationMatrixOp op) {
    auto sincos = op.getCos().getDefiningOp<SinCosOp>();
    EXPECT_TRUE(areEqual(op.getResult(), 0, sincos.getPositions(), 0));
    FailureOr<int64_t> rows = ValueBoundsConstraintSet::computeConstantBound(
        presburger::BoundType::UB, {op.getResult(), 1},
        /*stopCondition=*/nullptr, /*closedUB=*/true);
    ASSERT_TRUE(succeeded(rows));
    EXPECT_EQ(*rows, 8);
  });
}

TEST(ValueBounds, TablesHaveNoAxesAndGrowByTheLength) {
  DialectRegistry registry;
  registry.insert<RopeDialect, func::FuncDialect>();
  registerValueBoundsOpInterfaceExternalModels(registry);
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(R"mlir(
    func.func @f(%p: tensor<2x?xi64>, %n: index) -> tensor<?x?x4xf32> {
      %c, %s = rope.sincos %p length %n frequencies<dim = 8, sections = [1, 3]> : tensor<2x?xi64> -> tensor<?x?x4xf32>
      return %c : tensor<?x?x4xf32>
    })mlir",
                                                             &context);
  ASSERT_TRUE(module);
  module->walk([&](SinCosOp op) {
    using Variable = ValueBoundsConstraintSet::Variable;
    auto areEqual = [](Variable lhs, Variable rhs) {
      FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual(lhs, rhs);
      return succeeded(equal) && *equal;
    };
    EXPECT_TRUE(areEqual({op.getCos(), 0}, {op.getPositions(), 1}));
    EXPECT_TRUE(areEqual({op.getCos(), 1}, Variable(op.getLength())));
    EXPECT_FALSE(areEqual({op.getCos(), 0}, Variable(op.getLength())));
  });
}
