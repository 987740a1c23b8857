// RUN: rope-opt %s --convert-rope-to-linalg --split-input-file | FileCheck %s

// The average over elements, then the log-sum-exp over rows; both guard against
// empty partials.
// CHECK-DAG: #[[$ALL:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-LABEL: func @tensors
// CHECK-SAME:    (%[[A:.*]]: tensor<?x8xf16>, %[[LA:.*]]: tensor<?xf32>, %[[B:.*]]: tensor<?x8xf16>, %[[LB:.*]]: tensor<?xf32>)
// CHECK:         %[[M:.*]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$ALL]], #[[$ROW]], #[[$ROW]], #[[$ALL]]]
// CHECK-SAME:      ins(%[[A]], %[[B]], %[[LA]], %[[LB]]
// CHECK:           arith.extf
// CHECK:           %[[MAX:.*]] = arith.maximumf
// CHECK:           %[[BOTH:.*]] = arith.cmpf oeq, %[[MAX]], %{{.*}} : f32
// CHECK:           %[[SHIFT:.*]] = arith.select %[[BOTH]]
// CHECK:           arith.divf
// CHECK:           arith.select %[[BOTH]]
// CHECK:           arith.truncf
// CHECK:         %[[L:.*]] = linalg.generic
// CHECK-SAME:      ins(%[[LA]], %[[LB]]
// CHECK:           math.log
// CHECK:         return %[[M]], %[[L]]
func.func @tensors(%a: tensor<?x8xf16>, %la: tensor<?xf32>, %b: tensor<?x8xf16>, %lb: tensor<?xf32>) -> (tensor<?x8xf16>, tensor<?xf32>) {
  %m, %l = rope.merge %a, %la and %b, %lb : tensor<?x8xf16>, tensor<?xf32>
  return %m, %l : tensor<?x8xf16>, tensor<?xf32>
}

// -----

// One row: no loop for lse. In place, lse is written after it was read.
// CHECK-LABEL: func @one_row_in_place
// CHECK-SAME:    (%[[A:.*]]: memref<8xf32>, %[[LA:.*]]: memref<f32>, %[[B:.*]]: memref<8xf32>, %[[LB:.*]]: memref<f32>)
// CHECK-NOT:     memref.alloc
// CHECK:         linalg.generic {{.*}} ins(%[[A]], %[[B]], %[[LA]], %[[LB]] {{.*}}) outs(%[[A]] : memref<8xf32>)
// CHECK:         linalg.generic {{.*}} iterator_types = []} ins(%[[LA]], %[[LB]] {{.*}}) outs(%[[LA]] : memref<f32>)
func.func @one_row_in_place(%a: memref<8xf32>, %la: memref<f32>, %b: memref<8xf32>, %lb: memref<f32>) {
  rope.merge %a, %la and %b, %lb into %a, %la : memref<8xf32>, memref<f32> into memref<8xf32>, memref<f32>
  return
}
