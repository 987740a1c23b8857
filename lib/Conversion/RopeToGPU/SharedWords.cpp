//===- SharedWords.cpp - Words that the threads of a block share ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Through pointers where the target has them, since memrefs know no accesses
// that are wider than their elements.
//
//===----------------------------------------------------------------------===//

#include "SharedWords.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

SharedWords::SharedWords(KernelBuilder &kernel, int64_t size, bool isDynamic)
    : kernel(kernel),
      words(isDynamic && kernel.getModel().hasPointers()
                ? kernel.addDynamicShared(size)
                : kernel.addShared(size, kernel.getBuilder().getI32Type())) {}

Value SharedWords::load(Value index, int64_t offset) {
  return memref::LoadOp::create(kernel.getBuilder(), words,
                                kernel.add(index, kernel.getConstant(offset)));
}

SmallVector<Value> SharedWords::loadWords(Value index, int64_t offset,
                                          int64_t count) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  SmallVector<Value> loaded;
  if (kernel.getModel().hasPointers()) {
    Value vector = LLVM::LoadOp::create(
        builder, VectorType::get(count, builder.getI32Type()),
        getPointer(index, offset), /*alignment=*/4 * count);
    for (int64_t i = 0; i < count; ++i)
      loaded.push_back(vector::ExtractOp::create(builder, vector, i));
    return loaded;
  }
  for (int64_t i = 0; i < count; ++i)
    loaded.push_back(load(index, offset + i));
  return loaded;
}

void SharedWords::store(ArrayRef<Value> values, Value index, int64_t offset) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  if (values.size() > 1 && kernel.getModel().hasPointers()) {
    auto count = static_cast<int64_t>(values.size());
    Value vector = vector::FromElementsOp::create(
        builder, VectorType::get(count, builder.getI32Type()), values);
    LLVM::StoreOp::create(builder, vector, getPointer(index, offset),
                          /*alignment=*/4 * values.size());
    return;
  }
  for (auto [i, value] : llvm::enumerate(values))
    memref::StoreOp::create(builder, value, words,
                            kernel.add(index, kernel.getConstant(offset + i)));
}

Value SharedWords::getPointer(Value index, int64_t offset) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  Type i32 = builder.getI32Type();
  auto move = [&](Value base, LLVM::GEPArg by) -> Value {
    return LLVM::GEPOp::create(builder, base.getType(), i32, base,
                               ArrayRef<LLVM::GEPArg>(by));
  };
  Value place =
      arith::IndexCastOp::create(builder, builder.getI64Type(), index);
  Value pointer = move(getDescriptorPointer(builder, words), place);
  return offset ? move(pointer, static_cast<int32_t>(offset)) : pointer;
}
