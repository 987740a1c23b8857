//===- AttentionBenchmark.cpp - rope.attention beside its limits ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Google Benchmark of the compiled kernels and of two limits of the core: as
// many fused products from registers as the two contractions have, and reading
// the keys and values of a decoder's step. run.py prints ratios.
//
//===----------------------------------------------------------------------===//

#include <benchmark/benchmark.h>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {
template <unsigned Rank> struct MemRef {
  float *allocated, *aligned;
  int64_t offset = 0, sizes[Rank], strides[Rank];
};
using Tensor = MemRef<4>;
using Table = MemRef<2>;
} // namespace

#define ROPE_KERNEL(NAME)                                                      \
  extern "C" void _mlir_ciface_##NAME(Tensor *, Tensor *, Tensor *, Table *,   \
                                      Table *, Tensor *);
ROPE_KERNEL(attention_d)
ROPE_KERNEL(attention_d_causal)
ROPE_KERNEL(attention_e)
ROPE_KERNEL(attention_f)
#undef ROPE_KERNEL

namespace {
struct Shape {
  const char *name;
  decltype(_mlir_ciface_attention_d) *kernel;
  int64_t queries, keys, heads, kvHeads, lanes;
  bool isCausal;

  /// Fused products of both contractions.
  double getProducts() const {
    double pairs = isCausal ? 0.5 * queries * (queries + 1)
                            : static_cast<double>(queries) * keys;
    return 2.0 * pairs * heads * lanes;
  }
};

struct Data {
  explicit Data(const Shape &shape)
      : shape(shape), query(shape.queries * shape.heads * shape.lanes),
        key(shape.keys * shape.kvHeads * shape.lanes), value(key.size()),
        out(query.size()), cos(shape.queries * shape.lanes / 2),
        sin(cos.size()) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (auto *x : {&query, &key, &value})
      for (float &entry : *x)
        entry = normal(random);
    for (size_t i = 0; i < cos.size(); ++i) {
      cos[i] = std::cos(0.001f * i);
      sin[i] = std::sin(0.001f * i);
    }
  }

  Tensor getTensor(std::vector<float> &x, int64_t rows, int64_t heads) const {
    int64_t lanes = shape.lanes;
    return {x.data(),
            x.data(),
            0,
            {1, rows, heads, lanes},
            {rows * heads * lanes, heads * lanes, lanes, 1}};
  }
  Table getTable(std::vector<float> &x) const {
    int64_t pairs = shape.lanes / 2;
    return {x.data(), x.data(), 0, {shape.queries, pairs}, {pairs, 1}};
  }

  void run() {
    Tensor q = getTensor(query, shape.queries, shape.heads);
    Tensor k = getTensor(key, shape.keys, shape.kvHeads);
    Tensor v = getTensor(value, shape.keys, shape.kvHeads);
    Tensor o = getTensor(out, shape.queries, shape.heads);
    Table c = getTable(cos), s = getTable(sin);
    shape.kernel(&q, &k, &v, &c, &s, &o);
  }

  Shape shape;
  std::vector<float> query, key, value, out, cos, sin;
};

using Vector = float __attribute__((vector_size(64)));
} // namespace

/// Fused products on sums that stay in registers, enough of them to hide the
/// latency.
static void multiplyInRegisters(double products) {
  constexpr int kSums = 24;
  Vector sums[kSums], x = {}, y = {};
  for (int i = 0; i < kSums; ++i)
    sums[i] = x + static_cast<float>(i);
  auto steps = static_cast<int64_t>(products / (kSums * 16));
  for (int64_t step = 0; step < steps; ++step) {
    // Unknown factors in each step: nothing can be taken out of the loop.
    asm volatile("" : "+v"(x), "+v"(y));
    for (Vector &sum : sums)
      sum = __builtin_elementwise_fma(x, y, sum);
  }
  Vector total = {};
  for (Vector &sum : sums)
    total += sum;
  benchmark::DoNotOptimize(total);
}

/// The sum of all elements, by whole vectors.
static void read(const std::vector<float> &x) {
  Vector sums[8] = {};
  for (size_t i = 0; i + 128 <= x.size(); i += 128)
    for (int j = 0; j < 8; ++j) {
      Vector loaded;
      __builtin_memcpy(&loaded, &x[i + 16 * j], sizeof(loaded));
      sums[j] += loaded;
    }
  Vector total = {};
  for (Vector &sum : sums)
    total += sum;
  benchmark::DoNotOptimize(total);
}

template <typename Work>
static void add(const std::string &name, std::shared_ptr<Data> data,
                Work work) {
  benchmark::RegisterBenchmark(
      name.c_str(), [data, work](benchmark::State &state) {
        for (auto _ : state) {
          work(*data);
          benchmark::ClobberMemory();
        }
        state.counters["GF/s"] =
            benchmark::Counter(2e-9 * data->shape.getProducts(),
                               benchmark::Counter::kIsIterationInvariantRate);
      });
}

int main(int argc, char **argv) {
  const Shape shapes[] = {
      {"d", _mlir_ciface_attention_d, 512, 512, 12, 12, 64, false},
      {"d-causal", _mlir_ciface_attention_d_causal, 512, 512, 12, 12, 64, true},
      {"e", _mlir_ciface_attention_e, 2048, 2048, 32, 8, 128, true},
      {"f", _mlir_ciface_attention_f, 1, 4096, 32, 8, 128, false}};
  for (const Shape &shape : shapes) {
    auto data = std::make_shared<Data>(shape);
    std::string prefix = std::string(shape.name) + "/";
    add(prefix + "rope", data, [](Data &data) { data.run(); });
    add(prefix + "products", data,
        [](Data &data) { multiplyInRegisters(data.shape.getProducts()); });
    if (shape.queries == 1)
      add(prefix + "read", data, [](Data &data) {
        read(data.key);
        read(data.value);
      });
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
