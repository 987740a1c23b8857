// Modules and pipelines that do not compile: exit code 2, after the compiler's
// own words.

// RUN: rm -rf %t
// RUN: split-file %s %t
// RUN: %npy make %t/x.npy "np.ones(4, 'f4')"
// RUN: %exits 2 rope-run %t/syntax.mlir 2>&1 | FileCheck %s --check-prefix=SYNTAX
// SYNTAX: syntax.mlir:1:12: error: @ identifier expected
// SYNTAX: {{^}}rope-run: {{.*}}syntax.mlir: not a valid module{{$}}
// RUN: %exits 2 rope-run %t/none.mlir 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: {{^}}rope-run: {{.*}}none.mlir: No such file or directory{{$}}

// RUN: %exits 2 rope-run %t/types.mlir 2>&1 | FileCheck %s --check-prefix=UNRANKED
// UNRANKED: {{^}}rope-run: argument 0: type tensor<*xf32> has no rank{{$}}
// RUN: %exits 2 rope-run %t/types.mlir --entry-point=element 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ELEMENT
// ELEMENT: {{^}}rope-run: argument 0: type tensor<4xi3> cannot be held by a .npy array{{$}}
// RUN: %exits 2 rope-run %t/types.mlir --entry-point=strided 2>&1 \
// RUN:   | FileCheck %s --check-prefix=STRIDED
// STRIDED: {{^}}rope-run: argument 0: type memref<4xf32, strided<[2]>> is strided{{$}}
// RUN: %exits 2 rope-run %t/types.mlir --entry-point=space 2>&1 \
// RUN:   | FileCheck %s --check-prefix=SPACE
// SPACE: {{^}}rope-run: argument 0: type memref<4xf32, 3> is in another memory space{{$}}

// RUN: %exits 2 rope-run %t/good.mlir --input=%t/x.npy --pipeline=no-such-pass 2>&1 \
// RUN:   | FileCheck %s --check-prefix=PASS
// RUN: %exits 2 rope-run %t/good.mlir --input=%t/x.npy 2>&1 \
// RUN:   "--pipeline=builtin.module(cse, no-such-pass)" | FileCheck %s --check-prefix=PASS
// PASS: {{^}}rope-run: --pipeline: error: 'no-such-pass' does not refer to a registered pass
// RUN: %exits 2 rope-run %t/good.mlir --input=%t/x.npy "--pipeline=builtin.module(cse" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=PARENTHESIS
// PARENTHESIS: {{^}}rope-run: --pipeline: error: missing a closing parenthesis{{$}}
// RUN: %exits 2 rope-run %t/good.mlir --input=%t/x.npy --pipeline=cse 2>&1 \
// RUN:   | FileCheck %s --check-prefix=SHORT
// SHORT: {{^}}rope-run: the pipeline did not lower @main to the LLVM dialect{{$}}
// RUN: %exits 2 rope-run %t/good.mlir --input=%t/x.npy --pipeline=transform-interpreter 2>&1 \
// RUN:   | FileCheck %s --check-prefix=FAILED
// FAILED: good.mlir:0:0: error: could not find a nested named sequence
// FAILED: {{^}}rope-run: the pass pipeline failed on the module{{$}}
// RUN: %exits 2 rope-run %t/good.mlir --input=%t/x.npy 2>&1 \
// RUN:   --pipeline=one-shot-bufferize{bufferize-function-boundaries},buffer-results-to-out-params{modify-public-functions},finalize-memref-to-llvm,convert-to-llvm \
// RUN:   | FileCheck %s --check-prefix=CHANGED
// CHANGED: {{^}}rope-run: the pipeline changed the arguments or results of @main{{$}}
// RUN: %exits 2 rope-run %t/symbol.mlir %lower 2>&1 | FileCheck %s --check-prefix=SYMBOL
// SYMBOL: Symbols not found: [ no_such_symbol ]
// SYMBOL: {{^}}rope-run: Failed to materialize symbols

//--- syntax.mlir
func.func @(
//--- good.mlir
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
//--- symbol.mlir
func.func private @no_such_symbol()
func.func @main() {
  call @no_such_symbol() : () -> ()
  return
}
//--- types.mlir
func.func @main(%x: tensor<*xf32>) {
  return
}
func.func @element(%x: tensor<4xi3>) -> tensor<4xi3> {
  return %x : tensor<4xi3>
}
func.func @strided(%x: memref<4xf32, strided<[2]>>) {
  return
}
func.func @space(%x: memref<4xf32, 3>) {
  return
}
