// RUN: rope-opt %s --convert-rope-to-linalg | FileCheck %s

// CHECK-DAG: #[[$HALF:.*]] = affine_map<(d0, d1, d2) -> (d0, d1 mod 4)>
// CHECK-DAG: #[[$INTERLEAVED:.*]] = affine_map<(d0, d1) -> (d0 floordiv 2)>

// CHECK-LABEL: func @half
// CHECK-SAME:    (%[[C:.*]]: tensor<?x4xf32>, %[[S:.*]]: tensor<?x4xf32>)
// CHECK:         linalg.generic {indexing_maps = [#[[$HALF]], #[[$HALF]],
// CHECK-SAME:      ins(%[[C]], %[[S]] : tensor<?x4xf32>, tensor<?x4xf32>)
// CHECK:         ^bb0(%[[COS:.*]]: f32, %[[SIN:.*]]: f32, %{{.*}}: f32):
// CHECK:           %[[ZERO:.*]] = arith.constant 0.0
// CHECK:           %[[NEG:.*]] = arith.negf %[[SIN]]
// CHECK:           %[[SINE:.*]] = arith.select %{{.*}}, %[[NEG]], %[[SIN]]
// CHECK:           %[[OFF:.*]] = arith.select %{{.*}}, %[[SINE]], %[[ZERO]]
// CHECK:           arith.select %{{.*}}, %[[COS]], %[[OFF]]
func.func @half(%c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<?x8x8xf32> {
  %m = rope.rotation_matrix %c, %s : tensor<?x4xf32>
  return %m : tensor<?x8x8xf32>
}

// CHECK-LABEL: func @interleaved_memref
// CHECK-SAME:    (%[[C:.*]]: memref<4xbf16>, %[[S:.*]]: memref<4xbf16>, %[[M:.*]]: memref<8x8xbf16>)
// CHECK:         linalg.generic {indexing_maps = [#[[$INTERLEAVED]], #[[$INTERLEAVED]],
// CHECK-SAME:      outs(%[[M]] : memref<8x8xbf16>)
func.func @interleaved_memref(%c: memref<4xbf16>, %s: memref<4xbf16>, %m: memref<8x8xbf16>) {
  rope.rotation_matrix %c, %s into %m pairing<interleaved> : memref<4xbf16> into memref<8x8xbf16>
  return
}
