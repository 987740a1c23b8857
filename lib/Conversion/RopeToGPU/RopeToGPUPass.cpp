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

#include "AttentionToGPU.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "RotateToGPU.h"
#include "SinCosToGPU.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::rope {
#define GEN_PASS_DEF_CONVERTROPETOGPU
#include "Rope/Conversion/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using namespace mlir::rope;

static constexpr StringLiteral kKernelModule = "rope_kernels";

/// Why a rope op cannot be lowered.
static std::optional<std::string> getObstacle(Operation *op) {
  if (!isa_and_present<RopeDialect>(op->getDialect()))
    return std::nullopt;
  return TypeSwitch<Operation *, std::optional<std::string>>(op)
      .Case([](AttentionOp attention) {
        return getAttentionToGPUObstacle(attention);
      })
      .Case([](RotateOp rotate) { return getRotateToGPUObstacle(rotate); })
      .Case([](SinCosOp sincos) { return getSinCosToGPUObstacle(sincos); })
      .Default([](Operation *) { return "there is no kernel for this op"; });
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
    bool hasOps = false;
    WalkResult result = getOperation()->walk([&](Operation *op) {
      hasOps |= isa_and_present<RopeDialect>(op->getDialect());
      std::optional<std::string> obstacle = getObstacle(op);
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
    gpu::GPUModuleOp module = getKernelModule(rewriter);
    GpuModel model{target, blockSize,
                   target == GpuTarget::NVPTX ||
                       StringRef(chip).starts_with("gfx950")};
    for (const SmallVector<RotateOp> &group :
         groupRotations(getOperation(), distinctArguments))
      lowerRotations(rewriter, module, group, model);
    getOperation()->walk(
        [&](SinCosOp op) { lowerSinCos(rewriter, module, op, model); });
    getOperation()->walk(
        [&](AttentionOp op) { lowerAttention(rewriter, module, op, model); });
  }

private:
  /// Ops that write nothing: launches of no blocks are errors.
  void eraseEmpty(IRRewriter &rewriter) {
    getOperation()->walk([&](Operation *op) {
      Value written =
          TypeSwitch<Operation *, Value>(op)
              .Case([](AttentionOp attention) { return attention.getOut(); })
              .Case([](RotateOp rotate) { return rotate.getOutput(); })
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
