//===- Passes.td - Conversions from the rope dialect --------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_PASSES
#define ROPE_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertRopeToLinalg : Pass<"convert-rope-to-linalg"> {
  let summary = "lowers rope ops to linalg: their reference meaning";
  let description = [{
    Every op of the dialect in stock ops, simple before fast: slices of the
    lanes of a pair, one `linalg.generic` over the pairs, and slices back. Each
    product and each sum is rounded on its own in the type of the computation,
    the result once to its element type: the bit-exact meaning that the other
    lowerings are compared with. Both forms, tensors and memrefs, are lowered,
    of `rope.sincos` and `rope.attention` the one on tensors. An attention
    becomes one generic op a stage, each on whole tensors.
  }];
  let options = [
    ListOption<"ops", "ops", "std::string",
               "Lower only these ops (`rope.merge`); without, all of them">];
  let dependentDialects = [
    "affine::AffineDialect", "arith::ArithDialect", "linalg::LinalgDialect",
    "math::MathDialect", "memref::MemRefDialect", "scf::SCFDialect",
    "tensor::TensorDialect"];
}

def ConvertRopeToAffine : Pass<"convert-rope-to-affine"> {
  let summary = "lowers bufferized rope ops to affine loops of vectors";
  let description = [{
    The memref forms become `affine` loops whose bodies are explicit `vector`
    loads, arithmetic and stores. Positions are outside and heads inside, so
    that the vectors of a table row are loaded once and serve all heads. A tail
    of lanes is covered by narrower vectors of power-of-two length, never by an
    access out of bounds.

    Where the lanes of a buffer are not side by side (no unit stride), the
    accesses are scalar. Where a size is no valid symbol of `affine` (a tile of
    run-time size inside of other loops), the loops are those of `scf`.

    A `rope.attention` becomes tiles: keys and values are packed (rotated, keys
    transposed), and blocks of queries meet blocks of them with a softmax that
    is corrected as it goes on. Temporaries are as large as keys and values of
    a head, with `parallel` of a batch, in the type of the computation; none is
    as large as the scores. Exponentials are within 1.7e-7 of the exact ones (f64:
    4e-16), weights below the normal numbers are 0.

    For each `rope.sincos` of exact angles an analysis remark of category `rope`
    tells the error bound that is proven for it (docs/Numerics.md) and the bits
    of its frequencies that are kept because of it. Only f64 tables of an angle
    that comes within 2^-94 turns of a quarter turn cannot be lowered.

    The pass fails at the first op that it cannot lower, with an error there,
    and leaves the module as it was: ops on tensors (bufferize first), and
    buffers whose layout is not strided.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "unsigned", "512",
           "Width of a vector register in bits: a power of two, 128 to 2048">,
    Option<"vectorRegisters", "vector-registers", "unsigned", "0",
           "Number of vector registers that micro-kernels are made for; 0 is 32 "
           "with 512 bits and more, else 16">,
    Option<"contract", "contract", "bool", "true",
           "Fuse a product and a sum into one rounding (math.fma); without, "
           "results are those of convert-rope-to-linalg to the last bit">,
    Option<"parallel", "parallel", "bool", "false",
           "Make one affine.parallel of the loops over positions, or over heads "
           "and blocks of an attention">,
    Option<"tight", "tight", "bool", "false",
           "Compute f32 tables of rope.sincos to 0.54 ulp instead of 0.92">];
  let dependentDialects = [
    "affine::AffineDialect", "arith::ArithDialect", "math::MathDialect",
    "memref::MemRefDialect", "scf::SCFDialect", "vector::VectorDialect"];
}

#endif // ROPE_CONVERSION_PASSES
