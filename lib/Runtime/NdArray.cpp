//===- NdArray.cpp - An owning n-dimensional array ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Element kinds, sizes without overflow, and aligned storage.
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/NdArray.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include <cassert>
#include <cstring>
#include <new>

using namespace mlir;
using namespace mlir::rope;

size_t rope::getElementSize(ElementKind kind) {
  switch (kind) {
  case ElementKind::Bool:
  case ElementKind::I8:
  case ElementKind::U8:
    return 1;
  case ElementKind::I16:
  case ElementKind::U16:
  case ElementKind::BF16:
  case ElementKind::F16:
    return 2;
  case ElementKind::I32:
  case ElementKind::U32:
  case ElementKind::F32:
    return 4;
  case ElementKind::I64:
  case ElementKind::U64:
  case ElementKind::F64:
  case ElementKind::Complex64:
    return 8;
  }
  llvm_unreachable("unknown element kind");
}

StringRef rope::getElementName(ElementKind kind) {
  switch (kind) {
  case ElementKind::Bool:
    return "bool";
  case ElementKind::I8:
    return "i8";
  case ElementKind::I16:
    return "i16";
  case ElementKind::I32:
    return "i32";
  case ElementKind::I64:
    return "i64";
  case ElementKind::U8:
    return "u8";
  case ElementKind::U16:
    return "u16";
  case ElementKind::U32:
    return "u32";
  case ElementKind::U64:
    return "u64";
  case ElementKind::BF16:
    return "bf16";
  case ElementKind::F16:
    return "f16";
  case ElementKind::F32:
    return "f32";
  case ElementKind::F64:
    return "f64";
  case ElementKind::Complex64:
    return "complex<f32>";
  }
  llvm_unreachable("unknown element kind");
}

bool rope::isExactKind(ElementKind kind) {
  switch (kind) {
  case ElementKind::BF16:
  case ElementKind::F16:
  case ElementKind::F32:
  case ElementKind::F64:
  case ElementKind::Complex64:
    return false;
  default:
    return true;
  }
}

std::optional<int64_t> rope::getNumElements(ArrayRef<int64_t> shape,
                                            ElementKind kind) {
  bool isEmpty = false;
  int64_t bytes = getElementSize(kind);
  for (int64_t size : shape) {
    if (size < 0)
      return std::nullopt;
    isEmpty |= size == 0;
    if (size != 0 && llvm::MulOverflow(bytes, size, bytes))
      return std::nullopt;
  }
  return isEmpty ? 0 : bytes / static_cast<int64_t>(getElementSize(kind));
}

std::string rope::describeArray(ElementKind kind, ArrayRef<int64_t> shape) {
  auto sizes =
      llvm::map_range(shape, [](int64_t size) { return llvm::itostr(size); });
  return (getElementName(kind) + "[" + llvm::join(sizes, ",") + "]").str();
}

void NdArray::Free::operator()(char *pointer) const {
  ::operator delete[](pointer, std::align_val_t(kAlignment));
}

NdArray::NdArray(ElementKind kind, ArrayRef<int64_t> shape)
    : kind(kind), shape(shape),
      numElements(rope::getNumElements(shape, kind).value()) {
  storage.reset(static_cast<char *>(
      ::operator new[](getNumBytes(), std::align_val_t(kAlignment))));
  std::memset(storage.get(), 0, getNumBytes());
}

NdArray NdArray::clone() const {
  NdArray copy(kind, shape);
  std::memcpy(copy.data(), data(), getNumBytes());
  return copy;
}

void NdArray::reinterpretAs(ElementKind newKind) {
  assert(getElementSize(newKind) == getElementSize(kind) &&
         "the bits must stay where they are");
  kind = newKind;
}
