//===- LaneEvaluatorTest.cpp - Elements of parsed functions ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
class LaneEvaluation : public testing::Test {
protected:
  LaneEvaluation() {
    context.loadDialect<arith::ArithDialect, func::FuncDialect,
                        linalg::LinalgDialect, math::MathDialect,
                        tensor::TensorDialect>();
  }

  /// The expression of the returned tensor's element [d0, lane].
  ExprId lane(StringRef body, int64_t number) {
    std::string text =
        ("func.func @f(%x: tensor<6x8xf32>, %z: tensor<6x8xf32>) -> "
         "tensor<6x8xf32> {\n" +
         body + "\n  return %y : tensor<6x8xf32>\n}")
            .str();
    module = parseSourceString<ModuleOp>(text, &context);
    if (!module)
      return 0;
    function = *module->getOps<func::FuncOp>().begin();
    Value y = function.front().getTerminator()->getOperand(0);
    IndexContext &indices = evaluator.getIndices();
    return evaluator.evaluate(y, {row(), indices.getConstant(number)}).re;
  }
  IndexId row() {
    IndexContext &indices = evaluator.getIndices();
    return indices.getSymbol(0, indices.getConstant(6));
  }
  ExprId argument(unsigned number, int64_t lane) {
    return evaluator.getExprs().getLeaf(
        function.getArgument(number),
        {row(), evaluator.getIndices().getConstant(lane)});
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  LaneEvaluator evaluator;
};
} // namespace

TEST_F(LaneEvaluation, SlicesAndConcatenationsMoveLanes) {
  ExprId second = lane(R"(
  %l = tensor.extract_slice %x[0, 1] [6, 4] [1, 2] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 0] [6, 4] [1, 2] : tensor<6x8xf32> to tensor<6x4xf32>
  %y = tensor.concat dim(1) %l, %u : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>)",
                       1);
  EXPECT_EQ(second, argument(0, 3));
}

TEST_F(LaneEvaluation, SignsGoOutsideAndZerosVanish) {
  LaneExprContext &exprs = evaluator.getExprs();
  ExprId sum = lane(R"(
  %zero = arith.constant dense<0.0> : tensor<6x8xf32>
  %n = arith.negf %x : tensor<6x8xf32>
  %p = arith.mulf %n, %z : tensor<6x8xf32>
  %q = arith.mulf %x, %zero : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>)",
                    2);
  EXPECT_EQ(sum, exprs.neg(exprs.mul(Float32Type::get(&context), argument(0, 2),
                                     argument(1, 2))));
}

TEST_F(LaneEvaluation, ElementsThatTheOutputMapLeavesAreNotTheYieldedOnes) {
  ExprId other = lane(R"(
  %e = tensor.expand_shape %z [[0], [1, 2]] output_shape [6, 4, 2] : tensor<6x8xf32> into tensor<6x4x2xf32>
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %w = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1, 0)>], iterator_types = ["parallel", "parallel"]} ins(%l : tensor<6x4xf32>) outs(%e : tensor<6x4x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<6x4x2xf32>
  %y = tensor.collapse_shape %w [[0], [1, 2]] : tensor<6x4x2xf32> into tensor<6x8xf32>)",
                      3);
  EXPECT_NE(other, argument(0, 1));
  EXPECT_EQ(evaluator.getExprs().get(other).kind, LaneExpr::Kind::Leaf);
}

TEST_F(LaneEvaluation, ExhaustedWorkAnswersWithLeaves) {
  evaluator.setBudget(1);
  ExprId leaf = lane("  %y = arith.negf %x : tensor<6x8xf32>", 0);
  EXPECT_TRUE(evaluator.isExhausted());
  EXPECT_NE(leaf, 0u);
}

TEST_F(LaneEvaluation, DeepChainsEndInALeaf) {
  std::string body = "  %v0 = arith.addf %x, %z : tensor<6x8xf32>\n";
  constexpr int kLength = 20000;
  for (int i = 1; i <= kLength; ++i)
    body += "  %v" + std::to_string(i) + " = math.cos %v" +
            std::to_string(i - 1) + " : tensor<6x8xf32>\n";
  body +=
      "  %y = arith.negf %v" + std::to_string(kLength) + " : tensor<6x8xf32>";
  ExprId id = lane(body, 0);
  EXPECT_NE(id, 0u);
  EXPECT_LT(evaluator.getExprs().getDepth(id), unsigned(kLength));
}

TEST_F(LaneEvaluation, SumsOfProductsAreMergedAndNeverDistributed) {
  LaneExprContext &exprs = evaluator.getExprs();
  ExprId id = lane(R"(
  %p = arith.mulf %x, %z : tensor<6x8xf32>
  %y = arith.addf %p, %p : tensor<6x8xf32>)",
                   0);
  std::optional<SmallVector<LaneTerm, 2>> sum = exprs.getSumOfProducts(id);
  ASSERT_TRUE(sum && sum->size() == 1);
  EXPECT_EQ(sum->front().coefficient, 2.0);
  EXPECT_EQ(sum->front().factors.size(), 2u);

  Type f32 = Float32Type::get(&context);
  ExprId bias = exprs.add(f32, argument(0, 0), argument(1, 0));
  sum = exprs.getSumOfProducts(exprs.mul(f32, bias, argument(0, 1)));
  ASSERT_TRUE(sum && sum->size() == 1);
  EXPECT_EQ(sum->front().factors.size(), 2u);
}
