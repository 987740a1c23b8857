//===- RopeAttentionOps.td - Attention with rotations -------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPEATTENTIONOPS
#define ROPE_DIALECT_ROPE_IR_ROPEATTENTIONOPS

include "Rope/Dialect/Rope/IR/RopeOpBase.td"

def Rope_MaskElement : AnyTypeOf<[I1, F16, BF16, F32, F64]>;
def Rope_MaskShaped : AnyTypeOf<[RankedTensorOf<[Rope_MaskElement]>,
                                 MemRefOf<[Rope_MaskElement]>]>;

def Rope_AttentionOp : Rope_Op<"attention", ropeOpTraits #
    [AttrSizedOperandSegments,
     DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "softmax attention of rotated queries over rotated keys";
  let description = [{
    For batch b, query head h, query i and the keys j in [0, N) of head
    g = floor(h / (Hq / Hk)):

        x_ij = scale * q_i . k_j                               (raw)
        x_ij = softcap * tanh(x_ij / softcap)                  (capped)
        x_ij = x_ij + mask_ij, or -inf where j is excluded     (biased)
        w_ij = exp(x_ij) / (exp(sink_h) + sum_j exp(x_ij))     (weights)
        out_i = sum_j w_ij v_j
        lse_i = log(exp(sink_h) + sum_j exp(x_ij))

    These are the rules of ONNX Attention 23 to 25; sinks and `lse` are
    additions. Shapes, with B batches, S queries and N keys, in layout `bhsd`
    (`bshd` swaps heads and sequence of each):

        query [B, Hq, S, D]   key [B, Hk, N, D - Dt]   value [B, Hk, N, Dv]
        out [B, Hq, S, Dv]    lse [B, Hq, S]           key_tail [B, 1, N, Dt]

    and in both layouts scores [B, Hq, S, N]. `scale` is 1/sqrt(D) if not given.

    `key_tail` holds the last Dt lanes of the keys where all heads share them:
    the rotary part of a head of multi-head latent attention.

    **Rotations.** `rotate_query`, `rotate_key`, `rotate_value` and
    `rotate_output` replace the operand or the output by `rope.rotate` of it,
    with tables [positions, w] or [B, positions, w], a row a query for query and
    output, a row a key for key and value; w, `pairing`, `offset`, `rotary_dim`
    and `inverse` are those of `rope.rotate`. A key without tables is not
    rotated, as in a cache of rotated keys. Lanes of a key are counted through
    its tail. Values rotated by their positions and an output rotated back by
    the query's (`inverse`) make the values' positions relative, too.

    **Exclusion.** A boolean mask takes part where it is true, a float mask is
    added; -inf excludes. It is aligned with [B, Hq, S, N] from the right; all
    dimensions but the last may be 1 (broadcast); keys past the end of the last
    are excluded. Query i of batch b stands at position p_i and may take keys in
    [first, end):

    | given | p_i | keys |
    |---|---|---|
    | nothing | i | [0, N) |
    | `past`(P) | i + P | [0, N) |
    | `kv_lengths`(n) | i + n_b - S | [0, n_b) |
    | `starts`(s, t) | t_{g+1} - s_{g+1} + i, where s_g <= i < s_{g+1} | [t_g, t_{g+1}) |

    `starts` packs sequences into one: sequence g has the queries from s_g and
    the keys from t_g on. A query outside of all sequences has no key. With
    `causal` j <= p_i, with `window [L, R]` p_i - L <= j <= p_i + R, where -1
    is no limit.

    A tile of a larger attention keeps its exclusion by `origin(i0, j0)`: i + i0
    and j + j0 take the places of i and j in this table and in the limits. With
    it lengths and starts may lie past the keys and queries of the tile. Tilings
    of the op emit it.

    A row without any key has weights and out 0; its lse is that of the sink, or
    -inf. A key of weight 0 adds nothing, whatever its value holds.

    **Types.** Scores, softmax and sums are computed in f64 if an element of
    query, key, key_tail or value is f64, else in f32; each result is rounded
    once, out and scores to the element type of query, lse to the type of the
    computation. With `softmax_precision` x is rounded to that type before the
    softmax, which is computed in the wider of it and f32, and w is rounded to
    it.

    - C1. query, key and value have rank 4 and static numbers of heads and
      lanes, all positive. B and N agree.
    - C2. Key and value have one number of heads, Hk; Hq is a multiple of it.
      D is the width of key and of key_tail together.
    - C3. key_tail has one head and the element type of key.
    - C4. A rotation has a cosine and a sine table of one shape and element type
      and rank 2 or 3; positions (and batch) agree with what is rotated. r is
      even and positive, offset >= 0, offset + r within the lanes, of a key
      within key or within key_tail; w is r/2 or r. Without tables there is no
      attribute.
    - C5. mask has rank 1 to 4; a dimension other than the last is 1 or agrees
      with that of the scores, the last is not larger.
    - C6. At most one of `past`, `kv_lengths` and `starts` is given. kv_lengths
      is [B]; starts are two, of one shape [G + 1] with G > 0, and B is 1. An
      origin is an index of a query and one of a key.
    - C7. window has two entries, each -1 or larger.
    - C8. scale and softcap are positive and finite; softmax_precision is f16,
      bf16, f32 or f64.
    - C9. sinks is [Hq].
    - C10. The tensor form has results and no destinations, the memref form
      destinations and no results: out, then lse with `returning_lse`, then
      scores with `returning_scores`. Destinations have the shapes and element
      types of the results and overlap with nothing.

    Run time has to respect: 0 <= past <= N; 0 <= kv_lengths <= N; starts do not
    decrease and stay within [0, S] and [0, N]; dynamic dimensions agree. With an
    origin the upper limits are those of the larger attention.
    `generate-runtime-verification` checks all of it.

    Example:

    ```mlir
    // Llama decodes: the cache holds rotated keys, n_b of them valid.
    func.func @decode(%q: tensor<4x32x1x128xbf16>, %k: tensor<4x8x?x128xbf16>, %v: tensor<4x8x?x128xbf16>,
                      %cos: tensor<4x1x64xf32>, %sin: tensor<4x1x64xf32>, %n: tensor<4xi64>) -> tensor<4x32x1x128xbf16> {
      %out = rope.attention %q, %k, %v causal rotate_query(%cos, %sin : tensor<4x1x64xf32>) kv_lengths(%n : tensor<4xi64>)
        : tensor<4x32x1x128xbf16>, tensor<4x8x?x128xbf16>, tensor<4x8x?x128xbf16>
      return %out : tensor<4x32x1x128xbf16>
    }

    // DeepSeek: 128 lanes a head and 64 rotary lanes that all heads share.
    func.func @latent(%q: tensor<1x16x?x192xf32>, %k: tensor<1x16x?x128xf32>, %v: tensor<1x16x?x128xf32>,
                      %rotary: tensor<1x1x?x64xf32>, %cos: tensor<?x32xf32>, %sin: tensor<?x32xf32>) -> tensor<1x16x?x128xf32> {
      %out = rope.attention %q, %k, %v causal key_tail(%rotary : tensor<1x1x?x64xf32>)
        rotate_query(%cos, %sin pairing<interleaved> offset 128 : tensor<?x32xf32>)
        rotate_key(%cos, %sin pairing<interleaved> offset 128 : tensor<?x32xf32>)
        : tensor<1x16x?x192xf32>, tensor<1x16x?x128xf32>, tensor<1x16x?x128xf32>
      return %out : tensor<1x16x?x128xf32>
    }
    ```
  }];
  let arguments = (ins Rope_FloatShaped:$query, Rope_FloatShaped:$key,
    Rope_FloatShaped:$value, Variadic<Rope_FloatMemRef>:$destinations,
    Optional<Rope_FloatShaped>:$key_tail,
    Optional<Rope_FloatShaped>:$query_cos, Optional<Rope_FloatShaped>:$query_sin,
    Optional<Rope_FloatShaped>:$key_cos, Optional<Rope_FloatShaped>:$key_sin,
    Optional<Rope_FloatShaped>:$value_cos, Optional<Rope_FloatShaped>:$value_sin,
    Optional<Rope_FloatShaped>:$output_cos, Optional<Rope_FloatShaped>:$output_sin,
    Optional<Rope_MaskShaped>:$mask, Optional<Index>:$past,
    Optional<Rope_IntShaped>:$kv_lengths,
    Optional<Rope_IntShaped>:$query_starts, Optional<Rope_IntShaped>:$key_starts,
    Optional<Index>:$query_origin, Optional<Index>:$key_origin,
    Optional<Rope_FloatShaped>:$sinks,
    OptionalAttr<Rope_RotationAttr>:$query_rotation,
    OptionalAttr<Rope_RotationAttr>:$key_rotation,
    OptionalAttr<Rope_RotationAttr>:$value_rotation,
    OptionalAttr<Rope_RotationAttr>:$output_rotation,
    DefaultValuedAttr<Rope_LayoutAttr, "::mlir::rope::LayoutKind::BHSD">:$layout,
    UnitAttr:$causal, OptionalAttr<DenseI64ArrayAttr>:$window,
    OptionalAttr<F64Attr>:$scale, OptionalAttr<F64Attr>:$softcap,
    OptionalAttr<TypeAttr>:$softmax_precision,
    UnitAttr:$returning_lse, OptionalAttr<Rope_ScoreAttr>:$returning_scores);
  let results = (outs Variadic<Rope_FloatTensor>:$results);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`into` $destinations^)?
    (`layout` `` $layout^)? (`causal` $causal^)? (`window` $window^)?
    (`scale` $scale^)? (`softcap` $softcap^)?
    (`softmax_precision` $softmax_precision^)?
    (`key_tail` `(` $key_tail^ `:` type($key_tail) `)`)?
    `` custom<Rotation>("\"rotate_query\"", $query_cos, $query_sin, type($query_cos), type($query_sin), $query_rotation)
    `` custom<Rotation>("\"rotate_key\"", $key_cos, $key_sin, type($key_cos), type($key_sin), $key_rotation)
    `` custom<Rotation>("\"rotate_value\"", $value_cos, $value_sin, type($value_cos), type($value_sin), $value_rotation)
    `` custom<Rotation>("\"rotate_output\"", $output_cos, $output_sin, type($output_cos), type($output_sin), $output_rotation)
    (`mask` `(` $mask^ `:` type($mask) `)`)?
    (`past` `(` $past^ `)`)?
    (`kv_lengths` `(` $kv_lengths^ `:` type($kv_lengths) `)`)?
    (`starts` `(` $query_starts^ `,` $key_starts `:` custom<TableTypes>(type($query_starts), type($key_starts)) `)`)?
    (`origin` `(` $query_origin^ `,` $key_origin `)`)?
    (`sinks` `(` $sinks^ `:` type($sinks) `)`)?
    (`returning_lse` $returning_lse^)?
    (`returning_scores` `` $returning_scores^)?
    attr-dict `:` type($query) `,` type($key) `,` type($value)
    (`into` type($destinations)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// What a rotation of an operand or of the output is made of; all null
    /// where it is not rotated.
    struct Rotation {
      ::mlir::Value cos, sin;
      ::mlir::rope::RotationAttr lanes;
      explicit operator bool() const { return static_cast<bool>(cos); }
    };
    Rotation getQueryTables();
    Rotation getKeyTables();
    Rotation getValueTables();
    Rotation getOutputTables();

    bool hasTensorSemantics() {
      return ::llvm::isa<::mlir::TensorType>(getQuery().getType());
    }
    ::mlir::ShapedType getQueryType() {
      return ::llvm::cast<::mlir::ShapedType>(getQuery().getType());
    }
    ::mlir::ShapedType getKeyType() {
      return ::llvm::cast<::mlir::ShapedType>(getKey().getType());
    }
    ::mlir::ShapedType getValueType() {
      return ::llvm::cast<::mlir::ShapedType>(getValue().getType());
    }

    /// Where the dimensions stand in query, key, value, out and lse.
    int64_t getHeadDimension() {
      return getLayout() == ::mlir::rope::LayoutKind::BHSD ? 1 : 2;
    }
    int64_t getSequenceDimension() { return 3 - getHeadDimension(); }

    int64_t getNumHeads() {
      return getQueryType().getDimSize(getHeadDimension());
    }
    int64_t getNumKvHeads() {
      return getKeyType().getDimSize(getHeadDimension());
    }
    /// The number of query heads that share a head of keys and values.
    int64_t getGroupSize() { return getNumHeads() / getNumKvHeads(); }
    /// D, the lanes of a query.
    int64_t getHeadDim() { return getQueryType().getDimSize(3); }
    /// The lanes of a key without its tail.
    int64_t getOwnKeyDim() { return getKeyType().getDimSize(3); }

    /// The factor of q . k.
    double getEffectiveScale();
    /// The limits of the window, -1 where there is none: neither given nor
    /// within the reach of an index, whose sums must not wrap.
    int64_t getWindowLimit(int64_t side) {
      int64_t limit = getWindow() ? (*getWindow())[side] : -1;
      return limit < int64_t(1) << 62 ? limit : -1;
    }
    int64_t getLeftWindow() { return getWindowLimit(0); }
    int64_t getRightWindow() { return getWindowLimit(1); }
    /// Whether the keys of a query depend on where it stands.
    bool dependsOnPositions() {
      return getCausal() || getQueryStarts() || getLeftWindow() >= 0 ||
             getRightWindow() >= 0;
    }
    /// Whether an interval of the keys is left to a query.
    bool hasKeyRanges() { return dependsOnPositions() || getKvLengths(); }
    /// The type of scores, softmax, sums and lse.
    ::mlir::FloatType getComputeType();

    /// The results of the tensor form or the destinations of the memref form.
    ::mlir::ValueRange getOutputs();
    ::mlir::Value getOut() { return getOutputs()[0]; }
    /// Null where not asked for.
    ::mlir::Value getLse();
    ::mlir::Value getScores();
  }];
}

#endif // ROPE_DIALECT_ROPE_IR_ROPEATTENTIONOPS
