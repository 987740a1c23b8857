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

namespace mlir::rope {
/// s(n) = 1 + slope max(n - trainedLength, 0): for a sequence of n tokens the
/// base is base s(n)^(dim/(dim-2)), so that w_i = base^(-2i/dim)
/// s(n)^(-2i/(dim-2)).
struct BaseStretch {
  int64_t trainedLength;
  ExactReal slope;

  ExactReal at(int64_t sequenceLength) const;
};
} // namespace mlir::rope

#include "Rope/Dialect/Rope/IR/RopeInterfaces.h.inc"
#define GET_ATTRDEF_CLASSES
#include "Rope/Dialect/Rope/IR/RopeAttrs.h.inc"

#endif // ROPE_DIALECT_ROPE_IR_ROPEDIALECT_H
