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
               "Lower only these ops (`rope.linear_attention`); without, all of them">];
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
    a head, with `parallel` or `key-parts` of a batch, in the type of the
    computation; none is as large as the scores. With few rows to a head of keys (queries times heads
    of a group, at most the lanes of a vector) keys and values are read where they
    are, in the order of memory; temporaries are then about as large as the result
    times `key-parts`. Where heads and blocks of queries are few the keys of others
    are cut into parts, too, whose sums take the size of the result of a batch times
    `key-parts`, 16 blocks of rows at most unless the option is given. Where the
    number of queries is dynamic both are compiled, and one query takes the former. Exponentials of x are within
    1.7e-7 + 1.4e-8 |x| of the exact ones (f64: 4e-16 + 1.5e-17 |x|), weights below
    the normal numbers are 0. Scores and sinks may be as large as numbers get.

    With `bf16-products`, an attention of more rows whose queries, keys and values
    are bf16 multiplies them by instructions for pairs of bf16. Scores are sums of
    exact products in f32, as they are without; weights are rounded to bf16 before
    they meet the values, which moves a result by no more than 2^-8 of the average
    of |v| by its weights. Subnormal numbers count as 0. Other attentions are as
    without the option, and a remark of category `rope` says why.

    A `rope.linear_attention` becomes loops over heads and tokens that pass the
    state by vectors of the value's lanes; temporaries are the sums of a head and
    16 rows of its operands. Exponentials are as above, and 0 below 1.5 times the
    smallest normal number.

    A `rope.merge` becomes loops over rows, each with vectors of its lanes;
    exponentials are as above.

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
           "rotations are those of convert-rope-to-linalg to the last bit">,
    Option<"parallel", "parallel", "bool", "false",
           "Make one affine.parallel of the loops over positions, over the rows "
           "of a merge, or over heads and blocks of an attention">,
    Option<"keyParts", "key-parts", "unsigned", "0",
           "Parts into which the keys of an attention are cut, whose results are "
           "merged; 0 is 1 without parallel or for more than one of a dynamic "
           "number of queries, else enough for 16 items of work of 512 keys or more (256 where rows "
           "are few)">,
    Option<"bf16Products", "bf16-products", "BF16Products",
           "BF16Products::Widen",
           "What multiplies bf16 in an attention of many rows: operands that are "
           "widened to f32 (widen), vdpbf16ps of AVX512_BF16 (dots), or tdpbf16ps "
           "of AMX (tiles; needs 512 bits)",
           [{::llvm::cl::values(
               clEnumValN(::mlir::rope::BF16Products::Widen, "widen",
                          "operands that are widened to f32"),
               clEnumValN(::mlir::rope::BF16Products::Dots, "dots",
                          "vdpbf16ps of AVX512_BF16"),
               clEnumValN(::mlir::rope::BF16Products::Tiles, "tiles",
                          "tdpbf16ps of AMX"))}]>,
    Option<"tight", "tight", "bool", "false",
           "Compute f32 tables of rope.sincos to 0.54 ulp instead of 0.92">];
  let dependentDialects = [
    "affine::AffineDialect", "amx::AMXDialect", "arith::ArithDialect",
    "math::MathDialect", "memref::MemRefDialect", "scf::SCFDialect",
    "vector::VectorDialect", "x86vector::X86VectorDialect"];
}

def ConvertRopeToGPU : Pass<"convert-rope-to-gpu", "::mlir::ModuleOp"> {
  let summary = "lowers bufferized rope ops to GPU kernels and their launches";
  let description = [{
    Each memref form becomes a `gpu.launch_func` of a kernel in the
    `gpu.module @rope_kernels`. The kernels are the same for all targets but for
    what the options say: buffers come as flat `memref<?xunit>`, where a unit is
    what a thread accesses at a time, up to 128 bits, and elements of 16 bits in
    words of two; then the sizes and strides that are known at run time only.

    A unit is as wide as the sizes and the layout allow, and so must the first
    element of a buffer be aligned: to 16 bytes for a row-major buffer whose
    rows are a multiple of them. An offset that is known at run time only, or
    rows of odd length, make units of one element.

    `rope.rotate`: a block takes a position and its threads a grid of chunks of
    pairs by groups of heads, so that a table entry is loaded once for all heads
    of a group. Rotations that follow each other, of other heads by the same
    tables (queries and keys), become one launch.

    `rope.sincos`, `rope.merge` and `rope.rotation_matrix`: a thread an entry.
    `rope.attention`: a block a query of up to 8 heads that share keys. With few
    queries it takes one of several parts of the keys; what the parts have goes
    through memory of f32 that is allocated on the host, and a second kernel
    merges it (`key-parts`). Rounded weights and those that are results are of all
    keys at once. Where the target
    multiplies matrices (NVIDIA from sm_80 on, AMD's gfx90a, gfx942, gfx950, gfx110x and gfx115x) and the op is one that tiles take
    (docs/GPU.md), a block takes 128 queries, 16 a warp, and rotates each tile of
    keys once; a remark says why another op is not. `rope.linear_attention`: a
    block some lanes of the values of a head, and the tokens one by one.

    The pass fails at the first op that it cannot lower, with an error there,
    and leaves the module as it was: ops on tensors (bufferize first), buffers
    with negative strides, attentions and merges in f64.
  }];
  let options = [
    Option<"target", "target", "GpuTarget", "GpuTarget::NVPTX",
           "Who compiles the kernels",
           [{::llvm::cl::values(
               clEnumValN(::mlir::rope::GpuTarget::NVPTX, "nvptx", "NVIDIA"),
               clEnumValN(::mlir::rope::GpuTarget::AMDGPU, "amdgpu", "AMD"),
               clEnumValN(::mlir::rope::GpuTarget::Vulkan, "vulkan",
                          "any, through SPIR-V"))}]>,
    Option<"chip", "chip", "std::string", "\"\"",
           "The chip, where kernels depend on it: sm_80 and later, gfx90a, gfx942, "
           "gfx950, gfx110x and gfx115x multiply matrices, gfx950 rounds to bf16 in one instruction">,
    Option<"matrixProducts", "matrix-products", "MatrixProducts",
           "MatrixProducts::Auto",
           "What multiplies matrices: what the chip has (auto), nothing (none), "
           "wgmma of sm_90a or an error (wgmma; fewer than 16 queries, where their "
           "number is dynamic, have another kernel), or single threads in the place of "
           "NVIDIA's mma.sync (emulated) or wgmma (emulated-wgmma) or of AMD's "
           "v_mfma (emulated-mfma) or v_wmma (emulated-wmma)",
           [{::llvm::cl::values(
               clEnumValN(::mlir::rope::MatrixProducts::Auto, "auto",
                          "what the chip has"),
               clEnumValN(::mlir::rope::MatrixProducts::None, "none",
                          "nothing"),
               clEnumValN(::mlir::rope::MatrixProducts::Emulated, "emulated",
                          "single threads as NVIDIA's, for tests"),
               clEnumValN(::mlir::rope::MatrixProducts::EmulatedMfma,
                          "emulated-mfma",
                          "single threads as AMD's, for tests"),
               clEnumValN(::mlir::rope::MatrixProducts::EmulatedWmma,
                          "emulated-wmma",
                          "single threads as those of AMD's gfx11, for tests"),
               clEnumValN(::mlir::rope::MatrixProducts::Wgmma, "wgmma",
                          "NVIDIA's of four warps, or an error"),
               clEnumValN(::mlir::rope::MatrixProducts::EmulatedWgmma,
                          "emulated-wgmma",
                          "single threads as NVIDIA's four warps, for tests"))}]>,
    Option<"keyRotation", "key-rotation", "KeyRotation", "KeyRotation::Auto",
           "Where such an attention rotates keys: in every block (blocks), in memory "
           "ahead of it (ahead), or what is less work",
           [{::llvm::cl::values(
               clEnumValN(::mlir::rope::KeyRotation::Auto, "auto",
                          "what is less work"),
               clEnumValN(::mlir::rope::KeyRotation::InBlocks, "blocks",
                          "every block rotates its keys"),
               clEnumValN(::mlir::rope::KeyRotation::Ahead, "ahead",
                          "a kernel of its own rotates them in memory"))}]>,
    Option<"queryTile", "query-tile", "unsigned", "0",
           "Queries a block of an attention with products of matrices; 0 is "
           "128, emulated 32, emulated-wgmma 64">,
    Option<"keyTile", "key-tile", "unsigned", "0",
           "Keys that such a block takes at a time; 0 is 64, half of that where "
           "registers do not suffice, by wgmma 112 for few lanes, emulated 16">,
    Option<"keyParts", "key-parts", "unsigned", "0",
           "Parts into which the keys of an attention of few queries are cut, whose "
           "results are merged; 0 is enough for 8 blocks a multiprocessor, of 256 "
           "keys or more">,
    Option<"blockSize", "block-size", "unsigned", "0",
           "Threads a block, at most; 0 is 64">,
    Option<"distinctArguments", "distinct-arguments", "bool", "false",
           "Buffers that are arguments of a function do not overlap">];
  let dependentDialects = [
    "affine::AffineDialect", "arith::ArithDialect", "gpu::GPUDialect",
    "LLVM::LLVMDialect", "math::MathDialect", "memref::MemRefDialect",
    "NVVM::NVVMDialect", "ROCDL::ROCDLDialect", "scf::SCFDialect", "vector::VectorDialect"];
}

#endif // ROPE_CONVERSION_PASSES
