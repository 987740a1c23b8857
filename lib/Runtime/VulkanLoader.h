//===- VulkanLoader.h - The functions of Vulkan that we call ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#ifndef ROPE_LIB_RUNTIME_VULKANLOADER_H
#define ROPE_LIB_RUNTIME_VULKANLOADER_H

#define VK_NO_PROTOTYPES
#include "llvm/Support/Error.h"
#include <vulkan/vulkan_core.h>

namespace mlir::rope {

/// Functions that an instance has, found by their names.
#define ROPE_VULKAN_FUNCTIONS(X)                                               \
  X(AllocateCommandBuffers)                                                    \
  X(AllocateDescriptorSets)                                                    \
  X(AllocateMemory)                                                            \
  X(BeginCommandBuffer)                                                        \
  X(BindBufferMemory)                                                          \
  X(CmdBindDescriptorSets)                                                     \
  X(CmdBindPipeline)                                                           \
  X(CmdDispatch)                                                               \
  X(CreateBuffer)                                                              \
  X(CreateCommandPool)                                                         \
  X(CreateComputePipelines)                                                    \
  X(CreateDescriptorPool)                                                      \
  X(CreateDescriptorSetLayout)                                                 \
  X(CreateDevice)                                                              \
  X(CreatePipelineLayout)                                                      \
  X(CreateShaderModule)                                                        \
  X(DestroyBuffer)                                                             \
  X(DestroyCommandPool)                                                        \
  X(DestroyDescriptorPool)                                                     \
  X(DestroyDescriptorSetLayout)                                                \
  X(DestroyDevice)                                                             \
  X(DestroyInstance)                                                           \
  X(DestroyPipeline)                                                           \
  X(DestroyPipelineLayout)                                                     \
  X(DestroyShaderModule)                                                       \
  X(DeviceWaitIdle)                                                            \
  X(EndCommandBuffer)                                                          \
  X(EnumeratePhysicalDevices)                                                  \
  X(FreeMemory)                                                                \
  X(GetBufferMemoryRequirements)                                               \
  X(GetDeviceQueue)                                                            \
  X(GetPhysicalDeviceFeatures2)                                                \
  X(GetPhysicalDeviceMemoryProperties)                                         \
  X(GetPhysicalDeviceProperties)                                               \
  X(GetPhysicalDeviceQueueFamilyProperties)                                    \
  X(MapMemory)                                                                 \
  X(QueueSubmit)                                                               \
  X(QueueWaitIdle)                                                             \
  X(UpdateDescriptorSets)

struct VulkanFunctions {
#define ROPE_DECLARE(name) PFN_vk##name name = nullptr;
  ROPE_VULKAN_FUNCTIONS(ROPE_DECLARE)
#undef ROPE_DECLARE
};

/// What `result` of the function `name` says, if it is no success.
llvm::Error checkVulkan(VkResult result, const char *name);

/// Opens the loader and makes an instance; it stays open to the end of the
/// process, since drivers do not survive to be unloaded.
llvm::Expected<VkInstance> createVulkanInstance(VulkanFunctions &functions);

} // namespace mlir::rope

#endif // ROPE_LIB_RUNTIME_VULKANLOADER_H
