//===- CallFrameTest.cpp - One call through the C interface ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions written by hand stand for compiled ones: they see what the C
// interface promises and return buffers that the frame must free.
//
//===----------------------------------------------------------------------===//

#include "../../../lib/Runtime/CallFrame.h"

#include "gtest/gtest.h"
#include <cstdlib>
#include <malloc.h>

using namespace mlir::rope;

namespace {
/// A memref of rank two, as lowered code lays it out.
struct Descriptor {
  float *allocated, *aligned;
  intptr_t offset, sizes[2], strides[2];
};
} // namespace

static ValueSpec makeMatrixSpec(int64_t rows, int64_t columns) {
  return {mlir::Type(), ElementKind::F32, /*isBuffer=*/true, {rows, columns}};
}

static constexpr int64_t kRows = 1024, kColumns = 4096;

/// (m) -> m + 1 in a buffer of its own, laid out column by column.
static void addOne(void **arguments) {
  auto &result = **static_cast<Descriptor **>(arguments[0]);
  auto &input = **static_cast<Descriptor **>(arguments[1]);
  auto *data =
      static_cast<float *>(std::malloc(kRows * kColumns * sizeof(float)));
  result = {data, data, 0, {kRows, kColumns}, {1, kRows}};
  for (int64_t i = 0; i < kRows; ++i)
    for (int64_t j = 0; j < kColumns; ++j)
      data[i + j * kRows] =
          input.aligned[i * input.strides[0] + j * input.strides[1]] + 1;
  input.aligned[0] = -1;
}

static size_t getAllocatedBytes() {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(CallFrame, CopiesArgumentsAndFreesResults) {
  Signature signature;
  signature.arguments.push_back(makeMatrixSpec(kRows, kColumns));
  signature.results.push_back(makeMatrixSpec(kRows, kColumns));
  std::vector<NamedArray> arguments;
  arguments.push_back({"", NdArray(ElementKind::F32, {kRows, kColumns})});
  arguments[0].array.as<float>()[kColumns + 2] = 5;

  size_t before = getAllocatedBytes();
  {
    CallFrame frame(signature, arguments);
    frame.call(addOne);
    auto results = frame.getResults();
    ASSERT_TRUE(bool(results)) << llvm::toString(results.takeError());
    EXPECT_EQ(results->front().as<float>()[kColumns + 2], 6.0f);
    EXPECT_EQ(results->front().as<float>()[2], 1.0f);
  }
  // A megabyte of slack for what is none of ours; the matrices have 16 each.
  EXPECT_LT(getAllocatedBytes(), before + (1 << 20));
  EXPECT_EQ(arguments[0].array.as<float>()[0], 0.0f);
}

TEST(CallFrame, RefusesAResultOfAnotherShape) {
  Signature signature;
  signature.arguments.push_back(makeMatrixSpec(kRows, kColumns));
  signature.results.push_back(makeMatrixSpec(kRows, 7));
  std::vector<NamedArray> arguments;
  arguments.push_back({"", NdArray(ElementKind::F32, {kRows, kColumns})});
  CallFrame frame(signature, arguments);
  frame.call(addOne);
  auto results = frame.getResults();
  ASSERT_FALSE(bool(results));
  EXPECT_EQ(llvm::toString(results.takeError()),
            "result 0: the function returned f32[1024,4096]");
}
