//===- AttentionCeiling.cpp - What is possible by hand --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles of 96 queries by 256 keys: scores by a micro-kernel of 6 rows by 4
// vectors whose 24 sums stay in registers, softmax in base 2 with a running
// maximum, and the same micro-kernel for the values. Rotations, the scale and
// log2(e) go into the packing.
//
//===----------------------------------------------------------------------===//

#include "AttentionCeiling.h"

#ifdef __AVX512F__
#include "AttentionStepCeiling.h"
#include "VectorMath.h"
#include <algorithm>
#include <cmath>
#include <limits>
#endif

using namespace rope_benchmark;

#ifndef __AVX512F__

const char *rope_benchmark::getReasonAgainstByHand(const AttentionShape &) {
  return "the kernel by hand needs AVX-512";
}
size_t rope_benchmark::getWorkspaceSize(const AttentionShape &) { return 0; }
void rope_benchmark::attendByHand(const AttentionShape &,
                                  const AttentionArrays &, float *) {}

#else

static constexpr int64_t kPanel = 4 * kLanes;
static constexpr int64_t kRows = 6;
static constexpr int64_t kQueryTile = 16 * kRows;
static constexpr int64_t kKeyTile = 4 * kPanel;
/// A row of scores, with a vector more than a tile so that the rows of a
/// micro-kernel do not fall into the same lines of the cache.
static constexpr int64_t kScoreStride = kKeyTile + kLanes;

static int64_t roundUp(int64_t size, int64_t unit) {
  return (size + unit - 1) / unit * unit;
}

/// c[Rows, 64] = a[Rows, depth] b[depth, 64], or += .
template <int Rows>
static void multiplyRows(const float *a, int64_t aStride, const float *b,
                         float *c, int64_t cStride, int64_t depth,
                         bool accumulate) {
  __m512 sums[Rows][4];
  for (int row = 0; row < Rows; ++row)
    for (int j = 0; j < 4; ++j)
      sums[row][j] = accumulate
                         ? _mm512_loadu_ps(c + row * cStride + j * kLanes)
                         : _mm512_setzero_ps();
#pragma clang loop unroll_count(4)
  for (int64_t k = 0; k < depth; ++k, b += kPanel) {
    __m512 columns[4];
    for (int j = 0; j < 4; ++j)
      columns[j] = _mm512_loadu_ps(b + j * kLanes);
    for (int row = 0; row < Rows; ++row) {
      __m512 factor = _mm512_set1_ps(a[row * aStride + k]);
      for (int j = 0; j < 4; ++j)
        sums[row][j] = _mm512_fmadd_ps(factor, columns[j], sums[row][j]);
    }
  }
  for (int row = 0; row < Rows; ++row)
    for (int j = 0; j < 4; ++j)
      _mm512_storeu_ps(c + row * cStride + j * kLanes, sums[row][j]);
}

static void multiply(int64_t rows, const float *a, int64_t aStride,
                     const float *b, float *c, int64_t cStride, int64_t depth,
                     bool accumulate) {
  using Kernel = decltype(multiplyRows<kRows>);
  static constexpr Kernel *kernels[kRows] = {multiplyRows<1>, multiplyRows<2>,
                                             multiplyRows<3>, multiplyRows<4>,
                                             multiplyRows<5>, multiplyRows<6>};
  kernels[rows - 1](a, aStride, b, c, cStride, depth, accumulate);
}

namespace {
/// One attention with heads of `HeadDim` lanes.
template <int64_t HeadDim> class Prefill {
public:
  Prefill(const AttentionShape &shape, const AttentionArrays &arrays,
          float *workspace)
      : shape(shape), arrays(arrays), packedKeys(workspace),
        packedValues(packedKeys + roundUp(shape.keys, kPanel) * HeadDim),
        queries(packedValues + shape.keys * HeadDim),
        scores(queries + kQueryTile * HeadDim),
        sums(scores + kQueryTile * kScoreStride) {}

  static size_t getWorkspaceSize(const AttentionShape &shape) {
    return (roundUp(shape.keys, kPanel) + shape.keys + 2 * kQueryTile) *
               HeadDim +
           kQueryTile * kScoreStride;
  }

  void run() {
    int64_t group = shape.heads / shape.kvHeads;
    for (int64_t kvHead = 0; kvHead < shape.kvHeads; ++kvHead) {
      packKeys(kvHead);
      packValues(kvHead);
      for (int64_t head = kvHead * group; head < (kvHead + 1) * group; ++head)
        for (int64_t query = 0; query < shape.queries; query += kQueryTile)
          runTile(head, query, std::min(kQueryTile, shape.queries - query));
    }
  }

private:
  static constexpr int64_t kHalf = HeadDim / 2;

  /// Panels of 64 keys: lane by lane, the lane of each of them.
  void packKeys(int64_t kvHead) {
    int64_t stride = shape.kvHeads * HeadDim;
    const float *keys = arrays.key + kvHead * HeadDim;
    for (int64_t key = 0; key < shape.keys; key += kLanes) {
      float *panel =
          packedKeys + key / kPanel * kPanel * HeadDim + key % kPanel;
      int64_t rows = std::min(kLanes, shape.keys - key);
      for (int64_t lane = 0; lane < kHalf; lane += kLanes) {
        __m512 first[kLanes], second[kLanes];
        for (int64_t row = 0; row < kLanes; ++row)
          if (row < rows)
            rotate(keys + (key + row) * stride + lane, key + row, lane,
                   first[row], second[row]);
          else
            first[row] = second[row] = _mm512_setzero_ps();
        transpose(first);
        transpose(second);
        for (int64_t i = 0; i < kLanes; ++i) {
          _mm512_storeu_ps(panel + (lane + i) * kPanel, first[i]);
          _mm512_storeu_ps(panel + (kHalf + lane + i) * kPanel, second[i]);
        }
      }
    }
  }

  /// Panels of 64 lanes of all values.
  void packValues(int64_t kvHead) {
    const float *values = arrays.value + kvHead * HeadDim;
    for (int64_t key = 0; key < shape.keys; ++key)
      for (int64_t lane = 0; lane < HeadDim; lane += kLanes)
        _mm512_storeu_ps(
            packedValues + lane / kPanel * shape.keys * kPanel + key * kPanel +
                lane % kPanel,
            _mm512_loadu_ps(values + key * shape.kvHeads * HeadDim + lane));
  }

  /// x points to the first lanes of the pairs `lane` to `lane` + 15.
  void rotate(const float *x, int64_t position, int64_t lane, __m512 &first,
              __m512 &second) const {
    __m512 a = _mm512_loadu_ps(x), b = _mm512_loadu_ps(x + kHalf);
    __m512 c = _mm512_loadu_ps(arrays.cos + position * kHalf + lane);
    __m512 s = _mm512_loadu_ps(arrays.sin + position * kHalf + lane);
    first = _mm512_fmsub_ps(a, c, _mm512_mul_ps(b, s));
    second = _mm512_fmadd_ps(a, s, _mm512_mul_ps(b, c));
  }

  void packQueries(int64_t head, int64_t query, int64_t rows) {
    __m512 scale = _mm512_set1_ps(getScale(HeadDim));
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t lane = 0; lane < kHalf; lane += kLanes) {
        __m512 first, second;
        rotate(arrays.query + ((query + row) * shape.heads + head) * HeadDim +
                   lane,
               query + row, lane, first, second);
        float *packed = queries + row * HeadDim + lane;
        _mm512_storeu_ps(packed, _mm512_mul_ps(first, scale));
        _mm512_storeu_ps(packed + kHalf, _mm512_mul_ps(second, scale));
      }
  }

  /// How many of `keys` keys from `key` the query sees.
  int64_t countVisible(int64_t query, int64_t key, int64_t keys) const {
    int64_t end = shape.isCausal ? query + 1 - key : keys;
    return std::clamp<int64_t>(end, 0, keys);
  }

  void runTile(int64_t head, int64_t query, int64_t rows) {
    packQueries(head, query, rows);
    std::fill_n(maxima, rows, -std::numeric_limits<float>::infinity());
    std::fill_n(totals, rows, 0.0f);
    int64_t end =
        shape.isCausal ? std::min(shape.keys, query + rows) : shape.keys;
    for (int64_t key = 0; key < end; key += kKeyTile)
      addKeys(query, rows, key, std::min(kKeyTile, end - key));
    for (int64_t row = 0; row < rows; ++row) {
      __m512 factor = _mm512_set1_ps(1.0f / totals[row]);
      float *out = arrays.out + ((query + row) * shape.heads + head) * HeadDim;
      for (int64_t lane = 0; lane < HeadDim; lane += kLanes)
        _mm512_storeu_ps(
            out + lane,
            _mm512_mul_ps(factor,
                          _mm512_loadu_ps(sums + row * HeadDim + lane)));
    }
  }

  /// Adds the tile's keys to the sums of its rows. What no row of a block of
  /// the micro-kernel sees is not computed.
  void addKeys(int64_t query, int64_t rows, int64_t key, int64_t keys) {
    int64_t visible[kQueryTile / kRows];
    for (int64_t row = 0; row < rows; row += kRows) {
      int64_t last = std::min(row + kRows, rows) - 1;
      visible[row / kRows] = countVisible(query + last, key, keys);
    }
    // A panel of keys stays in the nearest cache for all rows.
    for (int64_t panel = 0; panel < keys; panel += kPanel)
      for (int64_t row = 0; row < rows; row += kRows)
        if (panel < visible[row / kRows])
          multiply(std::min(kRows, rows - row), queries + row * HeadDim,
                   HeadDim, packedKeys + (key + panel) * HeadDim,
                   scores + row * kScoreStride + panel, kScoreStride, HeadDim,
                   /*accumulate=*/false);
    for (int64_t row = 0; row < rows; ++row)
      weigh(row, countVisible(query + row, key, keys), visible[row / kRows],
            key == 0);
    for (int64_t lane = 0; lane < HeadDim; lane += kPanel)
      for (int64_t row = 0; row < rows; row += kRows)
        multiply(std::min(kRows, rows - row), scores + row * kScoreStride,
                 kScoreStride, packedValues + lane * shape.keys + key * kPanel,
                 sums + row * HeadDim + lane, HeadDim, visible[row / kRows],
                 /*accumulate=*/key > 0);
  }

  /// Makes weights of a row's first `keys` scores and zeros of the others.
  void weigh(int64_t row, int64_t keys, int64_t columns, bool isFirst) {
    float *weights = scores + row * kScoreStride;
    float maximum = std::max(maxima[row], getMaximum(weights, keys));
    float total = exponentiate(weights, keys, maximum);
    for (int64_t key = roundUp(keys, kLanes); key < columns; ++key)
      weights[key] = 0.0f;
    if (maximum != maxima[row] && !isFirst) {
      float factor = std::exp2(maxima[row] - maximum);
      totals[row] *= factor;
      scaleRow(sums + row * HeadDim, HeadDim, factor);
    }
    maxima[row] = maximum;
    totals[row] += total;
  }

  const AttentionShape &shape;
  const AttentionArrays &arrays;
  float *packedKeys, *packedValues, *queries, *scores, *sums;
  float maxima[kQueryTile], totals[kQueryTile];
};
} // namespace

const char *
rope_benchmark::getReasonAgainstByHand(const AttentionShape &shape) {
  if (shape.headDim != 64 && shape.headDim != 128)
    return "the kernel by hand is for 64 and 128 lanes";
  if (shape.isStep() && !Step::isFor(shape))
    return "the step by hand is for 4 heads of 128 lanes on one, and a "
           "multiple of 16 keys";
  return nullptr;
}

size_t rope_benchmark::getWorkspaceSize(const AttentionShape &shape) {
  if (shape.isStep())
    return Step::getWorkspaceSize(shape);
  return shape.headDim == 64 ? Prefill<64>::getWorkspaceSize(shape)
                             : Prefill<128>::getWorkspaceSize(shape);
}

void rope_benchmark::attendByHand(const AttentionShape &shape,
                                  const AttentionArrays &arrays,
                                  float *workspace) {
  if (shape.isStep())
    Step(shape, arrays, workspace).run();
  else if (shape.headDim == 64)
    Prefill<64>(shape, arrays, workspace).run();
  else
    Prefill<128>(shape, arrays, workspace).run();
}

#endif
