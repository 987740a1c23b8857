//===- RopeAttrs.cpp - Attributes of the rope dialect ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The generated definitions and the registration of the attributes.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "ScalingParameters.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::rope;

#include "Rope/Dialect/Rope/IR/RopeEnums.cpp.inc"
#include "Rope/Dialect/Rope/IR/RopeInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "Rope/Dialect/Rope/IR/RopeAttrs.cpp.inc"

void RopeDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "Rope/Dialect/Rope/IR/RopeAttrs.cpp.inc"
      >();
}
