//===- FrequenciesTest.cpp - Exact values of frequencies ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expected values are from mpmath 1.3 at 600 bits.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/SmallString.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
struct Frequencies : testing::Test {
  Frequencies() { context.loadDialect<RopeDialect>(); }

  FrequenciesAttr parse(StringRef body) {
    return dyn_cast_if_present<FrequenciesAttr>(
        parseAttribute(("#rope.frequencies<" + body + ">").str(), &context));
  }
  double getF64(FrequenciesAttr frequencies, unsigned i) {
    return frequencies.getRounded(APFloat::IEEEdouble())[i].convertToDouble();
  }
  float getF32(FrequenciesAttr frequencies, unsigned i) {
    return frequencies.getRounded(APFloat::IEEEsingle())[i].convertToFloat();
  }
  /// The first 192 bits of a frequency in turns.
  std::string getTurns(FrequenciesAttr frequencies, unsigned i) {
    SmallString<48> digits;
    frequencies.getTurns()[i].getFraction(192).toString(digits, 16, false,
                                                        false, false);
    return std::string(48 - digits.size(), '0') + digits.str().str();
  }

  MLIRContext context;
};
} // namespace

TEST_F(Frequencies, DefaultIsAGeometricSeries) {
  FrequenciesAttr llama2 = parse("dim = 128, base = 1.0e4");
  EXPECT_EQ(llama2.getExact().size(), 64u);
  EXPECT_EQ(llama2.getExact()[0], ExactReal(1));
  EXPECT_EQ(getF64(llama2, 1), 0x1.bb5fad00ab22cp-1);
  EXPECT_EQ(getF32(llama2, 1), 0x1.bb5faep-1f);
  EXPECT_EQ(getF64(llama2, 63), 0x1.e459c57e28a47p-14);
  EXPECT_EQ(getTurns(llama2, 1),
            "234855e55644662eb8f8cd8867f175c02c5232b79e974f47");
  EXPECT_EQ(getTurns(llama2, 63),
            "00013458e2f590242936c000b86fbaba393420f2d8c37cd5");

  FrequenciesAttr llama3 = parse("dim = 128, base = 5.0e5");
  EXPECT_EQ(getF64(llama3, 37), 0x1.09fb7de6f8595p-11);
  EXPECT_EQ(getTurns(llama3, 37),
            "00054aa31ebf5cf5b536a1a75af58d2eef866ba17f3b447b");

  FrequenciesAttr notAPowerOfTwo = parse("dim = 24, base = 1.0e4");
  EXPECT_EQ(getF32(notAPowerOfTwo, 7), 0x1.3030fp-8f);
  EXPECT_EQ(getTurns(notAPowerOfTwo, 7),
            "003069dcf33dc072794030082bfc9b666b999c5a0d20ea1e");
}

TEST_F(Frequencies, LinearDividesByTheFactor) {
  FrequenciesAttr gemma =
      parse("dim = 256, base = 1.0e6, scaling = #rope.linear<factor = 8.0>");
  EXPECT_EQ(getF64(gemma, 0), 0.125);
  EXPECT_EQ(getF64(gemma, 100), 0x1.58863a71f7be2p-19);
  EXPECT_EQ(getTurns(gemma, 100),
            "000006daa5e360d451c0598e8f511fc09abeefa0e3f4de05");
  FrequenciesAttr vicuna =
      parse("dim = 128, base = 1.0e4, scaling = #rope.linear<factor = 2.5>");
  EXPECT_EQ(getF64(vicuna, 5), 0x1.8eec7def5d56cp-3);
  EXPECT_EQ(vicuna.getAttentionFactor(), ExactReal(1));
  EXPECT_FALSE(vicuna.getScaling().dependsOnSequenceLength());
}

TEST_F(Frequencies, TableIsWhatIsGiven) {
  FrequenciesAttr f32 = parse("dim = 6, scaling = #rope.table<dense<[0.1, "
                              "-2.5, 0.0]> : tensor<3xf32>>");
  EXPECT_EQ(getF32(f32, 0), 0.1f);
  EXPECT_EQ(getF64(f32, 0), double(0.1f));
  EXPECT_EQ(getF32(f32, 1), -2.5f);
  EXPECT_EQ(getF32(f32, 2), 0.0f);
  FrequenciesAttr f64 =
      parse("dim = 2, scaling = #rope.table<dense<0.1> : tensor<1xf64>>");
  EXPECT_EQ(getF64(f64, 0), 0.1);
  EXPECT_EQ(getF32(f64, 0), 0.1f);
}
