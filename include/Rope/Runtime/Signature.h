//===- Signature.h - What a function takes and gives ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The arguments and results of a function as arrays: read off its type before
// anything is lowered, so that a wrong array is refused in the words of the
// function's author.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_RUNTIME_SIGNATURE_H
#define ROPE_RUNTIME_SIGNATURE_H

#include "Rope/Runtime/NdArray.h"
#include "mlir/IR/Types.h"
#include "llvm/Support/Error.h"

namespace mlir {
namespace func {
class FuncOp;
} // namespace func

namespace rope {

/// One argument or result.
struct ValueSpec {
  /// The type as written: a ranked tensor or memref, or a scalar.
  Type type;
  ElementKind kind;
  /// A tensor or memref: passed as a memref descriptor. Else passed by value.
  bool isBuffer;
  /// Sizes, ShapedType::kDynamic where any will do; empty for a scalar.
  SmallVector<int64_t> shape;

  /// Whether an array of this kind and shape can stand for the value. A
  /// signless integer takes either sign, bf16 its bits as u16.
  bool accepts(ElementKind otherKind, ArrayRef<int64_t> otherShape) const;
};

struct Signature {
  SmallVector<ValueSpec> arguments;
  SmallVector<ValueSpec> results;

  /// Reads the type of `function`; fails on what the C interface cannot pass:
  /// unranked or strided arguments, other memory spaces, other element types.
  static llvm::Expected<Signature> get(func::FuncOp function);
};

/// An array and where it came from.
struct NamedArray {
  std::string path;
  NdArray array;
};

/// Fails unless `arrays` are one for one what `specs` ask for. `role` is
/// "argument" or "result" in messages. A bf16 value's array becomes bf16; other
/// arrays keep the kind of their file.
llvm::Error matchArrays(StringRef role, ArrayRef<ValueSpec> specs,
                        MutableArrayRef<NamedArray> arrays);

} // namespace rope
} // namespace mlir

#endif // ROPE_RUNTIME_SIGNATURE_H
