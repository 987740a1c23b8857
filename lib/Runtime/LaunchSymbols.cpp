//===- LaunchSymbols.cpp - Functions that launch kernels ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch waits for its end, so that streams have nothing to do. Arguments
// come as pointers to the fields of flat memref descriptors, five a buffer, and
// to scalars of 64 bits behind them.
//
//===----------------------------------------------------------------------===//

#include "LaunchSymbols.h"

#include "RuntimeSymbols.h"
#include "VulkanDevice.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"
#include <cstdlib>
#include <vector>

using namespace mlir;
using namespace mlir::rope;

namespace {
struct LoadedModule {
  std::vector<uint32_t> words;
  /// The kernels that were asked for: every launch asks.
  llvm::StringMap<VulkanDevice::Kernel *> kernels;
};

/// A descriptor {allocated, aligned, offset, size, stride}.
constexpr size_t kDescriptorFields = 5;
} // namespace

static std::unique_ptr<VulkanDevice> &getDevice() {
  static std::unique_ptr<VulkanDevice> device;
  return device;
}

[[noreturn]] static void fail(llvm::Error error) {
  llvm::errs() << "rope-run: " << llvm::toString(std::move(error)) << '\n';
  std::_Exit(2);
}

llvm::Error rope::openLaunchDevice() {
  if (getDevice())
    return llvm::Error::success();
  auto device = VulkanDevice::create();
  if (!device)
    return device.takeError();
  getDevice() = std::move(*device);
  return llvm::Error::success();
}

static void *loadModule(const void *data, size_t size) {
  auto words = static_cast<const uint32_t *>(data);
  return new LoadedModule{{words, words + size / sizeof(uint32_t)}, {}};
}

static void unloadModule(void *module) {
  delete static_cast<LoadedModule *>(module);
}

static void *getFunction(void *module, const char *name) {
  auto &loaded = *static_cast<LoadedModule *>(module);
  VulkanDevice::Kernel *&known = loaded.kernels[name];
  if (known)
    return known;
  auto kernel = getDevice()->createKernel(loaded.words, name);
  if (!kernel)
    fail(kernel.takeError());
  return known = *kernel;
}

static void launchKernel(void *function, intptr_t blocksX, intptr_t blocksY,
                         intptr_t blocksZ, intptr_t, intptr_t, intptr_t,
                         int32_t, void *, void **arguments, void **,
                         size_t numArguments) {
  auto &kernel = *static_cast<VulkanDevice::Kernel *>(function);
  auto next = [&]() -> int64_t {
    --numArguments;
    return *static_cast<int64_t *>(*arguments++);
  };
  std::vector<int32_t> scalars;
  SmallVector<HostRange> ranges;
  for (const SpirvBinding &binding : VulkanDevice::getBindings(kernel)) {
    HostRange &range = ranges.emplace_back();
    if (binding.isUsed && !binding.isRuntimeArray) {
      while (numArguments) {
        int64_t scalar = next();
        if (!llvm::isInt<32>(scalar))
          fail(llvm::createStringError("a size or stride of " +
                                       llvm::Twine(scalar) +
                                       " is no index of 32 bits"));
        scalars.push_back(static_cast<int32_t>(scalar));
      }
      range = {reinterpret_cast<char *>(scalars.data()),
               scalars.size() * sizeof(int32_t)};
      continue;
    }
    int64_t fields[kDescriptorFields];
    for (int64_t &field : fields)
      field = next();
    range.data = reinterpret_cast<char *>(fields[1]);
    range.size = fields[3] * binding.stride;
  }
  if (llvm::Error error = getDevice()->run(kernel, ranges,
                                           {static_cast<uint32_t>(blocksX),
                                            static_cast<uint32_t>(blocksY),
                                            static_cast<uint32_t>(blocksZ)}))
    fail(std::move(error));
}

static void *createStream() { return nullptr; }
static void destroyStream(void *) {}
static void synchronizeStream(void *) {}

void rope::registerLaunchSymbols(ExecutionEngine &engine) {
  if (!getDevice())
    return;
  registerFunctions(engine, {{"mgpuModuleLoad", loadModule},
                             {"mgpuModuleUnload", unloadModule},
                             {"mgpuModuleGetFunction", getFunction},
                             {"mgpuLaunchKernel", launchKernel},
                             {"mgpuStreamCreate", createStream},
                             {"mgpuStreamDestroy", destroyStream},
                             {"mgpuStreamSynchronize", synchronizeStream}});
}
