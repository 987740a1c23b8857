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
    I32EnumAttrCase<"F32Angle", 1, "f32_angle">]> {
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
      by up to 2^-6.
  }];
}

def Rope_DefaultScalingAttr : Rope_Attr<"DefaultScaling", "default",
    [DeclareAttrInterfaceMethods<Rope_FrequencyScalingAttrInterface>]> {
  let summary = "w_i = base^(-2i/dim)";
}

def Rope_LinearScalingAttr : Rope_Attr<"LinearScaling", "linear",
    [DeclareAttrInterfaceMethods<Rope_FrequencyScalingAttrInterface>]> {
  let summary = "w_i = base^(-2i/dim) / factor: position interpolation";
  let description = [{
    `factor` is in [2^-64, 2^64] (`rope_scaling.factor` of Hugging Face
    configurations).
  }];
  let parameters = (ins APFloatParameter<"the divisor">:$factor);
  let hasCustomAssemblyFormat = 1;
}

def Rope_TableScalingAttr : Rope_Attr<"TableScaling", "table",
    [DeclareAttrInterfaceMethods<Rope_FrequencyScalingAttrInterface>]> {
  let summary = "explicit angular frequencies, exactly as given";
  let description = [{
    `values` has one f32 or f64 a pair, in radians a position:
    `#rope.table<dense<[1.0, 0.1]> : tensor<2xf32>>`. The base has no meaning.
    A value is zero or of a magnitude in [2^-128, 2^64).
  }];
  let parameters = (ins "::mlir::DenseFPElementsAttr":$values);
  let assemblyFormat = "`<` $values `>`";
}

def Rope_FrequenciesAttr : Rope_Attr<"Frequencies", "frequencies"> {
  let summary = "the angular frequencies of a rotary embedding";
  let description = [{
    `dim` is the rotary dimension r; there are r/2 frequencies
    w_i = base^(-2i/dim), i in [0, r/2), in radians a position, changed by
    `scaling` (any attribute with `FrequencyScalingAttrInterface`).

    - C1. `dim` is even, positive and at most 65536.
    - C2. `base` is greater than 1 and at most 2^64.
    - C3. The scaling accepts `dim` and `base`.

    Example:

    ```mlir
    #llama = #rope.frequencies<dim = 128, base = 5.000000e+05>
    #vicuna = #rope.frequencies<dim = 128, base = 1.000000e+04, scaling = #rope.linear<factor = 4.000000e+00>>
    #given = #rope.frequencies<dim = 4, scaling = #rope.table<dense<[1.0, 0.25]> : tensor<2xf32>>>
    ```
  }];
  let parameters = (ins "int64_t":$dim, APFloatParameter<"the base">:$base,
                        "::mlir::rope::FrequencyScalingAttrInterface":$scaling);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The base when none is written, RoFormer's 10000.
    static constexpr double kDefaultBase = 10000.0;
    /// Far beyond any model; bounds the constants that lowerings make.
    static constexpr int64_t kMaxDim = 65536;

    /// The frequencies w_i in radians a position.
    ::llvm::SmallVector<::mlir::rope::ExactReal> getExact(
        std::optional<int64_t> sequenceLength = std::nullopt) const;
    /// Every w_i rounded once; what a table of that type holds is not changed.
    ::llvm::SmallVector<::llvm::APFloat> getRounded(
        const ::llvm::fltSemantics &semantics,
        std::optional<int64_t> sequenceLength = std::nullopt) const;
    /// The frequencies w_i / (2 pi) in turns a position.
    ::llvm::SmallVector<::mlir::rope::ExactReal> getTurns(
        std::optional<int64_t> sequenceLength = std::nullopt) const;
    /// A, the factor of cosine and sine.
    ::mlir::rope::ExactReal getAttentionFactor(
        std::optional<int64_t> sequenceLength = std::nullopt) const;
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
