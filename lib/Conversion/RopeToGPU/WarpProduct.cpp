//===- WarpProduct.cpp - Products of matrices by a warp -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WarpProduct.h"

#include "WarpScratch.h"

using namespace mlir;
using namespace mlir::rope;

FragmentLayout FragmentLayout::get(const GpuModel &model) {
  if (model.hasWaves())
    return {/*threads=*/64, /*columns=*/16, /*entries=*/4,
            /*hasAdjacentRows=*/true, /*keysOfWord=*/2};
  if (model.hasShortWaves())
    return {/*threads=*/32,
            /*columns=*/16,
            /*entries=*/8,
            /*hasAdjacentRows=*/true,
            /*keysOfWord=*/2,
            /*copies=*/2,
            /*hasRowsOfLanes=*/true};
  return {/*threads=*/32, /*columns=*/8, /*entries=*/2,
          /*hasAdjacentRows=*/false, /*keysOfWord=*/1};
}

int64_t WarpProduct::getScratchWords(const GpuModel &model) {
  return model.isEmulated() ? WarpScratch::getWords(FragmentLayout::get(model))
                            : 0;
}

std::unique_ptr<WarpProduct> WarpProduct::create(KernelBuilder &kernel,
                                                 FloatType element,
                                                 Value thread, Value warp,
                                                 int64_t numWarps) {
  const GpuModel &model = kernel.getModel();
  auto create = model.hasWaves()        ? createMfmaProduct
                : model.hasShortWaves() ? createWmmaProduct
                                        : createMmaProduct;
  return create(kernel, element, thread, warp, numWarps);
}
