//===- ConstantRotation.cpp - Constant matrices of rotations --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Entries are compared as they are: a matrix is a rotation only if the two
// cosines of each block are one number and its two sines are opposite.
//
//===----------------------------------------------------------------------===//

#include "ConstantRotation.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::rope;

std::optional<ConstantTensor> rope::getConstantMatrix(Value value) {
  ElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)))
    return std::nullopt;
  ShapedType type = elements.getShapedType();
  int64_t rank = type.getRank();
  if (rank < 2 || !isa<FloatType>(type.getElementType()) ||
      type.getDimSize(rank - 1) != type.getDimSize(rank - 2) ||
      type.getNumElements() == 0)
    return std::nullopt;
  return ConstantTensor::get(elements);
}

ConstantRotation::ConstantRotation(ConstantTensor constant)
    : matrices(constant), numLanes(constant.getType().getShape().back()) {
  numMatrices = constant.getType().getNumElements() / (numLanes * numLanes);
  // The lanes between those at the ends that every matrix leaves as they are.
  auto isKept = [&](int64_t lane) {
    return llvm::all_of(
        llvm::seq<int64_t>(0, numMatrices), [&](int64_t matrix) {
          return llvm::all_of(
              llvm::seq<int64_t>(0, numLanes), [&](int64_t other) {
                return getEntry(matrix, lane, other) == (lane == other) &&
                       getEntry(matrix, other, lane) == (lane == other);
              });
        });
  };
  int64_t begin = 0, end = numLanes;
  while (begin < end && isKept(begin))
    ++begin;
  while (end > begin && isKept(end - 1))
    --end;
  std::optional<Mismatch> latest;
  for (auto [first, last] : {std::pair(begin, end), {int64_t(0), numLanes}})
    for (PairingKind kind : {PairingKind::Half, PairingKind::Interleaved}) {
      if (first == last || (last - first) % 2 != 0)
        continue;
      pairing = kind;
      offset = first;
      rotaryDim = last - first;
      std::optional<Mismatch> mismatch = findMismatch();
      if (!mismatch) {
        if (!turns())
          disagreement = "no lane takes from another";
        return;
      }
      // The layout that agrees longest is what the matrix was meant to be.
      if (!latest || mismatch->index > latest->index)
        latest = mismatch;
    }
  if (!latest) {
    disagreement = begin == end ? "no lane takes from another"
                                : "an odd number of lanes takes part";
    return;
  }
  auto print = [](double number) {
    SmallString<16> text;
    APFloat(number).toString(text, /*FormatPrecision=*/6);
    return text;
  };
  disagreement = llvm::formatv(
      "entry [{0}, {1}] is {2}, expected {3}",
      latest->index / numLanes % numLanes, latest->index % numLanes,
      print(matrices.getFloat(latest->index)), print(latest->expected));
}

std::optional<ConstantRotation::Mismatch>
ConstantRotation::findMismatch() const {
  SmallVector<int64_t> partners(numLanes, -1);
  for (int64_t i = 0; i < rotaryDim / 2; ++i) {
    auto [first, second] =
        RotateOp::getPairLanes(pairing, offset, rotaryDim, i);
    partners[first] = second;
    partners[second] = first;
  }
  for (int64_t index = 0; index < numMatrices * numLanes * numLanes; ++index) {
    int64_t matrix = index / (numLanes * numLanes);
    int64_t row = index / numLanes % numLanes, column = index % numLanes;
    int64_t partner = partners[row];
    double entry = matrices.getFloat(index), expected = 0.0;
    if (partner < 0)
      expected = row == column;
    else if (column == row) // of the first lane of the pair, the cosine
      expected =
          getEntry(matrix, std::min(row, partner), std::min(row, partner));
    else if (column == partner)
      expected = row < partner ? entry : -getEntry(matrix, partner, row);
    if (entry != expected)
      return Mismatch{index, expected};
  }
  return std::nullopt;
}

bool ConstantRotation::turns() const {
  return llvm::any_of(llvm::seq<int64_t>(0, numMatrices), [&](int64_t matrix) {
    return llvm::any_of(llvm::seq<int64_t>(0, rotaryDim / 2), [&](int64_t i) {
      auto [first, second] =
          RotateOp::getPairLanes(pairing, offset, rotaryDim, i);
      return getEntry(matrix, second, first) != 0.0;
    });
  });
}

DenseElementsAttr ConstantRotation::getTable(
    llvm::function_ref<double(int64_t, int64_t, int64_t)> getTableEntry) const {
  ShapedType type = matrices.getType();
  SmallVector<int64_t> shape(type.getShape().drop_back(2));
  shape.push_back(rotaryDim / 2);
  auto element = cast<FloatType>(type.getElementType());
  SmallVector<APFloat> table;
  for (int64_t matrix = 0; matrix < numMatrices; ++matrix)
    for (int64_t i = 0; i < rotaryDim / 2; ++i) {
      auto [first, second] =
          RotateOp::getPairLanes(pairing, offset, rotaryDim, i);
      APFloat entry(getTableEntry(matrix, first, second));
      bool losesInfo;
      entry.convert(element.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                    &losesInfo);
      table.push_back(entry);
    }
  return DenseElementsAttr::get(type.clone(shape), table);
}

DenseElementsAttr ConstantRotation::getCos() const {
  return getTable([&](int64_t matrix, int64_t first, int64_t) {
    return getEntry(matrix, first, first);
  });
}

DenseElementsAttr ConstantRotation::getSin(bool transposed) const {
  return getTable([&](int64_t matrix, int64_t first, int64_t second) {
    return transposed ? getEntry(matrix, first, second)
                      : getEntry(matrix, second, first);
  });
}
