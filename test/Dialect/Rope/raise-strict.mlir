// Under `strict` only that is raised whose rotation has the same bits.

// RUN: rope-opt %s --rope-raise=strict --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t
// RUN: not rope-opt %s --rope-raise='strict upgrade-angles' -o /dev/null 2>&1 | FileCheck %s --check-prefix=BOTH

// BOTH: error: rope-raise: strict keeps every bit, upgrade-angles does not

// CHECK: remark: [Passed] {{.*}}Function=products
// IR-LABEL: func.func @products(
// IR: rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<6x8xf32>
func.func @products(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Products are rounded to bf16 before they are added.
// CHECK: remark: [Missed] NotStrict {{.*}}Function=negative_narrow {{.*}}strict: lane 0 is rounded to a narrow type after every product
// IR-LABEL: func.func @negative_narrow(
// IR-NOT: rope.
func.func @negative_narrow(%x: tensor<6x8xbf16>, %c: tensor<6x4xbf16>, %s: tensor<6x4xbf16>) -> tensor<6x8xbf16> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xbf16> to tensor<6x4xbf16>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xbf16> to tensor<6x4xbf16>
  %p0 = arith.mulf %lower, %c : tensor<6x4xbf16>
  %p1 = arith.mulf %upper, %s : tensor<6x4xbf16>
  %p2 = arith.mulf %lower, %s : tensor<6x4xbf16>
  %p3 = arith.mulf %upper, %c : tensor<6x4xbf16>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xbf16>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xbf16>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xbf16>, tensor<6x4xbf16>) -> tensor<6x8xbf16>
  return %y : tensor<6x8xbf16>
}

// A fused product is rounded once less.
// IR-LABEL: func.func @negative_fma(
// IR-NOT: rope.
func.func @negative_fma(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %s : tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %y0 = math.fma %upper, %n, %p0 : tensor<6x4xf32>
  %y1 = math.fma %upper, %c, %p2 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Zero times an infinite element is not zero.
// IR-LABEL: func.func @negative_matrix(
// IR-NOT: rope.
func.func @negative_matrix(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %m = arith.constant dense<[[0.6, 0.8, 0.0, 0.0], [-0.8, 0.6, 0.0, 0.0], [0.0, 0.0, 0.8, 0.6], [0.0, 0.0, -0.6, 0.8]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}
func.func @negative_scaled_after(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>, %g: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %g0 = arith.mulf %p0, %g : tensor<6x4xf32>
  %g1 = arith.mulf %p1, %g : tensor<6x4xf32>
  %g2 = arith.mulf %p2, %g : tensor<6x4xf32>
  %g3 = arith.mulf %p3, %g : tensor<6x4xf32>
  %y0 = arith.subf %g0, %g1 : tensor<6x4xf32>
  %y1 = arith.addf %g2, %g3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// The cosine of math has no bits that rope.sincos could keep.
// IR-LABEL: func.func @negative_tables(
// IR-NOT: rope.sincos
// IR: math.cos
// IR: rope.rotate
func.func @negative_tables(%x: tensor<6x4xf32>, %positions: tensor<6x1xi64>) -> tensor<6x4xf32> {
  %w = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %empty = tensor.empty() : tensor<6x2xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%positions, %w : tensor<6x1xi64>, tensor<2xf32>) outs(%empty : tensor<6x2xf32>) {
  ^bb0(%position: i64, %frequency: f32, %out: f32):
    %real = arith.sitofp %position : i64 to f32
    %angle = arith.mulf %real, %frequency : f32
    linalg.yield %angle : f32
  } -> tensor<6x2xf32>
  %c = math.cos %p : tensor<6x2xf32>
  %s = math.sin %p : tensor<6x2xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  %upper = tensor.extract_slice %x[0, 2] [6, 2] [1, 1] : tensor<6x4xf32> to tensor<6x2xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x2xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x2xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x2xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x2xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x2xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x2xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x2xf32>, tensor<6x2xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}
