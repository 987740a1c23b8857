// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t

// A dense matrix is no rotation, and the remark names its first row that is not a
// pair. A projection with unknown weights is nothing to remark on.

// The classic fake: cos(i j 0.01), which folds to numbers.
// CHECK: remark: [Missed] NotARotation {{.*}}Function=negative_cos_of_product {{.*}}row 0 has entries in columns 0, 1 and 2
// IR-LABEL: func.func @negative_cos_of_product(
// IR-NOT: rope.
func.func @negative_cos_of_product(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %scale = arith.constant 0.01 : f32
  %empty = tensor.empty() : tensor<4x4xf32>
  %m = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%empty : tensor<4x4xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %ij = arith.muli %i, %j : index
    %integer = arith.index_cast %ij : index to i64
    %real = arith.sitofp %integer : i64 to f32
    %angle = arith.mulf %real, %scale : f32
    %cos = math.cos %angle : f32
    linalg.yield %cos : f32
  } -> tensor<4x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}

// cos + sin of an angle that only run time knows.
// CHECK: remark: [Missed] NotARotation {{.*}}Function=negative_cas {{.*}}row 0 has entries in columns 0, 1 and 2
// IR-LABEL: func.func @negative_cas(
// IR-NOT: rope.
func.func @negative_cas(%x: tensor<6x4xf32>, %angles: tensor<4x4xf32>) -> tensor<6x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %cos = math.cos %angles : tensor<4x4xf32>
  %sin = math.sin %angles : tensor<4x4xf32>
  %m = arith.addf %cos, %sin : tensor<4x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}

// CHECK-NOT: Function=negative_projection
// IR-LABEL: func.func @negative_projection(
// IR-NOT: rope.
func.func @negative_projection(%x: tensor<6x4xf32>, %w: tensor<4x4xf32>) -> tensor<6x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}
