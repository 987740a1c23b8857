//===- RotateCeiling.cpp - What is possible by hand -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "RotateCeiling.h"

#ifdef __AVX512F__
#include <immintrin.h>
#endif

using namespace rope_benchmark;

#ifdef __AVX512F__

static constexpr int64_t kLanes = 16;

/// A table row in registers, all heads inside. `Vectors` is headDim / 32.
template <int Vectors>
static void rotateHalf(float *y, const float *x, const float *cos,
                       const float *sin, Shape shape) {
  constexpr int64_t half = Vectors * kLanes;
  for (int64_t position = 0; position < shape.positions; ++position) {
    __m512 c[Vectors], s[Vectors];
    for (int i = 0; i < Vectors; ++i) {
      c[i] = _mm512_loadu_ps(cos + i * kLanes);
      s[i] = _mm512_loadu_ps(sin + i * kLanes);
    }
    for (int64_t head = 0; head < shape.heads; ++head) {
      __m512 a[Vectors], b[Vectors];
      for (int i = 0; i < Vectors; ++i) {
        a[i] = _mm512_loadu_ps(x + i * kLanes);
        b[i] = _mm512_loadu_ps(x + half + i * kLanes);
      }
      for (int i = 0; i < Vectors; ++i) {
        _mm512_storeu_ps(
            y + i * kLanes,
            _mm512_fmsub_ps(a[i], c[i], _mm512_mul_ps(b[i], s[i])));
        _mm512_storeu_ps(
            y + half + i * kLanes,
            _mm512_fmadd_ps(a[i], s[i], _mm512_mul_ps(b[i], c[i])));
      }
      x += 2 * half;
      y += 2 * half;
    }
    cos += half;
    sin += half;
  }
}

/// Entries 8 `part` ... of a table vector, each twice.
static __m512 repeatEntries(__m512 table, int part) {
  const __m512i first =
      _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
  return _mm512_permutexvar_ps(
      _mm512_add_epi32(first, _mm512_set1_epi32(8 * part)), table);
}

template <int Vectors>
static void rotateInterleaved(float *y, const float *x, const float *cos,
                              const float *sin, Shape shape) {
  for (int64_t position = 0; position < shape.positions; ++position) {
    __m512 c[2 * Vectors], s[2 * Vectors];
    for (int i = 0; i < 2 * Vectors; ++i) {
      c[i] = repeatEntries(_mm512_loadu_ps(cos + i / 2 * kLanes), i % 2);
      s[i] = repeatEntries(_mm512_loadu_ps(sin + i / 2 * kLanes), i % 2);
    }
    for (int64_t head = 0; head < shape.heads; ++head) {
#pragma clang loop unroll(full)
      for (int i = 0; i < 2 * Vectors; ++i) {
        __m512 lanes = _mm512_loadu_ps(x + i * kLanes);
        __m512 swapped = _mm512_permute_ps(lanes, 0xB1);
        _mm512_storeu_ps(
            y + i * kLanes,
            _mm512_fmaddsub_ps(lanes, c[i], _mm512_mul_ps(swapped, s[i])));
      }
      x += 2 * Vectors * kLanes;
      y += 2 * Vectors * kLanes;
    }
    cos += Vectors * kLanes;
    sin += Vectors * kLanes;
  }
}

void rope_benchmark::rotateHalfByHand(float *y, const float *x,
                                      const float *cos, const float *sin,
                                      Shape shape) {
  shape.headDim == 128 ? rotateHalf<4>(y, x, cos, sin, shape)
                       : rotateHalf<2>(y, x, cos, sin, shape);
}

void rope_benchmark::rotateInterleavedByHand(float *y, const float *x,
                                             const float *cos, const float *sin,
                                             Shape shape) {
  shape.headDim == 128 ? rotateInterleaved<4>(y, x, cos, sin, shape)
                       : rotateInterleaved<2>(y, x, cos, sin, shape);
}

#else

/// Pair i of a row is lanes i * stride and i * stride + distance.
static void rotate(float *y, const float *x, const float *cos, const float *sin,
                   Shape shape, int64_t stride, int64_t distance) {
  int64_t pairs = shape.headDim / 2;
  for (int64_t position = 0; position < shape.positions; ++position)
    for (int64_t head = 0; head < shape.heads; ++head) {
      int64_t row = (position * shape.heads + head) * shape.headDim;
      for (int64_t i = 0; i < pairs; ++i) {
        float c = cos[position * pairs + i], s = sin[position * pairs + i];
        float a = x[row + i * stride], b = x[row + i * stride + distance];
        y[row + i * stride] = a * c - b * s;
        y[row + i * stride + distance] = a * s + b * c;
      }
    }
}

void rope_benchmark::rotateHalfByHand(float *y, const float *x,
                                      const float *cos, const float *sin,
                                      Shape shape) {
  rotate(y, x, cos, sin, shape, 1, shape.headDim / 2);
}

void rope_benchmark::rotateInterleavedByHand(float *y, const float *x,
                                             const float *cos, const float *sin,
                                             Shape shape) {
  rotate(y, x, cos, sin, shape, 2, 1);
}

#endif

void rope_benchmark::readModifyWrite(void *data, size_t size) {
  auto *words = static_cast<uint64_t *>(data);
  for (size_t i = 0; i < size / sizeof(uint64_t); ++i)
    words[i] ^= 0x8000000080000000;
}
