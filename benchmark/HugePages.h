//===- HugePages.h - Memory of benchmarks -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_BENCHMARK_HUGEPAGES_H
#define ROPE_BENCHMARK_HUGEPAGES_H

#include <cstdlib>
#include <cstring>
#include <memory>
#include <sys/mman.h>

namespace rope_benchmark {

/// `size` bytes of zeros in huge pages where the system has them, so that the
/// translation of addresses is not what is measured. Freed by std::free.
inline void *allocate(size_t size) {
  constexpr size_t kHugePage = size_t(1) << 21;
  size = (size + kHugePage - 1) / kHugePage * kHugePage;
  void *memory = std::aligned_alloc(kHugePage, size);
  madvise(memory, size, MADV_HUGEPAGE);
  std::memset(memory, 0, size);
  return memory;
}

struct Free {
  void operator()(void *memory) const { std::free(memory); }
};

/// An array in such memory.
template <typename T> using Array = std::unique_ptr<T[], Free>;
template <typename T> Array<T> makeArray(size_t count) {
  return Array<T>(static_cast<T *>(allocate(count * sizeof(T))));
}

} // namespace rope_benchmark

#endif // ROPE_BENCHMARK_HUGEPAGES_H
