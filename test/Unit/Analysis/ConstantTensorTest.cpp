//===- ConstantTensorTest.cpp - Reading constants -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/ConstantTensor.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::rope;

static std::optional<ConstantTensor> read(MLIRContext &context,
                                          StringRef text) {
  return ConstantTensor::get(
      cast<ElementsAttr>(parseAttribute(text, &context)));
}

TEST(ConstantTensor, ReadsEachFloatType) {
  MLIRContext context;
  for (StringRef type : {"f16", "bf16", "f32", "f64"}) {
    std::optional<ConstantTensor> tensor = read(
        context, ("dense<[1.5, -2.0, 0.25]> : tensor<3x" + type + ">").str());
    ASSERT_TRUE(tensor);
    EXPECT_EQ(tensor->getFloat(0), 1.5);
    EXPECT_EQ(tensor->getFloat(1), -2.0);
    EXPECT_EQ(tensor->getFloat(2), 0.25);
  }
}

TEST(ConstantTensor, ReadsSplatsAndComplexNumbers) {
  MLIRContext context;
  std::optional<ConstantTensor> splat =
      read(context, "dense<3.0> : tensor<4x5xf32>");
  ASSERT_TRUE(splat);
  EXPECT_TRUE(splat->isSplat());
  EXPECT_EQ(splat->getFloat(19), 3.0);
  std::optional<ConstantTensor> pairs =
      read(context, "dense<[(1.0, 2.0), (3.0, 4.0)]> : tensor<2xcomplex<f32>>");
  ASSERT_TRUE(pairs);
  EXPECT_EQ(pairs->getFloat(1, ElementPart::Real), 3.0);
  EXPECT_EQ(pairs->getFloat(1, ElementPart::Imaginary), 4.0);
}

TEST(ConstantTensor, ReadsIntegersAndBooleans) {
  MLIRContext context;
  std::optional<ConstantTensor> integers =
      read(context, "dense<[-1, 5]> : tensor<2xi64>");
  ASSERT_TRUE(integers);
  EXPECT_EQ(integers->getInteger(0), -1);
  std::optional<ConstantTensor> booleans =
      read(context, "dense<[true, false, true]> : tensor<3xi1>");
  ASSERT_TRUE(booleans);
  EXPECT_EQ(booleans->getInteger(0), 1);
  EXPECT_EQ(booleans->getInteger(1), 0);
  EXPECT_EQ(booleans->getInteger(2), 1);
}

TEST(ConstantTensor, RefusesWhatHasNoLayoutHere) {
  MLIRContext context;
  EXPECT_FALSE(read(context, "dense<1> : tensor<2xi7>"));
}
