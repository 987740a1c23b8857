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

    Frequencies are real numbers, not floats: a scaling computes them in
    `ExactReal`, from its parameters read as the exact values of their floats.
  }];
  let methods = [
    InterfaceMethod<
      "Checks the parameters against the rotary dimension and the base. "
      "`emitError` is called once, for the first fault.",
      "::llvm::LogicalResult", "verifyScaling",
      (ins "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError,
           "int64_t":$dim, "double":$base)>,
    InterfaceMethod<[{
        The dim/2 angular frequencies in radians a position, for a `dim` and a
        `base` that `verifyScaling` accepts. Where they depend on the length of
        the sequence, no length means one that changes nothing (the context of
        the model's training).
      }],
      "::llvm::SmallVector<::mlir::rope::ExactReal>", "computeFrequencies",
      (ins "int64_t":$dim, "double":$base,
           "std::optional<int64_t>":$sequenceLength)>,
    InterfaceMethod<
      "The factor A of cosine and sine.",
      "::mlir::rope::ExactReal", "computeAttentionFactor",
      (ins "int64_t":$dim, "double":$base,
           "std::optional<int64_t>":$sequenceLength),
      /*methodBody=*/"", /*defaultImplementation=*/[{
        return ::mlir::rope::ExactReal(1);
      }]>,
    InterfaceMethod<[{
        For each of the dim/2 frequencies log2 of the factor by which cosine and
        sine grow a position, of a magnitude below 1: with g_i the tables are
        A 2^(p g_i) cos(p w_i), A 2^(p g_i) sin(p w_i). None: they do not grow.
      }],
      "::llvm::SmallVector<::mlir::rope::ExactReal>", "computeGrowth",
      (ins "int64_t":$dim),
      /*methodBody=*/"", /*defaultImplementation=*/"return {};">,
    InterfaceMethod<[{
        The lengths n_1 < n_2 < ... after which the frequencies change: they are
        the same for all lengths in [1, n_1], in [n_1 + 1, n_2], and so on.
        Lowerings choose among tables.
      }],
      "::llvm::SmallVector<int64_t>", "getSequenceLengthSteps", (ins),
      /*methodBody=*/"", /*defaultImplementation=*/"return {};">,
    InterfaceMethod<[{
        How the base grows with every token of the sequence, if it does.
        Lowerings compute the frequencies at run time.
      }],
      "std::optional<::mlir::rope::BaseStretch>", "getBaseStretch", (ins),
      /*methodBody=*/"", /*defaultImplementation=*/"return std::nullopt;">,
  ];
  let extraSharedClassDeclaration = [{
    /// Whether frequencies change with the length of the sequence.
    bool dependsOnSequenceLength() const {
      return !$_attr.getSequenceLengthSteps().empty() ||
             $_attr.getBaseStretch().has_value();
    }
  }];
}

#endif // ROPE_DIALECT_ROPE_IR_ROPEINTERFACES
