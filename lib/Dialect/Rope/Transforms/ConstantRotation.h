//===- ConstantRotation.h - Constant matrices of rotations ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_CONSTANTROTATION_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_CONSTANTROTATION_H

#include "Rope/Analysis/ConstantTensor.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// The elements of a constant of square matrices of floats, or none.
std::optional<ConstantTensor> getConstantMatrix(Value value);

/// Reads constant matrices `[..., n, n]` as those of a (scaled, partial)
/// rotation in one of the pairings.
class ConstantRotation {
public:
  explicit ConstantRotation(ConstantTensor matrices);

  bool isRotation() const { return disagreement.empty(); }
  /// The first entry by which the matrices are none: "entry [0, 3] is 0.5,
  /// expected 0".
  const std::string &getDisagreement() const { return disagreement; }

  PairingKind getPairing() const { return pairing; }
  int64_t getOffset() const { return offset; }
  int64_t getRotaryDim() const { return rotaryDim; }
  /// The tables `[..., r/2]`, of the sines those of the matrices or of their
  /// transposes.
  DenseElementsAttr getCos() const;
  DenseElementsAttr getSin(bool transposed) const;

private:
  /// An entry that is not what the others ask for.
  struct Mismatch {
    int64_t index;
    double expected;
  };

  /// The first mismatch with the layout, if there is one.
  std::optional<Mismatch> findMismatch() const;
  /// Whether some sine is not zero.
  bool turns() const;
  /// The table of entries by matrix and the two lanes of a pair.
  DenseElementsAttr
  getTable(llvm::function_ref<double(int64_t, int64_t, int64_t)> getTableEntry)
      const;
  double getEntry(int64_t matrix, int64_t row, int64_t column) const {
    return matrices.getFloat((matrix * numLanes + row) * numLanes + column);
  }

  ConstantTensor matrices;
  int64_t numLanes, numMatrices;
  PairingKind pairing = PairingKind::Half;
  int64_t offset = 0, rotaryDim = 0;
  std::string disagreement;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_CONSTANTROTATION_H
