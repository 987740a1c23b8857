// The negation moves behind the rotation.
// CHECK-LABEL: func @negated_input
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>
func.func @negated_input(%x: tensor<4x8xf32>, %cos: tensor<4x4xf32>, %sin: tensor<4x4xf32>) -> tensor<4x8xf32> {
  // CHECK: %[[Y:.*]] = rope.rotate %[[X]] by
  // CHECK: arith.negf %[[Y]]
  %n = arith.negf %x : tensor<4x8xf32>
  %y = rope.rotate %n by %cos, %sin along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// The negated input is needed anyway: nothing would be won.
// CHECK-LABEL: func @negative_other_reader
func.func @negative_other_reader(%x: tensor<4x8xf32>, %cos: tensor<4x4xf32>, %sin: tensor<4x4xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  // CHECK: %[[N:.*]] = arith.negf
  // CHECK: rope.rotate %[[N]] by
  %n = arith.negf %x : tensor<4x8xf32>
  %y = rope.rotate %n by %cos, %sin along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %y, %n : tensor<4x8xf32>, tensor<4x8xf32>
}
