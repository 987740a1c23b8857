// cos(x) = sin(x + pi/2) and sin(x) = cos(x - pi/2). In f32 the sum rounds the angle
// once more: the rotation is raised with the program's numbers as its tables, and the
// tables are those of positions only where exact angles are asked for.

// RUN: rope-opt %s --rope-raise | FileCheck %s
// RUN: rope-opt %s --rope-raise=upgrade-angles | FileCheck %s --check-prefix=UPGRADE
// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope 2>&1 | FileCheck %s --check-prefix=REMARK

#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>
#table = affine_map<(d0, d1) -> (d0, d1)>

// REMARK-DAG: KeptTables | Category:rope | Function=cosine_by_sine {{.*}}a quarter turn that is added rounds the angle once more
// REMARK-DAG: KeptTables | Category:rope | Function=negative_half_precision {{.*}}a quarter turn that is added rounds the angle once more
// REMARK-DAG: Function=negative_third_of_a_turn {{.*}}has two sines
// REMARK-DAG: Function=negative_other_angle {{.*}}takes cosine and sine of different angles
// REMARK-DAG: Function=negative_two_cosines {{.*}}has two cosines

// CHECK-LABEL: func.func @cosine_by_sine(
// CHECK-NOT:     rope.sincos
// CHECK:         rope.rotate %arg0 by %[[C:.*]], %[[S:.*]] along [0] :
// UPGRADE-LABEL: func.func @cosine_by_sine(
// UPGRADE:         rope.sincos %arg1 frequencies<dim = 8, base = 1.000000e+04> : tensor<6xi64>
func.func @cosine_by_sine(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %ae = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #table], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%ae : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %p = arith.sitofp %i : i64 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %quarter = arith.constant dense<1.57079637> : tensor<6x4xf32>
  %b = arith.addf %a, %quarter : tensor<6x4xf32>
  %c = math.sin %b : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
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

// CHECK-LABEL: func.func @sine_by_cosine(
// CHECK-NOT:     rope.sincos
// CHECK:         rope.rotate %arg0 by %[[C:.*]], %[[S:.*]] along [0] :
// UPGRADE-LABEL: func.func @sine_by_cosine(
// UPGRADE:         rope.sincos %arg1 frequencies<dim = 8, base = 1.000000e+04> : tensor<6xi64>
func.func @sine_by_cosine(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %ae = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #table], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%ae : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %p = arith.sitofp %i : i64 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %quarter = arith.constant dense<1.57079637> : tensor<6x4xf32>
  %b = arith.subf %a, %quarter : tensor<6x4xf32>
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.cos %b : tensor<6x4xf32>
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

// sin(pi/2 - x)
// CHECK-LABEL: func.func @complement(
// CHECK-NOT:     rope.sincos
// CHECK:         rope.rotate %arg0 by %[[C:.*]], %[[S:.*]] along [0] :
// UPGRADE-LABEL: func.func @complement(
// UPGRADE:         rope.sincos %arg1 frequencies<dim = 8, base = 1.000000e+04> : tensor<6xi64>
func.func @complement(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %ae = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #table], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%ae : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %p = arith.sitofp %i : i64 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %quarter = arith.constant dense<1.57079637> : tensor<6x4xf32>
  %b = arith.subf %quarter, %a : tensor<6x4xf32>
  %c = math.sin %b : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
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

// cos(x + pi/2) = -sin(x)
// CHECK-LABEL: func.func @turned_back(
// CHECK-NOT:     rope.sincos
// CHECK:         rope.rotate %arg0
// UPGRADE-LABEL: func.func @turned_back(
// UPGRADE:         %[[C:.*]], %[[S:.*]] = rope.sincos %arg1
// UPGRADE:         rope.rotate %arg0 by %[[C]], %[[S]] along [0] inverse :
func.func @turned_back(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %ae = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #table], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%ae : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %p = arith.sitofp %i : i64 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %quarter = arith.constant dense<1.57079637> : tensor<6x4xf32>
  %b = arith.addf %a, %quarter : tensor<6x4xf32>
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.cos %b : tensor<6x4xf32>
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

// The sum of f64 rounds nothing that f32 keeps.
// CHECK-LABEL: func.func @wide(
// CHECK:         rope.sincos %arg1 frequencies<dim = 8, {{.*}}> : tensor<6xi64>
// CHECK:         rope.rotate
// UPGRADE-LABEL: func.func @wide(
func.func @wide(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf64>
  %ae = tensor.empty() : tensor<6x4xf64>
  %a = linalg.generic {indexing_maps = [#row, #lane, #table], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf64>) outs(%ae : tensor<6x4xf64>) {
  ^bb0(%i: i64, %f: f64, %o: f64):
    %p = arith.sitofp %i : i64 to f64
    %m = arith.mulf %p, %f : f64
    linalg.yield %m : f64
  } -> tensor<6x4xf64>
  %quarter = arith.constant dense<1.5707963267948966> : tensor<6x4xf64>
  %b = arith.addf %a, %quarter : tensor<6x4xf64>
  %cw = math.sin %b : tensor<6x4xf64>
  %sw = math.sin %a : tensor<6x4xf64>
  %c = arith.truncf %cw : tensor<6x4xf64> to tensor<6x4xf32>
  %s = arith.truncf %sw : tensor<6x4xf64> to tensor<6x4xf32>
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

// CHECK-LABEL: func.func @negative_third_of_a_turn(
// CHECK-NOT:     rope.
// CHECK:         return
// UPGRADE-LABEL: func.func @negative_third_of_a_turn(
// UPGRADE-NOT:     rope.
// UPGRADE:         return
func.func @negative_third_of_a_turn(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %ae = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #table], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%ae : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %p = arith.sitofp %i : i64 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %quarter = arith.constant dense<1.5> : tensor<6x4xf32>
  %b = arith.addf %a, %quarter : tensor<6x4xf32>
  %c = math.sin %b : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
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

// CHECK-LABEL: func.func @negative_other_angle(
// CHECK-NOT:     rope.
// CHECK:         return
// UPGRADE-LABEL: func.func @negative_other_angle(
// UPGRADE-NOT:     rope.
// UPGRADE:         return
func.func @negative_other_angle(%x: tensor<6x8xf32>, %a: tensor<6x4xf32>, %other: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %quarter = arith.constant dense<1.57079637> : tensor<6x4xf32>
  %b = arith.addf %other, %quarter : tensor<6x4xf32>
  %c = math.sin %b : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
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

// A sine that is a cosine, beside a cosine.
// CHECK-LABEL: func.func @negative_two_cosines(
// CHECK-NOT:     rope.
// CHECK:         return
// UPGRADE-LABEL: func.func @negative_two_cosines(
// UPGRADE-NOT:     rope.
// UPGRADE:         return
func.func @negative_two_cosines(%x: tensor<6x8xf32>, %a: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %quarter = arith.constant dense<1.57079637> : tensor<6x4xf32>
  %b = arith.addf %a, %quarter : tensor<6x4xf32>
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %b : tensor<6x4xf32>
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

// Angles of f16 are those of no position: their numbers stay, whatever is asked for.
// CHECK-LABEL: func.func @negative_half_precision(
// CHECK-NOT:     rope.sincos
// CHECK:         rope.rotate %arg0 by %[[C:.*]], %[[S:.*]] along [0] : tensor<6x8xf16>
// UPGRADE-LABEL: func.func @negative_half_precision(
// UPGRADE-NOT:     rope.sincos
// UPGRADE:         rope.rotate %arg0
func.func @negative_half_precision(%x: tensor<6x8xf16>, %ids: tensor<6xi64>) -> tensor<6x8xf16> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf16>
  %ae = tensor.empty() : tensor<6x4xf16>
  %a = linalg.generic {indexing_maps = [#row, #lane, #table], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf16>) outs(%ae : tensor<6x4xf16>) {
  ^bb0(%i: i64, %f: f16, %o: f16):
    %p = arith.sitofp %i : i64 to f16
    %m = arith.mulf %p, %f : f16
    linalg.yield %m : f16
  } -> tensor<6x4xf16>
  %quarter = arith.constant dense<1.5703125> : tensor<6x4xf16>
  %b = arith.addf %a, %quarter : tensor<6x4xf16>
  %c = math.sin %b : tensor<6x4xf16>
  %s = math.sin %a : tensor<6x4xf16>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf16> to tensor<6x4xf16>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf16> to tensor<6x4xf16>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf16>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf16>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf16>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf16>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf16>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf16>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf16>, tensor<6x4xf16>) -> tensor<6x8xf16>
  return %y : tensor<6x8xf16>
}
