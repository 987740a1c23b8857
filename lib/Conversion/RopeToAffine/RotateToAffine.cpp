//===- RotateToAffine.cpp - rope.rotate as loops of vectors ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
void mlir::rope::populateRotateToAffinePatterns(RewritePatternSet &,
                                                const RopeToAffineOptions &) {}
