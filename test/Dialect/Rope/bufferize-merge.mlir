// RUN: rope-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --cse --canonicalize --verify-each | FileCheck %s

// The first partial is accumulated into.
// CHECK-LABEL: func @in_place
// CHECK-SAME:    (%[[A:.*]]: memref<?x8xf32>, %[[LA:.*]]: memref<?xf32>, %[[B:.*]]: memref<?x8xf32>, %[[LB:.*]]: memref<?xf32>)
// CHECK-NOT:     memref.alloc
// CHECK:         rope.merge %[[A]], %[[LA]] and %[[B]], %[[LB]] into %[[A]], %[[LA]] : memref<?x8xf32>, memref<?xf32> into memref<?x8xf32>, memref<?xf32>
// CHECK:         return %[[A]], %[[LA]]
func.func @in_place(%a: tensor<?x8xf32> {bufferization.writable = true}, %la: tensor<?xf32> {bufferization.writable = true}, %b: tensor<?x8xf32>, %lb: tensor<?xf32>) -> (tensor<?x8xf32>, tensor<?xf32>) {
  %m, %l = rope.merge %a, %la and %b, %lb : tensor<?x8xf32>, tensor<?xf32>
  return %m, %l : tensor<?x8xf32>, tensor<?xf32>
}

// A partial that is needed later is copied, its lse is not.
// CHECK-LABEL: func @used_later
// CHECK-SAME:    (%[[A:.*]]: memref<4x8xf32>, %[[LA:.*]]: memref<4xf32>, %[[B:.*]]: memref<4x8xf32>, %[[LB:.*]]: memref<4xf32>)
// CHECK:         %[[COPY:.*]] = memref.alloc() {{.*}} : memref<4x8xf32>
// CHECK-NOT:     memref.alloc
// CHECK:         memref.copy %[[A]], %[[COPY]]
// CHECK:         rope.merge %[[COPY]], %[[LA]] and %[[B]], %[[LB]] into %[[COPY]], %[[LA]]
func.func @used_later(%a: tensor<4x8xf32> {bufferization.writable = true}, %la: tensor<4xf32> {bufferization.writable = true}, %b: tensor<4x8xf32>, %lb: tensor<4xf32>) -> (tensor<4x8xf32>, tensor<4xf32>, tensor<4x8xf32>) {
  %m, %l = rope.merge %a, %la and %b, %lb : tensor<4x8xf32>, tensor<4xf32>
  return %m, %l, %a : tensor<4x8xf32>, tensor<4xf32>, tensor<4x8xf32>
}

// A loop over parts accumulates in place.
// CHECK-LABEL: func @accumulate
// CHECK:         scf.for
// CHECK-NOT:       memref.{{alloc|copy}}
// CHECK:           rope.merge %[[ACC:.*]], %[[LSE:.*]] and %{{.*}}, %{{.*}} into %[[ACC]], %[[LSE]]
// CHECK-NOT:       memref.{{alloc|copy}}
// CHECK:         return
func.func @accumulate(%parts: tensor<?x4x8xf32>, %lses: tensor<?x4xf32>, %n: index) -> tensor<4x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant dense<0.0> : tensor<4x8xf32>
  %inf = arith.constant dense<0xFF800000> : tensor<4xf32>
  %m, %l = scf.for %i = %c0 to %n step %c1 iter_args(%a = %zero, %la = %inf) -> (tensor<4x8xf32>, tensor<4xf32>) {
    %b = tensor.extract_slice %parts[%i, 0, 0] [1, 4, 8] [1, 1, 1] : tensor<?x4x8xf32> to tensor<4x8xf32>
    %lb = tensor.extract_slice %lses[%i, 0] [1, 4] [1, 1] : tensor<?x4xf32> to tensor<4xf32>
    %m1, %l1 = rope.merge %a, %la and %b, %lb : tensor<4x8xf32>, tensor<4xf32>
    scf.yield %m1, %l1 : tensor<4x8xf32>, tensor<4xf32>
  }
  return %m : tensor<4x8xf32>
}
