//===- RopeDialect.h - The rope dialect and its attributes ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPEDIALECT_H
#define ROPE_DIALECT_ROPE_IR_ROPEDIALECT_H

#include "Rope/Dialect/Rope/IR/ExactReal.h"
#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include <optional>

#include "Rope/Dialect/Rope/IR/RopeDialect.h.inc"
#include "Rope/Dialect/Rope/IR/RopeEnums.h.inc"
#include "Rope/Dialect/Rope/IR/RopeInterfaces.h.inc"
#define GET_ATTRDEF_CLASSES
#include "Rope/Dialect/Rope/IR/RopeAttrs.h.inc"

#endif // ROPE_DIALECT_ROPE_IR_ROPEDIALECT_H
