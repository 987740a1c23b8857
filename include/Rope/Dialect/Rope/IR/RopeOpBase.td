//===- RopeOpBase.td - What the ops of the dialect share ----*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPEOPBASE
#define ROPE_DIALECT_ROPE_IR_ROPEOPBASE

include "Rope/Dialect/Rope/IR/RopeAttrs.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Rope_Float : AnyTypeOf<[F16, BF16, F32, F64]>;
def Rope_FloatTensor : RankedTensorOf<[Rope_Float]>;
def Rope_FloatMemRef : MemRefOf<[Rope_Float]>;
def Rope_FloatShaped : AnyTypeOf<[Rope_FloatTensor, Rope_FloatMemRef]>;
def Rope_IntShaped : AnyTypeOf<[RankedTensorOf<[AnySignlessIntegerOrIndex]>,
                                MemRefOf<[AnySignlessIntegerOrIndex]>]>;
def Rope_Positions : AnyTypeOf<[RankedTensorOf<[AnySignlessIntegerOrIndex]>,
                                MemRefOf<[AnySignlessIntegerOrIndex]>,
                                AnySignlessIntegerOrIndex]>;

/// Traits that every op has: effects and speculation follow from its form.
defvar ropeOpTraits = [
  DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
  DeclareOpInterfaceMethods<ConditionallySpeculatable>,
  DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>,
  DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                            ["reifyResultShapes"]>];

#endif // ROPE_DIALECT_ROPE_IR_ROPEOPBASE
