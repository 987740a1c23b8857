//===- RopeToAffine.h - Lowering to loops of vectors ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns of `convert-rope-to-affine`, for use in other conversions.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_ROPETOAFFINE_ROPETOAFFINE_H
#define ROPE_CONVERSION_ROPETOAFFINE_ROPETOAFFINE_H

namespace mlir {
class RewritePatternSet;

namespace rope {
/// What multiplies bf16 by bf16 where rows are many.
enum class BF16Products {
  /// Fused products of operands that are widened to f32.
  Widen,
  /// vdpbf16ps: AVX512_BF16.
  Dots,
  /// tdpbf16ps: AMX.
  Tiles,
};

/// How the loops are made; the options of the pass of the same names.
struct RopeToAffineOptions {
  unsigned vectorBits = 512;
  bool contract = true;
  bool parallel = false;
  /// 0 stands for what `getVectorRegisters` says.
  unsigned vectorRegisters = 0;
  /// Parts of the keys of a decoder's step; 0 lets the lowering choose.
  unsigned keyParts = 0;
  BF16Products bf16Products = BF16Products::Widen;

  /// 32 registers come with vectors of 512 bits, 16 with shorter ones.
  unsigned getVectorRegisters() const {
    if (vectorRegisters != 0)
      return vectorRegisters;
    return vectorBits >= 512 ? 32 : 16;
  }
};

/// Lowers the memref form of `rope.attention`; its rotations become
/// `rope.rotate` of tiles.
void populateAttentionToAffinePatterns(RewritePatternSet &patterns,
                                       const RopeToAffineOptions &options);

/// Lowers the memref form of `rope.linear_attention`; its rotations become
/// `rope.rotate` of chunks of tokens.
void populateLinearAttentionToAffinePatterns(
    RewritePatternSet &patterns, const RopeToAffineOptions &options);

/// Lowers the memref form of `rope.merge`.
void populateMergeToAffinePatterns(RewritePatternSet &patterns,
                                   const RopeToAffineOptions &options);

/// Lowers the memref form of `rope.rotate`.
void populateRotateToAffinePatterns(RewritePatternSet &patterns,
                                    const RopeToAffineOptions &options);

/// Lowers the memref form of `rope.rotation_matrix`.
void populateRotationMatrixToAffinePatterns(RewritePatternSet &patterns,
                                            const RopeToAffineOptions &options);

} // namespace rope
} // namespace mlir

#endif // ROPE_CONVERSION_ROPETOAFFINE_ROPETOAFFINE_H
