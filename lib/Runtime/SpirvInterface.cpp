//===- SpirvInterface.cpp - What a SPIR-V kernel is bound to --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The binary form of SPIR-V 1.3: a header of five words, then instructions
// whose first word is their length (upper half) and their opcode.
//
//===----------------------------------------------------------------------===//

#include "SpirvInterface.h"

#include "mlir/Dialect/SPIRV/IR/SPIRVEnums.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace mlir::rope;
using spirv::Decoration;
using spirv::Opcode;

namespace {
constexpr uint32_t kMagic = 0x07230203;
constexpr size_t kHeaderWords = 5;

/// What the instructions of a module say about its variables.
struct Module {
  uint32_t entryPoint = 0;
  llvm::DenseMap<uint32_t, uint32_t> bindings, strides, pointees, variables,
      firstMembers;
  SmallVector<uint32_t> runtimeArrays;
};
} // namespace

/// A string of SPIR-V, whose bytes are packed from the low end of words on.
static StringRef getString(ArrayRef<uint32_t> words) {
  StringRef bytes(reinterpret_cast<const char *>(words.data()),
                  words.size() * sizeof(uint32_t));
  return bytes.take_until([](char c) { return c == 0; });
}

/// Notes an instruction whose opcode is taken off.
static void read(Module &module, Opcode opcode, ArrayRef<uint32_t> operands,
                 StringRef entryPoint) {
  switch (opcode) {
  case Opcode::OpEntryPoint:
    if (getString(operands.drop_front(2)) == entryPoint)
      module.entryPoint = operands[1];
    return;
  case Opcode::OpDecorate:
    if (operands[1] == static_cast<uint32_t>(Decoration::Binding))
      module.bindings[operands[0]] = operands[2];
    if (operands[1] == static_cast<uint32_t>(Decoration::ArrayStride))
      module.strides[operands[0]] = operands[2];
    return;
  case Opcode::OpTypeRuntimeArray:
    module.runtimeArrays.push_back(operands[0]);
    return;
  case Opcode::OpTypeStruct:
    if (operands.size() > 1)
      module.firstMembers[operands[0]] = operands[1];
    return;
  case Opcode::OpTypePointer:
    module.pointees[operands[0]] = operands[2];
    return;
  case Opcode::OpVariable:
    module.variables[operands[1]] = operands[0];
    return;
  default:
    return;
  }
}

llvm::Expected<SmallVector<SpirvBinding>>
rope::getSpirvBindings(ArrayRef<uint32_t> words, StringRef entryPoint) {
  if (words.size() < kHeaderWords || words.front() != kMagic)
    return llvm::createStringError("not a SPIR-V module");
  Module module;
  // The function of the entry point, whose body names its storage buffers:
  // before SPIR-V 1.4 the interface has only inputs and outputs.
  bool isInside = false;
  llvm::DenseSet<uint32_t> mentioned;
  for (size_t i = kHeaderWords; i < words.size();) {
    size_t length = words[i] >> 16;
    auto opcode = static_cast<Opcode>(words[i] & 0xffff);
    if (length == 0 || i + length > words.size())
      return llvm::createStringError("a SPIR-V instruction ends too early");
    ArrayRef<uint32_t> operands = words.slice(i + 1, length - 1);
    read(module, opcode, operands, entryPoint);
    if (opcode == Opcode::OpFunction)
      isInside = operands[1] == module.entryPoint;
    else if (opcode == Opcode::OpAccessChain && isInside)
      mentioned.insert(operands[2]);
    i += length;
  }
  if (module.entryPoint == 0)
    return llvm::createStringError("no kernel '" + entryPoint +
                                   "' in the SPIR-V module");

  SmallVector<SpirvBinding> bindings;
  for (auto [variable, binding] : module.bindings) {
    if (!mentioned.count(variable))
      continue;
    uint32_t block = module.pointees[module.variables[variable]];
    uint32_t array = module.firstMembers[block];
    bindings.resize(std::max<size_t>(bindings.size(), binding + 1));
    bindings[binding] = {/*isUsed=*/true,
                         llvm::is_contained(module.runtimeArrays, array),
                         module.strides[array]};
  }
  return bindings;
}
