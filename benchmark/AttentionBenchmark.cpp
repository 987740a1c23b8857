//===- AttentionBenchmark.cpp - rope.attention beside its limits ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Google Benchmark of the compiled kernels, of kernels by hand, and of two
// limits of the core: as many fused products from registers as the two
// contractions have, and reading the keys and values of a decoder's step. What
// is timed has been compared with the equation in f64. run.py prints ratios.
//
//===----------------------------------------------------------------------===//

#include "AttentionData.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <memory>
#include <omp.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace rope_benchmark;

/// The widest vectors of this machine, and as many sums of them as hide the
/// latency of a product and stay in registers.
#if defined(__AVX512F__)
static constexpr int kVectorBytes = 64, kSums = 24;
#elif defined(__AVX__)
static constexpr int kVectorBytes = 32, kSums = 12;
#else
static constexpr int kVectorBytes = 16, kSums = 12;
#endif
static constexpr int kVectorLanes = kVectorBytes / sizeof(float);
using Vector = float __attribute__((vector_size(kVectorBytes)));

/// Has the compiler take `x` for changed, in its register.
static void change(Vector &x) {
#if defined(__aarch64__)
  asm volatile("" : "+w"(x));
#else
  asm volatile("" : "+x"(x));
#endif
}

/// Fused products on sums that stay in registers.
static void multiplyInRegisters(double products) {
  Vector sums[kSums], x = {}, y = {};
  for (int i = 0; i < kSums; ++i)
    sums[i] = x + static_cast<float>(i);
  auto steps = static_cast<int64_t>(products / (kSums * kVectorLanes));
  for (int64_t step = 0; step < steps; ++step) {
    // Unknown factors in each step: nothing can be taken out of the loop.
    change(x);
    change(y);
    for (Vector &sum : sums)
      sum = __builtin_elementwise_fma(x, y, sum);
  }
  Vector total = {};
  for (Vector &sum : sums)
    total += sum;
  benchmark::DoNotOptimize(total);
}

/// The sum of all elements, by whole vectors.
static void read(const float *x, int64_t count) {
  Vector sums[8] = {};
  constexpr int kStep = 8 * kVectorLanes;
  for (int64_t i = 0; i + kStep <= count; i += kStep)
    for (int j = 0; j < 8; ++j) {
      Vector loaded;
      __builtin_memcpy(&loaded, &x[i + kVectorLanes * j], sizeof(loaded));
      sums[j] += loaded;
    }
  Vector total = {};
  for (Vector &sum : sums)
    total += sum;
  benchmark::DoNotOptimize(total);
}

namespace {
/// The benchmarks of one case share its arrays, made when the first one runs.
class Runs {
public:
  Runs(const AttentionCase &model, float spoil) : model(model), spoil(spoil) {
    add("rope", &AttentionData::runCompiled,
        &AttentionData::getErrorOfCompiled);
    if (model.element != Element::F32 || model.headsFirst || model.threads)
      return;
    if (const char *reason = getReasonAgainstByHand(model.shape))
      std::fprintf(stderr, "%s/by_hand: skipped: %s\n", model.name.c_str(),
                   reason);
    else
      add("by_hand", &AttentionData::runByHand, &AttentionData::getErrorByHand);
    addLimit("products", [](AttentionData &data) {
      multiplyInRegisters(data.model.getProducts());
    });
    if (model.shape.isStep())
      addLimit("read", [](AttentionData &data) {
        read(data.key.get(), data.keyOperand.getCount());
        read(data.value.get(), data.valueOperand.getCount());
      });
  }

private:
  /// `work` is timed if what it leaves is right.
  void add(const char *kind, void (AttentionData::*work)(),
           double (AttentionData::*getError)(float)) {
    auto error = std::make_shared<std::optional<double>>();
    add(kind, [this, work, getError, error](benchmark::State &state) {
      if (!*error)
        *error = (data.get()->*getError)(spoil);
      // What is not a number is no error below the tolerance.
      if (!(**error < getTolerance(model.element)))
        return state.SkipWithError(
            ("error " + std::to_string(**error) + " to the equation in f64")
                .c_str());
      for (auto _ : state) {
        (data.get()->*work)();
        benchmark::ClobberMemory();
      }
    });
  }
  void addLimit(const char *kind, void (*work)(AttentionData &)) {
    add(kind, [this, work](benchmark::State &state) {
      for (auto _ : state) {
        work(*data);
        benchmark::ClobberMemory();
      }
    });
  }
  template <typename Work> void add(const char *kind, Work work) {
    auto *added = benchmark::RegisterBenchmark(
        (model.name + "/" + kind).c_str(),
        [this, work](benchmark::State &state) {
          if (!data)
            data = std::make_unique<AttentionData>(model);
          if (model.threads)
            omp_set_num_threads(model.threads);
          work(state);
          state.counters["GF/s"] =
              benchmark::Counter(2e-9 * model.getProducts(),
                                 benchmark::Counter::kIsIterationInvariantRate);
        });
    if (model.threads)
      added->UseRealTime();
  }

  const AttentionCase model;
  const float spoil;
  std::unique_ptr<AttentionData> data;
};
} // namespace

/// Takes `--spoil` out of the arguments: it adds to a number of each result
/// before it is compared, to show that wrong results are not timed.
static float takeSpoil(int &argc, char **argv) {
  char **end = std::remove_if(argv + 1, argv + argc, [](char *argument) {
    return std::string_view(argument) == "--spoil";
  });
  bool isSpoilt = end != argv + argc;
  argc = end - argv;
  return isSpoilt ? 0.1f : 0.0f;
}

/// The shapes of the published comparison, static, then what is near to them:
/// the first of a group is what the others are compared with.
static std::vector<AttentionCase> getCases() {
  std::vector<AttentionCase> cases = {
      {"d", "attention_d", {512, 512, 12, 12, 64, false}},
      {"d-causal", "attention_d_causal", {512, 512, 12, 12, 64, true}},
      {"e", "attention_e", {2048, 2048, 32, 8, 128, true}},
      {"f", "attention_f", {1, 4096, 32, 8, 128, false}}};
  for (int64_t length : {512, 511, 513})
    cases.push_back({"lengths/" + std::to_string(length),
                     "attention_f32_64",
                     {length, length, 12, 12, 64, false}});
  for (int64_t length : {2048, 2047})
    cases.push_back({"causal-lengths/" + std::to_string(length),
                     "attention_grouped_causal",
                     {length, length, 8, 2, 128, true}});
  for (int64_t lanes : {128, 112, 96, 80, 64})
    cases.push_back({"lanes/" + std::to_string(lanes),
                     "attention_f32_" + std::to_string(lanes),
                     {512, 512, 12, 12, lanes, false}});
  AttentionShape shape = {512, 512, 12, 12, 64, false};
  for (bool headsFirst : {false, true})
    cases.push_back(
        {headsFirst ? "layouts/bhsd" : "layouts/bshd",
         headsFirst ? "attention_f32_64_heads_first" : "attention_f32_64",
         shape, Element::F32, headsFirst});
  cases.push_back({"types/f32", "attention_f32_64", shape});
  cases.push_back({"types/f16", "attention_f16_64", shape, Element::F16});
  cases.push_back({"types/bf16", "attention_bf16_64", shape, Element::BF16});
  for (int threads : {1, 2})
    cases.push_back({"threads/" + std::to_string(threads),
                     "attention_f32_64_parallel", shape, Element::F32,
                     /*headsFirst=*/false, threads});
  return cases;
}

int main(int argc, char **argv) {
  float spoil = takeSpoil(argc, argv);
  std::vector<std::unique_ptr<Runs>> runs;
  for (const AttentionCase &model : getCases())
    runs.push_back(std::make_unique<Runs>(model, spoil));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
