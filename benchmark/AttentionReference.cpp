//===- AttentionReference.cpp - The equation of attention in f64 ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionCeiling.h"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace rope_benchmark;

using Row = std::vector<double>;

static Row rotate(const float *x, const AttentionArrays &arrays,
                  int64_t position, int64_t headDim) {
  int64_t half = headDim / 2;
  Row y(headDim);
  for (int64_t i = 0; i < half; ++i) {
    double c = arrays.cos[position * half + i];
    double s = arrays.sin[position * half + i];
    y[i] = c * x[i] - s * x[half + i];
    y[half + i] = s * x[i] + c * x[half + i];
  }
  return y;
}

/// One head of one query over `keys`.
static Row attend(const Row &query, const std::vector<Row> &keys,
                  const float *values, int64_t stride, int64_t count) {
  std::vector<double> weights(count);
  for (int64_t key = 0; key < count; ++key) {
    for (size_t lane = 0; lane < query.size(); ++lane)
      weights[key] += query[lane] * keys[key][lane];
    weights[key] /= std::sqrt(static_cast<double>(query.size()));
  }
  double maximum = *std::max_element(weights.begin(), weights.end());
  double total = 0;
  Row out(query.size());
  for (int64_t key = 0; key < count; ++key) {
    double weight = std::exp(weights[key] - maximum);
    total += weight;
    for (size_t lane = 0; lane < query.size(); ++lane)
      out[lane] += weight * values[key * stride + lane];
  }
  for (double &entry : out)
    entry /= total;
  return out;
}

double rope_benchmark::getErrorOfAttention(const AttentionShape &shape,
                                           const AttentionArrays &arrays) {
  int64_t headDim = shape.headDim, stride = shape.kvHeads * headDim;
  int64_t group = shape.heads / shape.kvHeads;
  int64_t step = std::max<int64_t>(1, shape.queries / 60);
  double error = 0;
  std::vector<Row> keys(shape.keys);
  for (int64_t head = 0; head < shape.heads; ++head) {
    int64_t kvHead = head / group;
    for (int64_t key = 0; head % group == 0 && key < shape.keys; ++key) {
      const float *x = arrays.key + key * stride + kvHead * headDim;
      keys[key] = shape.isStep() ? Row(x, x + headDim)
                                 : rotate(x, arrays, key, headDim);
    }
    // Backwards, so that the last query is among them.
    for (int64_t query = shape.queries - 1; query >= 0; query -= step) {
      int64_t row = (query * shape.heads + head) * headDim;
      Row want = attend(rotate(arrays.query + row, arrays, query, headDim),
                        keys, arrays.value + kvHead * headDim, stride,
                        shape.isCausal ? query + 1 : shape.keys);
      for (int64_t lane = 0; lane < headDim; ++lane) {
        double difference = std::fabs(arrays.out[row + lane] - want[lane]);
        // Not std::max, which would drop what is not a number.
        error =
            difference > error || std::isnan(difference) ? difference : error;
      }
      if (std::isnan(error))
        return error;
    }
  }
  return error;
}
