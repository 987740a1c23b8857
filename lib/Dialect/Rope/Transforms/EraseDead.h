//===- EraseDead.h - Ops that a rewrite left without users ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ERASEDEAD_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ERASEDEAD_H

#include "mlir/IR/Operation.h"

namespace mlir::rope {

/// Erases ops from `last` back to, but without, `first` that nothing uses.
void eraseDeadOps(Operation *first, Operation *last);

/// Erases ops that nothing uses, and then what they alone used. Calls of
/// private functions without effects count only where no other thread changes
/// these.
void eraseDeadChains(ArrayRef<Operation *> ops, bool ownsModule);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ERASEDEAD_H
