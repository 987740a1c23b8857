//===- ConstantTensor.cpp - Contents of constant tensors ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/ConstantTensor.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::rope;

/// The bytes of one number of a supported element type, else none.
static std::optional<unsigned> getNumberBytes(Type elementType) {
  if (auto complexType = dyn_cast<ComplexType>(elementType))
    elementType = complexType.getElementType();
  if (elementType.isIndex())
    return 8;
  if (!elementType.isIntOrFloat())
    return std::nullopt;
  unsigned bits = elementType.getIntOrFloatBitWidth();
  if (bits == 1)
    return 1;
  if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
    return std::nullopt;
  return bits / 8;
}

std::optional<ConstantTensor> ConstantTensor::get(ElementsAttr elements) {
  ConstantTensor tensor;
  tensor.type = elements.getShapedType();
  std::optional<unsigned> bytes = getNumberBytes(tensor.type.getElementType());
  if (!bytes)
    return std::nullopt;
  tensor.numberBytes = *bytes;
  if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    tensor.splat = dense.isSplat();
    tensor.bytes = dense.getRawData();
    if (tensor.type.getElementType().isInteger(1))
      tensor.packedBits = dense;
    return tensor;
  }
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return std::nullopt;
    tensor.bytes = blob->getData();
    unsigned parts = isa<ComplexType>(tensor.type.getElementType()) ? 2 : 1;
    if (static_cast<int64_t>(tensor.bytes.size()) !=
        tensor.type.getNumElements() * parts * tensor.numberBytes)
      return std::nullopt;
    return tensor;
  }
  return std::nullopt;
}

double ConstantTensor::getFloat(int64_t linearIndex, ElementPart part) const {
  Type elementType = type.getElementType();
  int64_t number = splat ? 0 : linearIndex;
  if (auto complexType = dyn_cast<ComplexType>(elementType)) {
    elementType = complexType.getElementType();
    number = 2 * number + (part == ElementPart::Imaginary);
  }
  uint64_t bits = 0;
  std::memcpy(&bits, bytes.data() + number * numberBytes, numberBytes);
  APFloat value(cast<FloatType>(elementType).getFloatSemantics(),
                APInt(8 * numberBytes, bits));
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToDouble();
}

int64_t ConstantTensor::getInteger(int64_t linearIndex) const {
  if (packedBits)
    return packedBits.getValues<bool>()[linearIndex];
  int64_t number = splat ? 0 : linearIndex;
  uint64_t bits = 0;
  std::memcpy(&bits, bytes.data() + number * numberBytes, numberBytes);
  unsigned width = 8 * numberBytes;
  if (type.getElementType().isUnsignedInteger() ||
      type.getElementType().isInteger(1))
    return bits;
  return APInt(width, bits).getSExtValue();
}
