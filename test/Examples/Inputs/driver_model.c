/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What examples/embed/launch.c calls of the CUDA driver, on the host: a launch
 * checks its grid and parameters and rotates as the kernel does. With
 * DRIVER_MODEL=nodevice there is no device, with DRIVER_MODEL=wrong the result
 * is off. */

#include "rotate.h"

#include <stdlib.h>
#include <string.h>

enum { OK = 0, INVALID_VALUE = 1, NO_DEVICE = 100, NOT_FOUND = 500 };

static int is_mode(const char *mode) {
  const char *given = getenv("DRIVER_MODEL");
  return given && strcmp(given, mode) == 0;
}

int cuInit(unsigned flags) { return is_mode("nodevice") ? NO_DEVICE : OK; }
int cuDeviceGet(int *device, int ordinal) {
  *device = ordinal;
  return OK;
}
int cuDevicePrimaryCtxRetain(void **context, int device) {
  *context = &cuInit;
  return OK;
}
int cuCtxSetCurrent(void *context) { return context ? OK : INVALID_VALUE; }
int cuModuleLoadData(void **module, const void *image) {
  *module = (void *)image;
  return OK;
}
int cuModuleGetFunction(void **function, void *module, const char *name) {
  *function = module;
  return strcmp(name, "rotate") == 0 ? OK : NOT_FOUND;
}
int cuMemAlloc_v2(uint64_t *buffer, size_t bytes) {
  *buffer = (uint64_t)(uintptr_t)malloc(bytes);
  return OK;
}
int cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t bytes) {
  memcpy((void *)(uintptr_t)to, from, bytes);
  return OK;
}
int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes) {
  memcpy(to, (void *)(uintptr_t)from, bytes);
  return OK;
}
int cuCtxSynchronize(void) { return OK; }
int cuGetErrorName(int error, const char **name) {
  *name = error == NO_DEVICE ? "CUDA_ERROR_NO_DEVICE" : "CUDA_ERROR_OTHER";
  return OK;
}

int cuLaunchKernel(void *function, unsigned grid_x, unsigned grid_y,
                   unsigned grid_z, unsigned block_x, unsigned block_y,
                   unsigned block_z, unsigned shared, void *stream,
                   void **parameters, void **extra) {
  if (grid_x != 128 || grid_y != 1 || grid_z != 1 || block_x != 64 ||
      block_y != 1 || block_z != 1)
    return INVALID_VALUE;
  float *buffers[3];
  const int64_t units[] = {128 * 8 * 64 / 4, 128 * 32 / 4, 128 * 32 / 4};
  for (int i = 0; i < 3; ++i) {
    void **of = parameters + 5 * i;
    if (*(uint64_t *)of[0] != *(uint64_t *)of[1] || *(int64_t *)of[2] != 0 ||
        *(int64_t *)of[3] != units[i] || *(int64_t *)of[4] != 1)
      return INVALID_VALUE;
    buffers[i] = (float *)(uintptr_t)*(uint64_t *)of[1];
  }
  for (int row = 0; row < 128 * 8; ++row)
    for (int i = 0; i < 32; ++i) {
      float *a = buffers[0] + row * 64 + i, *b = a + 32, first = *a;
      float c = buffers[1][row / 8 * 32 + i], s = buffers[2][row / 8 * 32 + i];
      *a = c * first - s * *b;
      *b = s * first + c * *b + (is_mode("wrong") ? 1e-3f : 0);
    }
  return OK;
}
