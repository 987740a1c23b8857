//===- RopeOps.td - Rotations, their tables and matrices ----*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPEOPS
#define ROPE_DIALECT_ROPE_IR_ROPEOPS

include "Rope/Dialect/Rope/IR/RopeAttentionOps.td"
include "Rope/Dialect/Rope/IR/RopeLinearAttentionOps.td"
include "Rope/Dialect/Rope/IR/RopeMergeOps.td"
include "Rope/Dialect/Rope/IR/RopeOpBase.td"

def Rope_SinCosOp : Rope_Op<"sincos", ropeOpTraits #
    [AttrSizedOperandSegments, SameVariadicResultSize]> {
  let summary = "cosines and sines of position times frequency";
  let description = [{
    For positions p of shape `[...]` and the angular frequencies w_i, i in
    [0, r/2), of `frequencies`:

        cos[..., i] = A cos(p[...] w_i)
        sin[..., i] = A sin(p[...] w_i)

    With `length n` the positions are starts: their shape grows by a last
    dimension of n, p[..., j] = start[...] + j, and a start may be a scalar.
    Where `frequencies` has sections, the positions have a leading dimension of
    axes, and lane i takes its position from the axis of w_i:
    cos[..., i] = A cos(p[axis_i, ...] w_i). `sequence_length` is the number of
    tokens that a scaling whose frequencies change with it (`dynamic_ntk`,
    `longrope`) is to reach, the cache included.

    A is the attention factor of the frequencies' scaling; where that lets them
    grow (`xpos`), A 2^(p g_i) stands in its place. `accuracy` says which
    angle is meant:

    - `exact`: the real number p w_i;
    - `f32_angle`: fl(fl(p) fl(w_i)), the position, the frequency and their
      product each rounded once to f32, as frameworks do; fl(w_i) is the exact
      frequency rounded once, or the value in an f32 table;
    - `f32_quotient`: fl(fl(p) / fl(1/w_i)), for programs that divide the
      position by a timescale.

    Tables of f32 and of f64 are within 0.92 ulp of the cosine and sine of that
    angle (f32 results below 2^-120 within 2^-148); narrower tables are rounded
    once from f32. The product with A comes before the last rounding.
    docs/Numerics.md has the proof.

    - C1. Positions are integers (signed) or indices. They are taken modulo 2^32
      into [-2^31, 2^31); `--generate-runtime-verification` checks that those
      of wider types lie there. A scalar stands beside a `length`.
    - C2. cos and sin have one type: the shape of the positions (without axes,
      with `length`) with r/2 appended, elements f16, bf16, f32 or f64.
    - C3. The tensor form has two results and no destinations, the memref form
      two destinations, which do not overlap, and no results.
    - C4. With sections, the first dimension of the positions is their number.
    - C5. `sequence_length` is given exactly where the frequencies depend on it.

    Example:

    ```mlir
    func.func @llama_tables(%positions: tensor<?xi64>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
      %cos, %sin = rope.sincos %positions frequencies<dim = 128, base = 5.000000e+05>
        : tensor<?xi64> -> tensor<?x64xf32>
      return %cos, %sin : tensor<?x64xf32>, tensor<?x64xf32>
    }

    // Positions %past, %past + 1, ..., %past + %new - 1.
    func.func @decode_tables(%past: i64, %new: index) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
      %cos, %sin = rope.sincos %past length %new frequencies<dim = 128, base = 5.000000e+05>
        : i64 -> tensor<?x64xf32>
      return %cos, %sin : tensor<?x64xf32>, tensor<?x64xf32>
    }
    ```
  }];
  let arguments = (ins Rope_Positions:$positions,
    Optional<Index>:$length, Optional<Index>:$sequenceLength,
    Optional<Rope_FloatMemRef>:$cosDest, Optional<Rope_FloatMemRef>:$sinDest,
    Rope_FrequenciesAttr:$frequencies,
    DefaultValuedAttr<Rope_AccuracyAttr, "::mlir::rope::AccuracyKind::Exact">:$accuracy);
  let results = (outs Optional<Rope_FloatTensor>:$cos,
                      Optional<Rope_FloatTensor>:$sin);
  let assemblyFormat = [{
    $positions (`length` $length^)? (`sequence_length` $sequenceLength^)?
    (`into` $cosDest^ `,` $sinDest)?
    `frequencies` `` $frequencies (`accuracy` `` $accuracy^)? attr-dict
    `:` type($positions) `->`
    custom<DestinationOrResultTypes>(type($cosDest), type($sinDest), type($cos), type($sin))
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$positions, "::mlir::Type":$elementType,
                   "::mlir::rope::FrequenciesAttr":$frequencies,
                   CArg<"::mlir::rope::AccuracyKind",
                        "::mlir::rope::AccuracyKind::Exact">:$accuracy,
                   CArg<"::mlir::Value", "{}">:$length,
                   CArg<"::mlir::Value", "{}">:$sequenceLength)>];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    /// The shape of the positions, none for a scalar.
    ::llvm::ArrayRef<int64_t> getPositionsShape();
    /// The sizes of each table.
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedTableSizes(
        ::mlir::OpBuilder &builder);
    /// The number of dimensions of the tables that follow those of the
    /// positions: without the lanes and what `length` adds.
    int64_t getNumPositionDims() {
      return getPositionsShape().size() - getFrequencies().hasAxes();
    }
    /// The type of each table: the results' or the destinations'.
    ::mlir::ShapedType getTableType();
    bool hasTensorSemantics();
  }];
}

def Rope_RotateOp : Rope_Op<"rotate", ropeOpTraits #
    [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "rotates pairs of lanes of the last dimension";
  let description = [{
    For each pair of lanes (a, b) of the rotary range [offset, offset + r):

        y_a = cos * x_a - sin * x_b
        y_b = sin * x_a + cos * x_b

    and y_j = x_j elsewhere: equation (34) of RoFormer (arXiv 2104.09864).
    `along` names the dimensions of `input` that index the leading dimensions of
    the tables; the other leading dimensions (batch, heads) share a row. With
    `inverse` the sine changes its sign. `pairing` says which lanes form a pair;
    `result_pairing` where the two lanes of the i-th pair stand in the result,
    if elsewhere.

    Tables of width r/2 have one entry a pair. Tables of width r have one entry
    a lane: y_a = cos_a x_a - sin_a x_b, y_b = sin_b x_a + cos_b x_b, where the
    entry of a lane stands at that lane of the input's rotary range. Nothing
    proves that such an op is a rotation.

    The computation is in the widest of f32 and the element types of input and
    tables; the result is rounded once.

    - C1. r = `rotary_dim` (all lanes from `offset` on where it is not given) is
      even and positive; offset >= 0; offset + r <= the last dimension, which is
      static.
    - C2. cos and sin have one shape and element type, rank |along| + 1 and the
      last dimension r/2 or r.
    - C3. `along` is strictly increasing, names no lane dimension, and its
      dimensions agree with the tables'.
    - C4. The tensor form has a result of the input's type and no destination.
      The memref form has a destination of the input's shape and element type
      and no result; the destination is the input itself (in place) or does not
      overlap with it, and does not overlap with the tables. In place,
      `result_pairing` is `pairing`.

    Example:

    ```mlir
    // Llama: x is [batch, heads, sequence, 128], tables are [sequence, 64].
    func.func @llama(%x: tensor<2x32x?x128xf32>, %cos: tensor<?x64xf32>,
                     %sin: tensor<?x64xf32>) -> tensor<2x32x?x128xf32> {
      %rotated = rope.rotate %x by %cos, %sin along [2]
        : tensor<2x32x?x128xf32>, tensor<?x64xf32>
      return %rotated : tensor<2x32x?x128xf32>
    }
    ```
  }];
  let arguments = (ins Rope_FloatShaped:$input,
    Optional<Rope_FloatMemRef>:$output, Rope_FloatShaped:$cos,
    Rope_FloatShaped:$sin, DenseI64ArrayAttr:$along,
    DefaultValuedAttr<Rope_PairingAttr, "::mlir::rope::PairingKind::Half">:$pairing,
    OptionalAttr<Rope_PairingAttr>:$result_pairing,
    DefaultValuedAttr<I64Attr, "0">:$offset,
    OptionalAttr<I64Attr>:$rotary_dim, UnitAttr:$inverse);
  let results = (outs Optional<Rope_FloatTensor>:$result);
  let assemblyFormat = [{
    $input (`into` $output^)? `by` $cos `,` $sin `along` $along
    (`pairing` `` $pairing^)? (`result_pairing` `` $result_pairing^)?
    (`offset` $offset^)? (`rotary_dim` $rotary_dim^)? (`inverse` $inverse^)?
    attr-dict `:` type($input) (`into` type($output)^)? `,`
    custom<TableTypes>(type($cos), type($sin))
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    ::mlir::ShapedType getInputType() {
      return ::llvm::cast<::mlir::ShapedType>(getInput().getType());
    }
    ::mlir::ShapedType getTableType() {
      return ::llvm::cast<::mlir::ShapedType>(getCos().getType());
    }
    bool hasTensorSemantics() {
      return ::llvm::isa<::mlir::TensorType>(getInput().getType());
    }
    /// The last dimension of the input.
    int64_t getHeadDim() { return getInputType().getShape().back(); }
    /// r, the number of lanes that take part.
    int64_t getEffectiveRotaryDim() {
      return getRotaryDim().value_or(getHeadDim() - getOffset());
    }
    /// Whether the tables have one entry a lane instead of one a pair.
    bool hasPerLaneTables() {
      return getTableType().getShape().back() == getEffectiveRotaryDim();
    }
    /// How the pairs stand in the result.
    ::mlir::rope::PairingKind getEffectiveResultPairing() {
      return getResultPairing().value_or(getPairing());
    }
    /// The lanes (a, b) of the i-th of r/2 pairs.
    static std::pair<int64_t, int64_t> getPairLanes(
        ::mlir::rope::PairingKind pairing, int64_t offset, int64_t rotaryDim,
        int64_t i);
  }];
}

def Rope_RotationMatrixOp : Rope_Op<"rotation_matrix", ropeOpTraits #
    [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "the block-diagonal matrix of a rotation";
  let description = [{
    The matrix M of shape `[..., r, r]` with y = M x for tables of shape
    `[..., r/2]`: equation (15) of RoFormer. For the i-th pair of lanes (a, b):

        M[a, a] = cos_i   M[a, b] = -sin_i
        M[b, a] = sin_i   M[b, b] =  cos_i

    and zero elsewhere.

    - C1. cos and sin have one shape and element type, rank at least 1 and a
      static, positive last dimension.
    - C2. The tensor form has a result `[..., r, r]` of the tables' element type
      and no destination; the memref form has a destination of that shape and
      type, which overlaps with neither table, and no result.

    Example:

    ```mlir
    func.func @matrices(%cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>) -> tensor<?x8x8xf32> {
      %matrix = rope.rotation_matrix %cos, %sin pairing<interleaved> : tensor<?x4xf32>
      return %matrix : tensor<?x8x8xf32>
    }
    ```
  }];
  let arguments = (ins Rope_FloatShaped:$cos, Rope_FloatShaped:$sin,
    Optional<Rope_FloatMemRef>:$output,
    DefaultValuedAttr<Rope_PairingAttr, "::mlir::rope::PairingKind::Half">:$pairing);
  let results = (outs Optional<Rope_FloatTensor>:$result);
  let assemblyFormat = [{
    $cos `,` $sin (`into` $output^)? (`pairing` `` $pairing^)? attr-dict `:`
    custom<TableTypes>(type($cos), type($sin)) (`into` type($output)^)?
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    ::mlir::ShapedType getTableType() {
      return ::llvm::cast<::mlir::ShapedType>(getCos().getType());
    }
    bool hasTensorSemantics() {
      return ::llvm::isa<::mlir::TensorType>(getCos().getType());
    }
    /// r, twice the width of the tables.
    int64_t getRotaryDim() { return 2 * getTableType().getShape().back(); }
  }];
}

#endif // ROPE_DIALECT_ROPE_IR_ROPEOPS
