//===- RopeScalings.td - Scalings of frequencies -------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPESCALINGS
#define ROPE_DIALECT_ROPE_IR_ROPESCALINGS

include "Rope/Dialect/Rope/IR/RopeBase.td"
include "Rope/Dialect/Rope/IR/RopeInterfaces.td"

/// A real number, as the exact value of an f64; `default` where none is
/// written.
class Rope_RealParameter<string desc, string default = "">
    : APFloatParameter<desc> {
  let parser = "::mlir::rope::parseReal($_parser)";
  let printer = "$_printer.printFloat($_self)";
  let defaultValue =
      !if(!empty(default), "", "::llvm::APFloat(" # default # ")");
}

/// A real number that may be absent.
class Rope_OptionalRealParameter<string desc>
    : OptionalParameter<"std::optional<::llvm::APFloat>", desc> {
  let parser = "::mlir::rope::parseOptionalReal($_parser)";
  let printer = "$_printer.printFloat(*$_self)";
}

class Rope_RealListParameter<string desc>
    : AttrParameter<"::mlir::DenseF64ArrayAttr", desc> {
  let parser = "::mlir::rope::parseReals($_parser)";
  let printer = "::mlir::rope::printReals($_printer, $_self)";
}

class Rope_FlagParameter<string desc, string default>
    : AttrParameter<"bool", desc> {
  let parser = "::mlir::rope::parseFlag($_parser)";
  let printer = "$_printer << ($_self ? \"true\" : \"false\")";
  let defaultValue = default;
}

/// A scaling; its parameters are written as `<name = value, ...>` in any order,
/// those with their default value are not.
class Rope_ScalingAttr<string name, string attrMnemonic,
                       list<string> moreMethods = []>
    : Rope_Attr<name # "Scaling", attrMnemonic,
        [DeclareAttrInterfaceMethods<Rope_FrequencyScalingAttrInterface,
                                     moreMethods>]>;

def Rope_DefaultScalingAttr : Rope_ScalingAttr<"Default", "default"> {
  let summary = "w_i = base^(-2i/dim)";
}

def Rope_LinearScalingAttr : Rope_ScalingAttr<"Linear", "linear"> {
  let summary = "w_i / factor: position interpolation";
  let description = [{
    `factor` is in [2^-64, 2^64].
  }];
  let parameters = (ins Rope_RealParameter<"the divisor">:$factor);
  let hasCustomAssemblyFormat = 1;
}

def Rope_NtkScalingAttr : Rope_ScalingAttr<"Ntk", "ntk"> {
  let summary = "the base is base factor^(dim/(dim-2)): NTK-aware scaling";
  let description = [{
    So w_i = base^(-2i/dim) factor^(-2i/(dim-2)): the first frequency stays, the
    last one is divided by `factor`, which is in [1, 65536]. `dim` is at least 4.
  }];
  let parameters = (ins Rope_RealParameter<"the stretch">:$factor);
  let hasCustomAssemblyFormat = 1;
}

def Rope_NtkAlphaScalingAttr : Rope_ScalingAttr<"NtkAlpha", "ntk_alpha"> {
  let summary = "the base is base alpha^(dim/(dim-2)), as in HunYuan";
  let description = [{
    `#rope.ntk` under the name that configurations with `alpha` give it; `alpha`
    is in [1, 65536] and `dim` at least 4.
  }];
  let parameters = (ins Rope_RealParameter<"the stretch">:$alpha);
  let hasCustomAssemblyFormat = 1;
}

def Rope_DynamicNtkScalingAttr
    : Rope_ScalingAttr<"DynamicNtk", "dynamic_ntk", ["getBaseStretch"]> {
  let summary = "the base grows with the length of the sequence";
  let description = [{
    For a sequence of n tokens and M = `max_position_embeddings` the base is
    base s^(dim/(dim-2)) with s = factor max(n, M)/M - (factor - 1): up to M
    tokens nothing changes. `factor` is in [1, 65536], M in [1, 2^31), `dim` at
    least 4. (Type `dynamic` of Hugging Face configurations.)
  }];
  let parameters = (ins Rope_RealParameter<"the slope of s">:$factor,
                        "int64_t":$max_position_embeddings);
  let hasCustomAssemblyFormat = 1;
}

def Rope_YarnScalingAttr
    : Rope_ScalingAttr<"Yarn", "yarn", ["computeAttentionFactor"]> {
  let summary = "fast frequencies stay, slow ones are divided, with a ramp";
  let description = [{
    With O = `original_max_position_embeddings` and c(r) =
    dim ln(O/(2 pi r)) / (2 ln base), the index at which a frequency makes r
    turns in O positions, the ramp runs from lo = max(c(beta_fast), 0) to hi =
    min(c(beta_slow), dim - 1), rounded down and up if `truncate`; hi = lo +
    0.001 where they are equal. With m_i = clamp((i - lo)/(hi - lo), 0, 1)

        w_i (1 - m_i) + (w_i/factor) m_i.

    The attention factor is `attention_factor` where it is given, else
    m(mscale)/m(mscale_all_dim) where both are given, else m(1), with m(k) =
    0.1 k ln(factor) + 1. All are real numbers, rounded once in a table.

    `factor` is in [1, 2^64], O in [1, 2^31), beta_fast >= beta_slow > 0, the
    others are positive. (YaRN, arXiv 2309.00071.)
  }];
  let parameters = (ins Rope_RealParameter<"the divisor">:$factor,
      "int64_t":$original_max_position_embeddings,
      Rope_RealParameter<"turns from which on frequencies stay", "32.0">:$beta_fast,
      Rope_RealParameter<"turns up to which they are divided", "1.0">:$beta_slow,
      Rope_FlagParameter<"whether the ramp has integer bounds", "true">:$truncate,
      Rope_OptionalRealParameter<"the k above">:$mscale,
      Rope_OptionalRealParameter<"the k below">:$mscale_all_dim,
      Rope_OptionalRealParameter<"A itself">:$attention_factor);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Rope_LongRopeScalingAttr
    : Rope_ScalingAttr<"LongRope", "longrope",
        ["computeAttentionFactor", "getSequenceLengthSteps"]> {
  let summary = "a divisor for each frequency, by the length of the sequence";
  let description = [{
    w_i / short_factor[i] for sequences of up to O =
    `original_max_position_embeddings` tokens, w_i / long_factor[i] for longer
    ones. The attention factor is `attention_factor` where it is given, else
    sqrt(1 + ln(factor)/ln(O)); it does not change with the length.

    The lists have dim/2 entries in [2^-64, 2^64]; `factor` is in [1, 2^64], O
    in [2, 2^31), `attention_factor` positive; one of the two is given. (Also
    called `su`; arXiv 2402.13753.)
  }];
  let parameters = (ins
      Rope_RealListParameter<"divisors of short sequences">:$short_factor,
      Rope_RealListParameter<"divisors of long sequences">:$long_factor,
      "int64_t":$original_max_position_embeddings,
      Rope_OptionalRealParameter<"how far the context grows">:$factor,
      Rope_OptionalRealParameter<"A itself">:$attention_factor);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Rope_Llama3ScalingAttr : Rope_ScalingAttr<"Llama3", "llama3"> {
  let summary = "slow frequencies are divided, with a ramp over turns";
  let description = [{
    With x = O w_i/(2 pi) turns in O = `original_max_position_embeddings`
    positions: w_i where x > high_freq_factor, w_i/factor where x <
    low_freq_factor, else (1 - t) w_i/factor + t w_i with t =
    (x - low_freq_factor)/(high_freq_factor - low_freq_factor).

    `factor` is in [1, 2^64], O in [1, 2^31), high_freq_factor >=
    low_freq_factor > 0.
  }];
  let parameters = (ins Rope_RealParameter<"the divisor">:$factor,
      Rope_RealParameter<"turns below which frequencies are divided">:$low_freq_factor,
      Rope_RealParameter<"turns above which frequencies stay">:$high_freq_factor,
      "int64_t":$original_max_position_embeddings);
  let hasCustomAssemblyFormat = 1;
}

def Rope_ProportionalScalingAttr
    : Rope_ScalingAttr<"Proportional", "proportional"> {
  let summary = "w_i / factor for a part of the pairs, the others stand still";
  let description = [{
    Of the pairs of the whole head (`dim` is its dimension) the first
    floor(partial_rotary_factor dim / 2) have w_i / factor, the others zero.
    `partial_rotary_factor` is in (0, 1], `factor` in [2^-64, 2^64].
  }];
  let parameters = (ins
      Rope_RealParameter<"the part that rotates", "1.0">:$partial_rotary_factor,
      Rope_RealParameter<"the divisor", "1.0">:$factor);
  let assemblyFormat = "(`<` struct(params)^ `>`)?";
}

def Rope_XposScalingAttr : Rope_ScalingAttr<"Xpos", "xpos", ["computeGrowth"]> {
  let summary = "cosine and sine shrink with the position";
  let description = [{
    The frequencies are the default ones, and the tables are

        zeta_i^(p/scale_base) cos(p w_i), zeta_i^(p/scale_base) sin(p w_i)

    with zeta_i = (2i/dim + gamma)/(1 + gamma), or their exponent's opposite
    with `downscale = true`: queries take the one, keys the other, and a score
    decays with the distance. Not a rotation: R(p)^-1 is not R(-p)^T.

    `scale_base` is in [8, 2^31], `gamma` in [1/16, 65536]. (xPos, arXiv
    2212.10554, whose code names the parameters.)
  }];
  let parameters = (ins
      Rope_RealParameter<"positions for a factor of zeta", "512.0">:$scale_base,
      Rope_RealParameter<"what keeps zeta_0 from zero", "0.4">:$gamma,
      Rope_FlagParameter<"for keys", "false">:$downscale);
  let assemblyFormat = "(`<` struct(params)^ `>`)?";
}

def Rope_TableScalingAttr : Rope_ScalingAttr<"Table", "table"> {
  let summary = "explicit angular frequencies, exactly as given";
  let description = [{
    `values` has one f32 or f64 a pair, in radians a position:
    `#rope.table<dense<[1.0, 0.1]> : tensor<2xf32>>`. The base has no meaning.
    A value is zero or of a magnitude in [2^-128, 2^64).
  }];
  let parameters = (ins "::mlir::DenseFPElementsAttr":$values);
  let assemblyFormat = "`<` $values `>`";
}

#endif // ROPE_DIALECT_ROPE_IR_ROPESCALINGS
