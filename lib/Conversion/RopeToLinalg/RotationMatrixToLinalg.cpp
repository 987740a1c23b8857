//===- RotationMatrixToLinalg.cpp - Reference lowering of the matrix ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "Rope/Conversion/RopeToLinalg/RopeToLinalg.h"
void mlir::rope::populateRotationMatrixToLinalgPatterns(RewritePatternSet &) {}
