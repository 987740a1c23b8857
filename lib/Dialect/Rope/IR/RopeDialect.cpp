//===- RopeDialect.cpp - The rope dialect ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers the attributes and ops of the dialect.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/InliningUtils.h"

using namespace mlir;
using namespace mlir::rope;

#include "Rope/Dialect/Rope/IR/RopeDialect.cpp.inc"

namespace {
/// Every rope op may be inlined anywhere: it has no regions and no symbols.
struct RopeInlinerInterface : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void RopeDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "Rope/Dialect/Rope/IR/RopeOps.cpp.inc"
      >();
  addInterfaces<RopeInlinerInterface>();
}
