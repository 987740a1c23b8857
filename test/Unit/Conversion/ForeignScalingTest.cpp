//===- ForeignScalingTest.cpp - A scaling of another dialect --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An attribute of another dialect with `FrequencyScalingAttrInterface` works
// wherever ours do: w_i = 1 / (i + 1) and A = 1.25.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToAffine/SinCosToAffine.h"
#include "Rope/Conversion/RopeToLinalg/SinCosToLinalg.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
struct ScalingStorage : AttributeStorage {
  using KeyTy = unsigned;
  explicit ScalingStorage(unsigned atRunTime) : atRunTime(atRunTime) {}
  bool operator==(unsigned key) const { return key == atRunTime; }
  static ScalingStorage *construct(AttributeStorageAllocator &allocator,
                                   unsigned key) {
    return new (allocator.allocate<ScalingStorage>()) ScalingStorage(key);
  }
  unsigned atRunTime;
};

struct HarmonicScalingAttr
    : Attribute::AttrBase<HarmonicScalingAttr, Attribute, ScalingStorage,
                          FrequencyScalingAttrInterface::Trait> {
  using Base::Base;
  static constexpr StringLiteral name = "foreign.harmonic";

  LogicalResult verifyScaling(function_ref<InFlightDiagnostic()> emitError,
                              int64_t dim, double) const {
    if (dim > 8)
      return emitError() << "(C3) harmonic scaling stops at dim = 8";
    return success();
  }
  SmallVector<ExactReal> computeFrequencies(int64_t dim, double,
                                            std::optional<int64_t>) const {
    SmallVector<ExactReal> frequencies;
    for (int64_t i = 0; i < dim / 2; ++i)
      frequencies.push_back(ExactReal(1) / ExactReal(i + 1));
    return frequencies;
  }
  ExactReal computeAttentionFactor(int64_t, double,
                                   std::optional<int64_t>) const {
    return ExactReal(APFloat(1.25));
  }
  SmallVector<int64_t> getSequenceLengthSteps() const {
    return getImpl()->atRunTime ? SmallVector<int64_t>{16}
                                : SmallVector<int64_t>();
  }
  std::optional<BaseStretch> getBaseStretch() const { return std::nullopt; }
};

struct ForeignDialect : Dialect {
  explicit ForeignDialect(MLIRContext *context)
      : Dialect(getDialectNamespace(), context, TypeID::get<ForeignDialect>()) {
    addAttributes<HarmonicScalingAttr>();
  }
  static StringRef getDialectNamespace() { return "foreign"; }
  void printAttribute(Attribute, DialectAsmPrinter &printer) const override {
    printer << "harmonic";
  }
};

struct ForeignScaling : testing::Test {
  ForeignScaling() : builder(&context) {
    context.loadDialect<ForeignDialect, RopeDialect, arith::ArithDialect,
                        linalg::LinalgDialect, math::MathDialect,
                        tensor::TensorDialect>();
    module = ModuleOp::create(builder.getUnknownLoc());
    builder.setInsertionPointToStart(module->getBody());
  }

  FrequenciesAttr getFrequencies(int64_t dim, bool atRunTime) {
    return FrequenciesAttr::getChecked(
        [&] { return emitError(builder.getUnknownLoc()); }, &context, dim,
        APFloat(FrequenciesAttr::kDefaultBase),
        FrequencyScalingAttrInterface(
            HarmonicScalingAttr::get(&context, unsigned(atRunTime))));
  }
  SinCosOp createSinCos(FrequenciesAttr frequencies) {
    Value positions =
        tensor::EmptyOp::create(builder, builder.getUnknownLoc(),
                                ArrayRef<int64_t>{4}, builder.getI64Type());
    return SinCosOp::create(builder, builder.getUnknownLoc(), positions,
                            builder.getF32Type(), frequencies);
  }

  MLIRContext context;
  OpBuilder builder;
  OwningOpRef<ModuleOp> module;
};
} // namespace

TEST_F(ForeignScaling, GivesItsFrequencies) {
  FrequenciesAttr frequencies = getFrequencies(6, /*atRunTime=*/false);
  ASSERT_TRUE(frequencies);
  EXPECT_EQ(frequencies.getRounded(APFloat::IEEEdouble())[2].convertToDouble(),
            1.0 / 3.0);
  EXPECT_EQ(frequencies.getAttentionFactor(), ExactReal(APFloat(1.25)));
}

TEST_F(ForeignScaling, RefusesWhatItDoesNotKnow) {
  std::string message;
  ScopedDiagnosticHandler handler(
      &context, [&](Diagnostic &diagnostic) { message = diagnostic.str(); });
  EXPECT_FALSE(getFrequencies(10, false));
  EXPECT_EQ(message, "(C3) harmonic scaling stops at dim = 8");
}

TEST_F(ForeignScaling, LowersWithItsAttentionFactor) {
  SinCosOp op = createSinCos(getFrequencies(4, false));
  context.allowUnregisteredDialects();
  OperationState use(builder.getUnknownLoc(), "foreign.use");
  use.addOperands(op.getResults());
  builder.create(use);
  RewritePatternSet patterns(&context);
  populateSinCosToLinalgPatterns(patterns);
  FrozenRewritePatternSet frozen(std::move(patterns));
  GreedyRewriteConfig config;
  config.setStrictness(GreedyRewriteStrictness::ExistingOps);
  ASSERT_TRUE(
      succeeded(applyOpPatternsGreedily(op.getOperation(), frozen, config)));
  int factors = 0;
  module->walk([&](math::FmaOp product) {
    auto constant = product.getB().getDefiningOp<arith::ConstantOp>();
    auto value = constant ? dyn_cast<FloatAttr>(constant.getValue()) : nullptr;
    factors += value && value.getValueAsDouble() == 1.25;
  });
  EXPECT_EQ(factors, 4) << "high and low part of cosine and sine";
}

TEST_F(ForeignScaling, NeedsTheLengthThatItDependsOn) {
  std::string message;
  ScopedDiagnosticHandler handler(
      &context, [&](Diagnostic &diagnostic) { message = diagnostic.str(); });
  FrequenciesAttr frequencies = getFrequencies(4, /*atRunTime=*/true);
  EXPECT_TRUE(failed(createSinCos(frequencies).verify()));
  EXPECT_EQ(message, "'rope.sincos' op (C5) frequencies that depend on the "
                     "length of the sequence need a sequence_length");
  EXPECT_TRUE(
      succeeded(createSinCos(frequencies.atSequenceLength(20)).verify()));
}
