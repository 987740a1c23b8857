// RUN: rope-opt %s --rope-raise | FileCheck %s

// Each iteration writes a row of its own: one rotation of all rows.

// CHECK-LABEL: func @positions
// CHECK-NOT:     scf.for
// CHECK:         rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] : tensor<?x8xf32>
// CHECK-NOT:     scf.for
func.func @positions(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %size = tensor.dim %x, %c0 : tensor<?x8xf32>
  %empty = tensor.empty(%size) : tensor<?x8xf32>
  %y = scf.for %s = %c0 to %size step %c1 iter_args(%rows = %empty) -> tensor<?x8xf32> {
    %low = tensor.extract_slice %x[%s, 0] [1, 4] [1, 1] : tensor<?x8xf32> to tensor<4xf32>
    %high = tensor.extract_slice %x[%s, 4] [1, 4] [1, 1] : tensor<?x8xf32> to tensor<4xf32>
    %c = tensor.extract_slice %cos[%s, 0] [1, 4] [1, 1] : tensor<?x4xf32> to tensor<4xf32>
    %n = tensor.extract_slice %sin[%s, 0] [1, 4] [1, 1] : tensor<?x4xf32> to tensor<4xf32>
    %lc = arith.mulf %low, %c : tensor<4xf32>
    %hs = arith.mulf %high, %n : tensor<4xf32>
    %first = arith.subf %lc, %hs : tensor<4xf32>
    %hc = arith.mulf %high, %c : tensor<4xf32>
    %ls = arith.mulf %low, %n : tensor<4xf32>
    %second = arith.addf %hc, %ls : tensor<4xf32>
    %row = tensor.concat dim(0) %first, %second : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
    %next = tensor.insert_slice %row into %rows[%s, 0] [1, 8] [1, 1] : tensor<8xf32> into tensor<?x8xf32>
    scf.yield %next : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// Both halves of a row are written in place, one after the other.
// CHECK-LABEL: func @heads_in_place
// CHECK-NEXT:    rope.rotate %arg0 by %arg1, %arg2 along [0] pairing<interleaved> : tensor<5x2x8xf32>, tensor<5x4xf32>
// CHECK-NEXT:    return
func.func @heads_in_place(%x: tensor<5x2x8xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<5x2x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %y = scf.for %h = %c0 to %c2 step %c1 iter_args(%all = %x) -> tensor<5x2x8xf32> {
    %head = tensor.extract_slice %x[0, %h, 0] [5, 1, 8] [1, 1, 1] : tensor<5x2x8xf32> to tensor<5x8xf32>
    %even = tensor.extract_slice %head[0, 0] [5, 4] [1, 2] : tensor<5x8xf32> to tensor<5x4xf32>
    %odd = tensor.extract_slice %head[0, 1] [5, 4] [1, 2] : tensor<5x8xf32> to tensor<5x4xf32>
    %ec = arith.mulf %even, %cos : tensor<5x4xf32>
    %os = arith.mulf %odd, %sin : tensor<5x4xf32>
    %first = arith.subf %ec, %os : tensor<5x4xf32>
    %oc = arith.mulf %odd, %cos : tensor<5x4xf32>
    %es = arith.mulf %even, %sin : tensor<5x4xf32>
    %second = arith.addf %oc, %es : tensor<5x4xf32>
    %written = tensor.insert_slice %first into %head[0, 0] [5, 4] [1, 2] : tensor<5x4xf32> into tensor<5x8xf32>
    %rotated = tensor.insert_slice %second into %written[0, 1] [5, 4] [1, 2] : tensor<5x4xf32> into tensor<5x8xf32>
    %next = tensor.insert_slice %rotated into %all[0, %h, 0] [5, 1, 8] [1, 1, 1] : tensor<5x8xf32> into tensor<5x2x8xf32>
    scf.yield %next : tensor<5x2x8xf32>
  }
  return %y : tensor<5x2x8xf32>
}

// The row that is written last is another one: its second half is stale.
// CHECK-LABEL: func @negative_overwritten
// CHECK-NOT:     rope.rotate
func.func @negative_overwritten(%x: tensor<5x8xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<5x8xf32> {
  %even = tensor.extract_slice %x[0, 0] [5, 4] [1, 2] : tensor<5x8xf32> to tensor<5x4xf32>
  %ec = arith.mulf %even, %cos : tensor<5x4xf32>
  %written = tensor.insert_slice %ec into %x[0, 0] [5, 4] [1, 2] : tensor<5x4xf32> into tensor<5x8xf32>
  // Reads what was just written instead of the source.
  %scaled = tensor.extract_slice %written[0, 0] [5, 4] [1, 2] : tensor<5x8xf32> to tensor<5x4xf32>
  %odd = tensor.extract_slice %x[0, 1] [5, 4] [1, 2] : tensor<5x8xf32> to tensor<5x4xf32>
  %os = arith.mulf %odd, %sin : tensor<5x4xf32>
  %first = arith.subf %scaled, %os : tensor<5x4xf32>
  %oc = arith.mulf %odd, %cos : tensor<5x4xf32>
  %es = arith.mulf %scaled, %sin : tensor<5x4xf32>
  %second = arith.addf %oc, %es : tensor<5x4xf32>
  %a = tensor.insert_slice %first into %written[0, 0] [5, 4] [1, 2] : tensor<5x4xf32> into tensor<5x8xf32>
  %y = tensor.insert_slice %second into %a[0, 1] [5, 4] [1, 2] : tensor<5x4xf32> into tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}
