//===- IntegerBuffer.cpp - Integers as a kernel sees them -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerBuffer.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::rope;

IntegerBuffer::IntegerBuffer(KernelBuilder &kernel, Value buffer)
    : kernel(kernel) {
  ImplicitLocOpBuilder &host = kernel.getHost();
  Type unit = cast<MemRefType>(buffer.getType()).getElementType();
  if (unit.isIndex())
    unit = host.getI64Type();
  else if (unit.isInteger(1))
    unit = host.getIntegerType(8);
  elements = kernel.addBuffer(buffer, unit, 1);
  strides = memref::ExtractStridedMetadataOp::create(host, buffer)
                .getConstifiedMixedStrides();
}

Value IntegerBuffer::load(ArrayRef<Value> indices) {
  Value place = kernel.getConstant(0);
  for (auto [index, stride] : llvm::zip_equal(indices, strides))
    place = kernel.add(place, kernel.multiply(index, kernel.getIndex(stride)));
  return memref::LoadOp::create(kernel.getBuilder(), elements, place);
}

Value IntegerBuffer::loadI64(ArrayRef<Value> indices) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  Value element = load(indices);
  Type i64 = builder.getI64Type();
  return element.getType() == i64
             ? element
             : arith::ExtSIOp::create(builder, i64, element).getResult();
}
