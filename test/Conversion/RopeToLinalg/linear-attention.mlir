// RUN: rope-opt %s --convert-rope-to-linalg --split-input-file | FileCheck %s
// RUN: rope-opt %s --convert-rope-to-linalg=ops=rope.linear_attention --split-input-file | FileCheck %s --check-prefix=ONLY

// Equation (19): the features are rotated for the numerator and not for the
// denominator; without causal all keys come before all queries.
// CHECK-LABEL: func @equation_19
// CHECK-NOT:     rope.
// ONLY-LABEL:  func @equation_19
// ONLY-SAME:     (%[[Q:[^:]*]]: tensor<1x2x3x4xf32>, %[[K:[^:]*]]: tensor<1x2x5x4xf32>, %[[V:[^:]*]]: tensor<1x2x5x6xf32>
// ONLY:          %[[PQ:.*]] = linalg.generic {{.*}} ins(%[[Q]] :
// ONLY:            arith.maximumf
// ONLY:          %[[PK:.*]] = linalg.generic {{.*}} ins(%[[K]] :
// ONLY:          %[[RQ:.*]] = rope.rotate %[[PQ]] by %{{.*}} along [2]
// ONLY:          %[[RK:.*]] = rope.rotate %[[PK]] by %{{.*}} along [2]
// ONLY:          %[[SUMS:.*]]:2 = scf.for %[[J:.*]] = %{{.*}} to %c5
// ONLY:            tensor.extract_slice %[[RK]][0, 0, %[[J]], 0]
// ONLY:            tensor.extract_slice %[[V]][0, 0, %[[J]], 0]
// ONLY:            tensor.extract_slice %[[PK]][0, 0, %[[J]], 0]
// ONLY:          scf.for %[[I:.*]] = %{{.*}} to %c3
// ONLY:            %[[QI:.*]] = tensor.extract_slice %[[RQ]][0, 0, %[[I]], 0]
// ONLY:            linalg.generic {{.*}} ins(%[[QI]], %[[SUMS]]#0 :
// ONLY:            %[[FI:.*]] = tensor.extract_slice %[[PQ]][0, 0, %[[I]], 0]
// ONLY:            linalg.generic {{.*}} ins(%[[FI]], %[[SUMS]]#1 :
// ONLY:            arith.divf
func.func @equation_19(%q: tensor<1x2x3x4xf32>, %k: tensor<1x2x5x4xf32>, %v: tensor<1x2x5x6xf32>, %qt: tensor<3x2xf32>, %kt: tensor<5x2xf32>) -> tensor<1x2x3x6xf32> {
  %o = rope.linear_attention %q, %k, %v features<relu> normalize rotate_query(%qt, %qt : tensor<3x2xf32>) rotate_key(%kt, %kt : tensor<5x2xf32>)
    : tensor<1x2x3x4xf32>, tensor<1x2x5x4xf32>, tensor<1x2x5x6xf32>
  return %o : tensor<1x2x3x6xf32>
}

// -----

// On buffers: temporaries are freed, the state of another type is rounded once,
// grouped heads read the state of their group.
// CHECK-DAG: #[[$GROUP:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1 floordiv 2, d3, d2)>
// CHECK-LABEL: func @buffers
// CHECK-SAME:    (%[[Q:[^:]*]]: memref<1x?x4x8xf16>, %[[K:[^:]*]]: memref<1x?x2x8xf16>, %[[O:[^:]*]]: memref<1x?x4x8xf16>, %[[S:[^:]*]]: memref<1x2x8x8xf16>)
// CHECK-COUNT-4: memref.alloc
// CHECK-NOT:     memref.alloc
// CHECK:         scf.for
// CHECK:           linalg.generic {indexing_maps = [{{.*}}, #[[$GROUP]], {{.*}}
// CHECK:         linalg.generic {{.*}} outs(%[[S]] : memref<1x2x8x8xf16>)
// CHECK-COUNT-4: memref.dealloc
func.func @buffers(%q: memref<1x?x4x8xf16>, %k: memref<1x?x2x8xf16>, %o: memref<1x?x4x8xf16>, %s: memref<1x2x8x8xf16>) {
  rope.linear_attention %q, %k, %k into %o, %s layout<bshd> causal past(%s : memref<1x2x8x8xf16>) returning_state
    : memref<1x?x4x8xf16>, memref<1x?x2x8xf16>, memref<1x?x2x8xf16> into memref<1x?x4x8xf16>, memref<1x2x8x8xf16>
  return
}

// -----

// No batch, no keys, no queries: nothing to slice.
// CHECK-LABEL: func @no_batch
// CHECK-NOT:     scf.for
// CHECK:         return
// CHECK-LABEL: func @no_tokens
// CHECK-SAME:    (%{{.*}}, %[[S:.*]]: tensor<2x4x8x8xf32>)
// CHECK-NOT:     scf.for
// CHECK:         return %{{.*}}, %[[S]]
func.func @no_batch(%q: tensor<0x4x3x8xf32>) -> (tensor<0x4x3x8xf32>, tensor<0x4x8x8xf32>) {
  %o, %s = rope.linear_attention %q, %q, %q returning_state : tensor<0x4x3x8xf32>, tensor<0x4x3x8xf32>, tensor<0x4x3x8xf32>
  return %o, %s : tensor<0x4x3x8xf32>, tensor<0x4x8x8xf32>
}
func.func @no_tokens(%q: tensor<2x4x0x8xf32>, %p: tensor<2x4x8x8xf32>) -> (tensor<2x4x0x8xf32>, tensor<2x4x8x8xf32>) {
  %o, %s = rope.linear_attention %q, %q, %q causal past(%p : tensor<2x4x8x8xf32>) returning_state : tensor<2x4x0x8xf32>, tensor<2x4x0x8xf32>, tensor<2x4x0x8xf32>
  return %o, %s : tensor<2x4x0x8xf32>, tensor<2x4x8x8xf32>
}
