//===- RopeToGPU.h - Lowering to GPU kernels --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `convert-rope-to-gpu` knows of its targets.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_ROPETOGPU_ROPETOGPU_H
#define ROPE_CONVERSION_ROPETOGPU_ROPETOGPU_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <limits>

namespace mlir::rope {

/// Who compiles the kernels.
enum class GpuTarget { NVPTX, AMDGPU, Vulkan };

/// What multiplies matrices.
enum class MatrixProducts {
  /// What the chip has.
  Auto,
  /// No kernel has products of matrices.
  None,
  /// Fused products of single threads, from the registers of the instruction of
  /// NVIDIA or of AMD.
  Emulated,
  EmulatedMfma,
  /// The same of AMD's waves of 32 threads.
  EmulatedWmma,
  /// `wgmma`, or an error; and single threads in its place.
  Wgmma,
  EmulatedWgmma,
};

/// Where an attention in tiles rotates keys: where `KeysAhead.h` says, in every
/// block, or ahead of it in memory.
enum class KeyRotation { Auto, InBlocks, Ahead };

/// Multiprocessors of NVIDIA, compute units of AMD, of the largest product with
/// this chip; 32 where they are not known.
int64_t getMultiprocessors(llvm::StringRef chip);

/// The model of a target that kernels are made for.
struct GpuModel {
  GpuTarget target = GpuTarget::NVPTX;
  /// Threads a block that a kernel is made for, at most; 0 is what
  /// `getBlockSize` says.
  unsigned blockSize = 0;
  /// Whether an instruction rounds f32 to bf16.
  bool hasBF16Rounding = true;
  /// NVIDIA's `mma.sync` of 16 x 8 x 16, `ldmatrix` and `cp.async`: sm_80 up.
  bool hasMma = false;
  /// NVIDIA's `wgmma`: sm_90a.
  bool hasWgmma = false;
  /// AMD's `v_mfma` of 16 x 16 x 16, of bf16, too: gfx90a, gfx942, gfx950.
  bool hasMfma = false;
  /// AMD's `v_wmma` of 16 x 16 x 16 with factors in both halves of a wave of 32
  /// threads: gfx11.
  bool hasWmma = false;
  MatrixProducts products = MatrixProducts::Auto;
  KeyRotation keyRotation = KeyRotation::Auto;
  /// Queries and keys of a tile of an attention; 0 is what `AttentionTiles`
  /// says.
  unsigned queryTile = 0, keyTile = 0;
  /// Parts of the keys of an attention of few queries; 0 is what `KeyParts.h`
  /// says.
  unsigned keyParts = 0;
  /// Processors that have shared memory of their own.
  int64_t multiprocessors = 0;

  /// Whether attention may take tiles of queries.
  bool hasMatrixProducts() const {
    return isEmulated() ||
           (products != MatrixProducts::None && (hasMma || hasMfma || hasWmma));
  }
  bool isEmulated() const {
    return products == MatrixProducts::Emulated ||
           products == MatrixProducts::EmulatedMfma ||
           products == MatrixProducts::EmulatedWmma ||
           products == MatrixProducts::EmulatedWgmma;
  }
  /// Whether four warps may multiply together, and whether they must.
  bool hasWarpgroups() const {
    return needsWarpgroups() || (products == MatrixProducts::Auto && hasWgmma);
  }
  bool needsWarpgroups() const {
    return products == MatrixProducts::Wgmma ||
           products == MatrixProducts::EmulatedWgmma;
  }
  /// Whether those of AMD's waves multiply matrices.
  bool hasWaves() const {
    return products == MatrixProducts::EmulatedMfma ||
           (products == MatrixProducts::Auto && hasMfma);
  }
  /// Whether those of AMD's waves of 32 threads do.
  bool hasShortWaves() const {
    return products == MatrixProducts::EmulatedWmma ||
           (products == MatrixProducts::Auto && hasWmma);
  }
  /// Whether a buffer in a kernel is a descriptor with a pointer.
  bool hasPointers() const { return target != GpuTarget::Vulkan; }
  /// Whether a NaN result has the payload of an operand or none, so that one of
  /// bf16 operands survives a rounding in integers. NVIDIA's has all bits set,
  /// and what a Vulkan device does is not known.
  bool keepsNaNs() const { return target == GpuTarget::AMDGPU; }
  /// A full wave on AMD's gfx9; two warps elsewhere, so that a register file of
  /// 64 Ki hides the latency of memory behind 16 blocks.
  int64_t getBlockSize() const { return blockSize ? blockSize : 64; }
  /// Blocks that keep the chip busy: 8 of 64 threads a multiprocessor, half of
  /// what hides the latency of memory if each thread had one access under way.
  int64_t getWantedBlocks() const { return 8 * multiprocessors; }
  /// Blocks that a launch can have along dimension `dim`.
  int64_t getMaxBlocks(unsigned dim) const {
    if (target == GpuTarget::Vulkan)
      return 65535; // What every device must allow.
    return dim == 0 ? std::numeric_limits<int32_t>::max() : 65535;
  }
  /// Shared memory that a kernel can have without asking for more, in bytes.
  int64_t getMaxSharedBytes() const {
    switch (target) {
    case GpuTarget::NVPTX:
      return 48 * 1024;
    case GpuTarget::AMDGPU:
      return 64 * 1024;
    case GpuTarget::Vulkan:
      break;
    }
    return 16 * 1024; // What every device must have.
  }
  /// That which it can ask for: of sm_90a, or of lavapipe, which it is tested
  /// on.
  int64_t getMaxDynamicSharedBytes() const {
    return isEmulated() ? 32 * 1024 : 227 * 1024;
  }
};

/// The widest access of a thread to memory, in bytes.
inline constexpr int64_t kMaxAccessBytes = 16;

} // namespace mlir::rope

#endif // ROPE_CONVERSION_ROPETOGPU_ROPETOGPU_H
