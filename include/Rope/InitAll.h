//===- InitAll.h - Registration of everything in rope -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a driver or an embedding compiler calls once.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_INITALL_H
#define ROPE_INITALL_H

namespace mlir {
class DialectRegistry;

namespace rope {

/// Registers the rope dialect and its interface implementations.
void registerRopeDialect(DialectRegistry &registry);

/// Registers the passes and the pipelines of rope.
void registerRopePasses();

/// Registers rope and every upstream dialect, extension and translation
/// interface that the pipelines need.
void registerAllDialects(DialectRegistry &registry);

/// Registers rope's and every upstream pass and pipeline.
void registerAllPasses();

} // namespace rope
} // namespace mlir

#endif // ROPE_INITALL_H
