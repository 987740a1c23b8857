//===- LaneExprTest.cpp - How expressions fold ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneExpr.h"
#include "mlir/IR/Builders.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;
using Arithmetic = LaneExprContext::Arithmetic;

namespace {
class LaneExprs : public testing::Test {
protected:
  LaneExprs()
      : f32(Float32Type::get(&context)), bf16(BFloat16Type::get(&context)),
        exprs(indices, Arithmetic::ZeroIsAbsorbing),
        strict(indices, Arithmetic::Strict) {}

  /// An unknown number.
  ExprId unknown(LaneExprContext &owner, int64_t number) {
    return owner.function("math.tanh", f32, {}, {indices.getConstant(number)});
  }

  MLIRContext context;
  Type f32, bf16;
  IndexContext indices;
  LaneExprContext exprs, strict;
};
} // namespace

TEST_F(LaneExprs, ZeroOneAndSignsFold) {
  ExprId x = unknown(exprs, 0), y = unknown(exprs, 1);
  ExprId zero = exprs.getConstant(f32, 0.0), one = exprs.getConstant(f32, 1.0);
  EXPECT_EQ(exprs.mul(f32, x, zero), zero);
  EXPECT_EQ(exprs.add(f32, x, zero), x);
  EXPECT_EQ(exprs.mul(f32, one, x), x);
  EXPECT_EQ(exprs.mul(f32, exprs.neg(x), y), exprs.neg(exprs.mul(f32, y, x)));
  EXPECT_EQ(exprs.neg(exprs.neg(x)), x);
  EXPECT_EQ(exprs.function("math.sin", f32, {exprs.neg(x)}),
            exprs.neg(exprs.function("math.sin", f32, {x})));
  EXPECT_EQ(exprs.function("math.cos", f32, {exprs.neg(x)}),
            exprs.function("math.cos", f32, {x}));
}

TEST_F(LaneExprs, StrictKeepsWhatInfinitiesAndSignedZerosShow) {
  ExprId x = unknown(strict, 0), zero = strict.getConstant(f32, 0.0);
  EXPECT_NE(strict.mul(f32, x, zero), zero);
  EXPECT_NE(strict.add(f32, x, zero), x);
  EXPECT_EQ(strict.mul(f32, x, strict.getConstant(f32, 1.0)), x);
}

TEST_F(LaneExprs, ConstantsFoldInTheTypeOfTheOp) {
  ExprId tenth = exprs.getConstant(f32, 0.1f),
         three = exprs.getConstant(f32, 3);
  EXPECT_EQ(exprs.getConstantValue(exprs.mul(f32, tenth, three)), 0.1f * 3.0f);
  EXPECT_EQ(
      exprs.getConstantValue(exprs.function("arith.divf", f32, {tenth, three})),
      0.1f / 3.0f);
  // 1 + 2^-9 is between two numbers of bf16.
  ExprId sum = exprs.add(bf16, exprs.getConstant(bf16, 1.0),
                         exprs.getConstant(bf16, 0x1p-9));
  EXPECT_EQ(exprs.getConstantValue(sum), 1.0);
}

TEST_F(LaneExprs, NaNIsAConstantThatEqualsItsOwnBits) {
  ExprId nan = exprs.getConstant(f32, std::nan(""));
  EXPECT_EQ(nan, exprs.getConstant(f32, std::nan("")));
  EXPECT_NE(nan, exprs.getUndefined());
}

TEST_F(LaneExprs, ColumnsAreKnownByShapeContentAndSign) {
  ExprId column = exprs.getColumn(f32, {2, 2}, {1, 2, 3, 4}, {0, 0});
  EXPECT_EQ(column, exprs.getColumn(f32, {2, 2}, {1, 2, 3, 4}, {0, 0}));
  EXPECT_NE(column, exprs.getColumn(f32, {4, 1}, {1, 2, 3, 4}, {0, 0}));
  EXPECT_EQ(exprs.neg(column),
            exprs.getColumn(f32, {2, 2}, {-1, -2, -3, -4}, {0, 0}));
  EXPECT_EQ(exprs.getConstantValue(exprs.getColumn(f32, {2}, {5, 5}, {0})), 5);
}

TEST_F(LaneExprs, ProductsInAnotherTypeStayOneFactor) {
  ExprId x = unknown(exprs, 0), y = unknown(exprs, 1), z = unknown(exprs, 2);
  auto terms = exprs.getSumOfProducts(exprs.mul(f32, exprs.mul(f32, x, y), z));
  ASSERT_TRUE(terms && terms->size() == 1);
  EXPECT_EQ(terms->front().factors.size(), 3u);
  terms = exprs.getSumOfProducts(exprs.mul(f32, exprs.mul(bf16, x, y), z));
  ASSERT_TRUE(terms && terms->size() == 1);
  EXPECT_EQ(terms->front().factors.size(), 2u);
}
