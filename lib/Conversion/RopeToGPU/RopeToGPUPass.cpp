//===- RopeToGPUPass.cpp - The pass of the lowering to kernels ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `convert-rope-to-gpu`: no rope op is left, or nothing is changed.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/Passes.h"

#include "../RopeToAffine/LoopEmitter.h"
#include "AttentionTiles.h"
#include "OpsToGPU.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "RotateToGPU.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::rope {
#define GEN_PASS_DEF_CONVERTROPETOGPU
#include "Rope/Conversion/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using namespace mlir::rope;

static constexpr StringLiteral kKernelModule = "rope_kernels";
static constexpr unsigned kMostKeyParts = 1024;

int64_t rope::getMultiprocessors(StringRef chip) {
  return llvm::StringSwitch<int64_t>(chip)
      .StartsWith("sm_80", 108)
      .StartsWith("sm_86", 84)
      .StartsWith("sm_89", 142)
      .StartsWith("sm_90", 132)
      .StartsWith("sm_100", 148)
      .StartsWith("sm_120", 170)
      .Case("gfx90a", 110)
      .Case("gfx942", 304)
      .Case("gfx950", 256)
      .Case("gfx1100", 96)
      .Default(32);
}

/// Why no kernel takes the buffers of an op.
static std::optional<std::string> getBufferObstacle(Operation *op) {
  if (std::optional<std::string> obstacle = getMemoryObstacle(op))
    return obstacle;
  for (Type type : op->getOperandTypes())
    if (auto buffer = dyn_cast<MemRefType>(type))
      for (int64_t stride : buffer.getStridesAndOffset().first)
        if (ShapedType::isStatic(stride) && stride < 0)
          return "a buffer has a negative stride";
  return std::nullopt;
}

/// Why a rope op of `root` cannot be lowered.
static std::optional<std::string> getObstacle(Operation *op, ModuleOp root,
                                              const GpuModel &model) {
  if (!isa_and_present<RopeDialect>(op->getDialect()))
    return std::nullopt;
  if (op->getParentOfType<ModuleOp>() != root)
    return "it is in a module of its own inside of this one";
  if (std::optional<std::string> obstacle = getBufferObstacle(op))
    return obstacle;
  return TypeSwitch<Operation *, std::optional<std::string>>(op)
      .Case([&](AttentionOp attention) {
        return getAttentionToGPUObstacle(attention, model);
      })
      .Case([&](LinearAttentionOp attention) {
        return getLinearAttentionToGPUObstacle(attention, model);
      })
      .Case([](MergeOp merge) { return getMergeToGPUObstacle(merge); })
      .Case([](SinCosOp sincos) { return getSinCosToGPUObstacle(sincos); })
      .Default([](Operation *) { return std::nullopt; });
}

/// The rotation that follows `op` if only ops without effect on what exists
/// stand between them.
static RotateOp getNextRotation(RotateOp op) {
  for (Operation *next = op->getNextNode(); next; next = next->getNextNode()) {
    if (auto rotation = dyn_cast<RotateOp>(next))
      return rotation;
    if (!isMemoryEffectFree(next) && !isa<memref::AllocOp>(next))
      return nullptr;
  }
  return nullptr;
}

/// Rotations in groups that share a launch, in their order.
static SmallVector<SmallVector<RotateOp>>
groupRotations(Operation *root, bool distinctArguments) {
  SmallVector<SmallVector<RotateOp>> groups;
  llvm::DenseSet<Operation *> seen;
  root->walk([&](RotateOp op) {
    if (!seen.insert(op).second)
      return;
    SmallVector<RotateOp> &group = groups.emplace_back();
    group.push_back(op);
    while (RotateOp next = getNextRotation(group.back())) {
      if (!llvm::all_of(group, [&](RotateOp member) {
            return canShareLaunch(member, next, distinctArguments);
          }))
        break;
      seen.insert(next);
      group.push_back(next);
    }
  });
  return groups;
}

namespace {
struct ConvertRopeToGPU : rope::impl::ConvertRopeToGPUBase<ConvertRopeToGPU> {
  using ConvertRopeToGPUBase::ConvertRopeToGPUBase;

  void runOnOperation() override {
    if (blockSize > 1024) {
      emitError(getOperation()->getLoc())
          << "block-size must be at most 1024, got " << blockSize.getValue();
      return signalPassFailure();
    }
    constexpr unsigned rows = AttentionTiles::kRowsOfWarp;
    if (queryTile % rows != 0 || queryTile > 256)
      return failOption("query-tile", queryTile,
                        "a multiple of 16 up to 256, or 0");
    if (keyTile % rows != 0 || keyTile > 256)
      return failOption("key-tile", keyTile,
                        "a multiple of 16 up to 256, or 0");
    if (keyParts > kMostKeyParts)
      return failOption("key-parts", keyParts, "from 0 to 1024");
    GpuModel model = getModel();
    bool hasOps = false;
    WalkResult result = getOperation()->walk([&](Operation *op) {
      hasOps |= isa_and_present<RopeDialect>(op->getDialect());
      std::optional<std::string> obstacle =
          getObstacle(op, getOperation(), model);
      if (!obstacle)
        return WalkResult::advance();
      op->emitOpError("cannot be lowered to a GPU kernel: ") << *obstacle;
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    if (!hasOps)
      return;

    IRRewriter rewriter(&getContext());
    eraseEmpty(rewriter);
    RewritePatternSet patterns(&getContext());
    populateSelectBySequenceLengthPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
    gpu::GPUModuleOp module = getKernelModule(rewriter);
    for (const SmallVector<RotateOp> &group :
         groupRotations(getOperation(), distinctArguments))
      lowerRotations(rewriter, module, group, model);
    getOperation()->walk(
        [&](SinCosOp op) { lowerSinCos(rewriter, module, op, model); });
    getOperation()->walk(
        [&](AttentionOp op) { lowerAttention(rewriter, module, op, model); });
    getOperation()->walk([&](LinearAttentionOp op) {
      lowerLinearAttention(rewriter, module, op, model);
    });
    getOperation()->walk(
        [&](MergeOp op) { lowerMerge(rewriter, module, op, model); });
    getOperation()->walk([&](RotationMatrixOp op) {
      lowerRotationMatrix(rewriter, module, op, model);
    });
  }

private:
  void failOption(StringRef name, unsigned value, StringRef allowed) {
    emitError(getOperation()->getLoc())
        << name << " must be " << allowed << ", got " << value;
    signalPassFailure();
  }

  GpuModel getModel() {
    GpuModel model;
    model.target = target;
    model.blockSize = blockSize;
    model.hasBF16Rounding =
        target == GpuTarget::NVPTX || StringRef(chip).starts_with("gfx950");
    StringRef version(chip);
    unsigned number = 0;
    model.hasMma = target == GpuTarget::NVPTX && version.consume_front("sm_") &&
                   !version.consumeInteger(10, number) && number >= 80;
    model.hasWgmma = target == GpuTarget::NVPTX && StringRef(chip) == "sm_90a";
    model.hasMfma =
        target == GpuTarget::AMDGPU &&
        llvm::is_contained({"gfx90a", "gfx942", "gfx950"}, StringRef(chip));
    // gfx11 as far as it is known. Those of gfx12 have no factors twice.
    model.hasWmma =
        target == GpuTarget::AMDGPU &&
        llvm::is_contained({"gfx1100", "gfx1101", "gfx1102", "gfx1103",
                            "gfx1150", "gfx1151", "gfx1152", "gfx1153"},
                           StringRef(chip));
    model.products = matrixProducts;
    model.keyRotation = keyRotation;
    model.queryTile = queryTile;
    model.keyTile = keyTile;
    model.keyParts = keyParts;
    model.multiprocessors = getMultiprocessors(chip);
    return model;
  }

  /// Ops that write nothing need no kernel.
  void eraseEmpty(IRRewriter &rewriter) {
    getOperation()->walk([&](Operation *op) {
      Value written =
          TypeSwitch<Operation *, Value>(op)
              .Case([](AttentionOp attention) { return attention.getOut(); })
              .Case([](MergeOp merge) { return merge.getLseOutput(); })
              .Case([](RotateOp rotate) { return rotate.getOutput(); })
              .Case([](RotationMatrixOp matrix) { return matrix.getOutput(); })
              .Case([](SinCosOp sincos) { return sincos.getCosDest(); })
              .Default([](Operation *) { return Value(); });
      if (written &&
          llvm::is_contained(cast<MemRefType>(written.getType()).getShape(), 0))
        rewriter.eraseOp(op);
    });
  }

  /// Where the kernels go, behind the functions.
  gpu::GPUModuleOp getKernelModule(IRRewriter &rewriter) {
    getOperation()->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                            rewriter.getUnitAttr());
    rewriter.setInsertionPointToEnd(getOperation().getBody());
    auto module = gpu::GPUModuleOp::create(rewriter, getOperation().getLoc(),
                                           kKernelModule);
    SymbolTable(getOperation()).insert(module);
    return module;
  }
};
} // namespace
