// RUN: rope-opt %s --generate-runtime-verification | FileCheck %s

// Positions that may be wider than i32 are checked one by one.
// CHECK-LABEL: func @wide
// CHECK-SAME:    (%[[P:.*]]: tensor<3x?xi64>)
// CHECK:         scf.for %[[I:.*]] =
// CHECK:           scf.for %[[J:.*]] =
// CHECK:             %[[POSITION:.*]] = tensor.extract %[[P]][%[[I]], %[[J]]]
// CHECK:             %[[LOW:.*]] = arith.trunci %[[POSITION]] : i64 to i32
// CHECK:             %[[AGAIN:.*]] = arith.extsi %[[LOW]] : i32 to i64
// CHECK:             %[[OK:.*]] = arith.cmpi eq, %[[POSITION]], %[[AGAIN]] : i64
// CHECK:             cf.assert %[[OK]], "{{.*}}position is not in [-2^31, 2^31){{.*}}"
// CHECK:         rope.sincos
func.func @wide(%p: tensor<3x?xi64>) -> tensor<3x?x2xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 4> : tensor<3x?xi64> -> tensor<3x?x2xf32>
  return %c : tensor<3x?x2xf32>
}

// The first and the last of a sequence.
// CHECK-LABEL: func @sequence
// CHECK-COUNT-2: cf.assert
// CHECK-NOT:     cf.assert
func.func @sequence(%start: i32, %length: index, %c: memref<?x2xf32>, %s: memref<?x2xf32>) {
  rope.sincos %start length %length into %c, %s frequencies<dim = 4> : i32 -> memref<?x2xf32>, memref<?x2xf32>
  return
}

// CHECK-LABEL: func @negative_narrow
// CHECK-NOT:     cf.assert
func.func @negative_narrow(%p: memref<?xi32>, %c: memref<?x2xf32>, %s: memref<?x2xf32>) {
  rope.sincos %p into %c, %s frequencies<dim = 4> : memref<?xi32> -> memref<?x2xf32>, memref<?x2xf32>
  return
}
