//===- WarpScratch.h - Words that threads of a warp exchange ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What stands for the exchanges of a warp on a device without them: shared
// memory, with barriers that all threads of the block must reach together.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_WARPSCRATCH_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_WARPSCRATCH_H

#include "WarpProduct.h"
#include "WordPair.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::rope {

class WarpScratch {
public:
  WarpScratch(KernelBuilder &kernel, const FragmentLayout &layout,
              FloatType element, Value thread, Value warp, int64_t numWarps)
      : kernel(kernel), builder(kernel.getBuilder()), element(element),
        threads(layout.threads), thread(thread),
        words(kernel, numWarps * getWords(layout)),
        base(kernel.multiply(warp, getWords(layout))) {}

  /// Those of the two factors of a product.
  static int64_t getWords(const FragmentLayout &layout) {
    return layout.getFactorWords() * layout.threads;
  }

  Value divide(Value index, int64_t by) {
    return builder.createOrFold<arith::DivUIOp>(index, kernel.getConstant(by));
  }
  Value remainder(Value index, int64_t by) {
    return builder.createOrFold<arith::RemUIOp>(index, kernel.getConstant(by));
  }

  /// A product of the factors `a` and `b`: `body` adds what it needs of one of
  /// four steps, by `load`, to the sums.
  SmallVector<Value>
  multiply(ArrayRef<Value> a, ArrayRef<Value> b, ArrayRef<Value> c,
           function_ref<void(Value step, MutableArrayRef<Value> sums)> body) {
    Value own = kernel.add(base, thread);
    SmallVector<Value> factors(a);
    llvm::append_range(factors, b);
    for (auto [i, word] : llvm::enumerate(factors))
      words.store(word, own, i * threads);
    gpu::BarrierOp::create(builder);
    auto loop =
        scf::ForOp::create(builder, kernel.getConstant(0),
                           kernel.getConstant(4), kernel.getConstant(1), c);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      SmallVector<Value> sums(loop.getRegionIterArgs());
      body(loop.getInductionVar(), sums);
      scf::YieldOp::create(builder, sums);
    }
    gpu::BarrierOp::create(builder);
    return loop.getResults();
  }
  /// The elements of word `word` of the factors of thread `of`, `offset`
  /// threads further on.
  std::pair<LaneValue, LaneValue> load(Value of, int64_t word,
                                       int64_t offset = 0) {
    return widenPair(
        {builder, words.load(kernel.add(base, of), word * threads + offset)},
        element);
  }

  Value exchange(Value scalar, int64_t mask) {
    Type i32 = builder.getI32Type(), f32 = builder.getF32Type();
    words.store(arith::BitcastOp::create(builder, i32, scalar).getResult(),
                kernel.add(base, thread));
    gpu::BarrierOp::create(builder);
    Value other =
        arith::XOrIOp::create(builder, thread, kernel.getConstant(mask));
    Value word = words.load(kernel.add(base, other));
    gpu::BarrierOp::create(builder);
    return arith::BitcastOp::create(builder, f32, word);
  }

private:
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  FloatType element;
  int64_t threads;
  Value thread;
  SharedWords words;
  Value base;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_WARPSCRATCH_H
