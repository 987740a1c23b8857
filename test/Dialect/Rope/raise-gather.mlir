// Rows of a table by position, each entry repeated for both lanes (GPT-J).

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

#all = affine_map<(d0, d1) -> (d0, d1)>
#all3 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#pair = affine_map<(d0, d1, d2) -> (d0, d1)>

// CHECK-LABEL: func.func @gather(
// CHECK: rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] pairing<interleaved> : tensor<6x8xf32>, tensor<6x4xf32>
func.func @gather(%x: tensor<6x8xf32>, %ids: tensor<6xi64>, %t: tensor<32x8xf32>) -> tensor<6x8xf32> {
  %e = tensor.empty() : tensor<6x8xf32>
  %rows = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel"]} outs(%e : tensor<6x8xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %id = tensor.extract %ids[%i] : tensor<6xi64>
    %row = arith.index_cast %id : i64 to index
    %v = tensor.extract %t[%row, %j] : tensor<32x8xf32>
    linalg.yield %v : f32
  } -> tensor<6x8xf32>
  %s4 = tensor.extract_slice %rows[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %c4 = tensor.extract_slice %rows[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %e2 = tensor.empty() : tensor<6x4x2xf32>
  %c2 = linalg.broadcast ins(%c4 : tensor<6x4xf32>) outs(%e2 : tensor<6x4x2xf32>) dimensions = [2]
  %cc = tensor.collapse_shape %c2 [[0], [1, 2]] : tensor<6x4x2xf32> into tensor<6x8xf32>
  %s2 = linalg.broadcast ins(%s4 : tensor<6x4xf32>) outs(%e2 : tensor<6x4x2xf32>) dimensions = [2]
  %ss = tensor.collapse_shape %s2 [[0], [1, 2]] : tensor<6x4x2xf32> into tensor<6x8xf32>
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 2] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 1] [6, 4] [1, 2] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %u : tensor<6x4xf32>
  %h0 = tensor.expand_shape %n [[0], [1, 2]] output_shape [6, 4, 1] : tensor<6x4xf32> into tensor<6x4x1xf32>
  %h1 = tensor.expand_shape %l [[0], [1, 2]] output_shape [6, 4, 1] : tensor<6x4xf32> into tensor<6x4x1xf32>
  %h2 = tensor.concat dim(2) %h0, %h1 : (tensor<6x4x1xf32>, tensor<6x4x1xf32>) -> tensor<6x4x2xf32>
  %h = tensor.collapse_shape %h2 [[0], [1, 2]] : tensor<6x4x2xf32> into tensor<6x8xf32>
  %p = arith.mulf %x, %cc : tensor<6x8xf32>
  %q = arith.mulf %h, %ss : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Two insertions of whole columns: whichever row the ids say, it is in both.
// CHECK-LABEL: func.func @inserted_columns(
// CHECK: rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] : tensor<6x8xf32>, tensor<6x4xf32>
func.func @inserted_columns(%x: tensor<6x8xf32>, %ids: tensor<6xi64>, %t: tensor<32x4xf32>) -> tensor<6x8xf32> {
  %te = tensor.empty() : tensor<32x8xf32>
  %low = tensor.insert_slice %t into %te[0, 0] [32, 4] [1, 1] : tensor<32x4xf32> into tensor<32x8xf32>
  %part = tensor.extract_slice %t[0, 0] [32, 4] [1, 1] : tensor<32x4xf32> to tensor<32x4xf32>
  %full = tensor.insert_slice %part into %low[0, 4] [32, 4] [1, 1] : tensor<32x4xf32> into tensor<32x8xf32>
  %e = tensor.empty() : tensor<6x8xf32>
  %cs:2 = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} outs(%e, %e : tensor<6x8xf32>, tensor<6x8xf32>) {
  ^bb0(%o0: f32, %o1: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %id = tensor.extract %ids[%i] : tensor<6xi64>
    %row = arith.index_cast %id : i64 to index
    %a = tensor.extract %full[%row, %j] : tensor<32x8xf32>
    %c = math.cos %a : f32
    %s = math.sin %a : f32
    linalg.yield %c, %s : f32, f32
  } -> (tensor<6x8xf32>, tensor<6x8xf32>)
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %u : tensor<6x4xf32>
  %h = tensor.concat dim(1) %n, %l : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %p = arith.mulf %x, %cs#0 : tensor<6x8xf32>
  %q = arith.mulf %h, %cs#1 : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Row 31 of the second half is not written: an id may say 31.
// CHECK-LABEL: func.func @negative_missing_row(
// CHECK-NOT: rope.
// CHECK: return
func.func @negative_missing_row(%x: tensor<6x8xf32>, %ids: tensor<6xi64>, %t: tensor<32x4xf32>) -> tensor<6x8xf32> {
  %te = tensor.empty() : tensor<32x8xf32>
  %low = tensor.insert_slice %t into %te[0, 0] [32, 4] [1, 1] : tensor<32x4xf32> into tensor<32x8xf32>
  %part = tensor.extract_slice %t[0, 0] [31, 4] [1, 1] : tensor<32x4xf32> to tensor<31x4xf32>
  %full = tensor.insert_slice %part into %low[0, 4] [31, 4] [1, 1] : tensor<31x4xf32> into tensor<32x8xf32>
  %e = tensor.empty() : tensor<6x8xf32>
  %cs:2 = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} outs(%e, %e : tensor<6x8xf32>, tensor<6x8xf32>) {
  ^bb0(%o0: f32, %o1: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %id = tensor.extract %ids[%i] : tensor<6xi64>
    %row = arith.index_cast %id : i64 to index
    %a = tensor.extract %full[%row, %j] : tensor<32x8xf32>
    %c = math.cos %a : f32
    %s = math.sin %a : f32
    linalg.yield %c, %s : f32, f32
  } -> (tensor<6x8xf32>, tensor<6x8xf32>)
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %u : tensor<6x4xf32>
  %h = tensor.concat dim(1) %n, %l : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %p = arith.mulf %x, %cs#0 : tensor<6x8xf32>
  %q = arith.mulf %h, %cs#1 : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
