// RUN: rope-opt %s --transform-interpreter --canonicalize --cse | FileCheck %s

// The loops are the rows; a row's lanes stay together, also where their number
// is not known.
// CHECK-LABEL: func @rows
// CHECK-SAME:    (%[[A:[^:]*]]: tensor<4x?x?xf16>, %[[LA:[^:]*]]: tensor<4x?xf32>
// CHECK:         scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step
// CHECK:           scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step
// CHECK:             tensor.extract_slice %[[A]][%[[I]], %[[J]], 0] [2, %[[N:.*]], %[[V:.*]]] [1, 1, 1]
// CHECK:             tensor.extract_slice %[[LA]][%[[I]], %[[J]]] [2, %[[N]]]
// CHECK:             %[[M:.*]], %[[L:.*]] = rope.merge {{.*}} : tensor<2x?x?xf16>, tensor<2x?xf32>
// CHECK:             tensor.insert_slice %[[M]] into %{{.*}}[%[[I]], %[[J]], 0] [2, %[[N]], %[[V]]]
// CHECK:             tensor.insert_slice %[[L]] into %{{.*}}[%[[I]], %[[J]]] [2, %[[N]]]
func.func @rows(%a: tensor<4x?x?xf16>, %la: tensor<4x?xf32>, %b: tensor<4x?x?xf16>, %lb: tensor<4x?xf32>) -> (tensor<4x?x?xf16>, tensor<4x?xf32>) {
  %m, %l = rope.merge %a, %la and %b, %lb : tensor<4x?x?xf16>, tensor<4x?xf32>
  return %m, %l : tensor<4x?x?xf16>, tensor<4x?xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.merge"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:2 = transform.structured.tile_using_for %op tile_sizes [2, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
