//===- InterfaceImpls.h - Interfaces that other dialects define -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// External models by which upstream passes bufferize, tile, bound and check
// rope ops.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_TRANSFORMS_INTERFACEIMPLS_H
#define ROPE_DIALECT_ROPE_TRANSFORMS_INTERFACEIMPLS_H

namespace mlir {
class DialectRegistry;

namespace rope {

/// One-Shot Bufferize: rotations in place where the analysis allows.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

/// What `generate-runtime-verification` checks.
void registerRuntimeVerifiableOpInterfaceExternalModels(
    DialectRegistry &registry);

/// Tiling of the leading dimensions.
void registerTilingInterfaceExternalModels(DialectRegistry &registry);

/// Tiling of attention, by batches, heads and queries.
void registerAttentionTilingExternalModel(DialectRegistry &registry);

/// Partial reduction of attention over its keys, with merges.
void registerAttentionSplitExternalModel(DialectRegistry &registry);

/// Tiling of linear attention, by batches and heads.
void registerLinearAttentionTilingExternalModel(DialectRegistry &registry);

/// Sizes of results in terms of sizes of operands.
void registerValueBoundsOpInterfaceExternalModels(DialectRegistry &registry);

/// `generate-runtime-verification` of dynamic sizes.
void registerShapeVerificationExternalModels(DialectRegistry &registry);

/// `generate-runtime-verification` of sizes, lengths and starts of attention.
void registerAttentionVerificationExternalModels(DialectRegistry &registry);

} // namespace rope
} // namespace mlir

#endif // ROPE_DIALECT_ROPE_TRANSFORMS_INTERFACEIMPLS_H
