//===- RuntimeSymbols.cpp - Functions that lowered code calls -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// memrefCopy(elementSize, source, target) of upstream's C runner utilities, and
// the roundings to bf16 that compilers call where the host has no instruction
// for them; older run-time libraries of the compiler lack these.
//
//===----------------------------------------------------------------------===//

#include "RuntimeSymbols.h"

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstring>

using namespace mlir;

namespace {
/// An unranked memref as lowered code passes it: the rank, and a descriptor
/// {allocated, aligned, offset, sizes[rank], strides[rank]}.
struct UnrankedMemRef {
  int64_t rank;
  const int64_t *words;

  ArrayRef<int64_t> getSizes() const { return {words + 3, size_t(rank)}; }
  ArrayRef<int64_t> getStrides() const {
    return {words + 3 + rank, size_t(rank)};
  }
  char *getData(int64_t elementSize) const {
    return reinterpret_cast<char *>(words[1]) + words[2] * elementSize;
  }
};
} // namespace

static void copyDims(ArrayRef<int64_t> sizes, int64_t elementSize,
                     const char *source, ArrayRef<int64_t> sourceStrides,
                     char *target, ArrayRef<int64_t> targetStrides) {
  if (sizes.empty()) {
    std::memcpy(target, source, elementSize);
    return;
  }
  if (sizes.size() == 1 && sourceStrides[0] == 1 && targetStrides[0] == 1) {
    std::memcpy(target, source, sizes[0] * elementSize);
    return;
  }
  for (int64_t i = 0; i < sizes[0]; ++i)
    copyDims(sizes.drop_front(), elementSize,
             source + i * sourceStrides[0] * elementSize,
             sourceStrides.drop_front(),
             target + i * targetStrides[0] * elementSize,
             targetStrides.drop_front());
}

static void copyMemRef(int64_t elementSize, const UnrankedMemRef *source,
                       const UnrankedMemRef *target) {
  if (llvm::is_contained(source->getSizes(), 0))
    return;
  copyDims(source->getSizes(), elementSize, source->getData(elementSize),
           source->getStrides(), target->getData(elementSize),
           target->getStrides());
}

/// Rounds to the nearest bf16, ties to even.
static __bf16 truncateF32(float value) {
  auto bits = llvm::bit_cast<uint32_t>(value);
  if (std::isnan(value))
    bits |= 0x400000; // Quiet; the payload may lie in the bits that go.
  else
    bits += 0x7fff + ((bits >> 16) & 1);
  return llvm::bit_cast<__bf16>(static_cast<uint16_t>(bits >> 16));
}

/// Rounds once: to f32 by rounding to odd, which keeps what a tie hinges on.
static __bf16 truncateF64(double value) {
  auto nearest = static_cast<float>(value);
  double back = nearest;
  if (std::isnan(value) || back == value)
    return truncateF32(nearest);
  auto bits = llvm::bit_cast<uint32_t>(nearest);
  if (std::fabs(back) > std::fabs(value))
    --bits;
  return truncateF32(llvm::bit_cast<float>(bits | 1));
}

void rope::registerFunctions(ExecutionEngine &engine,
                             ArrayRef<NamedFunction> functions) {
  engine.registerSymbols([&](llvm::orc::MangleAndInterner mangle) {
    llvm::orc::SymbolMap symbols;
    for (const NamedFunction &function : functions)
      symbols[mangle(function.name)] = {function.address,
                                        llvm::JITSymbolFlags::Exported |
                                            llvm::JITSymbolFlags::Callable};
    return symbols;
  });
}

void rope::registerRuntimeSymbols(ExecutionEngine &engine) {
  registerFunctions(engine, {{"memrefCopy", copyMemRef},
                             {"__truncsfbf2", truncateF32},
                             {"__truncdfbf2", truncateF64}});
}
