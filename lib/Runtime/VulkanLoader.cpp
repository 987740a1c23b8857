//===- VulkanLoader.cpp - The functions of Vulkan that we call ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "VulkanLoader.h"

#include "llvm/ADT/Twine.h"
#include <dlfcn.h>

using namespace mlir;

llvm::Error rope::checkVulkan(VkResult result, const char *name) {
  if (result == VK_SUCCESS)
    return llvm::Error::success();
  return llvm::createStringError(llvm::Twine("vk") + name +
                                 " failed with code " + llvm::Twine(result));
}

llvm::Expected<VkInstance>
rope::createVulkanInstance(VulkanFunctions &functions) {
  void *loader = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!loader)
    return llvm::createStringError(
        "no Vulkan loader (libvulkan.so.1) on this machine");
  auto getAddress = reinterpret_cast<PFN_vkGetInstanceProcAddr>(
      dlsym(loader, "vkGetInstanceProcAddr"));
  auto createInstance = reinterpret_cast<PFN_vkCreateInstance>(
      getAddress(VK_NULL_HANDLE, "vkCreateInstance"));

  VkApplicationInfo application{};
  application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
  application.apiVersion = VK_API_VERSION_1_2;
  VkInstanceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
  info.pApplicationInfo = &application;
  VkInstance instance;
  VkResult result = createInstance(&info, nullptr, &instance);
  if (result == VK_ERROR_INCOMPATIBLE_DRIVER)
    return llvm::createStringError("no Vulkan driver on this machine");
  if (llvm::Error error = checkVulkan(result, "CreateInstance"))
    return error;
#define ROPE_FIND(name)                                                        \
  functions.name =                                                             \
      reinterpret_cast<PFN_vk##name>(getAddress(instance, "vk" #name));
  ROPE_VULKAN_FUNCTIONS(ROPE_FIND)
#undef ROPE_FIND
  return instance;
}
