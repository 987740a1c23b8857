//===- RopeAttrs.td - Attributes of the rope dialect --------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPEATTRS
#define ROPE_DIALECT_ROPE_IR_ROPEATTRS

include "Rope/Dialect/Rope/IR/RopeBase.td"
include "Rope/Dialect/Rope/IR/RopeInterfaces.td"

def Rope_PairingKind : I32EnumAttr<"PairingKind", "which lanes form a pair", [
    I32EnumAttrCase<"Half", 0, "half">,
    I32EnumAttrCase<"Interleaved", 1, "interleaved">]> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::mlir::rope";
}

def Rope_PairingAttr : Rope_EnumAttr<Rope_PairingKind, "PairingAttr", "pairing"> {
  let summary = "which lanes of the rotary range form a pair";
  let description = [{
    For the rotary range of width r that starts at lane `offset` and i in
    [0, r/2):

    - `half`: (offset + i, offset + i + r/2), as in GPT-NeoX and Llama;
    - `interleaved`: (offset + 2i, offset + 2i + 1), as in RoFormer and GPT-J.
  }];
}

def Rope_AccuracyKind : I32EnumAttr<"AccuracyKind", "which angle is meant", [
    I32EnumAttrCase<"Exact", 0, "exact">,
    I32EnumAttrCase<"F32Angle", 1, "f32_angle">,
    I32EnumAttrCase<"F32Quotient", 2, "f32_quotient">]> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::mlir::rope";
}

def Rope_AccuracyAttr : Rope_EnumAttr<Rope_AccuracyKind, "AccuracyAttr",
                                      "accuracy"> {
  let summary = "which angle is meant";
  let description = [{
    - `exact`: the real number p * w of the integer position p and the exact
      angular frequency w;
    - `f32_angle`: fl(fl(p) * fl(w)), every operation rounded once to f32 (to
      nearest, ties to even), as frameworks compute it; fl(w) is the exact w
      rounded once, or the value in an f32 table. At position 2^18 it is wrong
      by up to 2^-6;
    - `f32_quotient`: fl(fl(p) / fl(1/w)), the same for code that divides the
      position by a timescale 1/w. Where w is zero, or 1/w beyond the numbers
      of f32, the angle is zero.
  }];
}

include "Rope/Dialect/Rope/IR/RopeScalings.td"

def Rope_SectionKind : I32EnumAttr<"SectionKind",
    "which axis of the positions a frequency belongs to", [
    I32EnumAttrCase<"Contiguous", 0, "contiguous">,
    I32EnumAttrCase<"Interleaved", 1, "interleaved">,
    I32EnumAttrCase<"Axial", 2, "axial">]> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::mlir::rope";
}

def Rope_FrequenciesAttr : Rope_Attr<"Frequencies", "frequencies"> {
  let summary = "the angular frequencies of a rotary embedding";
  let description = [{
    `dim` is the rotary dimension r; there are r/2 frequencies
    w_i = base^(-2i/dim), i in [0, r/2), in radians a position, changed by
    `scaling` (any attribute with `FrequencyScalingAttrInterface`).

    With `sections` = [n_0, n_1, ...] positions have several axes (time, height,
    width), and frequency i takes its position from one of them:

    - `[16, 24, 24]` (contiguous): the first n_0 frequencies belong to axis 0,
      the next n_1 to axis 1, and so on: `mrope_section` of Qwen2-VL;
    - `interleaved [24, 20, 20]`: frequency i belongs to axis a = i mod A of the
      A axes where i < A n_a, else to axis 0: `mrope_interleaved` of Qwen3-VL;
    - `axial [20, 20]`: as contiguous, but each section is an embedding of its
      own: its frequencies are those of dim = 2 n_a, as in 2-D vision encoders.

    `sequence_length` fixes the length for a scaling that depends on it
    (`dynamic_ntk`, `longrope`); without it the length is an operand of the op.

    - C1. `dim` is even, positive and at most 65536.
    - C2. `base` is greater than 1 and at most 2^64.
    - C3. The scaling accepts `dim` and `base`; with axial sections, 2 n_a and
      `base` for each of them.
    - C4. Sections are positive and sum to dim/2; interleaved ones fit: the last
      frequency of axis a, A (n_a - 1) + a, is below dim/2 for a > 0.
    - C5. `sequence_length` is in [1, 2^31) and stands beside a scaling that
      depends on it.

    Example:

    ```mlir
    #llama = #rope.frequencies<dim = 128, base = 5.000000e+05>
    #vicuna = #rope.frequencies<dim = 128, base = 1.000000e+04, scaling = #rope.linear<factor = 4.000000e+00>>
    #given = #rope.frequencies<dim = 4, scaling = #rope.table<dense<[1.0, 0.25]> : tensor<2xf32>>>
    #qwen2_vl = #rope.frequencies<dim = 128, base = 1.000000e+06, sections = [16, 24, 24]>
    #qwen3_vl = #rope.frequencies<dim = 128, base = 5.000000e+06, sections = interleaved [24, 20, 20]>
    #vision = #rope.frequencies<dim = 80, base = 1.000000e+04, sections = axial [20, 20]>
    ```
  }];
  let parameters = (ins "int64_t":$dim, APFloatParameter<"the base">:$base,
                        "::mlir::rope::FrequencyScalingAttrInterface":$scaling,
                        OptionalArrayRefParameter<"int64_t">:$sections,
                        "::mlir::rope::SectionKind":$sectionKind,
                        OptionalParameter<"std::optional<int64_t>">:$sequenceLength);
  let builders = [
    AttrBuilder<(ins "int64_t":$dim, "::llvm::APFloat":$base,
                     "::mlir::rope::FrequencyScalingAttrInterface":$scaling), [{
      return $_get($_ctxt, dim, base, scaling, ::llvm::ArrayRef<int64_t>(),
                   SectionKind::Contiguous, std::nullopt);
    }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The base when none is written, RoFormer's 10000.
    static constexpr double kDefaultBase = 10000.0;
    /// Far beyond any model; bounds the constants that lowerings make.
    static constexpr int64_t kMaxDim = 65536;

    /// Whether positions have a leading dimension for their axes.
    bool hasAxes() const { return !getSections().empty(); }
    /// The axis of each of the dim/2 frequencies; zeros without sections.
    ::llvm::SmallVector<int64_t> getAxes() const;
    /// The same frequencies for one length of the sequence.
    FrequenciesAttr atSequenceLength(int64_t sequenceLength) const;
    /// The frequencies of each range of lengths between which they change in
    /// steps, with one length of it; these frequencies if there are no steps.
    std::vector<FrequenciesAttr> getPieces() const;
    /// Whether the op has to know the length of the sequence.
    bool dependsOnSequenceLength() const;
    /// The embeddings that the frequencies consist of, by the index of their
    /// first frequency and their dim: one, or one a section if axial.
    ::llvm::SmallVector<std::pair<int64_t, int64_t>> getSeries() const;

    /// The frequencies w_i in radians a position. Where they depend on the
    /// length of the sequence and none is fixed, those up to the length of the
    /// model's training.
    ::llvm::SmallVector<::mlir::rope::ExactReal> getExact() const;
    /// Every w_i rounded once; what a table of that type holds is not changed.
    ::llvm::SmallVector<::llvm::APFloat> getRounded(
        const ::llvm::fltSemantics &semantics) const;
    /// Every 1/w_i rounded once to f32, infinite for a frequency of zero.
    ::llvm::SmallVector<::llvm::APFloat> getTimescales() const;
    /// The frequencies w_i / (2 pi) in turns a position.
    ::llvm::SmallVector<::mlir::rope::ExactReal> getTurns() const;
    /// A, the factor of cosine and sine.
    ::mlir::rope::ExactReal getAttentionFactor() const;
    /// log2 of the growth of cosine and sine a position, by frequency; none
    /// where they do not grow.
    ::llvm::SmallVector<::mlir::rope::ExactReal> getGrowth() const;
    /// Whether cos^2 + sin^2 = 1 for every position.
    bool isPure() const;
  }];
}

def Rope_RotationAttr : Rope_Attr<"Rotation", "rotation"> {
  let summary = "which lanes of an operand are rotated, and which way";
  let description = [{
    What `rope.rotate` says by its attributes of the same names, for an operand
    of another op: the rotary range starts at lane `offset` and has `rotary_dim`
    lanes (0: all from `offset` on), `pairing` says which of them form a pair,
    `inverse` changes the sign of the sine.
  }];
  let parameters = (ins
    DefaultValuedParameter<"::mlir::rope::PairingKind",
                           "::mlir::rope::PairingKind::Half">:$pairing,
    DefaultValuedParameter<"int64_t", "0">:$offset,
    DefaultValuedParameter<"int64_t", "0">:$rotary_dim,
    DefaultValuedParameter<"bool", "false">:$inverse);
  let assemblyFormat = "(`<` struct(params)^ `>`)?";
  let extraClassDeclaration = [{
    /// All lanes, pairs of halves.
    static RotationAttr getDefault(::mlir::MLIRContext *context) {
      return get(context, ::mlir::rope::PairingKind::Half, 0, 0, false);
    }
    /// r, the number of lanes that take part, of `headDim` lanes.
    int64_t getEffectiveRotaryDim(int64_t headDim) const {
      return getRotaryDim() == 0 ? headDim - getOffset() : getRotaryDim();
    }
  }];
}

def Rope_LayoutKind : I32EnumAttr<"LayoutKind", "the order of dimensions", [
    I32EnumAttrCase<"BHSD", 0, "bhsd">, I32EnumAttrCase<"BSHD", 1, "bshd">]> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::mlir::rope";
}

def Rope_LayoutAttr : Rope_EnumAttr<Rope_LayoutKind, "LayoutAttr", "layout"> {
  let summary = "the order of the dimensions of queries, keys, values, output";
  let description = [{
    - `bhsd`: [batch, heads, sequence, lanes];
    - `bshd`: [batch, sequence, heads, lanes].
  }];
}

def Rope_ScoreKind : I32EnumAttr<"ScoreKind", "a stage of the scores", [
    I32EnumAttrCase<"Raw", 0, "raw">, I32EnumAttrCase<"Capped", 1, "capped">,
    I32EnumAttrCase<"Biased", 2, "biased">,
    I32EnumAttrCase<"Weights", 3, "weights">]> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::mlir::rope";
}

def Rope_ScoreAttr : Rope_EnumAttr<Rope_ScoreKind, "ScoreAttr", "scores"> {
  let summary = "at which stage the scores of an attention are a result";
  let description = [{
    The modes of `qk_matmul_output` of ONNX Attention, 0 to 3 in this order:

    - `raw`: scale * q . k;
    - `capped`: after the soft cap;
    - `biased`: after mask and exclusions, which are -inf;
    - `weights`: after the softmax.
  }];
}

#endif // ROPE_DIALECT_ROPE_IR_ROPEATTRS
