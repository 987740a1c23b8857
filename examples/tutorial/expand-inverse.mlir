// CHECK-LABEL: func @inverse
// CHECK-SAME:    (%[[X:.*]]: tensor<4x8xf32>, %[[COS:.*]]: tensor<4x4xf32>, %[[SIN:.*]]: tensor<4x4xf32>)
func.func @inverse(%x: tensor<4x8xf32>, %cos: tensor<4x4xf32>, %sin: tensor<4x4xf32>) -> tensor<4x8xf32> {
  // CHECK: %[[MINUS:.*]] = arith.negf %[[SIN]] : tensor<4x4xf32>
  // CHECK: rope.rotate %[[X]] by %[[COS]], %[[MINUS]] along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  %y = rope.rotate %x by %cos, %sin along [0] inverse : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func @negative_forward
func.func @negative_forward(%x: tensor<4x8xf32>, %cos: tensor<4x4xf32>, %sin: tensor<4x4xf32>) -> tensor<4x8xf32> {
  // CHECK-NOT: arith.negf
  %y = rope.rotate %x by %cos, %sin along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}
