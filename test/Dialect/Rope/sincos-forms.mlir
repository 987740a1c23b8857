// RUN: rope-opt %s | rope-opt | FileCheck %s
// RUN: rope-opt %s --mlir-print-op-generic | rope-opt | FileCheck %s
// RUN: rope-opt %s --emit-bytecode | rope-opt | FileCheck %s
// RUN: rope-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --cse | FileCheck %s --check-prefix=BUFFERS
// RUN: rope-opt %s --canonicalize | FileCheck %s --check-prefix=CANONICAL

// Positions from a start and a length; positions of several axes.

// CHECK-LABEL: func @start_and_length
// CHECK:         rope.sincos %{{.*}} length %{{.*}} frequencies<dim = 8, base = 1.000000e+04> : i64 -> tensor<?x4xf32>
// BUFFERS-LABEL: func @start_and_length
// BUFFERS-SAME:    (%[[START:.*]]: i64, %[[N:.*]]: index)
// BUFFERS:         %[[COS:.*]] = memref.alloc(%[[N]])
// BUFFERS:         %[[SIN:.*]] = memref.alloc(%[[N]])
// BUFFERS:         rope.sincos %[[START]] length %[[N]] into %[[COS]], %[[SIN]] frequencies<{{.*}}> : i64 -> memref<?x4xf32>
func.func @start_and_length(%start: i64, %n: index) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %c, %s = rope.sincos %start length %n frequencies<dim = 8> : i64 -> tensor<?x4xf32>
  return %c, %s : tensor<?x4xf32>, tensor<?x4xf32>
}

// One start a sequence of a batch; a constant length is known in the type.
// CHECK-LABEL: func @batch
// CANONICAL-LABEL: func @batch
// CANONICAL:         %[[T:.*]], %{{.*}} = rope.sincos %{{.*}} length %c5{{.*}} : tensor<3xi32> -> tensor<3x5x4xf32>
// CANONICAL:         tensor.cast %[[T]] : tensor<3x5x4xf32> to tensor<3x?x4xf32>
func.func @batch(%starts: tensor<3xi32>) -> tensor<3x?x4xf32> {
  %n = arith.constant 5 : index
  // CHECK: rope.sincos %{{.*}} length %{{.*}} : tensor<3xi32> -> tensor<3x?x4xf32>
  %c, %s = rope.sincos %starts length %n frequencies<dim = 8> : tensor<3xi32> -> tensor<3x?x4xf32>
  return %c : tensor<3x?x4xf32>
}

// A start of zero is not a position of zero.
// CANONICAL-LABEL: func @negative_start_of_zero
// CANONICAL:         rope.sincos
func.func @negative_start_of_zero(%n: index) -> tensor<4x2xf32> {
  %zero = arith.constant 0 : i64
  %c, %s = rope.sincos %zero length %n frequencies<dim = 4> : i64 -> tensor<4x2xf32>
  return %c : tensor<4x2xf32>
}

// CHECK-LABEL: func @sections
// CANONICAL-LABEL: func @sections
// BUFFERS-LABEL: func @sections
func.func @sections(%p: tensor<3x2x?xi64>, %q: tensor<2x9xi64>) -> (tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<9x40xf32>) {
  // CHECK: frequencies<dim = 128, base = 1.000000e+06, sections = [16, 24, 24]> : tensor<3x2x?xi64> -> tensor<2x?x64xf32>
  // BUFFERS: memref.dim %{{.*}}, %c2
  %c0, %s0 = rope.sincos %p frequencies<dim = 128, base = 1.0e6, sections = contiguous [16, 24, 24]> : tensor<3x2x?xi64> -> tensor<2x?x64xf32>
  // CHECK: frequencies<dim = 128, base = 5.000000e+06, sections = interleaved [24, 20, 20]> :
  %c1, %s1 = rope.sincos %p frequencies<dim = 128, base = 5.0e6, sections = interleaved [24, 20, 20]> : tensor<3x2x?xi64> -> tensor<2x?x64xf32>
  // CHECK: frequencies<dim = 80, base = 1.000000e+04, sections = axial [20, 20]> :
  %c2, %s2 = rope.sincos %q frequencies<dim = 80, sections = axial [20, 20]> : tensor<2x9xi64> -> tensor<9x40xf32>
  return %c0, %c1, %c2 : tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<9x40xf32>
}

// Tables of position zero are ones and zeros on every axis.
// CANONICAL-LABEL: func @zero
// CANONICAL-NEXT:    arith.constant dense<1.000000e+00> : tensor<5x4xf32>
// CANONICAL-NEXT:    return
func.func @zero() -> tensor<5x4xf32> {
  %p = arith.constant dense<0> : tensor<3x5xi64>
  %c, %s = rope.sincos %p frequencies<dim = 8, sections = [1, 1, 2]> : tensor<3x5xi64> -> tensor<5x4xf32>
  return %c : tensor<5x4xf32>
}
