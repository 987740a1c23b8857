//===- RotateCeiling.h - What is possible by hand ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernels that rope.rotate is measured against: with AVX-512 intrinsics
// where the machine has them, else loops that the compiler vectorizes.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_BENCHMARK_ROTATECEILING_H
#define ROPE_BENCHMARK_ROTATECEILING_H

#include <cstddef>
#include <cstdint>

namespace rope_benchmark {

struct Shape {
  int64_t positions, heads, headDim;
};

/// y = rotate(x) for pairs in halves, f32 with tables of f32; y may be x.
void rotateHalfByHand(float *y, const float *x, const float *cos,
                      const float *sin, Shape shape);

/// The same for interleaved pairs.
void rotateInterleavedByHand(float *y, const float *x, const float *cos,
                             const float *sin, Shape shape);

/// Reads and writes each byte in place.
void readModifyWrite(void *data, size_t size);

} // namespace rope_benchmark

#endif // ROPE_BENCHMARK_ROTATECEILING_H
