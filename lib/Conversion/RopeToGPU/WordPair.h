//===- WordPair.h - Two elements of 16 bits in a word -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No kernel has a memory of 16-bit elements, which a target may lack: they come
// in words of two, the even one in the lower half.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_WORDPAIR_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_WORDPAIR_H

#include "../RopeToAffine/LaneValue.h"
#include "KernelBuilder.h"

namespace mlir::rope {

/// The two elements of `word`, an i32, in f32.
std::pair<LaneValue, LaneValue> widenPair(LaneValue word, FloatType element);

/// Two scalars as a word, each rounded once to `element`.
LaneValue narrowPair(const KernelBuilder &kernel, LaneValue even, LaneValue odd,
                     FloatType element);

/// The bits of an f32 rounded to bf16 in the upper half, ties to even, in
/// integers; the lower half is not cleared.
LaneValue roundToUpperHalf(const KernelBuilder &kernel, LaneValue value);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_WORDPAIR_H
