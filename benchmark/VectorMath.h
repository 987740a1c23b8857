//===- VectorMath.h - Vectors of 16 floats ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the attentions by hand share: AVX-512 on rows of scores, and on 16
// vectors at a time.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_BENCHMARK_VECTORMATH_H
#define ROPE_BENCHMARK_VECTORMATH_H

#include <cmath>
#include <cstdint>
#include <immintrin.h>
#include <initializer_list>
#include <limits>

namespace rope_benchmark {

inline constexpr int64_t kLanes = 16;

/// log2(e) / sqrt(headDim): scores that a softmax in base 2 takes.
inline float getScale(int64_t headDim) {
  return 1.44269504f / std::sqrt(static_cast<float>(headDim));
}

/// The first `count` lanes.
inline __mmask16 getMask(int64_t count) {
  return static_cast<__mmask16>((1u << count) - 1);
}

/// 2^x for x <= 0, with a relative error of 2e-7: x = n + r with |r| <= 1/2,
/// and the polynomial of degree 5 with the least relative error on r.
inline __m512 exp2(__m512 x) {
  x = _mm512_max_ps(x, _mm512_set1_ps(-126.0f));
  __m512 n = _mm512_roundscale_ps(x, _MM_FROUND_NO_EXC);
  __m512 r = _mm512_sub_ps(x, n);
  __m512 y = _mm512_set1_ps(0.00132647271f);
  for (float coefficient :
       {0.00967151265f, 0.0555073374f, 0.240222421f, 0.693146978f, 1.0f})
    y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(coefficient));
  return _mm512_scalef_ps(y, n);
}

/// The greatest of `count` numbers.
inline float getMaximum(const float *x, int64_t count) {
  __m512 low = _mm512_set1_ps(-std::numeric_limits<float>::infinity());
  __m512 maxima[2] = {low, low};
  int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes)
    for (int j = 0; j < 2; ++j)
      maxima[j] = _mm512_max_ps(maxima[j], _mm512_loadu_ps(x + i + j * kLanes));
  for (; i < count; i += kLanes) {
    __mmask16 mask = count - i < kLanes ? getMask(count - i) : 0xFFFF;
    maxima[0] =
        _mm512_max_ps(maxima[0], _mm512_mask_loadu_ps(low, mask, x + i));
  }
  return _mm512_reduce_max_ps(_mm512_max_ps(maxima[0], maxima[1]));
}

/// x[i] = 2^(x[i] - maximum) for i < count, and 0 up to the next whole vector.
/// Returns their sum.
inline float exponentiate(float *x, int64_t count, float maximum) {
  __m512 subtrahend = _mm512_set1_ps(maximum);
  __m512 sums[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes)
    for (int j = 0; j < 2; ++j) {
      float *part = x + i + j * kLanes;
      __m512 y = exp2(_mm512_sub_ps(_mm512_loadu_ps(part), subtrahend));
      _mm512_storeu_ps(part, y);
      sums[j] = _mm512_add_ps(sums[j], y);
    }
  for (; i < count; i += kLanes) {
    __mmask16 mask = count - i < kLanes ? getMask(count - i) : 0xFFFF;
    __m512 y = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, x + i), subtrahend);
    y = _mm512_maskz_mov_ps(mask, exp2(y));
    _mm512_storeu_ps(x + i, y);
    sums[0] = _mm512_add_ps(sums[0], y);
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(sums[0], sums[1]));
}

inline void scaleRow(float *x, int64_t count, float factor) {
  for (int64_t i = 0; i < count; i += kLanes)
    _mm512_storeu_ps(
        x + i, _mm512_mul_ps(_mm512_set1_ps(factor), _mm512_loadu_ps(x + i)));
}

/// Lanes a0 b0 a1 b1 ... of each 128 bits, as 32 or 64 bits wide units.
inline __m512 unpackLow(__m512 a, __m512 b) { return _mm512_unpacklo_ps(a, b); }
inline __m512 unpackHigh(__m512 a, __m512 b) {
  return _mm512_unpackhi_ps(a, b);
}
inline __m512 unpackLowPairs(__m512 a, __m512 b) {
  return _mm512_castpd_ps(
      _mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}
inline __m512 unpackHighPairs(__m512 a, __m512 b) {
  return _mm512_castpd_ps(
      _mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}
/// The even, or odd, units of 128 bits of a, then of b.
inline __m512 takeEvenUnits(__m512 a, __m512 b) {
  return _mm512_shuffle_f32x4(a, b, 0x88);
}
inline __m512 takeOddUnits(__m512 a, __m512 b) {
  return _mm512_shuffle_f32x4(a, b, 0xDD);
}

/// rows[i][j] = rows[j][i].
inline void transpose(__m512 (&rows)[kLanes]) {
  __m512 x[kLanes];
  // In each unit of 128 bits, rows 4 i ... 4 i + 3 are transposed.
  for (int i = 0; i < 16; i += 4) {
    __m512 low = unpackLow(rows[i], rows[i + 1]);
    __m512 high = unpackHigh(rows[i], rows[i + 1]);
    __m512 nextLow = unpackLow(rows[i + 2], rows[i + 3]);
    __m512 nextHigh = unpackHigh(rows[i + 2], rows[i + 3]);
    x[i] = unpackLowPairs(low, nextLow);
    x[i + 1] = unpackHighPairs(low, nextLow);
    x[i + 2] = unpackLowPairs(high, nextHigh);
    x[i + 3] = unpackHighPairs(high, nextHigh);
  }
  // x[4 i + j] holds columns j, 4 + j, 8 + j, 12 + j: the units themselves are
  // transposed.
  for (int j = 0; j < 4; ++j) {
    __m512 even = takeEvenUnits(x[j], x[4 + j]);
    __m512 odd = takeOddUnits(x[j], x[4 + j]);
    __m512 nextEven = takeEvenUnits(x[8 + j], x[12 + j]);
    __m512 nextOdd = takeOddUnits(x[8 + j], x[12 + j]);
    rows[j] = takeEvenUnits(even, nextEven);
    rows[8 + j] = takeOddUnits(even, nextEven);
    rows[4 + j] = takeEvenUnits(odd, nextOdd);
    rows[12 + j] = takeOddUnits(odd, nextOdd);
  }
}

/// Lane i is the sum of the lanes of rows[i].
inline __m512 sumLanes(const __m512 (&rows)[kLanes]) {
  __m512 quads[4];
  for (int i = 0; i < 4; ++i) {
    __m512 pairs[2];
    for (int j = 0; j < 2; ++j) {
      __m512 a = rows[4 * i + 2 * j], b = rows[4 * i + 2 * j + 1];
      pairs[j] = _mm512_add_ps(unpackLow(a, b), unpackHigh(a, b));
    }
    quads[i] = _mm512_add_ps(unpackLowPairs(pairs[0], pairs[1]),
                             unpackHighPairs(pairs[0], pairs[1]));
  }
  __m512 low = _mm512_add_ps(takeEvenUnits(quads[0], quads[1]),
                             takeOddUnits(quads[0], quads[1]));
  __m512 high = _mm512_add_ps(takeEvenUnits(quads[2], quads[3]),
                              takeOddUnits(quads[2], quads[3]));
  return _mm512_add_ps(takeEvenUnits(low, high), takeOddUnits(low, high));
}

} // namespace rope_benchmark

#endif // ROPE_BENCHMARK_VECTORMATH_H
