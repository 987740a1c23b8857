//===- Npy.h - Reading and writing .npy files -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NumPy's array file format, versions 1.0 to 3.0, for the element kinds of
// NdArray. .npy has no bf16: its bit patterns travel as uint16.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_RUNTIME_NPY_H
#define ROPE_RUNTIME_NPY_H

#include "Rope/Runtime/NdArray.h"
#include "llvm/Support/Error.h"

namespace mlir::rope {

/// What the header of a .npy file says.
struct NpyHeader {
  ElementKind kind;
  SmallVector<int64_t> shape;
  /// Where the data starts in the file.
  size_t dataOffset;
};

/// Reads the header at the start of `bytes`. Refused with one line: anything
/// but a .npy file, object and structured arrays, big-endian data, element
/// types without an ElementKind, Fortran order of rank two or more, and shapes
/// whose size overflows.
llvm::Expected<NpyHeader> parseNpyHeader(StringRef bytes);

/// Reads a whole .npy file from memory: its header, then exactly the data that
/// the header announces.
llvm::Expected<NdArray> parseNpy(StringRef bytes);

/// Reads the file at `path`; errors name it.
llvm::Expected<NdArray> readNpy(StringRef path);

/// The bytes of a .npy file of version 1.0 that precede the data of `array`.
std::string formatNpyHeader(const NdArray &array);

/// An array and the file that it goes to.
struct NpyOutput {
  std::string path;
  const NdArray *array;
};

/// Writes all outputs beside their destinations, then moves them into place:
/// when one cannot be written, no destination has changed.
llvm::Error writeNpyFiles(ArrayRef<NpyOutput> outputs);

} // namespace mlir::rope

#endif // ROPE_RUNTIME_NPY_H
