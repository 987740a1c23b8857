// RUN: rope-opt %s --rope-raise | FileCheck %s
// RUN: rope-opt %s --linalg-generalize-named-ops --linalg-fuse-elementwise-ops --rope-raise --cse | FileCheck %s
// RUN: rope-opt %s --canonicalize --linalg-fold-unit-extent-dims --rope-raise --cse | FileCheck %s
// RUN: rope-opt %s --linalg-specialize-generic-ops --fold-tensor-subset-ops --rope-raise --cse | FileCheck %s

// One projection makes queries, keys and values, which are sliced from its result: 4 heads
// of queries, 2 of keys.

// CHECK-LABEL: func @fused_projection
// CHECK:         rope.rotate
// CHECK:         rope.rotate
// CHECK-NOT:     rope.rotate
// CHECK:         rope.attention {{.*}} causal
// CHECK-NOT:     math.exp
func.func @fused_projection(%x: tensor<10x16xf32>, %w: tensor<16x64xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<2x4x5x8xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %scale = arith.constant 0.353553385 : f32
  %e0 = tensor.empty() : tensor<10x64xf32>
  %z0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<10x64xf32>) -> tensor<10x64xf32>
  %qkv = linalg.matmul ins(%x, %w : tensor<10x16xf32>, tensor<16x64xf32>) outs(%z0 : tensor<10x64xf32>) -> tensor<10x64xf32>
  %qs = tensor.extract_slice %qkv[0, 0] [10, 32] [1, 1] : tensor<10x64xf32> to tensor<10x32xf32>
  %ks = tensor.extract_slice %qkv[0, 32] [10, 16] [1, 1] : tensor<10x64xf32> to tensor<10x16xf32>
  %vs = tensor.extract_slice %qkv[0, 48] [10, 16] [1, 1] : tensor<10x64xf32> to tensor<10x16xf32>
  %qe = tensor.expand_shape %qs [[0, 1], [2, 3]] output_shape [2, 5, 4, 8] : tensor<10x32xf32> into tensor<2x5x4x8xf32>
  %ke = tensor.expand_shape %ks [[0, 1], [2, 3]] output_shape [2, 5, 2, 8] : tensor<10x16xf32> into tensor<2x5x2x8xf32>
  %ve = tensor.expand_shape %vs [[0, 1], [2, 3]] output_shape [2, 5, 2, 8] : tensor<10x16xf32> into tensor<2x5x2x8xf32>
  %eq = tensor.empty() : tensor<2x4x5x8xf32>
  %ek = tensor.empty() : tensor<2x2x5x8xf32>
  %q = linalg.transpose ins(%qe : tensor<2x5x4x8xf32>) outs(%eq : tensor<2x4x5x8xf32>) permutation = [0, 2, 1, 3]
  %k = linalg.transpose ins(%ke : tensor<2x5x2x8xf32>) outs(%ek : tensor<2x2x5x8xf32>) permutation = [0, 2, 1, 3]
  %v = linalg.transpose ins(%ve : tensor<2x5x2x8xf32>) outs(%ek : tensor<2x2x5x8xf32>) permutation = [0, 2, 1, 3]
  %c = tensor.concat dim(1) %cos, %cos : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  %s = tensor.concat dim(1) %sin, %sin : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  %qa = tensor.extract_slice %q[0, 0, 0, 0] [2, 4, 5, 4] [1, 1, 1, 1] : tensor<2x4x5x8xf32> to tensor<2x4x5x4xf32>
  %qb = tensor.extract_slice %q[0, 0, 0, 4] [2, 4, 5, 4] [1, 1, 1, 1] : tensor<2x4x5x8xf32> to tensor<2x4x5x4xf32>
  %qn = arith.negf %qb : tensor<2x4x5x4xf32>
  %qt = tensor.concat dim(3) %qn, %qa : (tensor<2x4x5x4xf32>, tensor<2x4x5x4xf32>) -> tensor<2x4x5x8xf32>
  %qr = linalg.generic {indexing_maps = [affine_map<(b, h, i, d) -> (b, h, i, d)>, affine_map<(b, h, i, d) -> (b, h, i, d)>, affine_map<(b, h, i, d) -> (i, d)>, affine_map<(b, h, i, d) -> (i, d)>, affine_map<(b, h, i, d) -> (b, h, i, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%q, %qt, %c, %s : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>) outs(%eq : tensor<2x4x5x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %a2: f32, %a3: f32, %out: f32):
    %0 = arith.mulf %a0, %a2 : f32
    %1 = arith.mulf %a1, %a3 : f32
    %2 = arith.addf %0, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x4x5x8xf32>
  %ka = tensor.extract_slice %k[0, 0, 0, 0] [2, 2, 5, 4] [1, 1, 1, 1] : tensor<2x2x5x8xf32> to tensor<2x2x5x4xf32>
  %kb = tensor.extract_slice %k[0, 0, 0, 4] [2, 2, 5, 4] [1, 1, 1, 1] : tensor<2x2x5x8xf32> to tensor<2x2x5x4xf32>
  %kn = arith.negf %kb : tensor<2x2x5x4xf32>
  %kt = tensor.concat dim(3) %kn, %ka : (tensor<2x2x5x4xf32>, tensor<2x2x5x4xf32>) -> tensor<2x2x5x8xf32>
  %kr = linalg.generic {indexing_maps = [affine_map<(b, h, i, d) -> (b, h, i, d)>, affine_map<(b, h, i, d) -> (b, h, i, d)>, affine_map<(b, h, i, d) -> (i, d)>, affine_map<(b, h, i, d) -> (i, d)>, affine_map<(b, h, i, d) -> (b, h, i, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%k, %kt, %c, %s : tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>, tensor<5x8xf32>, tensor<5x8xf32>) outs(%ek : tensor<2x2x5x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %a2: f32, %a3: f32, %out: f32):
    %0 = arith.mulf %a0, %a2 : f32
    %1 = arith.mulf %a1, %a3 : f32
    %2 = arith.addf %0, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x5x8xf32>
  %e4 = tensor.empty() : tensor<2x4x5x5xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %scores = linalg.generic {indexing_maps = [affine_map<(b, h, i, r, d) -> (b, h, i, d)>, affine_map<(b, h, i, r, d) -> (b, h floordiv 2, r, d)>, affine_map<(b, h, i, r, d) -> (b, h, i, r)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%qr, %kr : tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>) outs(%z4 : tensor<2x4x5x5xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %0 = arith.mulf %a0, %a1 : f32
    %1 = arith.addf %out, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<2x4x5x5xf32>
  %masked = linalg.generic {indexing_maps = [affine_map<(b, h, i, r) -> (b, h, i, r)>, affine_map<(b, h, i, r) -> (b, h, i, r)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%scores : tensor<2x4x5x5xf32>) outs(%e4 : tensor<2x4x5x5xf32>) {
  ^bb0(%a0: f32, %out: f32):
    %i = linalg.index 2 : index
    %r = linalg.index 3 : index
    %keeps = arith.cmpi sle, %r, %i : index
    %0 = arith.mulf %a0, %scale : f32
    %1 = arith.select %keeps, %0, %low : f32
    linalg.yield %1 : f32
  } -> tensor<2x4x5x5xf32>
  %weights = linalg.softmax dimension(3) ins(%masked : tensor<2x4x5x5xf32>) outs(%e4 : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %z5 = linalg.fill ins(%zero : f32) outs(%eq : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.generic {indexing_maps = [affine_map<(b, h, i, d, r) -> (b, h, i, r)>, affine_map<(b, h, i, d, r) -> (b, h floordiv 2, r, d)>, affine_map<(b, h, i, d, r) -> (b, h, i, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%weights, %v : tensor<2x4x5x5xf32>, tensor<2x2x5x8xf32>) outs(%z5 : tensor<2x4x5x8xf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %0 = arith.mulf %a0, %a1 : f32
    %1 = arith.addf %out, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<2x4x5x8xf32>
  return %out : tensor<2x4x5x8xf32>
}
