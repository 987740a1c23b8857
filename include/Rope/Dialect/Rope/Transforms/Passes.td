//===- Passes.td - Passes on the rope dialect ---------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_TRANSFORMS_PASSES
#define ROPE_DIALECT_ROPE_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def RopeFuseTables : Pass<"rope-fuse-tables"> {
  let summary = "compute tables in the loop of the rotation that reads them";
  let description = [{
    Bufferized `rope.sincos` whose tables are allocated for it and read by
    rotations only: each rotation becomes a loop over positions that computes one
    row of its tables, or 16 where heads lie outside positions, into a small buffer
    and rotates by them. The result is the same to the last bit, and no table is
    written to memory or read from it.

    With `angles=auto` that happens where one rotation reads the tables: a row is
    then computed as often as before. Where several do (q and k, or the layers of
    a model), computing it for each costs more than reading a table from a cache
    and about as much as reading it from memory; `angles=on-the-fly` fuses
    there too. `angles=table` changes nothing.

    The positions are copied where the tables were made, so that the rotation
    may overwrite them. Tables that are not fused leave a missed remark of
    category `rope` that says why, others a passed one.

    ```mlir
    func.func @before(%x: memref<32x8x4xf32>, %p: memref<32xi64>) {
      %cos = memref.alloc() : memref<32x2xf32>
      %sin = memref.alloc() : memref<32x2xf32>
      rope.sincos %p into %cos, %sin frequencies<dim = 4>
        : memref<32xi64> -> memref<32x2xf32>, memref<32x2xf32>
      rope.rotate %x into %x by %cos, %sin along [0]
        : memref<32x8x4xf32> into memref<32x8x4xf32>, memref<32x2xf32>
      memref.dealloc %cos : memref<32x2xf32>
      memref.dealloc %sin : memref<32x2xf32>
      return
    }
    ```
  }];
  let options = [
    Option<"angles", "angles", "::mlir::rope::AnglePlacement",
           /*default=*/"::mlir::rope::AnglePlacement::Auto",
           "Where tables are computed", [{::llvm::cl::values(
             clEnumValN(::mlir::rope::AnglePlacement::Auto, "auto",
                        "on the fly for one rotation, else as a table"),
             clEnumValN(::mlir::rope::AnglePlacement::OnTheFly, "on-the-fly",
                        "in the loop of every rotation"),
             clEnumValN(::mlir::rope::AnglePlacement::Table, "table",
                        "before the rotations"))}]>,
    Option<"parallel", "parallel", "bool", /*default=*/"false",
           "Make a parallel loop of the one over positions">,
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"
  ];
}

def RopeRaise : Pass<"rope-raise"> {
  let summary = "recognise rotations and attention in linalg, tensor, arith and math code";
  let description = [{
    Replaces every tensor whose lanes are proven to be a rotation of the lanes of
    another value by `rope.rotate`, and its tables by `rope.sincos` where they are
    cosine and sine of position times frequency in f32. The proof evaluates lanes
    symbolically (docs/Recognition.md), so that it does not depend on spelling.

    Then replaces softmax attention, rotated or not, by `rope.attention`, where all of its
    meaning is proven: scale, softcap, masks, biases, sinks, grouped heads.

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
    Option<"algebraic", "algebraic", "bool", /*default=*/"false",
           "Raise also what is a rotation only once products are distributed "
           "over sums, which rounds elsewhere">,
    Option<"maxSteps", "max-steps", "uint64_t", /*default=*/"100000",
           "Work on one candidate before it is given up with a remark">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::complex::ComplexDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::rope::RopeDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def RopeOptimize : Pass<"rope-optimize"> {
  let summary = "applies the algebra of rotations where it lowers the cost";
  let description = [{
    Rewrites rotations and what surrounds them by the rules of docs/Algebra.md,
    each only where it lowers the cost, until none applies.

    The cost is the work that ops on tensors of floats do: an element that is
    rotated counts one, two where its lane also moves; an entry of a table that
    `rope.sincos` makes counts two; an iteration of a structured op, an element
    of a matrix, of a concatenation or of elementwise arithmetic counts one;
    views and integer positions count nothing. Of equal work, fewer ops. A
    dynamic size is a symbol, and a polynomial is lower than another only if it
    is so for all sizes above zero.

    Without options every result keeps its bits, but for products with rotation
    matrices, which are summed without the products with zero (as in
    `rope-raise`, that is not IEEE arithmetic for infinities and NaN). With
    `algebraic` also rules apply that are true of real numbers and round
    elsewhere: compositions, inverses, common offsets.

    Each rule that applies leaves a passed remark of category `rope` by its name,
    the whole a remark with the work before and after. A contraction with a
    constant matrix that is no rotation leaves a missed remark with the first
    entry that disagrees.
  }];
  let options = [
    Option<"algebraic", "algebraic", "bool", /*default=*/"false",
           "Apply rules that are true of real numbers but round elsewhere">,
    Option<"maxPosition", "max-position", "int64_t", /*default=*/"16777216",
           "With algebraic: the magnitude that positions are known not to "
           "exceed, so that a sum of two is a position">,
  ];
  let statistics = [Statistic<"numRewrites", "num-rewrites",
                              "Number of rules that were applied">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::rope::RopeDialect", "::mlir::tensor::TensorDialect"
  ];
}

#endif // ROPE_DIALECT_ROPE_TRANSFORMS_PASSES
