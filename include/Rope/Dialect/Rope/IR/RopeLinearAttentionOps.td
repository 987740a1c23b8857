//===- RopeLinearAttentionOps.td - Attention by a state -----*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPELINEARATTENTIONOPS
#define ROPE_DIALECT_ROPE_IR_ROPELINEARATTENTIONOPS

include "Rope/Dialect/Rope/IR/RopeOpBase.td"

def Rope_FeatureMapKind : I32EnumAttr<"FeatureMapKind", "a map to features", [
    I32EnumAttrCase<"Identity", 0, "identity">,
    I32EnumAttrCase<"EluPlusOne", 1, "elu_plus_one">,
    I32EnumAttrCase<"Relu", 2, "relu">, I32EnumAttrCase<"Exp", 3, "exp">,
    I32EnumAttrCase<"SoftmaxKernel", 4, "softmax_kernel">]> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::mlir::rope";
}

def Rope_FeatureMapAttr : Rope_EnumAttr<Rope_FeatureMapKind, "FeatureMapAttr",
                                        "feature_map"> {
  let summary = "how a linear attention makes features of queries and keys";
  let description = [{
    - `identity`: x;
    - `elu_plus_one`: x + 1 where x > 0, else exp(x) (Katharopoulos et al., arXiv
      2006.16236);
    - `relu`: max(x, 0);
    - `exp`: exp(x);
    - `softmax_kernel`: exp(w_r . x - |x|^2 / 2) / sqrt(F) for each row w_r of a
      projection with F rows. For rows drawn from the normal distribution of unit
      covariance the expectation of phi(q) . phi(k) is exp(q . k) (Performer, arXiv
      2009.14794).
  }];
}

def Rope_LinearAttentionOp : Rope_Op<"linear_attention", ropeOpTraits #
    [AttrSizedOperandSegments,
     DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "attention whose keys and values are one matrix, the state";
  let description = [{
    For batch b, query head h, its key head g = floor(h / (Hq / Hk)), query i,
    keys j, the feature map phi and R the rotation of a position's row of tables:

        state      = sum_j (R_j phi(k_j)) v_j^T
        normalizer = sum_j phi(k_j)
        out_i      = scale * state^T (R_i phi(q_i)) / (normalizer . phi(q_i))

    Equation (19) of RoFormer (arXiv 2104.09864): the numerator is rotated, the
    denominator is not, so that it stays positive where the features are. The
    denominator is there with `normalize`; where it is zero, so is the row.

    Without `causal` the sums are over all keys. With it key i comes before query
    i is answered, and the state may forget and be corrected on the way, the
    recurrence of ONNX LinearAttention 27 (`linear`; `gated` with `log_decay`;
    `delta` with `beta`; `gated_delta` with both):

        state      = exp(log_decay_i) state        (each row by its entry)
        u_i        = v_i, or beta_i (v_i - state^T (R_i phi(k_i)))
        state      = state + (R_i phi(k_i)) u_i^T
        normalizer = exp(log_decay_i) normalizer + phi(k_i)

    Both sums start at `past`, or at zero; with `returning_state` they are
    results: decoding continues where the last call ended.

    Shapes with B batches, S queries and N keys, in layout `bhsd` (`bshd` swaps
    heads and sequence of each); F is the number of features:

        query [B, Hq, S, D]   key [B, Hk, N, D]   value [B, Hk, N, Dv]
        out [B, Hq, S, Dv]    log_decay [B, Hk, N] or [B, Hk, N, F]
        beta [B, Hk, N]       projection [F, D]

    and in both layouts state [B, Hk, F, Dv] and normalizer [B, Hk, F].

    `rotate_query` and `rotate_key` rotate the features as `rope.rotate` does, by
    tables [positions, w] or [B, positions, w], a row a query or key. Features
    without tables are not rotated.

    The computation, and the state between tokens, is in f64 if an element of an
    operand is f64, else in f32; results are rounded once: out to the element type
    of query, the sums to that of `past_state`, or of query without one.

    - C1. query, key and value have rank 4 and static numbers of heads and
      lanes, all positive. B and N agree.
    - C2. Key and value have one number of heads, Hk; Hq is a multiple of it.
      Query and key have one number of lanes, D.
    - C3. `softmax_kernel` has a projection of static shape [F, D], F positive;
      the others have none, and F is D.
    - C4. A rotation has a cosine and a sine table of one shape and element type
      and rank 2 or 3; positions (and batch) agree with what is rotated. r is
      even and positive, offset >= 0, offset + r <= F; w is r/2 or r. Without
      tables there is no attribute.
    - C5. With causal S and N agree; log_decay and beta need causal.
    - C6. log_decay has rank 3 or 4 and beta rank 3, of the shapes above; their
      head dimension may be 1, for all heads. There is no beta with normalize: a
      corrected state is no weighted sum of values.
    - C7. past_state and past_normalizer have the shapes above and one element
      type; past_normalizer is given with past_state and normalize, and only then.
    - C8. scale is finite.
    - C9. The tensor form has results and no destinations, the memref form
      destinations and no results: out, then with `returning_state` state, then
      with `normalize` normalizer. Destinations have the shapes and element types
      of the results and overlap with nothing; that of a sum may be its past.

    Example:

    ```mlir
    // RoFormer: equation (19) over whole sequences.
    func.func @equation_19(%q: tensor<2x12x?x64xf32>, %k: tensor<2x12x?x64xf32>, %v: tensor<2x12x?x64xf32>,
                           %cos: tensor<?x32xf32>, %sin: tensor<?x32xf32>) -> tensor<2x12x?x64xf32> {
      %out = rope.linear_attention %q, %k, %v features<elu_plus_one> normalize
        rotate_query(%cos, %sin pairing<interleaved> : tensor<?x32xf32>)
        rotate_key(%cos, %sin pairing<interleaved> : tensor<?x32xf32>)
        : tensor<2x12x?x64xf32>, tensor<2x12x?x64xf32>, tensor<2x12x?x64xf32>
      return %out : tensor<2x12x?x64xf32>
    }

    // A gated delta rule decodes one token.
    func.func @decode(%q: tensor<4x16x1x128xbf16>, %k: tensor<4x8x1x128xbf16>, %v: tensor<4x8x1x128xbf16>,
                      %g: tensor<4x8x1xf32>, %b: tensor<4x8x1xf32>, %past: tensor<4x8x128x128xf32>)
        -> (tensor<4x16x1x128xbf16>, tensor<4x8x128x128xf32>) {
      %out, %state = rope.linear_attention %q, %k, %v causal scale 8.8388347648318447e-02
        log_decay(%g : tensor<4x8x1xf32>) beta(%b : tensor<4x8x1xf32>) past(%past : tensor<4x8x128x128xf32>) returning_state
        : tensor<4x16x1x128xbf16>, tensor<4x8x1x128xbf16>, tensor<4x8x1x128xbf16>
      return %out, %state : tensor<4x16x1x128xbf16>, tensor<4x8x128x128xf32>
    }
    ```
  }];
  let arguments = (ins Rope_FloatShaped:$query, Rope_FloatShaped:$key,
    Rope_FloatShaped:$value, Variadic<Rope_FloatMemRef>:$destinations,
    Optional<Rope_FloatShaped>:$projection,
    Optional<Rope_FloatShaped>:$query_cos, Optional<Rope_FloatShaped>:$query_sin,
    Optional<Rope_FloatShaped>:$key_cos, Optional<Rope_FloatShaped>:$key_sin,
    Optional<Rope_FloatShaped>:$log_decay, Optional<Rope_FloatShaped>:$beta,
    Optional<Rope_FloatShaped>:$past_state,
    Optional<Rope_FloatShaped>:$past_normalizer,
    OptionalAttr<Rope_RotationAttr>:$query_rotation,
    OptionalAttr<Rope_RotationAttr>:$key_rotation,
    DefaultValuedAttr<Rope_LayoutAttr, "::mlir::rope::LayoutKind::BHSD">:$layout,
    DefaultValuedAttr<Rope_FeatureMapAttr, "::mlir::rope::FeatureMapKind::Identity">:$features,
    UnitAttr:$causal, UnitAttr:$normalize,
    DefaultValuedAttr<F64Attr, "1.0">:$scale, UnitAttr:$returning_state);
  let results = (outs Variadic<Rope_FloatTensor>:$results);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`into` $destinations^)?
    (`layout` `` $layout^)? (`features` `` $features^)? (`causal` $causal^)?
    (`normalize` $normalize^)? (`scale` $scale^)?
    (`projection` `(` $projection^ `:` type($projection) `)`)?
    `` custom<Rotation>("\"rotate_query\"", $query_cos, $query_sin, type($query_cos), type($query_sin), $query_rotation)
    `` custom<Rotation>("\"rotate_key\"", $key_cos, $key_sin, type($key_cos), type($key_sin), $key_rotation)
    (`log_decay` `(` $log_decay^ `:` type($log_decay) `)`)?
    (`beta` `(` $beta^ `:` type($beta) `)`)?
    custom<Past>($past_state, $past_normalizer, type($past_state), type($past_normalizer))
    (`returning_state` $returning_state^)?
    attr-dict `:` type($query) `,` type($key) `,` type($value)
    (`into` type($destinations)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
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

    /// Where the dimensions stand in query, key, value, out, log_decay, beta.
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
    /// D, the lanes of a query or key.
    int64_t getHeadDim() { return getQueryType().getDimSize(3); }
    /// Dv, the lanes of a value.
    int64_t getValueDim() { return getValueType().getDimSize(3); }
    /// F, the lanes of features.
    int64_t getNumFeatures();

    /// The lanes of a rotation; null where there are no tables.
    ::mlir::rope::RotationAttr getQueryLanes();
    ::mlir::rope::RotationAttr getKeyLanes();
    /// The type of the computation and of the state between tokens.
    ::mlir::FloatType getComputeType();

    /// The results of the tensor form or the destinations of the memref form.
    ::mlir::ValueRange getOutputs();
    ::mlir::Value getOut() { return getOutputs()[0]; }
    /// Null where not asked for.
    ::mlir::Value getState();
    ::mlir::Value getNormalizer();
    /// The shapes of the results.
    ::llvm::SmallVector<int64_t> getOutShape();
    ::llvm::SmallVector<int64_t> getStateShape();
  }];
}

#endif // ROPE_DIALECT_ROPE_IR_ROPELINEARATTENTIONOPS
