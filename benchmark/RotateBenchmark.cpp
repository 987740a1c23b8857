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

#include "RotateCeiling.h"

#include <benchmark/benchmark.h>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <sys/mman.h>

using namespace rope_benchmark;

namespace {
template <unsigned Rank> struct MemRef {
  void *allocated, *aligned;
  int64_t offset = 0, sizes[Rank], strides[Rank];
};
using Tensor = MemRef<3>;
using Table = MemRef<2>;
} // namespace

#define ROPE_KERNEL(NAME)                                                      \
  extern "C" void _mlir_ciface_##NAME(Tensor *, Tensor *, Table *, Table *);   \
  extern "C" void _mlir_ciface_##NAME##_in_place(Tensor *, Table *, Table *);
ROPE_KERNEL(rotate_half_f32_64)
ROPE_KERNEL(rotate_half_f32_128)
ROPE_KERNEL(rotate_half_bf16_64)
ROPE_KERNEL(rotate_half_bf16_128)
ROPE_KERNEL(rotate_interleaved_f32_64)
ROPE_KERNEL(rotate_interleaved_f32_128)
ROPE_KERNEL(rotate_interleaved_bf16_64)
ROPE_KERNEL(rotate_interleaved_bf16_128)
#undef ROPE_KERNEL

namespace {
struct Kernel {
  void (*outOfPlace)(Tensor *, Tensor *, Table *, Table *);
  void (*inPlace)(Tensor *, Table *, Table *);
};
} // namespace

static Kernel getKernel(bool isHalf, bool isF32, int64_t headDim) {
#define ROPE_KERNEL(NAME)                                                      \
  headDim == 64                                                                \
      ? Kernel{_mlir_ciface_##NAME##_64, _mlir_ciface_##NAME##_64_in_place}    \
      : Kernel {                                                               \
    _mlir_ciface_##NAME##_128, _mlir_ciface_##NAME##_128_in_place              \
  }
  if (isHalf)
    return isF32 ? ROPE_KERNEL(rotate_half_f32) : ROPE_KERNEL(rotate_half_bf16);
  return isF32 ? ROPE_KERNEL(rotate_interleaved_f32)
               : ROPE_KERNEL(rotate_interleaved_bf16);
#undef ROPE_KERNEL
}

/// Memory in huge pages where the system has them, so that the translation of
/// addresses is not what is measured.
static void *allocate(size_t size) {
  constexpr size_t kHugePage = size_t(1) << 21;
  size = (size + kHugePage - 1) / kHugePage * kHugePage;
  void *memory = std::aligned_alloc(kHugePage, size);
  madvise(memory, size, MADV_HUGEPAGE);
  std::memset(memory, 0, size);
  return memory;
}

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

  Tensor getTensor(void *data) const {
    return {data,
            data,
            0,
            {shape.positions, shape.heads, shape.headDim},
            {shape.heads * shape.headDim, shape.headDim, 1}};
  }
  Table getTable(float *data) const {
    return {data,
            data,
            0,
            {shape.positions, shape.headDim / 2},
            {shape.headDim / 2, 1}};
  }

  Shape shape;
  size_t bytes;
  void *x, *y;
  float *cos, *sin;
};
} // namespace

static void add(const std::string &name, std::shared_ptr<Data> data,
                std::function<void(Data &)> work) {
  benchmark::RegisterBenchmark(
      name.c_str(), [data, work](benchmark::State &state) {
        for (auto _ : state) {
          work(*data);
          benchmark::ClobberMemory();
        }
        state.SetBytesProcessed(state.iterations() * 2 * data->bytes);
      });
}

static void addKernel(const std::string &prefix, std::shared_ptr<Data> data,
                      Kernel kernel) {
  add(prefix + "rope", data, [kernel](Data &data) {
    Tensor x = data.getTensor(data.x), y = data.getTensor(data.y);
    Table cos = data.getTable(data.cos), sin = data.getTable(data.sin);
    kernel.outOfPlace(&x, &y, &cos, &sin);
  });
  add(prefix + "rope_in_place", data, [kernel](Data &data) {
    Tensor y = data.getTensor(data.y);
    Table cos = data.getTable(data.cos), sin = data.getTable(data.sin);
    kernel.inPlace(&y, &cos, &sin);
  });
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

int main(int argc, char **argv) {
  const std::pair<const char *, Shape> shapes[] = {{"a", {2048, 32, 128}},
                                                   {"b", {1, 32, 128}},
                                                   {"c", {8192, 8, 64}},
                                                   {"d", {512, 12, 64}}};
  for (auto [letter, shape] : shapes)
    for (bool isF32 : {true, false}) {
      auto data = std::make_shared<Data>(shape, isF32 ? 4 : 2);
      std::string prefix =
          std::string(letter) + "/" + (isF32 ? "f32" : "bf16") + "/";
      add(prefix + "memcpy", data,
          [](Data &data) { std::memcpy(data.y, data.x, data.bytes); });
      add(prefix + "read_modify_write", data,
          [](Data &data) { readModifyWrite(data.y, data.bytes); });
      for (bool isHalf : {true, false}) {
        std::string pairing = prefix + (isHalf ? "half/" : "interleaved/");
        addKernel(pairing, data, getKernel(isHalf, isF32, shape.headDim));
        if (isF32)
          addByHand(pairing, data,
                    isHalf ? rotateHalfByHand : rotateInterleavedByHand);
      }
    }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
