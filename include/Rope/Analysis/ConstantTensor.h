//===- ConstantTensor.h - Contents of constant tensors ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads elements of dense, splat and resource constants without copying them.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_CONSTANTTENSOR_H
#define ROPE_ANALYSIS_CONSTANTTENSOR_H

#include "Rope/Analysis/LaneExpr.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace mlir::rope {

/// A view of the elements of a constant tensor of floats, complex floats,
/// integers or indices.
class ConstantTensor {
public:
  /// None where the attribute is of another kind, its blob is missing, or its
  /// element type has no fixed layout here.
  static std::optional<ConstantTensor> get(ElementsAttr elements);

  ShapedType getType() const { return type; }
  bool isSplat() const { return splat; }
  double getFloat(int64_t linearIndex,
                  ElementPart part = ElementPart::Whole) const;
  int64_t getInteger(int64_t linearIndex) const;

private:
  ShapedType type;
  ArrayRef<char> bytes;
  /// Where the attribute keeps one element only.
  bool splat = false;
  /// Bytes of a number: of one part where the element is complex.
  unsigned numberBytes = 0;
  /// Booleans of a dense attribute, which packs them.
  DenseElementsAttr packedBits = {};
};

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_CONSTANTTENSOR_H
