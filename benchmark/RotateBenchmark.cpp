//===- RotateBenchmark.cpp - rope.rotate beside a memory copy -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Google Benchmark of the compiled kernels, of kernels by hand, of memcpy and
// of reading and writing in place, all on the same bytes. run.py prints ratios.
//
//===----------------------------------------------------------------------===//

#include "HugePages.h"
#include "Kernels.h"
#include "RotateCeiling.h"

#include <benchmark/benchmark.h>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <omp.h>
#include <string>

using namespace rope_benchmark;

namespace {
/// The buffers of one shape; every benchmark of the shape shares them.
struct Data {
  Data(Shape shape, size_t elementSize)
      : shape(shape),
        bytes(shape.positions * shape.heads * shape.headDim * elementSize),
        x(allocate(bytes)), y(allocate(bytes)) {
    size_t entries = shape.positions * shape.headDim / 2;
    cos = static_cast<float *>(allocate(entries * sizeof(float)));
    sin = static_cast<float *>(allocate(entries * sizeof(float)));
    for (size_t i = 0; i < entries; ++i) {
      cos[i] = std::cos(0.001 * i);
      sin[i] = std::sin(0.001 * i);
    }
    // Patterns of bits that are numbers near 1 in f32 and in bf16.
    std::memset(x, 0x3f, bytes);
  }

  MemRef<3> getTensor(void *data, bool headsFirst) const {
    if (headsFirst)
      return {data, {shape.heads, shape.positions, shape.headDim}};
    return {data, {shape.positions, shape.heads, shape.headDim}};
  }
  MemRef<2> getTable(float *data) const {
    return {data, {shape.positions, shape.headDim / 2}};
  }

  Shape shape;
  size_t bytes;
  void *x, *y;
  float *cos, *sin;
};
} // namespace

static benchmark::internal::Benchmark *add(const std::string &name,
                                           std::shared_ptr<Data> data,
                                           std::function<void(Data &)> work) {
  return benchmark::RegisterBenchmark(
      name.c_str(), [data, work](benchmark::State &state) {
        for (auto _ : state) {
          work(*data);
          benchmark::ClobberMemory();
        }
        state.SetBytesProcessed(state.iterations() * 2 * data->bytes);
      });
}

/// The kernel out of place and in place; `threads` is 0 for one without
/// parallel loops.
static void addKernel(const std::string &prefix, std::shared_ptr<Data> data,
                      const std::string &kernel, bool headsFirst,
                      int threads = 0) {
  auto *outOfPlace =
      getKernel<void(MemRef<3> *, MemRef<3> *, MemRef<2> *, MemRef<2> *)>(
          kernel);
  auto *inPlace = getKernel<void(MemRef<3> *, MemRef<2> *, MemRef<2> *)>(
      kernel + "_in_place");
  auto *first = add(prefix + "rope", data, [=](Data &data) {
    if (threads)
      omp_set_num_threads(threads);
    MemRef<3> x = data.getTensor(data.x, headsFirst);
    MemRef<3> y = data.getTensor(data.y, headsFirst);
    MemRef<2> cos = data.getTable(data.cos), sin = data.getTable(data.sin);
    outOfPlace(&x, &y, &cos, &sin);
  });
  auto *second = add(prefix + "rope_in_place", data, [=](Data &data) {
    if (threads)
      omp_set_num_threads(threads);
    MemRef<3> y = data.getTensor(data.y, headsFirst);
    MemRef<2> cos = data.getTable(data.cos), sin = data.getTable(data.sin);
    inPlace(&y, &cos, &sin);
  });
  if (threads) {
    first->UseRealTime();
    second->UseRealTime();
  }
}

static void addByHand(const std::string &prefix, std::shared_ptr<Data> data,
                      decltype(rotateHalfByHand) *rotate) {
  add(prefix + "by_hand", data, [rotate](Data &data) {
    rotate(static_cast<float *>(data.y), static_cast<float *>(data.x), data.cos,
           data.sin, data.shape);
  });
  add(prefix + "by_hand_in_place", data, [rotate](Data &data) {
    auto *y = static_cast<float *>(data.y);
    rotate(y, y, data.cos, data.sin, data.shape);
  });
}

/// The kernels of one shape and type, beside copying and changing the bytes.
static void addShape(const std::string &name, Shape shape,
                     const std::string &type) {
  auto data = std::make_shared<Data>(shape, type == "f32" ? 4 : 2);
  std::string prefix = name + "/" + type + "/";
  add(prefix + "memcpy", data,
      [](Data &data) { std::memcpy(data.y, data.x, data.bytes); });
  add(prefix + "read_modify_write", data,
      [](Data &data) { readModifyWrite(data.y, data.bytes); });
  for (std::string pairing : {"half", "interleaved", "heads_first"}) {
    std::string kernel =
        "rotate_" + pairing + "_" + type + "_" + std::to_string(shape.headDim);
    addKernel(prefix + pairing + "/", data, kernel, pairing == "heads_first");
    if (type != "f32" || pairing == "heads_first" || shape.headDim % 64)
      continue;
    addByHand(prefix + pairing + "/", data,
              pairing == "half" ? rotateHalfByHand : rotateInterleavedByHand);
  }
}

int main(int argc, char **argv) {
  const std::pair<const char *, Shape> shapes[] = {{"a", {2048, 32, 128}},
                                                   {"b", {1, 32, 128}},
                                                   {"c", {8192, 8, 64}},
                                                   {"d", {512, 12, 64}}};
  for (auto [letter, shape] : shapes)
    for (const char *type : {"f32", "f16", "bf16"})
      addShape(letter, shape, type);
  for (int64_t positions : {2047, 511, 3})
    addShape(std::to_string(positions) + "x8x128", {positions, 8, 128}, "f32");
  for (int64_t lanes : {128, 112, 96, 80})
    addShape("2048x8x" + std::to_string(lanes), {2048, 8, lanes}, "f32");
  auto data = std::make_shared<Data>(Shape{2048, 32, 128}, 4);
  for (int threads : {1, 2})
    addKernel("a-threads/" + std::to_string(threads) + "/half/", data,
              "rotate_half_f32_128_parallel", /*headsFirst=*/false, threads);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
