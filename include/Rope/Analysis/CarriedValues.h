//===- CarriedValues.h - What a loop carries --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// scf.for and scf.while as one: values that are carried from one iteration to
// the next, and how tensors among them are written.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_CARRIEDVALUES_H
#define ROPE_ANALYSIS_CARRIEDVALUES_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace mlir::rope {

/// Number k is `inits[k]` before the first iteration and `yielded[k]` after
/// each.
struct CarriedValues {
  Block *body;
  SmallVector<Value> inits;
  SmallVector<Value> yielded;
  /// Result j of the loop, and argument `firstArgument + j` of its body, is
  /// number `numbers[j]`.
  SmallVector<unsigned> numbers;
  unsigned firstArgument = 0;

  /// None where `loop` is no scf.for and no scf.while that only tests what it
  /// carries.
  static std::optional<CarriedValues> get(Operation *loop);

  /// The number that an argument of the body is.
  std::optional<unsigned> getNumber(Value value) const;

  /// Whether an iteration makes number k by nothing but insertions into it, in
  /// loops inside of the iteration, too. Calls `visit` for each: tensor.insert,
  /// tensor.insert_slice or tensor.parallel_insert_slice. None is left out
  /// unless `visit` refuses one, which ends the walk with false.
  bool isWritten(unsigned k, llvm::function_ref<bool(Operation *)> visit) const;
};

/// The insertions by which an scf.forall makes its result `number`.
SmallVector<Operation *> getParallelInsertions(Operation *forall,
                                               unsigned number);

/// What a result of a loop starts from, if it keeps the size of that.
Value getSizeSource(OpResult result);

/// The same for what is carried into the body of a loop.
Value getSizeSource(BlockArgument argument);

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_CARRIEDVALUES_H
