//===- IntegerBuffer.h - Integers as a kernel sees them ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Positions, lengths, starts and boolean masks, which a kernel reads one by
// one.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_INTEGERBUFFER_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_INTEGERBUFFER_H

#include "KernelBuilder.h"

namespace mlir::rope {

/// Whether kernels load integers of this type.
inline bool isIndexOrWord(Type type) {
  return type.isIndex() || type.isInteger(32) || type.isInteger(64);
}

class IntegerBuffer {
public:
  /// An argument of `kernel` for the memref `buffer`. An index is an i64 there,
  /// an i1 a byte.
  IntegerBuffer(KernelBuilder &kernel, Value buffer);

  /// One element.
  Value load(ArrayRef<Value> indices);
  /// One element in 64 bits, with its sign.
  Value loadI64(ArrayRef<Value> indices);

private:
  KernelBuilder &kernel;
  Value elements;
  SmallVector<OpFoldResult> strides;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_INTEGERBUFFER_H
