//===- RopeInterfaces.td - Interfaces of the rope dialect ---*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPEINTERFACES
#define ROPE_DIALECT_ROPE_IR_ROPEINTERFACES

include "mlir/IR/OpBase.td"

def Rope_FrequencyScalingAttrInterface
    : AttrInterface<"FrequencyScalingAttrInterface"> {
  let cppNamespace = "::mlir::rope";
  let description = [{
    How a model changes the geometric series of angular frequencies
    w_i = base^(-2i/dim), i in [0, dim/2), so that it reaches longer contexts.
    A scaling is any attribute with this interface, of any dialect.
  }];
  let methods = [
    InterfaceMethod<
      "Checks the parameters against the rotary dimension and the base.",
      "::llvm::LogicalResult", "verifyScaling",
      (ins "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError,
           "int64_t":$dim, "double":$base)>,
  ];
}

#endif // ROPE_DIALECT_ROPE_IR_ROPEINTERFACES
