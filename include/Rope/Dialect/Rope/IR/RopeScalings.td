//===- RopeScalings.td - Scalings of frequencies -------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPESCALINGS
#define ROPE_DIALECT_ROPE_IR_ROPESCALINGS

include "Rope/Dialect/Rope/IR/RopeBase.td"
include "Rope/Dialect/Rope/IR/RopeInterfaces.td"

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

#endif // ROPE_DIALECT_ROPE_IR_ROPESCALINGS
