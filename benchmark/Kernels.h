//===- Kernels.h - Compiled functions and their arguments -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_BENCHMARK_KERNELS_H
#define ROPE_BENCHMARK_KERNELS_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <string>

namespace rope_benchmark {

/// A memref without gaps between its rows.
template <unsigned Rank> struct MemRef {
  MemRef(void *data, const int64_t (&shape)[Rank])
      : allocated(data), aligned(data) {
    int64_t stride = 1;
    for (unsigned i = Rank; i-- > 0; stride *= shape[i]) {
      sizes[i] = shape[i];
      strides[i] = stride;
    }
  }
  void *allocated, *aligned;
  int64_t offset = 0, sizes[Rank], strides[Rank];
};

/// The function of this name in the kernels that the program is linked with.
template <typename Function> Function *getKernel(const std::string &name) {
  void *kernel = dlsym(nullptr, ("_mlir_ciface_" + name).c_str());
  if (!kernel) {
    std::fprintf(stderr, "no kernel %s\n", name.c_str());
    std::exit(2);
  }
  return reinterpret_cast<Function *>(kernel);
}

} // namespace rope_benchmark

#endif // ROPE_BENCHMARK_KERNELS_H
