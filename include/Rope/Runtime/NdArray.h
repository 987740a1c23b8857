//===- NdArray.h - An owning n-dimensional array ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The value that the run-time tools read, pass to compiled code, compare and
// write: a dense row-major array with its element kind and shape.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_RUNTIME_NDARRAY_H
#define ROPE_RUNTIME_NDARRAY_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mlir::rope {

/// The element types that cross the boundary of a compiled function.
enum class ElementKind {
  Bool,
  I8,
  I16,
  I32,
  I64,
  U8,
  U16,
  U32,
  U64,
  BF16,
  F16,
  F32,
  F64,
  Complex64
};

/// Bytes of one element in memory.
size_t getElementSize(ElementKind kind);

/// The name in messages: `i32`, `bf16`, `complex<f32>`.
StringRef getElementName(ElementKind kind);

/// Whether values of the kind are whole numbers (bool included).
bool isExactKind(ElementKind kind);

/// The number of elements of `shape`, or none where a dimension is negative or
/// where the bytes of the array, each empty dimension counted as one, would not
/// fit an int64_t.
std::optional<int64_t> getNumElements(ArrayRef<int64_t> shape,
                                      ElementKind kind);

/// `i32[2,17]`, `f32[]`.
std::string describeArray(ElementKind kind, ArrayRef<int64_t> shape);

/// A row-major array whose data is aligned for the widest vector accesses.
/// Copies are explicit: an argument handed to compiled code may be overwritten.
class NdArray {
public:
  static constexpr size_t kAlignment = 64;

  /// An array of zeros. `shape` must have a number of elements.
  NdArray(ElementKind kind, ArrayRef<int64_t> shape);

  NdArray(NdArray &&) = default;
  NdArray &operator=(NdArray &&) = default;

  NdArray clone() const;

  ElementKind getKind() const { return kind; }
  ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getRank() const { return shape.size(); }
  int64_t getNumElements() const { return numElements; }
  size_t getNumBytes() const { return numElements * getElementSize(kind); }

  char *data() { return storage.get(); }
  const char *data() const { return storage.get(); }

  template <typename T> MutableArrayRef<T> as() {
    return {reinterpret_cast<T *>(storage.get()), getNumBytes() / sizeof(T)};
  }
  template <typename T> ArrayRef<T> as() const {
    return {reinterpret_cast<const T *>(storage.get()),
            getNumBytes() / sizeof(T)};
  }

  /// Gives the same bits another meaning of the same size: .npy has no bf16,
  /// and a signless integer is read with the sign of the file it came from.
  void reinterpretAs(ElementKind newKind);

  std::string describe() const { return describeArray(kind, shape); }

private:
  struct Free {
    void operator()(char *pointer) const;
  };

  ElementKind kind;
  SmallVector<int64_t> shape;
  int64_t numElements;
  std::unique_ptr<char[], Free> storage;
};

} // namespace mlir::rope

#endif // ROPE_RUNTIME_NDARRAY_H
