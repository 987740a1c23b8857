//===- RopeOps.cpp - Ops of the rope dialect ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The generated definitions; what is written by hand stands in a file an op.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"

#include "PartialTypes.h"
#include "PastSyntax.h"
#include "RotationSyntax.h"
#include "TableTypes.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::rope;

#define GET_OP_CLASSES
#include "Rope/Dialect/Rope/IR/RopeOps.cpp.inc"
