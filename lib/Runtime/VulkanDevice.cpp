//===- VulkanDevice.cpp - A device that runs SPIR-V kernels ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "VulkanDevice.h"

#include "VulkanLoader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::rope;

struct VulkanDevice::Kernel {
  SmallVector<SpirvBinding> bindings;
  VkShaderModule module = VK_NULL_HANDLE;
  VkDescriptorSetLayout setLayout = VK_NULL_HANDLE;
  VkPipelineLayout layout = VK_NULL_HANDLE;
  VkPipeline pipeline = VK_NULL_HANDLE;
};

namespace {
/// Memory that host and device see.
struct Buffer {
  VkBuffer handle = VK_NULL_HANDLE;
  VkDeviceMemory memory = VK_NULL_HANDLE;
  char *data = nullptr;
};
} // namespace

struct VulkanDevice::State {
  VulkanFunctions vk;
  VkInstance instance = VK_NULL_HANDLE;
  VkPhysicalDevice physical = VK_NULL_HANDLE;
  VkPhysicalDeviceProperties properties{};
  VkPhysicalDeviceMemoryProperties memory{};
  uint32_t queueFamily = 0;
  VkDevice device = VK_NULL_HANDLE;
  VkQueue queue = VK_NULL_HANDLE;
  std::vector<std::unique_ptr<Kernel>> kernels;

  ~State();
  llvm::Error openDevice();
  llvm::Expected<Buffer> createBuffer(size_t size);
  void destroyBuffer(const Buffer &buffer);
  llvm::Error dispatch(const Kernel &kernel,
                       ArrayRef<VkDescriptorBufferInfo> buffers,
                       std::array<uint32_t, 3> blocks);
};

VulkanDevice::State::~State() {
  for (const auto &kernel : kernels) {
    vk.DestroyPipeline(device, kernel->pipeline, nullptr);
    vk.DestroyPipelineLayout(device, kernel->layout, nullptr);
    vk.DestroyDescriptorSetLayout(device, kernel->setLayout, nullptr);
    vk.DestroyShaderModule(device, kernel->module, nullptr);
  }
  if (device)
    vk.DestroyDevice(device, nullptr);
  if (instance)
    vk.DestroyInstance(instance, nullptr);
}

llvm::Error VulkanDevice::State::openDevice() {
  uint32_t count = 1;
  VkResult listed = vk.EnumeratePhysicalDevices(instance, &count, &physical);
  if (count == 0 || (listed != VK_SUCCESS && listed != VK_INCOMPLETE))
    return llvm::createStringError("no Vulkan device on this machine");
  vk.GetPhysicalDeviceProperties(physical, &properties);
  vk.GetPhysicalDeviceMemoryProperties(physical, &memory);

  uint32_t numFamilies = 0;
  vk.GetPhysicalDeviceQueueFamilyProperties(physical, &numFamilies, nullptr);
  SmallVector<VkQueueFamilyProperties> families(numFamilies);
  vk.GetPhysicalDeviceQueueFamilyProperties(physical, &numFamilies,
                                            families.data());
  auto family = llvm::find_if(families, [](const VkQueueFamilyProperties &f) {
    return f.queueFlags & VK_QUEUE_COMPUTE_BIT;
  });
  if (family == families.end())
    return llvm::createStringError(llvm::Twine("Vulkan device ") +
                                   properties.deviceName + " does not compute");
  queueFamily = family - families.begin();

  // All that the device has: a kernel that asks for more does not load.
  VkPhysicalDeviceVulkan12Features features12{};
  features12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
  VkPhysicalDeviceVulkan11Features features11{};
  features11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
  features11.pNext = &features12;
  VkPhysicalDeviceFeatures2 features{};
  features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
  features.pNext = &features11;
  vk.GetPhysicalDeviceFeatures2(physical, &features);

  float priority = 1;
  VkDeviceQueueCreateInfo queueInfo{};
  queueInfo.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
  queueInfo.queueFamilyIndex = queueFamily;
  queueInfo.queueCount = 1;
  queueInfo.pQueuePriorities = &priority;
  VkDeviceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  info.pNext = &features;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queueInfo;
  if (llvm::Error error = checkVulkan(
          vk.CreateDevice(physical, &info, nullptr, &device), "CreateDevice"))
    return error;
  vk.GetDeviceQueue(device, queueFamily, 0, &queue);
  return llvm::Error::success();
}

llvm::Expected<Buffer> VulkanDevice::State::createBuffer(size_t size) {
  Buffer buffer;
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = size;
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  if (llvm::Error error =
          checkVulkan(vk.CreateBuffer(device, &info, nullptr, &buffer.handle),
                      "CreateBuffer"))
    return error;
  llvm::scope_exit destroy([&] { destroyBuffer(buffer); });

  VkMemoryRequirements needs;
  vk.GetBufferMemoryRequirements(device, buffer.handle, &needs);
  constexpr VkMemoryPropertyFlags shared = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                           VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  uint32_t type = 0;
  while (type < memory.memoryTypeCount &&
         (!(needs.memoryTypeBits >> type & 1) ||
          (memory.memoryTypes[type].propertyFlags & shared) != shared))
    ++type;
  if (type == memory.memoryTypeCount)
    return llvm::createStringError("the device has no memory that the host "
                                   "sees");
  VkMemoryAllocateInfo allocation{};
  allocation.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  allocation.allocationSize = needs.size;
  allocation.memoryTypeIndex = type;
  if (llvm::Error error = checkVulkan(
          vk.AllocateMemory(device, &allocation, nullptr, &buffer.memory),
          "AllocateMemory"))
    return error;
  if (llvm::Error error = checkVulkan(
          vk.BindBufferMemory(device, buffer.handle, buffer.memory, 0),
          "BindBufferMemory"))
    return error;
  void *data = nullptr;
  if (llvm::Error error = checkVulkan(
          vk.MapMemory(device, buffer.memory, 0, VK_WHOLE_SIZE, 0, &data),
          "MapMemory"))
    return error;
  buffer.data = static_cast<char *>(data);
  destroy.release();
  return buffer;
}

void VulkanDevice::State::destroyBuffer(const Buffer &buffer) {
  vk.DestroyBuffer(device, buffer.handle, nullptr);
  vk.FreeMemory(device, buffer.memory, nullptr);
}

VulkanDevice::VulkanDevice(std::unique_ptr<State> state)
    : state(std::move(state)) {}
VulkanDevice::~VulkanDevice() = default;

llvm::Expected<std::unique_ptr<VulkanDevice>> VulkanDevice::create() {
  auto state = std::make_unique<State>();
  auto instance = createVulkanInstance(state->vk);
  if (!instance)
    return instance.takeError();
  state->instance = *instance;
  if (llvm::Error error = state->openDevice())
    return error;
  return std::unique_ptr<VulkanDevice>(new VulkanDevice(std::move(state)));
}

StringRef VulkanDevice::getName() const { return state->properties.deviceName; }

ArrayRef<SpirvBinding> VulkanDevice::getBindings(const Kernel &kernel) {
  return kernel.bindings;
}

llvm::Expected<VulkanDevice::Kernel *>
VulkanDevice::createKernel(ArrayRef<uint32_t> words, StringRef entryPoint) {
  auto bindings = getSpirvBindings(words, entryPoint);
  if (!bindings)
    return bindings.takeError();
  VulkanFunctions &vk = state->vk;
  // Owned before it is complete: the destructor takes null handles.
  Kernel &kernel = *state->kernels.emplace_back(std::make_unique<Kernel>());
  kernel.bindings = std::move(*bindings);

  VkShaderModuleCreateInfo moduleInfo{};
  moduleInfo.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
  moduleInfo.codeSize = words.size() * sizeof(uint32_t);
  moduleInfo.pCode = words.data();
  if (llvm::Error error =
          checkVulkan(vk.CreateShaderModule(state->device, &moduleInfo, nullptr,
                                            &kernel.module),
                      "CreateShaderModule"))
    return error;

  SmallVector<VkDescriptorSetLayoutBinding> slots;
  for (uint32_t i = 0; i < kernel.bindings.size(); ++i)
    slots.push_back({i, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1,
                     VK_SHADER_STAGE_COMPUTE_BIT, nullptr});
  VkDescriptorSetLayoutCreateInfo setInfo{};
  setInfo.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
  setInfo.bindingCount = slots.size();
  setInfo.pBindings = slots.data();
  if (llvm::Error error =
          checkVulkan(vk.CreateDescriptorSetLayout(state->device, &setInfo,
                                                   nullptr, &kernel.setLayout),
                      "CreateDescriptorSetLayout"))
    return error;
  VkPipelineLayoutCreateInfo layoutInfo{};
  layoutInfo.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
  layoutInfo.setLayoutCount = 1;
  layoutInfo.pSetLayouts = &kernel.setLayout;
  if (llvm::Error error =
          checkVulkan(vk.CreatePipelineLayout(state->device, &layoutInfo,
                                              nullptr, &kernel.layout),
                      "CreatePipelineLayout"))
    return error;

  std::string name = entryPoint.str();
  VkComputePipelineCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
  info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = kernel.module;
  info.stage.pName = name.c_str();
  info.layout = kernel.layout;
  if (llvm::Error error = checkVulkan(
          vk.CreateComputePipelines(state->device, VK_NULL_HANDLE, 1, &info,
                                    nullptr, &kernel.pipeline),
          "CreateComputePipelines"))
    return error;
  return &kernel;
}

llvm::Error
VulkanDevice::State::dispatch(const Kernel &kernel,
                              ArrayRef<VkDescriptorBufferInfo> buffers,
                              std::array<uint32_t, 3> blocks) {
  VkDescriptorPoolSize poolSize{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                                std::max<uint32_t>(buffers.size(), 1)};
  VkDescriptorPoolCreateInfo poolInfo{};
  poolInfo.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
  poolInfo.maxSets = 1;
  poolInfo.poolSizeCount = 1;
  poolInfo.pPoolSizes = &poolSize;
  VkDescriptorPool pool;
  if (llvm::Error error = checkVulkan(
          vk.CreateDescriptorPool(device, &poolInfo, nullptr, &pool),
          "CreateDescriptorPool"))
    return error;
  llvm::scope_exit destroyPool(
      [&] { vk.DestroyDescriptorPool(device, pool, nullptr); });
  VkDescriptorSetAllocateInfo setInfo{};
  setInfo.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
  setInfo.descriptorPool = pool;
  setInfo.descriptorSetCount = 1;
  setInfo.pSetLayouts = &kernel.setLayout;
  VkDescriptorSet set;
  if (llvm::Error error =
          checkVulkan(vk.AllocateDescriptorSets(device, &setInfo, &set),
                      "AllocateDescriptorSets"))
    return error;
  SmallVector<VkWriteDescriptorSet> writes;
  for (auto [i, buffer] : llvm::enumerate(buffers)) {
    VkWriteDescriptorSet &write = writes.emplace_back();
    write = {};
    write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
    write.dstSet = set;
    write.dstBinding = i;
    write.descriptorCount = 1;
    write.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    write.pBufferInfo = &buffer;
  }
  vk.UpdateDescriptorSets(device, writes.size(), writes.data(), 0, nullptr);

  VkCommandPoolCreateInfo commandsInfo{};
  commandsInfo.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
  commandsInfo.queueFamilyIndex = queueFamily;
  VkCommandPool commandPool;
  if (llvm::Error error = checkVulkan(
          vk.CreateCommandPool(device, &commandsInfo, nullptr, &commandPool),
          "CreateCommandPool"))
    return error;
  llvm::scope_exit destroyCommands(
      [&] { vk.DestroyCommandPool(device, commandPool, nullptr); });
  VkCommandBufferAllocateInfo allocation{};
  allocation.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
  allocation.commandPool = commandPool;
  allocation.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  allocation.commandBufferCount = 1;
  VkCommandBuffer commands;
  if (llvm::Error error =
          checkVulkan(vk.AllocateCommandBuffers(device, &allocation, &commands),
                      "AllocateCommandBuffers"))
    return error;
  VkCommandBufferBeginInfo begin{};
  begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
  begin.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  vk.BeginCommandBuffer(commands, &begin);
  vk.CmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, kernel.pipeline);
  vk.CmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE,
                           kernel.layout, 0, 1, &set, 0, nullptr);
  vk.CmdDispatch(commands, blocks[0], blocks[1], blocks[2]);
  if (llvm::Error error =
          checkVulkan(vk.EndCommandBuffer(commands), "EndCommandBuffer"))
    return error;
  VkSubmitInfo submit{};
  submit.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
  submit.commandBufferCount = 1;
  submit.pCommandBuffers = &commands;
  if (llvm::Error error = checkVulkan(
          vk.QueueSubmit(queue, 1, &submit, VK_NULL_HANDLE), "QueueSubmit"))
    return error;
  return checkVulkan(vk.QueueWaitIdle(queue), "QueueWaitIdle");
}

llvm::Error VulkanDevice::run(const Kernel &kernel, ArrayRef<HostRange> ranges,
                              std::array<uint32_t, 3> blocks) {
  // Ranges that overlap, as one.
  std::vector<HostRange> regions;
  SmallVector<HostRange> sorted = llvm::to_vector(ranges);
  llvm::sort(sorted, [](const HostRange &a, const HostRange &b) {
    return a.data < b.data;
  });
  for (const HostRange &range : sorted) {
    if (range.size == 0)
      continue;
    if (!regions.empty() &&
        range.data < regions.back().data + regions.back().size) {
      HostRange &last = regions.back();
      last.size =
          std::max<size_t>(last.size, range.data + range.size - last.data);
    } else {
      regions.push_back(range);
    }
  }

  std::vector<Buffer> buffers;
  llvm::scope_exit destroy([&] {
    for (const Buffer &buffer : buffers)
      state->destroyBuffer(buffer);
  });
  auto add = [&](size_t size) -> llvm::Error {
    auto buffer = state->createBuffer(llvm::alignTo(size, 16));
    if (!buffer)
      return buffer.takeError();
    buffers.push_back(*buffer);
    return llvm::Error::success();
  };
  for (const HostRange &region : regions) {
    if (llvm::Error error = add(region.size))
      return error;
    std::memcpy(buffers.back().data, region.data, region.size);
  }
  // Bindings of nothing still need a buffer.
  if (llvm::Error error = add(16))
    return error;

  SmallVector<VkDescriptorBufferInfo> bound;
  for (const HostRange &range : ranges) {
    auto region = llvm::find_if(regions, [&](const HostRange &candidate) {
      return range.size != 0 && candidate.data <= range.data &&
             range.data < candidate.data + candidate.size;
    });
    if (region == regions.end()) {
      bound.push_back({buffers.back().handle, 0, VK_WHOLE_SIZE});
      continue;
    }
    const VkPhysicalDeviceLimits &limits = state->properties.limits;
    if (range.size > limits.maxStorageBufferRange)
      return llvm::createStringError(
          "a buffer of " + llvm::Twine(range.size) +
          " bytes is larger than the device binds (" +
          llvm::Twine(limits.maxStorageBufferRange) + ")");
    VkDeviceSize offset = range.data - region->data;
    if (offset % limits.minStorageBufferOffsetAlignment != 0)
      return llvm::createStringError(
          "buffers overlap at an offset of " + llvm::Twine(offset) +
          " bytes, of which the device needs multiples of " +
          llvm::Twine(limits.minStorageBufferOffsetAlignment));
    bound.push_back({buffers[region - regions.begin()].handle, offset,
                     llvm::alignTo(range.size, 4)});
  }
  if (llvm::Error error = state->dispatch(kernel, bound, blocks))
    return error;
  // What the kernel left as it was may be a constant, which cannot be written.
  for (auto [region, buffer] : llvm::zip(regions, buffers))
    if (std::memcmp(region.data, buffer.data, region.size) != 0)
      std::memcpy(region.data, buffer.data, region.size);
  return llvm::Error::success();
}
