// A module that does not parse, or does not verify, is an error and leaves no
// output file, half-written or whole.

// RUN: split-file %s %t

// RUN: not rope-opt %t/truncated.mlir -o %t/truncated.out 2>&1 | FileCheck %s --check-prefix=TRUNCATED
// RUN: not ls %t/truncated.out
// TRUNCATED: truncated.mlir:2:{{.*}} error: expected

// RUN: not rope-opt %t/unknown.mlir -o %t/unknown.out 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not ls %t/unknown.out
// UNKNOWN: unknown.mlir:2:{{.*}} error: {{.*}}'rope.swirl'

// RUN: not rope-opt %t/invalid.mlir --canonicalize -o %t/invalid.out 2>&1 | FileCheck %s --check-prefix=INVALID
// RUN: not ls %t/invalid.out
// INVALID: invalid.mlir:2:{{.*}} error: 'rope.rotate' op (C2)

// RUN: not rope-opt %t/absent.mlir 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: cannot open input file

//--- truncated.mlir
func.func @f(%x: tensor<4x8xf32>, %t: tensor<4x4xf32>) {
  rope.rotate %x by %t, %t along [0] : tensor<4x8xf32>,
//--- unknown.mlir
func.func @f(%x: tensor<4x8xf32>) {
  rope.swirl %x : tensor<4x8xf32>
  return
}
//--- invalid.mlir
func.func @f(%x: tensor<4x8xf32>, %t: tensor<4x5xf32>) {
  rope.rotate %x by %t, %t along [0] : tensor<4x8xf32>, tensor<4x5xf32>
  return
}
