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

// -----

// Rows of consecutive positions rotate an anchor; what comes close to zero is
// computed from its position. Fewer rows are not worth it.
// CHECK-LABEL: func @blocks(
// CHECK-SAME:    %{{.*}}: i64, %[[C:[^:]*]]: memref<600x40xf32>
// CHECK:         %[[STEPS:.*]] = memref.alloc() {alignment = 64 : i64} : memref<32x4x32xf32>
// CHECK:         affine.for %{{.*}} = 0 to 600 step 512
// CHECK:           %[[ANCHORS:.*]] = memref.alloc() {alignment = 64 : i64} : memref<4x6x32xf32>
// CHECK:           affine.for %{{.*}} step 128
// CHECK:             arith.cmpi sle, %{{.*}}, %{{.*}} : index
// CHECK:             arith.cmpi sle, %{{.*}}, %{{.*}} : i32
// CHECK:             scf.if
// CHECK:               affine.for %[[R:.*]] = 0 to 32
// CHECK:                 affine.for %[[K:.*]] = 0 to 4
// CHECK:                   memref.prefetch %[[C]]
// CHECK:                   affine.vector_load %[[ANCHORS]][%[[K]], 0, %{{.*}}] : memref<4x6x32xf32>, vector<16xf32>
// CHECK:                   affine.vector_load %[[STEPS]][%[[R]], 0, %{{.*}}] : memref<32x4x32xf32>, vector<16xf32>
// CHECK-NOT:               arith.muli
// CHECK:                   %[[NEAR:.*]] = arith.cmpf olt, %{{.*}}, %{{.*}} : vector<16xf32>
// CHECK:                   %[[ANY:.*]] = vector.reduction <or>, %[[NEAR]]
// CHECK:                   scf.if %[[ANY]]
// CHECK:             } else {
// CHECK:         affine.for %{{.*}} = 0 to 600 {
// CHECK:           affine.vector_store %{{.*}}, %[[C]][%{{.*}}, 24]
// CHECK-LABEL: func @few_rows(
// CHECK-NOT:     memref.alloc
// CHECK-LABEL: func @slow_frequencies(
// CHECK-NOT:     memref.alloc
// CHECK-LABEL: func @attention_factor(
// CHECK-NOT:     memref.alloc
func.func @blocks(%start: i64, %c: memref<600x40xf32>, %s: memref<600x40xf32>) {
  %length = arith.constant 600 : index
  rope.sincos %start length %length into %c, %s frequencies<dim = 80> : i64 -> memref<600x40xf32>, memref<600x40xf32>
  return
}
func.func @few_rows(%p: memref<511xi32>, %c: memref<511x16xf32>, %s: memref<511x16xf32>) {
  rope.sincos %p into %c, %s frequencies<dim = 32> : memref<511xi32> -> memref<511x16xf32>, memref<511x16xf32>
  return
}
func.func @slow_frequencies(%p: memref<600xi32>, %c: memref<600x2xf32>, %s: memref<600x2xf32>) {
  rope.sincos %p into %c, %s frequencies<dim = 4, scaling = #rope.table<dense<[1.0, 1.0e-8]> : tensor<2xf64>>>
    : memref<600xi32> -> memref<600x2xf32>, memref<600x2xf32>
  return
}
func.func @attention_factor(%p: memref<600xi32>, %c: memref<600x2xf32>, %s: memref<600x2xf32>) {
  rope.sincos %p into %c, %s frequencies<dim = 4, scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096>>
    : memref<600xi32> -> memref<600x2xf32>, memref<600x2xf32>
  return
}
