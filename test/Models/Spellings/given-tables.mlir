// RUN: rope-opt %s --rope-raise | FileCheck %s

// Tables of one entry a lane that the program was given and then converts,
// masks or takes the cosine of: the same for both lanes of a pair.

#rows = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: func @converted
// CHECK:         rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] : tensor<5x8xbf16>, tensor<5x8xbf16>
func.func @converted(%x: tensor<5x8xbf16>, %cos: tensor<5x8xf32>, %sin: tensor<5x8xf32>) -> tensor<5x8xbf16> {
  %c = arith.truncf %cos : tensor<5x8xf32> to tensor<5x8xbf16>
  %n = arith.truncf %sin : tensor<5x8xf32> to tensor<5x8xbf16>
  %low = tensor.extract_slice %x[0, 0] [5, 4] [1, 1] : tensor<5x8xbf16> to tensor<5x4xbf16>
  %high = tensor.extract_slice %x[0, 4] [5, 4] [1, 1] : tensor<5x8xbf16> to tensor<5x4xbf16>
  %minus = arith.negf %high : tensor<5x4xbf16>
  %turned = tensor.concat dim(1) %minus, %low : (tensor<5x4xbf16>, tensor<5x4xbf16>) -> tensor<5x8xbf16>
  %a = arith.mulf %x, %c : tensor<5x8xbf16>
  %b = arith.mulf %turned, %n : tensor<5x8xbf16>
  %y = arith.addf %a, %b : tensor<5x8xbf16>
  return %y : tensor<5x8xbf16>
}

// Angles for all lanes are an argument.
// CHECK-LABEL: func @angles
// CHECK:         rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] : tensor<5x8xf32>, tensor<5x8xf32>
func.func @angles(%x: tensor<5x8xf32>, %angles: tensor<5x8xf32>) -> tensor<5x8xf32> {
  %c = math.cos %angles : tensor<5x8xf32>
  %n = math.sin %angles : tensor<5x8xf32>
  %low = tensor.extract_slice %x[0, 0] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %high = tensor.extract_slice %x[0, 4] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %minus = arith.negf %high : tensor<5x4xf32>
  %turned = tensor.concat dim(1) %minus, %low : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  %a = arith.mulf %x, %c : tensor<5x8xf32>
  %b = arith.mulf %turned, %n : tensor<5x8xf32>
  %y = arith.addf %a, %b : tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}

// The second half takes the sine of the first half's angle: cosine and sine of
// two angles in one lane.
// CHECK-LABEL: func @negative_sine_of_other_half
// CHECK-NOT:     rope.rotate
func.func @negative_sine_of_other_half(%x: tensor<5x8xf32>, %angles: tensor<5x8xf32>) -> tensor<5x8xf32> {
  %c = math.cos %angles : tensor<5x8xf32>
  %half = tensor.extract_slice %angles[0, 0] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %n4 = math.sin %half : tensor<5x4xf32>
  %n = tensor.concat dim(1) %n4, %n4 : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  %low = tensor.extract_slice %x[0, 0] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %high = tensor.extract_slice %x[0, 4] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %minus = arith.negf %high : tensor<5x4xf32>
  %turned = tensor.concat dim(1) %minus, %low : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  %a = arith.mulf %x, %c : tensor<5x8xf32>
  %b = arith.mulf %turned, %n : tensor<5x8xf32>
  %y = arith.addf %a, %b : tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}

// A gather that fills rows out of range with NaN.
// CHECK-LABEL: func @masked
// CHECK:         rope.rotate
func.func @masked(%x: tensor<5x8xf32>, %cos: tensor<64x8xf32>, %sin: tensor<64x8xf32>, %ids: tensor<5xi32>) -> tensor<5x8xf32> {
  %empty = tensor.empty() : tensor<5x8xf32>
  %nan = arith.constant 0x7FC00000 : f32
  %zero = arith.constant 0 : i32
  %c, %n = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0)>, #rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<5xi32>) outs(%empty, %empty : tensor<5x8xf32>, tensor<5x8xf32>) {
  ^bb0(%id: i32, %out0: f32, %out1: f32):
    %lane = linalg.index 1 : index
    %row = arith.index_cast %id : i32 to index
    %valid = arith.cmpi sge, %id, %zero : i32
    %cosine = tensor.extract %cos[%row, %lane] : tensor<64x8xf32>
    %sine = tensor.extract %sin[%row, %lane] : tensor<64x8xf32>
    %filled0 = arith.select %valid, %cosine, %nan : f32
    %filled1 = arith.select %valid, %sine, %nan : f32
    linalg.yield %filled0, %filled1 : f32, f32
  } -> (tensor<5x8xf32>, tensor<5x8xf32>)
  %low = tensor.extract_slice %x[0, 0] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %high = tensor.extract_slice %x[0, 4] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %minus = arith.negf %high : tensor<5x4xf32>
  %turned = tensor.concat dim(1) %minus, %low : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  %a = arith.mulf %x, %c : tensor<5x8xf32>
  %b = arith.mulf %turned, %n : tensor<5x8xf32>
  %y = arith.addf %a, %b : tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}
