// A spelling of its own: the lanes are rolled by half, and a mask chooses the sign.
// CHECK-LABEL: func @rolled
// CHECK:         rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] : tensor<4x8xf32>, tensor<4x4xf32>
// CHECK-NEXT:    return
func.func @rolled(%x: tensor<4x8xf32>, %cos: tensor<4x4xf32>, %sin: tensor<4x4xf32>) -> tensor<4x8xf32> {
  %sign = arith.constant dense<[[-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0], [-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0], [-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0], [-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0]]> : tensor<4x8xf32>
  %a = tensor.extract_slice %x[0, 0] [4, 4] [1, 1] : tensor<4x8xf32> to tensor<4x4xf32>
  %b = tensor.extract_slice %x[0, 4] [4, 4] [1, 1] : tensor<4x8xf32> to tensor<4x4xf32>
  %rolled = tensor.concat dim(1) %b, %a : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
  %c = tensor.concat dim(1) %cos, %cos : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
  %s = tensor.concat dim(1) %sin, %sin : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
  %0 = arith.mulf %x, %c : tensor<4x8xf32>
  %1 = arith.mulf %rolled, %s : tensor<4x8xf32>
  %2 = arith.mulf %1, %sign : tensor<4x8xf32>
  %y = arith.addf %0, %2 : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// Without the sign it is none.
// CHECK-LABEL: func @negative_rolled_without_sign
// CHECK-NOT:     rope.rotate
func.func @negative_rolled_without_sign(%x: tensor<4x8xf32>, %cos: tensor<4x4xf32>, %sin: tensor<4x4xf32>) -> tensor<4x8xf32> {
  %a = tensor.extract_slice %x[0, 0] [4, 4] [1, 1] : tensor<4x8xf32> to tensor<4x4xf32>
  %b = tensor.extract_slice %x[0, 4] [4, 4] [1, 1] : tensor<4x8xf32> to tensor<4x4xf32>
  %rolled = tensor.concat dim(1) %b, %a : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
  %c = tensor.concat dim(1) %cos, %cos : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
  %s = tensor.concat dim(1) %sin, %sin : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
  %0 = arith.mulf %x, %c : tensor<4x8xf32>
  %1 = arith.mulf %rolled, %s : tensor<4x8xf32>
  %y = arith.addf %0, %1 : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
