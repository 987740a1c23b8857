// RUN: rope-opt %s --rope-raise | FileCheck %s

// Tensor ops that frontends write beside slices: generate, gather, insert, a
// conditional with a known side.

// CHECK-LABEL: func @generate
// CHECK:         rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] :
func.func @generate(%x: tensor<5x8xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<5x8xf32> {
  %c4 = arith.constant 4 : index
  %cosines = tensor.concat dim(1) %cos, %cos : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  %sines = tensor.concat dim(1) %sin, %sin : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  %half = tensor.generate {
  ^bb0(%s: index, %lane: index):
    %first = arith.cmpi ult, %lane, %c4 : index
    %turned = scf.if %first -> f32 {
      %from = arith.addi %lane, %c4 : index
      %upper = tensor.extract %x[%s, %from] : tensor<5x8xf32>
      %minus = arith.negf %upper : f32
      scf.yield %minus : f32
    } else {
      %from = arith.subi %lane, %c4 : index
      %lower = tensor.extract %x[%s, %from] : tensor<5x8xf32>
      scf.yield %lower : f32
    }
    tensor.yield %turned : f32
  } : tensor<5x8xf32>
  %a = arith.mulf %x, %cosines : tensor<5x8xf32>
  %b = arith.mulf %half, %sines : tensor<5x8xf32>
  %y = arith.addf %a, %b : tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}

// Lanes by a constant list of coordinates; the gathered dimension is dropped.
// CHECK-LABEL: func @gather
// CHECK:         rope.rotate %{{.*}} by %{{.*}}, %{{.*}} along [0] :
func.func @gather(%x: tensor<4x5xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<5x4xf32> {
  %lanes = arith.constant dense<[[2], [3], [0], [1]]> : tensor<4x1xindex>
  %sign = arith.constant dense<[[-1.0], [-1.0], [1.0], [1.0]]> : tensor<4x1xf32>
  %swapped = tensor.gather %x[%lanes] gather_dims([0]) : (tensor<4x5xf32>, tensor<4x1xindex>) -> tensor<4x5xf32>
  %c = tensor.extract_slice %cos[0, 0] [5, 2] [1, 1] : tensor<5x4xf32> to tensor<5x2xf32>
  %n = tensor.extract_slice %sin[0, 0] [5, 2] [1, 1] : tensor<5x4xf32> to tensor<5x2xf32>
  %cosines = tensor.concat dim(1) %c, %c : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %sines = tensor.concat dim(1) %n, %n : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %empty = tensor.empty() : tensor<5x4xf32>
  %y = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d1, 0)>,
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %swapped, %sign, %cosines, %sines : tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x1xf32>, tensor<5x4xf32>, tensor<5x4xf32>)
      outs(%empty : tensor<5x4xf32>) {
  ^bb0(%own: f32, %other: f32, %signed: f32, %cosine: f32, %sine: f32, %out: f32):
    %a = arith.mulf %own, %cosine : f32
    %turned = arith.mulf %other, %signed : f32
    %b = arith.mulf %turned, %sine : f32
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<5x4xf32>
  return %y : tensor<5x4xf32>
}

// A matrix of four numbers, written entry by entry.
// CHECK-LABEL: func @insert
// CHECK:         rope.rotate %{{.*}} by %{{.*}}, %{{.*}} along [] pairing<interleaved> inverse
func.func @insert(%x: tensor<5x4xf32>, %c0: f32, %s0: f32, %c1: f32, %s1: f32) -> tensor<5x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4x4xf32>
  %i0 = arith.constant 0 : index
  %i1 = arith.constant 1 : index
  %i2 = arith.constant 2 : index
  %i3 = arith.constant 3 : index
  %n0 = arith.negf %s0 : f32
  %n1 = arith.negf %s1 : f32
  %m0 = tensor.insert %c0 into %zero[%i0, %i0] : tensor<4x4xf32>
  %m1 = tensor.insert %s0 into %m0[%i0, %i1] : tensor<4x4xf32>
  %m2 = tensor.insert %n0 into %m1[%i1, %i0] : tensor<4x4xf32>
  %m3 = tensor.insert %c0 into %m2[%i1, %i1] : tensor<4x4xf32>
  %m4 = tensor.insert %c1 into %m3[%i2, %i2] : tensor<4x4xf32>
  %m5 = tensor.insert %s1 into %m4[%i2, %i3] : tensor<4x4xf32>
  %m6 = tensor.insert %n1 into %m5[%i3, %i2] : tensor<4x4xf32>
  %m7 = tensor.insert %c1 into %m6[%i3, %i3] : tensor<4x4xf32>
  %init = arith.constant dense<0.0> : tensor<5x4xf32>
  %y = linalg.matmul ins(%x, %m7 : tensor<5x4xf32>, tensor<4x4xf32>) outs(%init : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %y : tensor<5x4xf32>
}

// CHECK-LABEL: func @known_side
// CHECK:         rope.rotate %arg0 by %arg1, %arg2 along [0]
func.func @known_side(%x: tensor<5x8xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<5x8xf32> {
  %true = arith.constant true
  %low = tensor.extract_slice %x[0, 0] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %high = tensor.extract_slice %x[0, 4] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %turned = scf.if %true -> tensor<5x4xf32> {
    %minus = arith.negf %high : tensor<5x4xf32>
    scf.yield %minus : tensor<5x4xf32>
  } else {
    scf.yield %high : tensor<5x4xf32>
  }
  %a = arith.mulf %low, %cos : tensor<5x4xf32>
  %b = arith.mulf %turned, %sin : tensor<5x4xf32>
  %first = arith.addf %a, %b : tensor<5x4xf32>
  %c = arith.mulf %high, %cos : tensor<5x4xf32>
  %d = arith.mulf %low, %sin : tensor<5x4xf32>
  %second = arith.addf %c, %d : tensor<5x4xf32>
  %y = tensor.concat dim(1) %first, %second : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}
