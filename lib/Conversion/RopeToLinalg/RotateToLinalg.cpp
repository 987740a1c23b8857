//===- RotateToLinalg.cpp - Reference lowering of rope.rotate -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "Rope/Conversion/RopeToLinalg/RopeToLinalg.h"
void mlir::rope::populateRotateToLinalgPatterns(RewritePatternSet &) {}
