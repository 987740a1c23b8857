//===- InternerTest.cpp - Equal values kept once --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/Interner.h"
#include "llvm/ADT/SmallVector.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlir::rope;

namespace {
/// All values have one hash.
struct Colliding {
  int number;
  bool operator==(const Colliding &other) const {
    return number == other.number;
  }
  friend hash_code hash_value(const Colliding &) { return hash_code(7); }
};
} // namespace

TEST(Interner, NumbersCountInTheOrderOfTheFirstOfEachValue) {
  Interner<SmallVector<unsigned, 2>> lists;
  EXPECT_EQ(lists.intern(ArrayRef<unsigned>({4, 5, 6})), 0u);
  EXPECT_EQ(lists.intern(ArrayRef<unsigned>()), 1u);
  EXPECT_EQ(lists.intern(ArrayRef<unsigned>({4, 5, 6})), 0u);
  EXPECT_EQ(lists.size(), 2u);
  EXPECT_EQ(lists[0], (SmallVector<unsigned, 2>{4, 5, 6}));
}

TEST(Interner, FindingMakesNothing) {
  Interner<SmallVector<unsigned, 2>> lists;
  EXPECT_EQ(lists.find(ArrayRef<unsigned>({1})), std::nullopt);
  lists.intern(ArrayRef<unsigned>({1}));
  EXPECT_EQ(lists.find(ArrayRef<unsigned>({2})), std::nullopt);
  EXPECT_EQ(lists.find(ArrayRef<unsigned>({1})), 0u);
  EXPECT_EQ(lists.size(), 1u);
}

TEST(Interner, ReferencesStayValidAndCollisionsApart) {
  Interner<Colliding> values;
  values.intern(Colliding{0});
  const Colliding &first = values[0];
  for (int number = 0; number < 1000; ++number)
    ASSERT_EQ(values.intern(Colliding{number}), unsigned(number));
  for (int number = 0; number < 1000; ++number)
    ASSERT_EQ(values.find(Colliding{number}), unsigned(number));
  EXPECT_EQ(&first, &values[0]);
}
