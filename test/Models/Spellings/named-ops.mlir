// RUN: rope-opt %s --rope-raise | FileCheck %s

// Named structured ops, contractions and pads instead of generic ones.

// CHECK-LABEL: func @elementwise
// CHECK:         rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] :
func.func @elementwise(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %size = tensor.dim %x, %c0 : tensor<?x8xf32>
  %half = tensor.empty(%size) : tensor<?x4xf32>
  %whole = tensor.empty(%size) : tensor<?x8xf32>
  %low = tensor.extract_slice %x[0, 0] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
  %high = tensor.extract_slice %x[0, 4] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
  %minus = linalg.elementwise kind=#linalg.elementwise_kind<negf> ins(%high : tensor<?x4xf32>) outs(%half : tensor<?x4xf32>) -> tensor<?x4xf32>
  %turned = tensor.concat dim(1) %minus, %low : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  %cosines = tensor.concat dim(1) %cos, %cos : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  %sines = tensor.concat dim(1) %sin, %sin : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  %a = linalg.elementwise kind=#linalg.elementwise_kind<mul> ins(%x, %cosines : tensor<?x8xf32>, tensor<?x8xf32>) outs(%whole : tensor<?x8xf32>) -> tensor<?x8xf32>
  %b = linalg.mul ins(%turned, %sines : tensor<?x8xf32>, tensor<?x8xf32>) outs(%whole : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = linalg.map { arith.addf } ins(%a, %b : tensor<?x8xf32>, tensor<?x8xf32>) outs(%whole : tensor<?x8xf32>)
  return %y : tensor<?x8xf32>
}

// Shifts by padding: zeros enter on either side.
// CHECK-LABEL: func @pad_and_broadcast
// CHECK:         rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] :
func.func @pad_and_broadcast(%x: tensor<5x2x8xf32>, %cos: tensor<5x8xf32>, %sin: tensor<5x8xf32>) -> tensor<5x2x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<5x2x8xf32>
  %cosines = linalg.broadcast ins(%cos : tensor<5x8xf32>) outs(%empty : tensor<5x2x8xf32>) dimensions = [1]
  %sines = linalg.broadcast ins(%sin : tensor<5x8xf32>) outs(%empty : tensor<5x2x8xf32>) dimensions = [1]
  %low = tensor.extract_slice %x[0, 0, 0] [5, 2, 4] [1, 1, 1] : tensor<5x2x8xf32> to tensor<5x2x4xf32>
  %high = tensor.extract_slice %x[0, 0, 4] [5, 2, 4] [1, 1, 1] : tensor<5x2x8xf32> to tensor<5x2x4xf32>
  %right = tensor.pad %low low[0, 0, 4] high[0, 0, 0] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %zero : f32
  } : tensor<5x2x4xf32> to tensor<5x2x8xf32>
  %left = tensor.pad %high low[0, 0, 0] high[0, 0, 4] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %zero : f32
  } : tensor<5x2x4xf32> to tensor<5x2x8xf32>
  %turned = arith.subf %right, %left : tensor<5x2x8xf32>
  %b = arith.mulf %turned, %sines : tensor<5x2x8xf32>
  %y = math.fma %x, %cosines, %b : tensor<5x2x8xf32>
  return %y : tensor<5x2x8xf32>
}

// x J with the constant J of rotate-half, as a contraction.
// CHECK-LABEL: func @contract
// CHECK:         rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] :
func.func @contract(%x: tensor<5x4xf32>, %cos: tensor<5x2xf32>, %sin: tensor<5x2xf32>) -> tensor<5x4xf32> {
  %j = arith.constant dense<[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [-1.0, 0.0, 0.0, 0.0], [0.0, -1.0, 0.0, 0.0]]> : tensor<4x4xf32>
  %init = arith.constant dense<0.0> : tensor<5x4xf32>
  %cosines = tensor.concat dim(1) %cos, %cos : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %sines = tensor.concat dim(1) %sin, %sin : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %turned = linalg.contract indexing_maps = [
      affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>]
      ins(%x, %j : tensor<5x4xf32>, tensor<4x4xf32>) outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  %a = arith.mulf %x, %cosines : tensor<5x4xf32>
  %b = arith.mulf %turned, %sines : tensor<5x4xf32>
  %y = arith.addf %a, %b : tensor<5x4xf32>
  return %y : tensor<5x4xf32>
}

// The transposed J turns backwards: still a rotation. A symmetric one is not.
// CHECK-LABEL: func @negative_symmetric
// CHECK-NOT:     rope.rotate
func.func @negative_symmetric(%x: tensor<5x4xf32>, %cos: tensor<5x2xf32>, %sin: tensor<5x2xf32>) -> tensor<5x4xf32> {
  %j = arith.constant dense<[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<4x4xf32>
  %init = arith.constant dense<0.0> : tensor<5x4xf32>
  %cosines = tensor.concat dim(1) %cos, %cos : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %sines = tensor.concat dim(1) %sin, %sin : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %turned = linalg.matmul ins(%x, %j : tensor<5x4xf32>, tensor<4x4xf32>) outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  %a = arith.mulf %x, %cosines : tensor<5x4xf32>
  %b = arith.mulf %turned, %sines : tensor<5x4xf32>
  %y = arith.addf %a, %b : tensor<5x4xf32>
  return %y : tensor<5x4xf32>
}
