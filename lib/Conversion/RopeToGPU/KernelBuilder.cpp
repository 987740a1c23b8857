//===- KernelBuilder.cpp - A kernel and its launch ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "KernelBuilder.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::rope;

KernelBuilder::KernelBuilder(ImplicitLocOpBuilder &host,
                             gpu::GPUModuleOp module, StringRef name,
                             const GpuModel &model)
    : host(host), body(host.getLoc(), host.getContext()), module(module),
      model(model), blocks(3, host.getIndexAttr(1)) {
  body.setInsertionPointToEnd(module.getBody());
  kernel = gpu::GPUFuncOp::create(body, name, body.getFunctionType({}, {}));
  kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), body.getUnitAttr());
  kernel->remove();
  SymbolTable(module).insert(kernel);
  body.setInsertionPointToStart(&kernel.getBody().front());
}

Value KernelBuilder::addBuffer(Value buffer, Type unit, int64_t unitElements) {
  auto type = cast<MemRefType>(buffer.getType());
  int64_t elementBytes =
      type.getElementType().isIndex()
          ? 8
          : llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  auto metadata = memref::ExtractStridedMetadataOp::create(host, buffer);
  // Past the last element: 1 + sum of (size - 1) * stride, in units; nothing
  // of an empty buffer is accessed.
  AffineExpr span = host.getAffineConstantExpr(1);
  SmallVector<OpFoldResult> operands;
  for (auto [size, stride] :
       llvm::zip_equal(metadata.getConstifiedMixedSizes(),
                       metadata.getConstifiedMixedStrides())) {
    AffineExpr sizeExpr = host.getAffineSymbolExpr(operands.size());
    AffineExpr strideExpr = host.getAffineSymbolExpr(operands.size() + 1);
    span = span + (sizeExpr - 1) * strideExpr;
    operands.append({size, stride});
  }
  Value units = getValueOrCreateConstantIndexOp(
      host, host.getLoc(),
      affine::makeComposedFoldedAffineMax(
          host, host.getLoc(),
          AffineMap::get(
              0, operands.size(),
              {span.ceilDiv(unitElements), host.getAffineConstantExpr(0)},
              host.getContext()),
          operands));
  // The same memory in other elements: no op of memref does that, so the
  // descriptor is made by hand.
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(host, buffer);
  OpFoldResult offset = affine::makeComposedFoldedAffineApply(
      host, host.getLoc(), host.getAffineSymbolExpr(0) * elementBytes,
      {metadata.getConstifiedMixedOffset()});
  if (!isConstantIntValue(offset, 0))
    address = arith::AddIOp::create(
        host, address,
        getValueOrCreateConstantIndexOp(host, host.getLoc(), offset));
  Type i64 = host.getI64Type();
  auto toI64 = [&](Value index) -> Value {
    return arith::IndexCastOp::create(host, i64, index);
  };
  auto pointerType = LLVM::LLVMPointerType::get(host.getContext());
  Value pointer = LLVM::IntToPtrOp::create(host, pointerType, toI64(address));
  Type array = LLVM::LLVMArrayType::get(i64, 1);
  Value descriptor = LLVM::PoisonOp::create(
      host,
      LLVM::LLVMStructType::getLiteral(
          host.getContext(), {pointerType, pointerType, i64, array, array}));
  auto insert = [&](Value value, ArrayRef<int64_t> place) {
    descriptor = LLVM::InsertValueOp::create(host, descriptor, value, place);
  };
  insert(pointer, 0);
  insert(pointer, 1);
  insert(LLVM::ConstantOp::create(host, i64, 0), 2);
  insert(toI64(units), {3, 0});
  insert(LLVM::ConstantOp::create(host, i64, 1), {4, 0});

  auto flat = MemRefType::get({ShapedType::kDynamic}, unit);
  unsigned position = buffers.size();
  buffers.push_back(
      UnrealizedConversionCastOp::create(host, flat, descriptor).getResult(0));
  (void)kernel.insertArgument(position, flat, {}, host.getLoc());
  return kernel.getArgument(position);
}

SmallVector<OpFoldResult> KernelBuilder::getSizes(Value buffer) {
  return memref::getMixedSizes(host, host.getLoc(), buffer);
}

Value KernelBuilder::getIndex(OpFoldResult size) {
  if (std::optional<int64_t> constant = getConstantIntValue(size))
    return getConstant(*constant);
  auto value = cast<Value>(size);
  auto known = llvm::find(sizes, value);
  unsigned position = buffers.size() + (known - sizes.begin());
  if (known == sizes.end()) {
    sizes.push_back(value);
    (void)kernel.insertArgument(position, body.getIndexType(), {},
                                host.getLoc());
  }
  return kernel.getArgument(position);
}

Value KernelBuilder::getConstant(int64_t value) {
  return arith::ConstantIndexOp::create(body, value);
}

/// Indices into memory do not wrap.
static constexpr arith::IntegerOverflowFlags kNoWrap =
    arith::IntegerOverflowFlags::nsw | arith::IntegerOverflowFlags::nuw;

Value KernelBuilder::add(Value lhs, Value rhs) {
  return body.createOrFold<arith::AddIOp>(lhs, rhs, kNoWrap);
}

Value KernelBuilder::multiply(Value lhs, Value rhs) {
  return body.createOrFold<arith::MulIOp>(lhs, rhs, kNoWrap);
}

SmallVector<Value> KernelBuilder::emitThreadIndices(ArrayRef<int64_t> sizes) {
  threads = llvm::product_of(sizes);
  // In 32 bits: registers are no wider.
  Type i32 = body.getI32Type(), index = body.getIndexType();
  Value rest = arith::IndexCastUIOp::create(
      body, i32, gpu::ThreadIdOp::create(body, gpu::Dimension::x));
  SmallVector<Value> indices;
  for (auto [i, size] : llvm::enumerate(sizes)) {
    Value extent = arith::ConstantIntOp::create(body, i32, size);
    Value place = rest;
    if (i + 1 < sizes.size()) {
      place = body.createOrFold<arith::RemUIOp>(rest, extent);
      rest = body.createOrFold<arith::DivUIOp>(rest, extent);
    }
    indices.push_back(
        size == 1 ? getConstant(0)
                  : Value(arith::IndexCastUIOp::create(body, index, place)));
  }
  return indices;
}

void KernelBuilder::emitFor(Value first, Value size, Value step,
                            function_ref<void(Value)> emitBody) {
  auto loop = scf::ForOp::create(body, first, size, step);
  OpBuilder::InsertionGuard guard(body);
  body.setInsertionPointToStart(loop.getBody());
  emitBody(loop.getInductionVar());
}

void KernelBuilder::emitIf(arith::CmpIPredicate predicate, Value lhs, Value rhs,
                           function_ref<void()> emitBody) {
  Value condition = arith::CmpIOp::create(body, predicate, lhs, rhs);
  auto branch = scf::IfOp::create(body, condition);
  OpBuilder::InsertionGuard guard(body);
  body.setInsertionPointToStart(branch.thenBlock());
  emitBody();
}

void KernelBuilder::emitBlocks(gpu::Dimension dim, OpFoldResult size,
                               int64_t tile, function_ref<void(Value)> emit) {
  auto axis = static_cast<unsigned>(dim);
  int64_t limit = model.getMaxBlocks(axis);
  AffineExpr tiles = host.getAffineSymbolExpr(0).ceilDiv(tile);
  blocks[axis] = affine::makeComposedFoldedAffineMin(
      host, host.getLoc(),
      AffineMap::get(0, 1, {tiles, host.getAffineConstantExpr(limit)},
                     host.getContext()),
      {size});
  Value block = gpu::BlockIdOp::create(body, dim);
  Value first = multiply(block, tile);
  std::optional<int64_t> constant = getConstantIntValue(size);
  bool fits = constant ? *constant <= limit * tile
                       : limit == std::numeric_limits<int32_t>::max();
  if (fits)
    return emit(first);
  // An argument: AMD's number of blocks is a call of a library.
  Value step = multiply(getIndex(blocks[axis]), tile);
  emitFor(first, getIndex(size), step, emit);
}

void KernelBuilder::emitGrid(ArrayRef<OpFoldResult> sizes, int64_t tile,
                             Value place,
                             function_ref<void(ArrayRef<Value>)> emit) {
  SmallVector<Value> point(sizes.size());
  if (sizes.empty())
    return emit(point);
  auto emitRest = [&] {
    if (sizes.size() == 1)
      return emit(point);
    emitBlocks(gpu::Dimension::y, sizes[1], 1, [&](Value second) {
      point[1] = second;
      if (sizes.size() == 2)
        return emit(point);
      // The other dimensions as one.
      AffineExpr product = host.getAffineConstantExpr(1);
      for (unsigned i = 0; i + 2 < sizes.size(); ++i)
        product = product * host.getAffineSymbolExpr(i);
      OpFoldResult size = affine::makeComposedFoldedAffineApply(
          host, host.getLoc(), product, sizes.drop_front(2));
      emitBlocks(gpu::Dimension::z, size, 1, [&](Value rest) {
        for (unsigned i = 2; i + 1 < sizes.size(); ++i) {
          Value extent = getIndex(sizes[i]);
          point[i] = body.createOrFold<arith::RemUIOp>(rest, extent);
          rest = body.createOrFold<arith::DivUIOp>(rest, extent);
        }
        point.back() = rest;
        emit(point);
      });
    });
  };
  emitBlocks(gpu::Dimension::x, sizes[0], tile, [&](Value first) {
    point[0] = add(first, place);
    std::optional<int64_t> size = getConstantIntValue(sizes[0]);
    if (tile == 1 || (size && *size % tile == 0))
      return emitRest();
    emitIf(arith::CmpIPredicate::ult, point[0], getIndex(sizes[0]), emitRest);
  });
}

void KernelBuilder::emitEntries(SmallVector<OpFoldResult> sizes,
                                function_ref<void(ArrayRef<Value>)> emit) {
  if (sizes.empty())
    return emit({});
  OpFoldResult lanes = sizes.pop_back_val();
  int64_t blockSize = model.getBlockSize();
  int64_t laneThreads =
      std::min(getConstantIntValue(lanes).value_or(blockSize), blockSize);
  int64_t rows = sizes.empty() ? 1 : blockSize / laneThreads;
  SmallVector<Value> thread = emitThreadIndices({laneThreads, rows});
  std::reverse(sizes.begin(), sizes.end());
  emitGrid(sizes, rows, thread[1], [&](ArrayRef<Value> point) {
    SmallVector<Value> indices(llvm::reverse(point));
    auto emitAt = [&](Value lane) {
      indices.push_back(lane);
      emit(indices);
    };
    if (isConstantIntValue(lanes, laneThreads))
      return emitAt(thread[0]);
    emitFor(thread[0], getIndex(lanes), getConstant(laneThreads), emitAt);
  });
}

Value KernelBuilder::addShared(int64_t size, Type element) {
  auto space = gpu::AddressSpaceAttr::get(body.getContext(),
                                          gpu::AddressSpace::Workgroup);
  Value buffer = kernel.addWorkgroupAttribution(
      MemRefType::get({size}, element, MemRefLayoutAttrInterface(), space),
      host.getLoc());
  // Without it LLVM 22 declares an array with the alignment of an element, but
  // takes it for one of 16 bytes where it puts four loads together.
  if (model.hasPointers())
    kernel.setWorkgroupAttributionAttr(kernel.getNumWorkgroupAttributions() - 1,
                                       LLVM::LLVMDialect::getAlignAttrName(),
                                       body.getI64IntegerAttr(kMaxAccessBytes));
  return buffer;
}

Value KernelBuilder::addDynamicShared(int64_t words) {
  constexpr int64_t kAlignment = 1024;
  constexpr StringLiteral kName = "dynamic_shared";
  MLIRContext *context = body.getContext();
  Type i8 = body.getI8Type(), i64 = body.getI64Type();
  // Not `gpu.dynamic_shared_memory`, which becomes a variable of a byte that
  // others may follow, not the symbol behind all of them.
  auto type = LLVM::LLVMArrayType::get(i8, 0);
  auto global = module.lookupSymbol<LLVM::GlobalOp>(kName);
  if (!global) {
    OpBuilder::InsertionGuard guard(body);
    body.setInsertionPointToStart(module.getBody());
    global = LLVM::GlobalOp::create(body, type, /*isConstant=*/false,
                                    LLVM::Linkage::External, kName, Attribute(),
                                    kMaxAccessBytes, /*addrSpace=*/3);
  }
  // What it starts at is a multiple of 16 bytes only.
  dynamicBytes = 4 * words + kAlignment - kMaxAccessBytes;
  auto constant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(body, i64, value);
  };
  Value start = LLVM::AddressOfOp::create(body, global);
  Value address = LLVM::PtrToIntOp::create(body, i64, start);
  Value skipped =
      LLVM::AndOp::create(body, LLVM::SubOp::create(body, constant(0), address),
                          constant(kAlignment - 1));
  Value pointer = LLVM::GEPOp::create(body, start.getType(), i8, start,
                                      ArrayRef<LLVM::GEPArg>(skipped));
  Type array = LLVM::LLVMArrayType::get(i64, 1);
  Value descriptor = LLVM::PoisonOp::create(
      body,
      LLVM::LLVMStructType::getLiteral(
          context, {start.getType(), start.getType(), i64, array, array}));
  auto insert = [&](Value value, ArrayRef<int64_t> place) {
    descriptor = LLVM::InsertValueOp::create(body, descriptor, value, place);
  };
  insert(pointer, 0);
  insert(pointer, 1);
  insert(constant(0), 2);
  insert(constant(words), {3, 0});
  insert(constant(1), {4, 0});
  auto shared = MemRefType::get(
      {words}, body.getI32Type(), MemRefLayoutAttrInterface(),
      gpu::AddressSpaceAttr::get(context, gpu::AddressSpace::Workgroup));
  return UnrealizedConversionCastOp::create(body, shared, descriptor)
      .getResult(0);
}

Value rope::getDescriptorPointer(ImplicitLocOpBuilder &builder, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  auto space = dyn_cast_or_null<gpu::AddressSpaceAttr>(type.getMemorySpace());
  // Workgroup memory is address space 3 for NVIDIA and AMD.
  auto pointer =
      LLVM::LLVMPointerType::get(builder.getContext(), space ? 3 : 0);
  Type i64 = builder.getI64Type(), array = LLVM::LLVMArrayType::get(i64, 1);
  Type descriptor = LLVM::LLVMStructType::getLiteral(
      builder.getContext(), {pointer, pointer, i64, array, array});
  Value converted =
      UnrealizedConversionCastOp::create(builder, descriptor, buffer)
          .getResult(0);
  return LLVM::ExtractValueOp::create(builder, converted, 1);
}

Value KernelBuilder::emitConstantLoad(DenseElementsAttr elements, Value index) {
  auto shaped = elements.getType();
  auto type = MemRefType::get(shaped.getShape(), shaped.getElementType());
  memref::GlobalOp global;
  for (auto known : module.getOps<memref::GlobalOp>())
    if (known.getType() == type && known.getInitialValueAttr() == elements)
      global = known;
  if (!global) {
    OpBuilder::InsertionGuard guard(body);
    body.setInsertionPointToStart(module.getBody());
    global = memref::GlobalOp::create(
        body, "table", body.getStringAttr("private"), type, elements,
        /*constant=*/true, /*alignment=*/IntegerAttr());
    global->remove();
    SymbolTable(module).insert(global, module.getBody()->begin());
  }
  Value array = memref::GetGlobalOp::create(body, type, global.getSymName());
  return memref::LoadOp::create(body, array, index);
}

void KernelBuilder::launch() {
  body.setInsertionPointToEnd(&kernel.getBody().back());
  gpu::ReturnOp::create(body);
  kernel.setKnownBlockSizeAttr(
      body.getDenseI32ArrayAttr({static_cast<int32_t>(threads), 1, 1}));
  // Bounds of the numbers of blocks, for arithmetic in 32 bits.
  if (std::optional<SmallVector<int64_t>> known =
          getConstantIntValues(blocks)) {
    assert(llvm::all_of(*known, llvm::isInt<32>) && "emitGrid bounds them");
    kernel.setKnownGridSizeAttr(
        body.getDenseI32ArrayAttr(llvm::to_vector_of<int32_t>(*known)));
  }

  auto getValue = [&](OpFoldResult size) {
    return getValueOrCreateConstantIndexOp(host, host.getLoc(), size);
  };
  // Launches of no blocks are errors.
  Value any;
  for (OpFoldResult size : blocks) {
    if (getConstantIntValue(size).value_or(0) != 0)
      continue;
    Value isSome =
        arith::CmpIOp::create(host, arith::CmpIPredicate::ne, getValue(size),
                              arith::ConstantIndexOp::create(host, 0));
    any = any ? Value(arith::AndIOp::create(host, any, isSome)) : isSome;
  }
  OpBuilder::InsertionGuard guard(host);
  if (any)
    host.setInsertionPointToStart(scf::IfOp::create(host, any).thenBlock());
  SmallVector<Value> operands = llvm::to_vector(buffers);
  llvm::append_range(operands, sizes);
  gpu::KernelDim3 grid{getValue(blocks[0]), getValue(blocks[1]),
                       getValue(blocks[2])};
  Value one = getValue(host.getIndexAttr(1));
  gpu::KernelDim3 block{getValue(host.getIndexAttr(threads)), one, one};
  Value dynamic;
  if (dynamicBytes)
    dynamic =
        arith::ConstantIntOp::create(host, host.getI32Type(), dynamicBytes);
  gpu::LaunchFuncOp::create(host, kernel, grid, block, dynamic, operands);
}
