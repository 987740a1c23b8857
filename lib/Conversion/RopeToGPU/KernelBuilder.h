//===- KernelBuilder.h - A kernel and its launch ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds a `gpu.func` beside the host code that launches it. Arguments come as
// they are asked for: first buffers, each a flat `memref<?xunit>`, then sizes
// and strides that are known at run time only. What is static becomes a
// constant in the kernel.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_KERNELBUILDER_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_KERNELBUILDER_H

#include "Rope/Conversion/RopeToGPU/RopeToGPU.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::rope {

class KernelBuilder {
public:
  /// A kernel in `module`, which makes `name` unique; the host code goes where
  /// `host` stands.
  KernelBuilder(ImplicitLocOpBuilder &host, gpu::GPUModuleOp module,
                StringRef name, const GpuModel &model);

  ImplicitLocOpBuilder &getHost() { return host; }
  ImplicitLocOpBuilder &getBuilder() { return body; }
  const GpuModel &getModel() const { return model; }

  /// The argument for a buffer of the host, as `memref<?xunit>`: from its first
  /// element on, whatever its layout. `unitElements` elements are a unit.
  Value addBuffer(Value buffer, Type unit, int64_t unitElements);
  /// The sizes of a buffer of the host.
  SmallVector<OpFoldResult> getSizes(Value buffer);
  /// The value in the kernel of a size on the host.
  Value getIndex(OpFoldResult size);

  /// Arithmetic on indices in the kernel.
  Value getConstant(int64_t value);
  Value add(Value lhs, Value rhs);
  Value multiply(Value lhs, Value rhs);
  Value multiply(Value lhs, int64_t factor) {
    return multiply(lhs, getConstant(factor));
  }

  /// The place of a thread of the block, whose threads are a grid of `sizes`,
  /// the first of which moves fastest.
  SmallVector<Value> emitThreadIndices(ArrayRef<int64_t> sizes);

  /// for i in [first, size) by step
  void emitFor(Value first, Value size, Value step,
               function_ref<void(Value)> body);
  void emitIf(arith::CmpIPredicate predicate, Value lhs, Value rhs,
              function_ref<void()> body);

  /// Calls `body` once for each point of a grid of `sizes`, the first of which
  /// moves fastest and is cut into `tile` points a block, of which this thread
  /// has the one of number `place`.
  void emitGrid(ArrayRef<OpFoldResult> sizes, int64_t tile, Value place,
                function_ref<void(ArrayRef<Value>)> body);

  /// Calls `body` with the indices of each entry of an array of `sizes`:
  /// neighbours in a row are neighbours in a block, which has several short
  /// rows.
  void emitEntries(SmallVector<OpFoldResult> sizes,
                   function_ref<void(ArrayRef<Value> indices)> body);

  /// Memory that the threads of a block share, aligned to an access of 16
  /// bytes.
  Value addShared(int64_t size, Type element);

  /// Words of it from a multiple of 1024 bytes on, of which the launch says how
  /// many there are: more than a kernel can have otherwise. Once a kernel.
  Value addDynamicShared(int64_t words);

  /// A constant array that is indexed at run time.
  Value emitConstantLoad(DenseElementsAttr elements, Value index);

  /// Ends the kernel, and launches it on the threads and blocks that were asked
  /// for; not at all where there are none.
  void launch();

private:
  /// Calls `body` with the first points of the tiles along dimension `dim` of
  /// the grid of blocks.
  void emitBlocks(gpu::Dimension dim, OpFoldResult size, int64_t tile,
                  function_ref<void(Value)> body);

  ImplicitLocOpBuilder &host;
  ImplicitLocOpBuilder body;
  gpu::GPUModuleOp module;
  GpuModel model;
  gpu::GPUFuncOp kernel;
  SmallVector<Value> buffers, sizes;
  SmallVector<OpFoldResult, 3> blocks;
  int64_t threads = 1, dynamicBytes = 0;
};

/// The pointer of a buffer of rank 1 in a kernel, whose descriptor it is in
/// targets that have pointers.
Value getDescriptorPointer(ImplicitLocOpBuilder &builder, Value buffer);

/// Launches the kernel that an `Emitter` makes of `work` where the rewriter
/// stands.
template <typename Emitter, typename Work>
void launchKernel(RewriterBase &rewriter, Location loc, gpu::GPUModuleOp module,
                  StringRef name, Work work, const GpuModel &model) {
  ImplicitLocOpBuilder host(loc, rewriter);
  KernelBuilder kernel(host, module, name, model);
  Emitter(kernel, work).emit();
  kernel.launch();
}

/// Replaces `ops` by one launch of a kernel.
template <typename Emitter, typename Work>
void lowerToKernel(RewriterBase &rewriter, gpu::GPUModuleOp module,
                   StringRef name, ArrayRef<Operation *> ops, Work work,
                   const GpuModel &model) {
  rewriter.setInsertionPoint(ops.back());
  launchKernel<Emitter>(rewriter, ops.back()->getLoc(), module, name, work,
                        model);
  for (Operation *op : ops)
    rewriter.eraseOp(op);
}

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_KERNELBUILDER_H
