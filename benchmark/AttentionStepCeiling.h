//===- AttentionStepCeiling.h - A decoder's step by hand --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One query over a cache of rotated keys, 4 heads of 128 lanes on each of the
// cache: bound by reading keys and values, each of which is read once, in the
// order of memory.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_BENCHMARK_ATTENTIONSTEPCEILING_H
#define ROPE_BENCHMARK_ATTENTIONSTEPCEILING_H

#include "AttentionCeiling.h"
#include "VectorMath.h"

namespace rope_benchmark {

class Step {
public:
  static bool isFor(const AttentionShape &shape) {
    return shape.headDim == kHeadDim && shape.heads == kGroup * shape.kvHeads &&
           shape.keys % kLanes == 0;
  }
  static size_t getWorkspaceSize(const AttentionShape &shape) {
    return shape.heads * (2 * kHeadDim + shape.keys);
  }

  Step(const AttentionShape &shape, const AttentionArrays &arrays,
       float *workspace)
      : shape(shape), arrays(arrays), queries(workspace),
        sums(queries + shape.heads * kHeadDim),
        scores(sums + shape.heads * kHeadDim),
        stride(shape.kvHeads * kHeadDim) {}

  void run() {
    rotateQueries();
    // Heads inside positions: what is adjacent in memory is read together.
    for (int64_t key = 0; key < shape.keys; key += kKeys)
      for (int64_t kvHead = 0; kvHead < shape.kvHeads; ++kvHead)
        scoreKeys(kvHead, key);
    for (int64_t head = 0; head < shape.heads; ++head) {
      float *weights = scores + head * shape.keys;
      float total =
          exponentiate(weights, shape.keys, getMaximum(weights, shape.keys));
      scaleRow(weights, shape.keys, 1.0f / total);
    }
    for (int64_t key = 0; key < shape.keys; key += kValues)
      for (int64_t kvHead = 0; kvHead < shape.kvHeads; ++kvHead)
        for (int64_t lane = 0; lane < kHeadDim; lane += kHeadDim / 2)
          addValues(kvHead, key, lane);
  }

private:
  static constexpr int64_t kHeadDim = 128, kHalf = kHeadDim / 2;
  /// Heads that share keys, keys of a step of scores, and values of one of
  /// sums.
  static constexpr int64_t kGroup = 4, kKeys = 4, kValues = 16;

  void rotateQueries() {
    __m512 scale = _mm512_set1_ps(getScale(kHeadDim));
    for (int64_t head = 0; head < shape.heads; ++head)
      for (int64_t lane = 0; lane < kHalf; lane += kLanes) {
        const float *x = arrays.query + head * kHeadDim + lane;
        __m512 a = _mm512_loadu_ps(x), b = _mm512_loadu_ps(x + kHalf);
        __m512 c = _mm512_mul_ps(scale, _mm512_loadu_ps(arrays.cos + lane));
        __m512 s = _mm512_mul_ps(scale, _mm512_loadu_ps(arrays.sin + lane));
        float *y = queries + head * kHeadDim + lane;
        _mm512_storeu_ps(y, _mm512_fmsub_ps(a, c, _mm512_mul_ps(b, s)));
        _mm512_storeu_ps(y + kHalf, _mm512_fmadd_ps(a, s, _mm512_mul_ps(b, c)));
      }
  }

  /// 4 keys by the 4 heads of a group: the 16 sums stay in registers.
  void scoreKeys(int64_t kvHead, int64_t key) {
    const float *keys = arrays.key + key * stride + kvHead * kHeadDim;
    const float *group = queries + kvHead * kGroup * kHeadDim;
    __m512 products[kLanes];
    for (__m512 &product : products)
      product = _mm512_setzero_ps();
    for (int64_t lane = 0; lane < kHeadDim; lane += kLanes)
      for (int64_t head = 0; head < kGroup; ++head) {
        __m512 query = _mm512_loadu_ps(group + head * kHeadDim + lane);
        for (int64_t i = 0; i < kKeys; ++i)
          products[head * kKeys + i] =
              _mm512_fmadd_ps(query, _mm512_loadu_ps(keys + i * stride + lane),
                              products[head * kKeys + i]);
      }
    alignas(64) float entries[kLanes];
    _mm512_store_ps(entries, sumLanes(products));
    for (int64_t head = 0; head < kGroup; ++head)
      _mm_storeu_ps(scores + (kvHead * kGroup + head) * shape.keys + key,
                    _mm_load_ps(entries + head * kKeys));
  }

  /// Half of the lanes of the 4 heads of a group: 16 sums in registers.
  void addValues(int64_t kvHead, int64_t key, int64_t firstLane) {
    constexpr int kVectors = kHalf / kLanes;
    const float *values =
        arrays.value + key * stride + kvHead * kHeadDim + firstLane;
    const float *weights = scores + kvHead * kGroup * shape.keys + key;
    float *group = sums + kvHead * kGroup * kHeadDim + firstLane;
    float *out = arrays.out + kvHead * kGroup * kHeadDim + firstLane;
    __m512 total[kGroup][kVectors];
    for (int64_t head = 0; head < kGroup; ++head)
      for (int i = 0; i < kVectors; ++i)
        total[head][i] =
            key ? _mm512_loadu_ps(group + head * kHeadDim + i * kLanes)
                : _mm512_setzero_ps();
    for (int64_t row = 0; row < kValues; ++row)
      for (int i = 0; i < kVectors; ++i) {
        __m512 value = _mm512_loadu_ps(values + row * stride + i * kLanes);
        for (int64_t head = 0; head < kGroup; ++head)
          total[head][i] =
              _mm512_fmadd_ps(_mm512_set1_ps(weights[head * shape.keys + row]),
                              value, total[head][i]);
      }
    float *target = key + kValues == shape.keys ? out : group;
    for (int64_t head = 0; head < kGroup; ++head)
      for (int i = 0; i < kVectors; ++i)
        _mm512_storeu_ps(target + head * kHeadDim + i * kLanes, total[head][i]);
  }

  const AttentionShape &shape;
  const AttentionArrays &arrays;
  float *queries, *sums, *scores;
  int64_t stride;
};

} // namespace rope_benchmark

#endif // ROPE_BENCHMARK_ATTENTIONSTEPCEILING_H
