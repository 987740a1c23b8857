// RUN: rope-opt %s --convert-rope-to-linalg --verify-diagnostics

func.func @buffers(%p: memref<4xi64>, %c: memref<4x2xf32>, %s: memref<4x2xf32>) {
  // expected-error @+1 {{the memref form has no reference lowering: lower before bufferization}}
  rope.sincos %p into %c, %s frequencies<dim = 4> : memref<4xi64> -> memref<4x2xf32>, memref<4x2xf32>
  return
}
