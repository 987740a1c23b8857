//===- ShapedEmitter.h - One code for tensors and buffers -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits linalg ops in destination style on tensors or, by the same calls, on
// buffers. Every call returns the new value of its destination: on tensors an
// op's result, on buffers the destination itself.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOLINALG_SHAPEDEMITTER_H
#define ROPE_LIB_CONVERSION_ROPETOLINALG_SHAPEDEMITTER_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"

namespace mlir::rope {

/// `value` in another float type: widened exactly or rounded once.
Value convertFloat(OpBuilder &builder, Location loc, Value value, Type type);

/// An operand of a loop nest and the elements that its iterations see.
struct Access {
  Value shaped;
  AffineMap map;
};

class ShapedEmitter {
public:
  ShapedEmitter(OpBuilder &builder, Location loc, bool onTensors)
      : builder(builder), loc(loc), onTensors(onTensors) {}
  /// Deallocates the buffers that `allocate` made.
  ~ShapedEmitter();
  ShapedEmitter(const ShapedEmitter &) = delete;
  ShapedEmitter &operator=(const ShapedEmitter &) = delete;

  SmallVector<OpFoldResult> getSizes(Value shaped);
  /// A temporary without contents.
  Value allocate(ArrayRef<OpFoldResult> sizes, Type element);
  Value fillWithZeros(Value destination);

  /// destination = body(inputs..., destination) for every iteration; loops that
  /// do not index the destination are reductions.
  Value map(ArrayRef<Access> inputs, Access destination,
            function_ref<Value(OpBuilder &, Location, ValueRange)> body);
  /// destination = source, rounded to its type.
  Value copy(Value source, Value destination);

  /// source[..., index, ...] without dimension `dim`: a value or a view.
  Value take(Value source, int64_t dim, Value index);
  /// `whole` with whole[..., index, ...] = part, where part was taken from it.
  Value put(Value part, Value whole, int64_t dim, Value index);

  /// A loop over [0, count); `carried` hold their values of the iteration
  /// before, and in the end of the last.
  void forEach(OpFoldResult count, ArrayRef<Value *> carried,
               function_ref<void(Value)> body);

  OpBuilder &builder;
  const Location loc;
  const bool onTensors;

private:
  SmallVector<Value> temporaries;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOLINALG_SHAPEDEMITTER_H
