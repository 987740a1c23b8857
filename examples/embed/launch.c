/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Rotates queries by the embedded kernel, through the CUDA driver API.
 *
 *   launch           rotates, and compares with the same in double
 *   launch --image   says what is embedded; needs no driver
 *
 * The driver is opened at run time: the program builds and starts without one.
 * Exit codes: 0, 1 where the driver or the result fails, 2 where there is no
 * driver or no device. */

#include "rotate.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAILED = 1, NO_DEVICE = 2 };

/* What is used of cuda.h. */
typedef int CUresult;
typedef int CUdevice;
typedef void *CUcontext, *CUmodule, *CUfunction, *CUstream;
typedef uint64_t CUdeviceptr;

static struct {
  CUresult (*init)(unsigned);
  CUresult (*get_device)(CUdevice *, int);
  CUresult (*retain_context)(CUcontext *, CUdevice);
  CUresult (*set_context)(CUcontext);
  CUresult (*load_module)(CUmodule *, const void *);
  CUresult (*get_function)(CUfunction *, CUmodule, const char *);
  CUresult (*allocate)(CUdeviceptr *, size_t);
  CUresult (*copy_to)(CUdeviceptr, const void *, size_t);
  CUresult (*copy_from)(void *, CUdeviceptr, size_t);
  CUresult (*launch)(CUfunction, unsigned, unsigned, unsigned, unsigned,
                     unsigned, unsigned, unsigned, CUstream, void **, void **);
  CUresult (*synchronize)(void);
  CUresult (*get_error)(CUresult, const char **);
} cuda;

static void open_driver(void) {
  void *library = dlopen("libcuda.so.1", RTLD_NOW);
  if (!library) {
    fprintf(stderr, "launch: no CUDA driver: %s\n", dlerror());
    exit(NO_DEVICE);
  }
  const struct {
    const char *name;
    void *function;
  } symbols[] = {{"cuInit", &cuda.init},
                 {"cuDeviceGet", &cuda.get_device},
                 {"cuDevicePrimaryCtxRetain", &cuda.retain_context},
                 {"cuCtxSetCurrent", &cuda.set_context},
                 {"cuModuleLoadData", &cuda.load_module},
                 {"cuModuleGetFunction", &cuda.get_function},
                 {"cuMemAlloc_v2", &cuda.allocate},
                 {"cuMemcpyHtoD_v2", &cuda.copy_to},
                 {"cuMemcpyDtoH_v2", &cuda.copy_from},
                 {"cuLaunchKernel", &cuda.launch},
                 {"cuCtxSynchronize", &cuda.synchronize},
                 {"cuGetErrorName", &cuda.get_error}};
  for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); ++i) {
    void *symbol = dlsym(library, symbols[i].name);
    if (!symbol) {
      fprintf(stderr, "launch: the CUDA driver lacks %s\n", symbols[i].name);
      exit(FAILED);
    }
    memcpy(symbols[i].function, &symbol, sizeof(symbol));
  }
}

static void check(CUresult result, const char *call, int code) {
  const char *name = "an unknown error";
  if (result == 0)
    return;
  cuda.get_error(result, &name);
  fprintf(stderr, "launch: %s failed: %s\n", call, name);
  exit(code);
}

/* A buffer on the device with `count` numbers of the host. */
static struct rope_buffer to_device(const float *numbers, int64_t count) {
  struct rope_buffer buffer = {0, 0, 0, count / ROTATE_UNIT, 1};
  size_t bytes = (size_t)count * sizeof(float);
  check(cuda.allocate(&buffer.first, bytes), "cuMemAlloc", FAILED);
  check(cuda.copy_to(buffer.first, numbers, bytes), "cuMemcpyHtoD", FAILED);
  buffer.allocated = buffer.first;
  return buffer;
}

static int describe_image(void) {
  size_t size = (size_t)(rotate_image_end - rotate_image);
  const char *kind = "unknown";
  int is_cubin = 0, has_kernel = 0;
  if (size > 20 && memcmp(rotate_image, "\177ELF", 4) == 0) {
    /* e_machine of NVIDIA's code is 190. */
    is_cubin = rotate_image[18] == 190 && rotate_image[19] == 0;
    kind = is_cubin ? "cubin" : "ELF of another machine";
  } else if (strstr((const char *)rotate_image, ".target sm_")) {
    kind = "PTX";
  }
  const char *name =
      is_cubin ? ".text." ROTATE_KERNEL : ".entry " ROTATE_KERNEL;
  for (size_t i = 0; i + strlen(name) <= size; ++i)
    has_kernel |= memcmp(rotate_image + i, name, strlen(name)) == 0;
  printf("%s of %zu bytes, %s kernel %s\n", kind, size,
         has_kernel ? "with" : "without", ROTATE_KERNEL);
  return has_kernel ? 0 : FAILED;
}

enum {
  PAIRS = ROTATE_LANES / 2,
  ENTRIES = ROTATE_POSITIONS * PAIRS,
  NUMBERS = ROTATE_POSITIONS * ROTATE_HEADS * ROTATE_LANES
};
static float x[NUMBERS], y[NUMBERS], cosines[ENTRIES], sines[ENTRIES];

/* The largest difference to the rotation in double. */
static double get_error(void) {
  double largest = 0;
  for (int row = 0; row < ROTATE_POSITIONS * ROTATE_HEADS; ++row)
    for (int i = 0; i < PAIRS; ++i) {
      int entry = row / ROTATE_HEADS * PAIRS + i, lane = row * ROTATE_LANES + i;
      double a = x[lane], b = x[lane + PAIRS];
      double c = cosines[entry], s = sines[entry];
      largest = fmax(largest, fabs(c * a - s * b - y[lane]));
      largest = fmax(largest, fabs(s * a + c * b - y[lane + PAIRS]));
    }
  return largest;
}

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "--image") == 0)
    return describe_image();
  if (count != 1) {
    fprintf(stderr, "usage: launch [--image]\n");
    return FAILED;
  }
  open_driver();
  CUdevice device;
  CUcontext context;
  CUmodule module;
  CUfunction kernel;
  check(cuda.init(0), "cuInit", NO_DEVICE);
  check(cuda.get_device(&device, 0), "cuDeviceGet", NO_DEVICE);
  check(cuda.retain_context(&context, device), "cuDevicePrimaryCtxRetain",
        FAILED);
  check(cuda.set_context(context), "cuCtxSetCurrent", FAILED);
  check(cuda.load_module(&module, rotate_image), "cuModuleLoadData", FAILED);
  check(cuda.get_function(&kernel, module, ROTATE_KERNEL),
        "cuModuleGetFunction", FAILED);

  for (int i = 0; i < NUMBERS; ++i)
    x[i] = (float)sin(0.37 * i);
  for (int i = 0; i < ENTRIES; ++i) {
    double angle = i / PAIRS * pow(10000, -(double)(i % PAIRS) / PAIRS);
    cosines[i] = (float)cos(angle);
    sines[i] = (float)sin(angle);
  }
  struct rope_buffer buffers[] = {to_device(x, NUMBERS),
                                  to_device(cosines, ENTRIES),
                                  to_device(sines, ENTRIES)};
  void *parameters[15];
  for (int i = 0; i < 15; ++i)
    parameters[i] = (uint64_t *)&buffers[i / 5] + i % 5;
  check(cuda.launch(kernel, ROTATE_BLOCKS, 1, 1, ROTATE_THREADS, 1, 1,
                    /*shared memory=*/0, /*stream=*/NULL, parameters, NULL),
        "cuLaunchKernel", FAILED);
  check(cuda.synchronize(), "cuCtxSynchronize", FAILED);
  check(cuda.copy_from(y, buffers[0].first, sizeof(y)), "cuMemcpyDtoH", FAILED);

  /* Two rounded products and a sum of numbers of at most 1. */
  double error = get_error(), bound = 3.0 / (1 << 24);
  printf("%d pairs, largest error %g, bound %g\n", NUMBERS / 2, error, bound);
  return error <= bound ? 0 : FAILED;
}
