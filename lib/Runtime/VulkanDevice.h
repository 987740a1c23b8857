//===- VulkanDevice.h - A device that runs SPIR-V kernels -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first device that the Vulkan loader of this machine offers. The loader is
// opened at run time; this library does not link it.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_RUNTIME_VULKANDEVICE_H
#define ROPE_LIB_RUNTIME_VULKANDEVICE_H

#include "SpirvInterface.h"
#include <array>
#include <memory>
#include <string>

namespace mlir::rope {

/// Memory of the host that a kernel reads and writes; ranges may overlap.
struct HostRange {
  char *data = nullptr;
  size_t size = 0;
};

class VulkanDevice {
public:
  /// Fails where there is no loader, no device, or none that has what kernels
  /// need: it says which.
  static llvm::Expected<std::unique_ptr<VulkanDevice>> create();
  ~VulkanDevice();

  /// A kernel ready to run.
  struct Kernel;
  llvm::Expected<Kernel *> createKernel(ArrayRef<uint32_t> words,
                                        StringRef entryPoint);
  static ArrayRef<SpirvBinding> getBindings(const Kernel &kernel);

  /// Runs `kernel` on a grid of blocks, one range for each binding, and waits
  /// for its end. Ranges are copied to the device and back; those that overlap
  /// are one buffer there, so that what the kernel writes through one of them
  /// it reads through the other.
  llvm::Error run(const Kernel &kernel, ArrayRef<HostRange> ranges,
                  std::array<uint32_t, 3> blocks);

  /// The name that the driver gives the device.
  StringRef getName() const;

private:
  struct State;
  explicit VulkanDevice(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

} // namespace mlir::rope

#endif // ROPE_LIB_RUNTIME_VULKANDEVICE_H
