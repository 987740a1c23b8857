//===- SinCosBenchmark.cpp - Exact angles beside ready tables -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Google Benchmark of tables beside writing their bytes, and of rotations with
// angles on the fly beside rotations with ready tables. The kernels are
// compiled once with angles=table and once, by the suffix _fly, with
// angles=on-the-fly.
//
//===----------------------------------------------------------------------===//

#include "HugePages.h"
#include "Kernels.h"

#include <benchmark/benchmark.h>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

using namespace rope_benchmark;

using Tensor = MemRef<3>;
using Table = MemRef<2>;
using Positions = MemRef<1>;

extern "C" {
void _mlir_ciface_tables(Positions *, Table *, Table *);
void _mlir_ciface_tables_of_context(Table *, Table *);
void _mlir_ciface_rotate_by_tables(Tensor *, Tensor *, Table *, Table *);
void _mlir_ciface_rotate_by_tables_in_place(Tensor *, Table *, Table *);
void _mlir_ciface_rotate_by_positions(Tensor *, Tensor *, Positions *);
void _mlir_ciface_rotate_by_positions_in_place(Tensor *, Positions *);
void _mlir_ciface_rotate_by_positions_fly(Tensor *, Tensor *, Positions *);
void _mlir_ciface_rotate_by_positions_in_place_fly(Tensor *, Positions *);
}

static constexpr int64_t kPairs = 64;

static Table makeTable(int64_t positions) {
  return {allocate(positions * kPairs * sizeof(float)), {positions, kPairs}};
}

static Positions makePositions(int64_t count) {
  auto *data = static_cast<int32_t *>(allocate(count * sizeof(int32_t)));
  for (int64_t i = 0; i < count; ++i)
    data[i] = i;
  return {data, {count}};
}

static Tensor makeTensor(int64_t positions, int64_t heads) {
  size_t size = positions * heads * 2 * kPairs * sizeof(float);
  void *data = allocate(size);
  // Bits that are a number near 1.
  std::memset(data, 0x3f, size);
  return {data, {positions, heads, 2 * kPairs}};
}

static void add(const std::string &name, std::function<void()> work) {
  benchmark::RegisterBenchmark(name.c_str(), [work](benchmark::State &state) {
    for (auto _ : state) {
      work();
      benchmark::ClobberMemory();
    }
  });
}

/// Tables of 2^17 positions beside writing as many bytes: with the same stores,
/// and with those of memset, which do not read a line before they write it.
static void addTables() {
  constexpr int64_t kContext = 1 << 17;
  static Table cos = makeTable(kContext), sin = makeTable(kContext);
  static Positions positions = makePositions(kContext);
  add("table/write", [] {
    auto *c = static_cast<float *>(cos.aligned);
    auto *s = static_cast<float *>(sin.aligned);
    for (int64_t i = 0; i < kContext * kPairs; ++i) {
      c[i] = 0.5f;
      s[i] = 0.25f;
    }
  });
  add("table/memset", [] {
    size_t size = kContext * kPairs * sizeof(float);
    std::memset(cos.aligned, 1, size);
    std::memset(sin.aligned, 1, size);
  });
  add("table/positions", [] { _mlir_ciface_tables(&positions, &cos, &sin); });
  add("table/context", [] { _mlir_ciface_tables_of_context(&cos, &sin); });
}

static void addRotations(const std::string &shape, int64_t count,
                         int64_t heads) {
  auto *x = new Tensor(makeTensor(count, heads));
  auto *y = new Tensor(makeTensor(count, heads));
  auto *cos = new Table(makeTable(count)), *sin = new Table(makeTable(count));
  auto *positions = new Positions(makePositions(count));
  _mlir_ciface_tables(positions, cos, sin);
  add(shape + "/out/ready",
      [=] { _mlir_ciface_rotate_by_tables(x, y, cos, sin); });
  add(shape + "/out/table",
      [=] { _mlir_ciface_rotate_by_positions(x, y, positions); });
  add(shape + "/out/on-the-fly",
      [=] { _mlir_ciface_rotate_by_positions_fly(x, y, positions); });
  add(shape + "/in_place/ready",
      [=] { _mlir_ciface_rotate_by_tables_in_place(y, cos, sin); });
  add(shape + "/in_place/table",
      [=] { _mlir_ciface_rotate_by_positions_in_place(y, positions); });
  add(shape + "/in_place/on-the-fly",
      [=] { _mlir_ciface_rotate_by_positions_in_place_fly(y, positions); });
}

int main(int argc, char **argv) {
  addTables();
  addRotations("a", 2048, 32);
  addRotations("b", 1, 32);
  addRotations("e", 4096, 8);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
