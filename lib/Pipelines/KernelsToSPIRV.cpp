//===- KernelsToSPIRV.cpp - Kernels as SPIR-V binaries --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-kernels-to-spirv`. Upstream's conversion leaves a `spirv.module` beside
// the `gpu.module` and does not serialize it, would give every scalar a storage
// buffer of its own, and knows neither workgroup attributions nor the results
// of loops without iterations. Here a copy of the
// kernels is prepared, converted and serialized.
//
//===----------------------------------------------------------------------===//

#include "Rope/Pipelines/Passes.h"

#include "mlir/Conversion/GPUToSPIRV/GPUToSPIRVPass.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SPIRV/IR/SPIRVDialect.h"
#include "mlir/Dialect/SPIRV/IR/SPIRVOps.h"
#include "mlir/Dialect/SPIRV/IR/TargetAndABI.h"
#include "mlir/Dialect/SPIRV/Transforms/Passes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/SPIRV/Serialization.h"
#include "mlir/Transforms/Passes.h"

namespace mlir::rope {
#define GEN_PASS_DEF_KERNELSTOSPIRV
#include "Rope/Pipelines/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;

/// Vulkan 1.1 and what kernels may ask of a device; a module declares what it
/// uses of that.
static spirv::TargetEnvAttr getTargetEnv(MLIRContext *context) {
  using spirv::Capability;
  auto triple = spirv::VerCapExtAttr::get(
      spirv::Version::V_1_3,
      {Capability::Shader, Capability::Int8, Capability::Int16,
       Capability::Int64, Capability::Float16, Capability::Float64,
       Capability::StorageBuffer8BitAccess,
       Capability::StorageBuffer16BitAccess},
      {spirv::Extension::SPV_KHR_storage_buffer_storage_class,
       spirv::Extension::SPV_KHR_8bit_storage,
       spirv::Extension::SPV_KHR_16bit_storage},
      context);
  return spirv::TargetEnvAttr::get(
      triple, spirv::getDefaultResourceLimits(context),
      spirv::ClientAPI::Vulkan, spirv::Vendor::Unknown,
      spirv::DeviceType::Unknown, spirv::TargetEnvAttr::kUnknownDeviceID);
}

/// Why a kernel cannot be bound to buffers and to words of 32 bits.
static std::optional<std::string> getObstacle(gpu::GPUFuncOp kernel) {
  if (!kernel.isKernel())
    return "it is not a kernel";
  if (!kernel.getKnownBlockSize())
    return "it has no known_block_size";
  bool hasScalars = false;
  for (Type type : kernel.getArgumentTypes()) {
    auto buffer = dyn_cast<MemRefType>(type);
    if (buffer && !hasScalars && buffer.getRank() == 1 &&
        buffer.isDynamicDim(0) && buffer.getLayout().isIdentity())
      continue;
    hasScalars = true;
    if (!type.isIndex()) {
      std::string name;
      llvm::raw_string_ostream(name) << "'" << type << "'";
      return "its arguments must be buffers memref<?xT>, then scalars of type "
             "index, got " +
             name;
    }
  }
  return std::nullopt;
}

/// Scalar arguments, which come last, as elements of one buffer of i32.
static void packScalars(gpu::GPUFuncOp kernel, OpBuilder &builder) {
  unsigned first = 0, count = kernel.getNumArguments();
  while (first < count && isa<MemRefType>(kernel.getArgument(first).getType()))
    ++first;
  if (first == count)
    return;
  Location loc = kernel.getLoc();
  Type i32 = builder.getI32Type();
  auto type = MemRefType::get({static_cast<int64_t>(count - first)}, i32);
  (void)kernel.insertArgument(first, type, {}, loc);
  Value scalars = kernel.getArgument(first);
  builder.setInsertionPointToStart(&kernel.getBody().front());
  for (unsigned i = 0; i < count - first; ++i) {
    Value place = arith::ConstantIndexOp::create(builder, loc, i);
    Value word = memref::LoadOp::create(builder, loc, scalars, place);
    kernel.getArgument(first + 1 + i)
        .replaceAllUsesWith(arith::IndexCastOp::create(
            builder, loc, builder.getIndexType(), word));
  }
  llvm::BitVector dead(count + 1);
  dead.set(first + 1, count + 1);
  (void)kernel.eraseArguments(dead);
}

/// Workgroup attributions as allocations.
static void allocateWorkgroupBuffers(gpu::GPUFuncOp kernel,
                                     OpBuilder &builder) {
  builder.setInsertionPointToStart(&kernel.getBody().front());
  for (BlockArgument buffer :
       llvm::to_vector(kernel.getWorkgroupAttributions())) {
    auto type = cast<MemRefType>(buffer.getType());
    // The number that upstream's map of memory spaces has for this class.
    auto space = builder.getI64IntegerAttr(3);
    buffer.replaceAllUsesWith(memref::AllocOp::create(
        builder, kernel.getLoc(),
        MemRefType::get(type.getShape(), type.getElementType(),
                        MemRefLayoutAttrInterface(), space)));
    kernel.getBody().front().eraseArgument(buffer.getArgNumber());
  }
  kernel->removeAttr(kernel.getNumWorkgroupAttributionsAttrName());
}

/// A loop that yields values inside of a branch for it: upstream's conversion
/// leaves the results of a loop without iterations undefined.
static void guardLoop(scf::ForOp loop, OpBuilder &builder) {
  if (loop.getNumResults() == 0)
    return;
  Location loc = loop.getLoc();
  builder.setInsertionPoint(loop);
  Value isSome =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt,
                            loop.getLowerBound(), loop.getUpperBound());
  auto branch = scf::IfOp::create(builder, loc, loop.getResultTypes(), isSome,
                                  /*withElseRegion=*/true);
  loop->replaceAllUsesWith(branch);
  builder.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(builder, loc, loop.getResults());
  loop->moveBefore(&branch.thenBlock()->back());
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, loc, loop.getInitArgs());
}

/// Elements of constant arrays out of constants of the kernel.
static void lowerConstantLoads(gpu::GPUFuncOp kernel, OpBuilder &builder) {
  kernel.walk([&](memref::LoadOp load) {
    auto array = load.getMemRef().getDefiningOp<memref::GetGlobalOp>();
    if (!array)
      return;
    auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
        array, array.getNameAttr());
    Location loc = load.getLoc();
    Type element = load.getType();
    auto type =
        spirv::ArrayType::get(element, array.getType().getNumElements());
    builder.setInsertionPointToStart(&kernel.getBody().front());
    Value constant = spirv::ConstantOp::create(builder, loc, type,
                                               *global.getInitialValue());
    Value variable = spirv::VariableOp::create(
        builder, loc,
        spirv::PointerType::get(type, spirv::StorageClass::Function),
        spirv::StorageClass::Function, constant);
    builder.setInsertionPoint(load);
    Value place = arith::IndexCastOp::create(builder, loc, builder.getI32Type(),
                                             load.getIndices().front());
    Value pointer = spirv::AccessChainOp::create(builder, loc, variable, place);
    load.replaceAllUsesWith(
        spirv::LoadOp::create(builder, loc, pointer).getResult());
    load.erase();
    if (array->use_empty())
      array.erase();
  });
}

/// math.exp2 and math.log2, which upstream's conversion does not know.
static void lowerBaseTwo(gpu::GPUFuncOp kernel, OpBuilder &builder) {
  kernel.walk([&](Operation *op) {
    if (!isa<math::Exp2Op, math::Log2Op>(op))
      return;
    builder.setInsertionPoint(op);
    Location loc = op->getLoc();
    Value operand = op->getOperand(0);
    Value result;
    if (isa<math::Exp2Op>(op))
      result = spirv::GLExp2Op::create(builder, loc, operand);
    else
      result = spirv::GLLog2Op::create(builder, loc, operand);
    op->replaceAllUsesWith(ValueRange(result));
    op->erase();
  });
}

/// The passes from kernels to a SPIR-V module.
static OpPassManager getConversion() {
  OpPassManager manager(ModuleOp::getOperationName());
  OpPassManager &kernels = manager.nest<gpu::GPUModuleOp>();
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createConvertMathToSPIRVPass());
  manager.addPass(createConvertGPUToSPIRVPass(/*mapMemorySpace=*/true));
  OpPassManager &spirvModules = manager.nest<spirv::ModuleOp>();
  spirvModules.addPass(spirv::createSPIRVLowerABIAttributesPass());
  spirvModules.addPass(spirv::createSPIRVUpdateVCEPass());
  spirvModules.addPass(createCanonicalizerPass());
  spirvModules.addPass(createCSEPass());
  return manager;
}

namespace {
struct KernelsToSPIRV : rope::impl::KernelsToSPIRVBase<KernelsToSPIRV> {
  using KernelsToSPIRVBase::KernelsToSPIRVBase;

  void runOnOperation() override {
    for (auto module :
         llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
      if (failed(serialize(module)))
        return signalPassFailure();
  }

private:
  LogicalResult serialize(gpu::GPUModuleOp module) {
    for (auto kernel : module.getOps<gpu::GPUFuncOp>())
      if (std::optional<std::string> obstacle = getObstacle(kernel))
        return kernel.emitOpError("cannot be written as SPIR-V: ") << *obstacle;
    OpBuilder builder(module);
    spirv::TargetEnvAttr environment = getTargetEnv(&getContext());
    auto copy = ModuleOp::create(builder, module.getLoc());
    copy->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                  builder.getUnitAttr());
    copy->setAttr(spirv::getTargetEnvAttrName(), environment);
    copy.push_back(module->clone());
    copy.walk([&](gpu::GPUFuncOp kernel) {
      allocateWorkgroupBuffers(kernel, builder);
      packScalars(kernel, builder);
      lowerConstantLoads(kernel, builder);
      lowerBaseTwo(kernel, builder);
      kernel.walk([&](scf::ForOp loop) { guardLoop(loop, builder); });
      kernel->setAttr(spirv::getEntryPointABIAttrName(),
                      spirv::getEntryPointABIAttr(&getContext(),
                                                  *kernel.getKnownBlockSize()));
    });
    copy.walk([](memref::GlobalOp global) { global.erase(); });
    SmallVector<uint32_t> words;
    OpPassManager conversion = getConversion();
    bool isDone = succeeded(runPipeline(conversion, copy));
    if (isDone) {
      auto converted = copy.getOps<spirv::ModuleOp>();
      isDone = !converted.empty() &&
               succeeded(spirv::serialize(*converted.begin(), words));
    }
    copy.erase();
    if (!isDone)
      return module.emitError("kernels cannot be written as SPIR-V");

    StringRef bytes(reinterpret_cast<const char *>(words.data()),
                    words.size() * sizeof(uint32_t));
    auto object = gpu::ObjectAttr::get(
        &getContext(), environment, gpu::CompilationTarget::Binary,
        builder.getStringAttr(bytes), DictionaryAttr(), gpu::KernelTableAttr());
    builder.setInsertionPoint(module);
    gpu::BinaryOp::create(builder, module.getLoc(), module.getName(),
                          /*offloadingHandler=*/Attribute(),
                          ArrayRef<Attribute>{object});
    module.erase();
    return success();
  }
};
} // namespace
