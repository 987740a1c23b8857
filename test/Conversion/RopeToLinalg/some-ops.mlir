// RUN: rope-opt %s --convert-rope-to-linalg="ops=rope.merge" | FileCheck %s
// RUN: rope-opt %s --convert-rope-to-linalg="ops=rope.merge,rope.sincos" | FileCheck %s --check-prefix=BOTH
// RUN: not rope-opt %s --convert-rope-to-linalg="ops=rope.marge" 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not rope-opt %s --convert-rope-to-linalg="ops=linalg.generic" 2>&1 | FileCheck %s --check-prefix=FOREIGN

// UNKNOWN: error: ops must name ops of the rope dialect, got 'rope.marge'
// FOREIGN: error: ops must name ops of the rope dialect, got 'linalg.generic'

// The others are left as they are, also those that could not be lowered.
// CHECK-LABEL: func @f
// CHECK:         rope.sincos
// CHECK-NOT:     rope.merge
// BOTH-LABEL:  func @f
// BOTH-NOT:      rope.sincos {{.*}} tensor
// BOTH-NOT:      rope.merge
func.func @f(%p: tensor<4xi64>, %a: tensor<4x8xf32>, %l: tensor<4xf32>) -> (tensor<4x2xf32>, tensor<4x8xf32>) {
  %c, %s = rope.sincos %p frequencies<dim = 4> : tensor<4xi64> -> tensor<4x2xf32>
  %m, %n = rope.merge %a, %l and %a, %l : tensor<4x8xf32>, tensor<4xf32>
  return %c, %m : tensor<4x2xf32>, tensor<4x8xf32>
}
