//===- LowerKernelMath.cpp - Math of kernels as instructions --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-lower-kernel-math`: upstream's conversions make calls into the vendor's
// library of these ops, where one instruction does.
//
//===----------------------------------------------------------------------===//

#include "Rope/Pipelines/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::rope {
#define GEN_PASS_DEF_LOWERKERNELMATH
#include "Rope/Pipelines/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;

namespace {
struct LowerKernelMath : rope::impl::LowerKernelMathBase<LowerKernelMath> {
  using LowerKernelMathBase::LowerKernelMathBase;

  void runOnOperation() override {
    bool isNvidia = target == rope::GpuTarget::NVPTX;
    getOperation()->walk([&](Operation *op) {
      StringRef name = llvm::TypeSwitch<Operation *, StringRef>(op)
                           .Case([](math::AbsFOp) { return "llvm.fabs"; })
                           .Case([&](math::Exp2Op) {
                             return isNvidia ? "llvm.nvvm.ex2.approx.ftz.f"
                                             : "llvm.amdgcn.exp2";
                           })
                           .Case([&](math::Log2Op) {
                             return isNvidia ? "llvm.nvvm.lg2.approx.ftz.f"
                                             : "llvm.amdgcn.log";
                           })
                           .Default([](Operation *) { return ""; });
      // The instructions are those of f32.
      if (name.empty() ||
          (!isa<math::AbsFOp>(op) && !op->getResult(0).getType().isF32()))
        return;
      OpBuilder builder(op);
      auto call = LLVM::CallIntrinsicOp::create(
          builder, op->getLoc(), op->getResult(0).getType(),
          builder.getStringAttr(name), op->getOperands());
      op->replaceAllUsesWith(call);
      op->erase();
    });
  }
};
} // namespace
