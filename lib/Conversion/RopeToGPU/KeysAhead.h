//===- KeysAhead.h - Keys that are rotated in memory ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every block of an attention in tiles rotates the keys that it walks over.
// With many blocks a kernel that rotates them once, in memory of its own, costs
// less. In instructions of threads a pair of lanes:
//
//   in blocks  9 G ceil(M / Bq), half of it if causal
//   ahead      70, what the device could do while 8 bytes are read and written
//
// with G heads of queries to one of keys, M queries and Bq a block. A window of
// w keys is walked over by at most ceil(w / Bq) + 1 tiles of queries. Where
// lengths say how many keys there are, blocks rotate those only.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_KEYSAHEAD_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_KEYSAHEAD_H

#include "KernelBuilder.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// The number of queries from which on keys are rotated ahead; nothing if they
/// never are.
std::optional<int64_t> getLeastQueriesOfKeysAhead(AttentionOp op,
                                                  const GpuModel &model);

/// Launches a kernel that rotates the keys into new memory where the rewriter
/// stands, then `launch` with an attention on these, and frees them.
void launchWithKeysAhead(RewriterBase &rewriter, gpu::GPUModuleOp module,
                         AttentionOp op, const GpuModel &model,
                         function_ref<void(AttentionOp)> launch);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_KEYSAHEAD_H
