//===- RotationMatcherTest.cpp - Which lanes are a rotation ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/RotationMatcher.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// Lanes (a, b) = (first half, second half) of x by tables c and s of one entry
/// a pair, put together as `concat(first, second)`.
class RotationMatching : public testing::Test {
protected:
  RotationMatching() : matcher(evaluator, /*givesReasons=*/true) {
    context.loadDialect<arith::ArithDialect, func::FuncDialect,
                        tensor::TensorDialect>();
  }

  std::optional<RotationMatch> match(StringRef first, StringRef second,
                                     StringRef source = "%x") {
    std::string text =
        ("func.func @f(%x: tensor<6x4xf32>, %z: tensor<6x4xf32>, "
         "%c: tensor<6x2xf32>, %s: tensor<6x2xf32>, %t: tensor<6x2xf32>) -> "
         "tensor<6x4xf32> {\n"
         "  %scaled = arith.mulf %x, %z : tensor<6x4xf32>\n"
         "  %a = tensor.extract_slice " +
         source +
         "[0, 0] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>\n"
         "  %b = tensor.extract_slice " +
         source +
         "[0, 2] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>\n"
         "  %other = tensor.extract_slice %z[0, 2] [6, 2] [1, 1] : "
         "tensor<6x4xf32> to tensor<6x2xf32>\n"
         "  %ac = arith.mulf %a, %c : tensor<6x2xf32>\n"
         "  %as = arith.mulf %a, %s : tensor<6x2xf32>\n"
         "  %at = arith.mulf %a, %t : tensor<6x2xf32>\n"
         "  %bc = arith.mulf %b, %c : tensor<6x2xf32>\n"
         "  %bs = arith.mulf %b, %s : tensor<6x2xf32>\n"
         "  %oc = arith.mulf %other, %c : tensor<6x2xf32>\n"
         "  %os = arith.mulf %other, %s : tensor<6x2xf32>\n"
         "  %first = arith." +
         first + " : tensor<6x2xf32>\n  %second = arith." + second +
         " : tensor<6x2xf32>\n"
         "  %y = tensor.concat dim(1) %first, %second : (tensor<6x2xf32>, "
         "tensor<6x2xf32>) -> tensor<6x4xf32>\n"
         "  return %y : tensor<6x4xf32>\n}")
            .str();
    modules.push_back(parseSourceString<ModuleOp>(text, &context));
    if (!modules.back())
      return std::nullopt;
    function = *modules.back()->getOps<func::FuncOp>().begin();
    Value y = function.front().getTerminator()->getOperand(0);
    IndexContext &indices = evaluator.getIndices();
    IndexId row = indices.getSymbol(0, indices.getConstant(6));
    SmallVector<ExprId> lanes;
    for (int64_t lane = 0; lane < 4; ++lane)
      lanes.push_back(
          evaluator.evaluate(y, {row, indices.getConstant(lane)}).re);
    return matcher.match(lanes);
  }
  std::string getReason() {
    return matcher.getNearMiss() ? matcher.getNearMiss()->reason : "";
  }

  MLIRContext context;
  /// All of a test: the evaluator knows values by address.
  std::vector<OwningOpRef<ModuleOp>> modules;
  func::FuncOp function;
  LaneEvaluator evaluator;
  RotationMatcher matcher;
};
} // namespace

TEST_F(RotationMatching, HalvesRotate) {
  std::optional<RotationMatch> found = match("subf %ac, %bs", "addf %as, %bc");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source.value, function.getArgument(0));
  EXPECT_TRUE(found->hasPairTables);
  ASSERT_EQ(found->pairs.size(), 2u);
  EXPECT_EQ(found->pairs[1].first, 1);
  EXPECT_EQ(found->pairs[1].second, 3);
  EXPECT_EQ(found->pairs[0].sinFirst.coefficient, 1.0);
}

TEST_F(RotationMatching, TheOtherSenseHasANegativeSine) {
  std::optional<RotationMatch> found = match("addf %ac, %bs", "subf %bc, %as");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pairs[0].sinFirst.coefficient, -1.0);
  EXPECT_EQ(found->pairs[0].sinSecond.coefficient, -1.0);
}

TEST_F(RotationMatching, TheSourceHoldsTheMostOfEachProduct) {
  std::optional<RotationMatch> found =
      match("subf %ac, %bs", "addf %as, %bc", "%scaled");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source.value.getDefiningOp()->getName().getStringRef(),
            "arith.mulf");
  EXPECT_EQ(found->pairs[0].cosFirst.factors.size(), 1u);
}

TEST_F(RotationMatching, RefusesEqualSigns) {
  EXPECT_FALSE(match("addf %ac, %bs", "addf %as, %bc"));
  EXPECT_NE(getReason().find("expected exactly one minus sign"),
            std::string::npos);
}

// (s b - c a, c b + s a) has determinant -1.
TEST_F(RotationMatching, RefusesAReflection) {
  EXPECT_FALSE(match("subf %bs, %ac", "addf %bc, %as"));
  EXPECT_NE(getReason().find("reflection"), std::string::npos);
}

TEST_F(RotationMatching, RefusesTablesThatDiffer) {
  EXPECT_FALSE(match("subf %ac, %bs", "addf %at, %bc"));
  EXPECT_NE(getReason().find("do not share their tables"), std::string::npos);
}

// Nothing orders lanes of two values, so nothing tells a sense.
TEST_F(RotationMatching, RefusesLanesOfTwoValues) {
  EXPECT_FALSE(match("subf %ac, %os", "addf %as, %oc"));
  EXPECT_NE(getReason().find("not lanes of one value"), std::string::npos);
}

TEST_F(RotationMatching, SumsWithoutPartnersAreNotEvenNearMisses) {
  EXPECT_FALSE(match("addf %ac, %os", "addf %at, %bc"));
  EXPECT_FALSE(match("mulf %ac, %os", "mulf %as, %oc"));
  EXPECT_EQ(getReason(), "");
}
