//===- Passes.td - Passes on the rope dialect ---------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_TRANSFORMS_PASSES
#define ROPE_DIALECT_ROPE_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def RopeRaise : Pass<"rope-raise"> {
  let summary = "recognise rotations in linalg, tensor, arith and math code";
  let description = [{
    Replaces every tensor whose lanes are proven to be a rotation of the lanes of
    another value by `rope.rotate`, and its tables by `rope.sincos` where they are
    cosine and sine of position times frequency in f32. The proof evaluates lanes
    symbolically (docs/Recognition.md), so that it does not depend on spelling.

    Code that is not raised stays as it is. A value that looks like a rotation but
    is none leaves a missed remark of category `rope` that names the value, the
    lane and what disagrees; a raised one leaves a passed remark. Show them with
    `--remark-format=emitRemark --remarks-filter=rope`.

    Narrow types: code that rounds every product to bf16 or f16 becomes a rotation
    that computes in f32 and rounds once. Zero times an element is taken for zero,
    which is not IEEE arithmetic where the element is infinite or NaN. With
    `strict` only code is raised whose rotation has the same bits, and tables stay
    as the program computes them.
  }];
  let options = [
    Option<"strict", "strict", "bool", /*default=*/"false",
           "Raise only what stays equal to the last bit">,
    Option<"upgradeAngles", "upgrade-angles", "bool", /*default=*/"false",
           "Make tables of exact angles instead of those that f32 arithmetic "
           "rounds">,
    Option<"maxSteps", "max-steps", "uint64_t", /*default=*/"100000",
           "Work on one candidate before it is given up with a remark">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::complex::ComplexDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::rope::RopeDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

#endif // ROPE_DIALECT_ROPE_TRANSFORMS_PASSES
