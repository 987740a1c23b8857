//===- RopeMergeOps.td - Merging partial attention ----------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPEMERGEOPS
#define ROPE_DIALECT_ROPE_IR_ROPEMERGEOPS

include "Rope/Dialect/Rope/IR/RopeOpBase.td"

def Rope_MergeOp : Rope_Op<"merge", ropeOpTraits #
    [SameVariadicOperandSize, SameVariadicResultSize,
     DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "merges attention over two disjoint sets of keys";
  let description = [{
    A partial is attention over some of the keys: `out` of shape `[..., v]`, the
    average of the values weighted by the softmax over these keys, and `lse` of
    shape `[...]`, the logarithm of the sum of the exponentials of their scores.
    The merge of two partials is the partial over the keys of both:

        m      = max(lse_a, lse_b)
        w_x    = exp(lse_x - m)
        lse    = m + log(w_a + w_b)
        out    = (w_a out_a + w_b out_b) / (w_a + w_b)

    It is commutative to the last bit and associative up to rounding, so that
    any split of the keys merges to the whole: split-KV decoding and ring
    attention are made of it.

    A partial whose `lse` is -inf is empty: it has no keys and changes nothing.
    Its `out` counts as zero, whatever it holds; where both are empty, `out` is
    zero and `lse` -inf. An `lse` of NaN or +inf makes NaN.

    The computation is in the widest of f32 and the element types; the results
    are rounded once. A weight is as exact as the rounding of its `lse` allows,
    off by the factor exp(2^-24 |lse|) in f32: where scores are near -3e38, as
    in rows that a program masks by low numbers, it says nothing about how many
    keys a partial has.

    - C1. The two `out` have one shape and element type, a rank of at least 1;
      the two `lse` have one element type and the leading dimensions of `out`.
    - C2. The tensor form has results of the first partial's types and no
      destinations, the memref form destinations of their shapes and element
      types and no results. A destination is the operand of either partial in
      its place, or overlaps with no operand.

    Example:

    ```mlir
    // Keys in two parts: the second comes from another device.
    func.func @ring_step(%out: tensor<2x32x?x128xf16>, %lse: tensor<2x32x?xf32>,
                         %part: tensor<2x32x?x128xf16>, %part_lse: tensor<2x32x?xf32>)
        -> (tensor<2x32x?x128xf16>, tensor<2x32x?xf32>) {
      %merged, %merged_lse = rope.merge %out, %lse and %part, %part_lse
        : tensor<2x32x?x128xf16>, tensor<2x32x?xf32>
      return %merged, %merged_lse : tensor<2x32x?x128xf16>, tensor<2x32x?xf32>
    }
    ```
  }];
  let arguments = (ins Rope_FloatShaped:$lhs, Rope_FloatShaped:$lhsLse,
    Rope_FloatShaped:$rhs, Rope_FloatShaped:$rhsLse,
    Optional<Rope_FloatMemRef>:$output, Optional<Rope_FloatMemRef>:$lseOutput);
  let results = (outs Optional<Rope_FloatTensor>:$merged,
                      Optional<Rope_FloatTensor>:$lse);
  let assemblyFormat = [{
    $lhs `,` $lhsLse `and` $rhs `,` $rhsLse (`into` $output^ `,` $lseOutput)?
    attr-dict `:`
    custom<PartialTypes>(type($lhs), type($lhsLse), type($rhs), type($rhsLse),
                         type($output), type($lseOutput))
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    ::mlir::ShapedType getPartialType() {
      return ::llvm::cast<::mlir::ShapedType>(getLhs().getType());
    }
    ::mlir::ShapedType getLseType() {
      return ::llvm::cast<::mlir::ShapedType>(getLhsLse().getType());
    }
    bool hasTensorSemantics() {
      return ::llvm::isa<::mlir::TensorType>(getLhs().getType());
    }
  }];
}

#endif // ROPE_DIALECT_ROPE_IR_ROPEMERGEOPS
