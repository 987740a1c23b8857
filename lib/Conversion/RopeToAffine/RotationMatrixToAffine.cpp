//===- RotationMatrixToAffine.cpp - The matrix as loops -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
void mlir::rope::populateRotationMatrixToAffinePatterns(
    RewritePatternSet &, const RopeToAffineOptions &) {}
