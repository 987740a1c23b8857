// RUN: rope-opt %s --convert-rope-to-affine --canonicalize --cse --split-input-file | FileCheck %s
// RUN: rope-opt %s --convert-rope-to-affine=parallel=true --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=PARALLEL

// One vector of frequencies; integers, f32 and fma only.
// CHECK-LABEL: func @exact
// CHECK-SAME:    (%[[P:.*]]: memref<2x?xi64>, %[[C:.*]]: memref<2x?x16xf32>, %[[S:.*]]: memref<2x?x16xf32>)
// CHECK:         affine.for %[[I:.*]] = 0 to 2
// CHECK:           affine.for %[[J:.*]] = 0 to %{{.*}}
// CHECK:             %[[POSITION:.*]] = affine.load %[[P]][%[[I]], %[[J]]]
// CHECK-NOT:         {{f64|call|math.sin|math.cos|gather}}
// CHECK:             vector.broadcast %{{.*}} : i32 to vector<16xi32>
// CHECK:             arith.muli %{{.*}} : vector<8xi64>
// CHECK:             math.fma %{{.*}} : vector<16xf32>
// CHECK:             affine.vector_store %{{.*}}, %[[C]][%[[I]], %[[J]], 0] : memref<2x?x16xf32>, vector<16xf32>
// CHECK:             affine.vector_store %{{.*}}, %[[S]][%[[I]], %[[J]], 0] : memref<2x?x16xf32>, vector<16xf32>
// CHECK-NOT:     rope.
// PARALLEL-LABEL: func @exact
// PARALLEL:         affine.parallel (%{{.*}}, %{{.*}}) = (0, 0) to (2, symbol(%
func.func @exact(%p: memref<2x?xi64>, %c: memref<2x?x16xf32>, %s: memref<2x?x16xf32>) {
  rope.sincos %p into %c, %s frequencies<dim = 32> : memref<2x?xi64> -> memref<2x?x16xf32>, memref<2x?x16xf32>
  return
}

// -----

// A row of 6 and two vectors of 4: the second ends with the row. One position
// needs no loop.
// CHECK-LABEL: func @tail
// CHECK-SAME:    (%{{.*}}: memref<i8>, %[[C:.*]]: memref<6xf64>, %[[S:.*]]: memref<6xf64>)
// CHECK-NOT:     affine.for
// CHECK:         affine.vector_store %{{.*}}, %[[C]][0] : memref<6xf64>, vector<4xf64>
// CHECK:         affine.vector_store %{{.*}}, %[[S]][0] : memref<6xf64>, vector<4xf64>
// CHECK:         affine.vector_store %{{.*}}, %[[C]][2] : memref<6xf64>, vector<4xf64>
// CHECK:         affine.vector_store %{{.*}}, %[[S]][2] : memref<6xf64>, vector<4xf64>
func.func @tail(%p: memref<i8>, %c: memref<6xf64>, %s: memref<6xf64>) {
  rope.sincos %p into %c, %s frequencies<dim = 12> : memref<i8> -> memref<6xf64>, memref<6xf64>
  return
}

// -----

// Lanes that are not side by side are stored one by one.
// CHECK-LABEL: func @strided
// CHECK-NOT:     vector_store
// CHECK:         %[[LANE:.*]] = vector.extract %{{.*}}[1] : f32 from vector<2xf32>
// CHECK:         affine.store %[[LANE]], %{{.*}}[%{{.*}}, 1] : memref<4x2xf32, strided<[1, 4]>>
func.func @strided(%p: memref<4xindex>, %c: memref<4x2xf32, strided<[1, 4]>>, %s: memref<4x2xf32, strided<[1, 4]>>) {
  rope.sincos %p into %c, %s frequencies<dim = 4> : memref<4xindex> -> memref<4x2xf32, strided<[1, 4]>>, memref<4x2xf32, strided<[1, 4]>>
  return
}

// -----

// A row of one pair is computed in scalars.
// CHECK-LABEL: func @scalar
// CHECK-NOT:     vector
// CHECK:         math.fma %{{.*}} : f32
// CHECK:         affine.store
func.func @scalar(%p: memref<4xi32>, %c: memref<4x1xf32>, %s: memref<4x1xf32>) {
  rope.sincos %p into %c, %s frequencies<dim = 2> accuracy<f32_angle> : memref<4xi32> -> memref<4x1xf32>, memref<4x1xf32>
  return
}

// The position is divided by a vector of timescales, infinite for a frequency of zero.
// CHECK-LABEL: func @f32_quotient(
// CHECK:         %[[T:.*]] = arith.constant dense<[3.000000e+00, 0x7F800000]> : vector<2xf32>
// CHECK:         arith.divf %{{.*}}, %[[T]] : vector<2xf32>
func.func @f32_quotient(%p: memref<4xi32>, %c: memref<4x2xf32>, %s: memref<4x2xf32>) {
  rope.sincos %p into %c, %s frequencies<dim = 4, scaling = #rope.table<dense<[0.33333333333333331, 0.0]> : tensor<2xf64>>>
    accuracy<f32_quotient> : memref<4xi32> -> memref<4x2xf32>, memref<4x2xf32>
  return
}
