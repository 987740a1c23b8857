//===- AttentionData.cpp - The arrays of an attention ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionData.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

using namespace rope_benchmark;

double rope_benchmark::getTolerance(Element element) {
  switch (element) {
  case Element::F32:
    return 1e-5;
  case Element::F16:
    return 4e-3;
  case Element::BF16:
    return 3e-2;
  }
}

/// To the nearest, ties to even; x is finite.
static uint16_t encodeBF16(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
}

static float decodeBF16(uint16_t x) {
  uint32_t bits = static_cast<uint32_t>(x) << 16;
  float y;
  std::memcpy(&y, &bits, sizeof(y));
  return y;
}

Operand::Operand(Element element, bool headsFirst, int64_t rows, int64_t heads,
                 int64_t lanes)
    : element(element), headsFirst(headsFirst), rows(rows), heads(heads),
      lanes(lanes),
      storage(makeArray<char>(getCount() * (element == Element::F32 ? 4 : 2))) {
}

template <typename Work> void Operand::forEach(Work work) const {
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t head = 0; head < heads; ++head)
      for (int64_t lane = 0; lane < lanes; ++lane) {
        int64_t from = (row * heads + head) * lanes + lane;
        work(from, headsFirst ? (head * rows + row) * lanes + lane : from);
      }
}

void Operand::encode(const float *x) {
  auto *floats = reinterpret_cast<float *>(storage.get());
  auto *halves = reinterpret_cast<_Float16 *>(storage.get());
  auto *brains = reinterpret_cast<uint16_t *>(storage.get());
  forEach([&](int64_t from, int64_t to) {
    if (element == Element::F32)
      floats[to] = x[from];
    else if (element == Element::F16)
      halves[to] = static_cast<_Float16>(x[from]);
    else
      brains[to] = encodeBF16(x[from]);
  });
}

void Operand::decode(float *x) const {
  const auto *floats = reinterpret_cast<const float *>(storage.get());
  const auto *halves = reinterpret_cast<const _Float16 *>(storage.get());
  const auto *brains = reinterpret_cast<const uint16_t *>(storage.get());
  forEach([&](int64_t to, int64_t from) {
    x[to] = element == Element::F32   ? floats[from]
            : element == Element::F16 ? static_cast<float>(halves[from])
                                      : decodeBF16(brains[from]);
  });
}

MemRef<4> Operand::getMemRef() const {
  return headsFirst ? MemRef<4>(storage.get(), {1, heads, rows, lanes})
                    : MemRef<4>(storage.get(), {1, rows, heads, lanes});
}

double AttentionCase::getProducts() const {
  double pairs = shape.isCausal
                     ? 0.5 * shape.queries * (shape.queries + 1)
                     : static_cast<double>(shape.queries) * shape.keys;
  return 2.0 * pairs * shape.heads * shape.headDim;
}

AttentionData::AttentionData(const AttentionCase &model)
    : model(model),
      queryOperand(model.element, model.headsFirst, model.shape.queries,
                   model.shape.heads, model.shape.headDim),
      keyOperand(model.element, model.headsFirst, model.shape.keys,
                 model.shape.kvHeads, model.shape.headDim),
      valueOperand(model.element, model.headsFirst, model.shape.keys,
                   model.shape.kvHeads, model.shape.headDim),
      outOperand(model.element, model.headsFirst, model.shape.queries,
                 model.shape.heads, model.shape.headDim),
      kernel(getKernel<std::remove_pointer_t<decltype(kernel)>>(model.kernel)) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  auto makeRandom = [&](Operand &operand) {
    auto x = makeArray<float>(operand.getCount());
    std::generate_n(x.get(), operand.getCount(),
                    [&] { return normal(random); });
    operand.encode(x.get());
    operand.decode(x.get());
    return x;
  };
  query = makeRandom(queryOperand);
  key = makeRandom(keyOperand);
  value = makeRandom(valueOperand);
  out = makeArray<float>(outOperand.getCount());
  workspace = makeArray<float>(getWorkspaceSize(model.shape));
  int64_t pairs = model.shape.headDim / 2;
  for (int64_t i = 0; i < model.shape.queries * pairs; ++i) {
    double angle =
        i / pairs * std::pow(1e4, -static_cast<double>(i % pairs) / pairs);
    cos.push_back(std::cos(angle));
    sin.push_back(std::sin(angle));
  }
}

AttentionArrays AttentionData::getArrays() const {
  return {query.get(), key.get(),  value.get(),
          cos.data(),  sin.data(), out.get()};
}

void AttentionData::runCompiled() {
  MemRef<4> q = queryOperand.getMemRef(), k = keyOperand.getMemRef();
  MemRef<4> v = valueOperand.getMemRef(), o = outOperand.getMemRef();
  int64_t rows = model.shape.queries, pairs = model.shape.headDim / 2;
  MemRef<2> c(cos.data(), {rows, pairs}), s(sin.data(), {rows, pairs});
  kernel(&q, &k, &v, &c, &s, &o);
}

void AttentionData::runByHand() {
  attendByHand(model.shape, getArrays(), workspace.get());
}

double AttentionData::getErrorOfCompiled(float spoil) {
  std::fill_n(out.get(), outOperand.getCount(), std::nanf(""));
  outOperand.encode(out.get());
  runCompiled();
  outOperand.decode(out.get());
  out[outOperand.getCount() - 1] += spoil;
  return getErrorOfAttention(model.shape, getArrays());
}

double AttentionData::getErrorByHand(float spoil) {
  std::fill_n(out.get(), outOperand.getCount(), std::nanf(""));
  runByHand();
  out[outOperand.getCount() - 1] += spoil;
  return getErrorOfAttention(model.shape, getArrays());
}
