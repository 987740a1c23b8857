//===- RopeBase.td - The rope dialect and its base classes --*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_ROPEBASE
#define ROPE_DIALECT_ROPE_IR_ROPEBASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Rope_Dialect : Dialect {
  let name = "rope";
  let cppNamespace = "::mlir::rope";
  let summary = "rotary position embedding";
  let description = [{
    Rotations of pairs of lanes by `position * frequency` (RoFormer, arXiv
    2104.09864), the tables they take their cosines and sines from, and their
    matrices.

    Every op has two forms. The tensor form is a pure value. The memref form,
    which bufferization makes, writes an explicit destination behind `into` and
    has no results.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
  let dependentDialects = ["arith::ArithDialect", "tensor::TensorDialect"];
}

class Rope_Op<string mnemonic, list<Trait> traits = []>
    : Op<Rope_Dialect, mnemonic, traits>;

class Rope_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Rope_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

class Rope_EnumAttr<EnumInfo info, string className, string attrMnemonic>
    : EnumAttr<Rope_Dialect, info, attrMnemonic> {
  let cppClassName = className;
  let assemblyFormat = "`<` $value `>`";
}

#endif // ROPE_DIALECT_ROPE_IR_ROPEBASE
