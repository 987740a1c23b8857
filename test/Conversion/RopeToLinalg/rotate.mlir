// RUN: rope-opt %s --convert-rope-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// CHECK-DAG:   #[[$ALL:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG:   #[[$TABLE:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-LABEL: func @half
// CHECK-SAME:    (%[[X:.*]]: tensor<2x3x?x8xf32>, %[[C:.*]]: tensor<?x4xf32>, %[[S:.*]]: tensor<?x4xf32>)
// CHECK:         %[[A:.*]] = tensor.extract_slice %[[X]][0, 0, 0, 0] {{.*}} [1, 1, 1, 1]
// CHECK:         %[[B:.*]] = tensor.extract_slice %[[X]][0, 0, 0, 4] {{.*}} [1, 1, 1, 1]
// CHECK:         %[[Y:.*]]:2 = linalg.generic
// CHECK-SAME:      ins(%[[A]], %[[B]], %[[C]], %[[S]], %[[C]], %[[S]]
// CHECK:         ^bb0(%[[A1:.*]]: f32, %[[B1:.*]]: f32, %[[C1:.*]]: f32, %[[S1:.*]]: f32, %[[C2:.*]]: f32, %[[S2:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32):
// CHECK-DAG:       %[[CA:.*]] = arith.mulf %[[C1]], %[[A1]] : f32
// CHECK-DAG:       %[[SB:.*]] = arith.mulf %[[S1]], %[[B1]] : f32
// CHECK-DAG:       %[[CB:.*]] = arith.mulf %[[C2]], %[[B1]] : f32
// CHECK-DAG:       %[[SA:.*]] = arith.mulf %[[S2]], %[[A1]] : f32
// CHECK-DAG:       %[[YA:.*]] = arith.subf %[[CA]], %[[SB]] : f32
// CHECK-DAG:       %[[YB:.*]] = arith.addf %[[SA]], %[[CB]] : f32
// CHECK:           linalg.yield %[[YA]], %[[YB]]
// CHECK:         %[[R:.*]] = tensor.insert_slice %[[Y]]#0 into %[[X]][0, 0, 0, 0]
// CHECK:         tensor.insert_slice %[[Y]]#1 into %[[R]][0, 0, 0, 4]
// CHECK-NOT:     rope.
func.func @half(%x: tensor<2x3x?x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<2x3x?x8xf32> {
  %y = rope.rotate %x by %c, %s along [2] : tensor<2x3x?x8xf32>, tensor<?x4xf32>
  return %y : tensor<2x3x?x8xf32>
}

// -----

// One table entry a lane, computation in f64 and one rounding to bf16.
// CHECK-LABEL: func @interleaved_to_half_inverse
// CHECK-SAME:    (%[[X:.*]]: tensor<3x16xbf16>, %[[C:.*]]: tensor<3x8xf64>, %[[S:.*]]: tensor<3x8xf64>)
// CHECK-DAG:     tensor.extract_slice %[[X]][0, 2] [3, 4] [1, 2]
// CHECK-DAG:     tensor.extract_slice %[[X]][0, 3] [3, 4] [1, 2]
// CHECK-DAG:     tensor.extract_slice %[[C]][0, 0] [3, 4] [1, 2]
// CHECK-DAG:     tensor.extract_slice %[[S]][0, 1] [3, 4] [1, 2]
// CHECK:           arith.addf %{{.*}}, %{{.*}} : f64
// CHECK-NEXT:      arith.subf %{{.*}}, %{{.*}} : f64
// CHECK-NEXT:      arith.truncf %{{.*}} : f64 to bf16
// CHECK:         tensor.insert_slice %{{.*}}#0 into %[[X]][0, 2] [3, 4] [1, 1]
// CHECK:         tensor.insert_slice %{{.*}}#1 into %{{.*}}[0, 6] [3, 4] [1, 1]
func.func @interleaved_to_half_inverse(%x: tensor<3x16xbf16>, %c: tensor<3x8xf64>, %s: tensor<3x8xf64>) -> tensor<3x16xbf16> {
  %y = rope.rotate %x by %c, %s along [0] pairing<interleaved> result_pairing<half> offset 2 rotary_dim 8 inverse : tensor<3x16xbf16>, tensor<3x8xf64>
  return %y : tensor<3x16xbf16>
}

// -----

// Lanes 0 and 7 are copied out of place and left alone in place.
// CHECK-LABEL: func @memref
// CHECK-COUNT-2: linalg.copy
// CHECK:         linalg.generic
// CHECK-NOT:     linalg.copy
// CHECK:         linalg.generic
func.func @memref(%x: memref<?x8xf16>, %y: memref<?x8xf16, strided<[16, 1]>>, %c: memref<3xf32>, %s: memref<3xf32>) {
  rope.rotate %x into %y by %c, %s along [] offset 1 rotary_dim 6 : memref<?x8xf16> into memref<?x8xf16, strided<[16, 1]>>, memref<3xf32>
  rope.rotate %x into %x by %c, %s along [] offset 1 rotary_dim 6 : memref<?x8xf16> into memref<?x8xf16>, memref<3xf32>
  return
}
