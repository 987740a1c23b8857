// Recognition inside the stock mlir-opt, as a compiler that loads us sees it.

// RUN: mlir-opt %rope_src/examples/cases/llama.rope/module.mlir \
// RUN:   --load-dialect-plugin=%rope_plugin --load-pass-plugin=%rope_plugin \
// RUN:   --pass-pipeline='builtin.module(rope-raise,canonicalize)' | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK-COUNT-2: rope.rotate
