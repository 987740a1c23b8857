// RUN: rope-opt %s --rope-raise --mlir-print-local-scope | FileCheck %s

// A low number in the place of excluded scores.

#q = affine_map<(b, i, j, d) -> (b, i, d)>
#k = affine_map<(b, i, j, d) -> (b, j, d)>
#s = affine_map<(b, i, j, d) -> (b, i, j)>
#all = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#key = affine_map<(d0, d1, d2) -> (d2)>

// Its exponential is zero, in rows without other keys, too: it excludes.
// CHECK-LABEL: func @excluded(
// CHECK:         rope.attention {{.*}} mask({{.*}}xi1>)
func.func @excluded(%q: tensor<2x3x4xf32>, %k: tensor<2x5x4xf32>, %v: tensor<2x5x6xf32>, %keep: tensor<5xi1>) -> tensor<2x3x6xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant -1.0e+30 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %s = tensor.empty() : tensor<2x3x5xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%s : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  %qk = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x4xf32>, tensor<2x5x4xf32>) outs(%s0 : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  %masked = linalg.generic {indexing_maps = [#all, #key, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%qk, %keep : tensor<2x3x5xf32>, tensor<5xi1>) outs(%s : tensor<2x3x5xf32>) {
  ^bb0(%x: f32, %c: i1, %out: f32):
    %y = arith.select %c, %x, %low : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5xf32>
  %r = tensor.empty() : tensor<2x3xf32>
  %e = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%masked : tensor<2x3x5xf32>) outs(%s : tensor<2x3x5xf32>) {
  ^bb0(%x: f32, %out: f32):
    %y = math.exp %x : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5xf32>
  %t0 = linalg.fill ins(%zero : f32) outs(%r : tensor<2x3xf32>) -> tensor<2x3xf32>
  %t = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%e : tensor<2x3x5xf32>) outs(%t0 : tensor<2x3xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %y = arith.addf %x, %acc : f32
    linalg.yield %y : f32
  } -> tensor<2x3xf32>
  %w = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%e, %t : tensor<2x3x5xf32>, tensor<2x3xf32>) outs(%s : tensor<2x3x5xf32>) {
  ^bb0(%x: f32, %sum: f32, %out: f32):
    %y = arith.divf %x, %sum : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5xf32>
  %o = tensor.empty() : tensor<2x3x6xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%o : tensor<2x3x6xf32>) -> tensor<2x3x6xf32>
  %y = linalg.batch_matmul ins(%w, %v : tensor<2x3x5xf32>, tensor<2x5x6xf32>) outs(%o0 : tensor<2x3x6xf32>) -> tensor<2x3x6xf32>
  return %y : tensor<2x3x6xf32>
}

// Below a maximum, a row of low numbers has equal weights: it is added.
// CHECK-LABEL: func @negative_excluded(
// CHECK:         arith.select %{{.*}}, %{{.*}}, %{{.*}} : f32
// CHECK:         rope.attention {{.*}} mask({{.*}}xf32>)
func.func @negative_excluded(%q: tensor<2x3x4xf32>, %k: tensor<2x5x4xf32>, %v: tensor<2x5x6xf32>, %keep: tensor<5xi1>) -> tensor<2x3x6xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant -1.0e+30 : f32
  %lowest = arith.constant 0xFF800000 : f32
  %s = tensor.empty() : tensor<2x3x5xf32>
  %s0 = linalg.fill ins(%zero : f32) outs(%s : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  %qk = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<2x3x4xf32>, tensor<2x5x4xf32>) outs(%s0 : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  %masked = linalg.generic {indexing_maps = [#all, #key, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%qk, %keep : tensor<2x3x5xf32>, tensor<5xi1>) outs(%s : tensor<2x3x5xf32>) {
  ^bb0(%x: f32, %c: i1, %out: f32):
    %y = arith.select %c, %x, %low : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5xf32>
  %r = tensor.empty() : tensor<2x3xf32>
  %m0 = linalg.fill ins(%lowest : f32) outs(%r : tensor<2x3xf32>) -> tensor<2x3xf32>
  %m = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%masked : tensor<2x3x5xf32>) outs(%m0 : tensor<2x3xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %y = arith.maximumf %x, %acc : f32
    linalg.yield %y : f32
  } -> tensor<2x3xf32>
  %e = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%masked, %m : tensor<2x3x5xf32>, tensor<2x3xf32>) outs(%s : tensor<2x3x5xf32>) {
  ^bb0(%x: f32, %max: f32, %out: f32):
    %d = arith.subf %x, %max : f32
    %y = math.exp %d : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5xf32>
  %t0 = linalg.fill ins(%zero : f32) outs(%r : tensor<2x3xf32>) -> tensor<2x3xf32>
  %t = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%e : tensor<2x3x5xf32>) outs(%t0 : tensor<2x3xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %y = arith.addf %x, %acc : f32
    linalg.yield %y : f32
  } -> tensor<2x3xf32>
  %w = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%e, %t : tensor<2x3x5xf32>, tensor<2x3xf32>) outs(%s : tensor<2x3x5xf32>) {
  ^bb0(%x: f32, %sum: f32, %out: f32):
    %y = arith.divf %x, %sum : f32
    linalg.yield %y : f32
  } -> tensor<2x3x5xf32>
  %o = tensor.empty() : tensor<2x3x6xf32>
  %o0 = linalg.fill ins(%zero : f32) outs(%o : tensor<2x3x6xf32>) -> tensor<2x3x6xf32>
  %y = linalg.batch_matmul ins(%w, %v : tensor<2x3x5xf32>, tensor<2x5x6xf32>) outs(%o0 : tensor<2x3x6xf32>) -> tensor<2x3x6xf32>
  return %y : tensor<2x3x6xf32>
}

// A number of the row cancels in the softmax, but not one so low that the scores vanish
// beside it: the weights of such a row are all the same. Found by a mutant of RoFormer
// whose mask was transposed.
// CHECK-LABEL: func @row_of_lowest_numbers
// CHECK:         arith.select {{.*}} : f32
// CHECK:         rope.attention {{.*}} mask(
func.func @row_of_lowest_numbers(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %row: tensor<5xi1>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [affine_map<(h, i, r, d) -> (h, i, d)>, affine_map<(h, i, r, d) -> (h, r, d)>, affine_map<(h, i, r, d) -> (h, i, r)>] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, i, r) -> (h, i, r)>, affine_map<(h, i, r) -> (i)>, affine_map<(h, i, r) -> (h, i, r)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x, %row : tensor<3x5x5xf32>, tensor<5xi1>) outs(%e : tensor<3x5x5xf32>) {
  ^bb0(%a: f32, %b: i1, %c: f32):
    %lowest = arith.constant 0xFF7FFFFF : f32
    %none = arith.constant 0.0 : f32
    %m = arith.select %b, %none, %lowest : f32
    %r = arith.addf %a, %m : f32
    linalg.yield %r : f32
  } -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// So is a low number that is divided by one of the row.
// CHECK-LABEL: func @quotient_of_lowest_numbers
// CHECK:         arith.divf {{.*}} : f32
// CHECK:         rope.attention {{.*}} mask(
func.func @quotient_of_lowest_numbers(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %row: tensor<5xi1>, %t: tensor<5xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [affine_map<(h, i, r, d) -> (h, i, d)>, affine_map<(h, i, r, d) -> (h, r, d)>, affine_map<(h, i, r, d) -> (h, i, r)>] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, i, r) -> (h, i, r)>, affine_map<(h, i, r) -> (i)>, affine_map<(h, i, r) -> (i)>, affine_map<(h, i, r) -> (h, i, r)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x, %row, %t : tensor<3x5x5xf32>, tensor<5xi1>, tensor<5xf32>) outs(%e : tensor<3x5x5xf32>) {
  ^bb0(%a: f32, %b: i1, %d: f32, %c: f32):
    %lowest = arith.constant 0xFF7FFFFF : f32
    %none = arith.constant 0.0 : f32
    %m = arith.select %b, %none, %lowest : f32
    %n = arith.divf %m, %d : f32
    %r = arith.addf %a, %n : f32
    linalg.yield %r : f32
  } -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// What a program computes of its data is no number that a softmax made: it may be as
// low as any, with a constant in it or not.
// CHECK-LABEL: func @scaled_row
// CHECK:         arith.mulf {{.*}} : f32
// CHECK:         rope.attention {{.*}} mask(
func.func @scaled_row(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %row: tensor<5xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [affine_map<(h, i, r, d) -> (h, i, d)>, affine_map<(h, i, r, d) -> (h, r, d)>, affine_map<(h, i, r, d) -> (h, i, r)>] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, i, r) -> (h, i, r)>, affine_map<(h, i, r) -> (i)>, affine_map<(h, i, r) -> (h, i, r)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x, %row : tensor<3x5x5xf32>, tensor<5xf32>) outs(%e : tensor<3x5x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %half = arith.constant 0.5 : f32
    %m = arith.mulf %b, %half : f32
    %r = arith.addf %a, %m : f32
    linalg.yield %r : f32
  } -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}
