// The stock mlir-opt with our plugin: the dialect parses, the passes run.

// RUN: mlir-opt %s --load-dialect-plugin=%rope_plugin --load-pass-plugin=%rope_plugin \
// RUN:   --pass-pipeline='builtin.module(func.func(canonicalize))' | FileCheck %s
// RUN: mlir-opt %s --load-dialect-plugin=%rope_plugin --load-pass-plugin=%rope_plugin \
// RUN:   --pass-pipeline='builtin.module(convert-rope-to-linalg)' | FileCheck %s --check-prefix=LINALG

// Without it the dialect is unknown.
// RUN: not mlir-opt %s 2>&1 | FileCheck %s --check-prefix=WITHOUT

// WITHOUT: error: Dialect `rope' not found for custom op 'rope.sincos'

// CHECK-LABEL: func @sincos
// LINALG-LABEL: func @sincos
func.func @sincos(%p: tensor<?xi64>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  // CHECK: %cos, %sin = rope.sincos %{{.*}} frequencies<dim = 8, base = 1.000000e+04> : tensor<?xi64> -> tensor<?x4xf32>
  // LINALG-NOT: rope.
  %cos, %sin = rope.sincos %p frequencies<dim = 8> : tensor<?xi64> -> tensor<?x4xf32>
  return %cos, %sin : tensor<?x4xf32>, tensor<?x4xf32>
}
