// RUN: rope-opt %s | rope-opt | FileCheck %s
// RUN: rope-opt %s --mlir-print-op-generic | rope-opt | FileCheck %s
// RUN: rope-opt %s --emit-bytecode | rope-opt | FileCheck %s

// CHECK-LABEL: func @sincos
func.func @sincos(%p: tensor<2x?xi64>) -> (tensor<2x?x64xf32>, tensor<2x?x64xf32>) {
  // CHECK: %[[COS:.*]], %[[SIN:.*]] = rope.sincos %{{.*}} frequencies<dim = 128, base = 5.000000e+05> : tensor<2x?xi64> -> tensor<2x?x64xf32>
  %cos, %sin = rope.sincos %p frequencies<dim = 128, base = 5.0e5> : tensor<2x?xi64> -> tensor<2x?x64xf32>
  return %cos, %sin : tensor<2x?x64xf32>, tensor<2x?x64xf32>
}

// CHECK-LABEL: func @sincos_attributes
func.func @sincos_attributes(%p: tensor<4xi32>) {
  // CHECK: frequencies<dim = 4, scaling = #rope.table<dense<[1.000000e+00, 2.500000e-01]> : tensor<2xf32>>> accuracy<f32_angle>
  %0:2 = rope.sincos %p frequencies<dim = 4, scaling = #rope.table<dense<[1.0, 0.25]> : tensor<2xf32>>> accuracy<f32_angle> : tensor<4xi32> -> tensor<4x2xbf16>
  // CHECK: frequencies<dim = 4, base = 1.000000e+04, scaling = #rope.linear<factor = 4.000000e+00>>
  %1:2 = rope.sincos %p frequencies<dim = 4, base = 1.0e4, scaling = #rope.linear<factor = 4.0>> accuracy<exact> : tensor<4xi32> -> tensor<4x2xf64>
  return
}

// CHECK-LABEL: func @sincos_memref
func.func @sincos_memref(%p: memref<?xindex>, %c: memref<?x4xf32>, %s: memref<?x4xf32, strided<[8, 1]>>) {
  // CHECK: rope.sincos %{{.*}} into %{{.*}}, %{{.*}} frequencies<dim = 8, base = 1.000000e+04> : memref<?xindex> -> memref<?x4xf32>, memref<?x4xf32, strided<[8, 1]>>
  rope.sincos %p into %c, %s frequencies<dim = 8> : memref<?xindex> -> memref<?x4xf32>, memref<?x4xf32, strided<[8, 1]>>
  return
}

// CHECK-LABEL: func @rotate
func.func @rotate(%x: tensor<2x32x?x128xf32>, %c: tensor<?x64xf32>, %s: tensor<?x64xf32>) -> tensor<2x32x?x128xf32> {
  // CHECK: %[[Y:.*]] = rope.rotate %{{.*}} by %{{.*}}, %{{.*}} along [2] : tensor<2x32x?x128xf32>, tensor<?x64xf32>
  %y = rope.rotate %x by %c, %s along [2] : tensor<2x32x?x128xf32>, tensor<?x64xf32>
  // CHECK: rope.rotate %[[Y]] by %{{.*}}, %{{.*}} along [2] pairing<interleaved> result_pairing<half> offset 64 rotary_dim 64 inverse : tensor<2x32x?x128xf32>, tensor<?x64xf32>
  %z = rope.rotate %y by %c, %s along [2] pairing<interleaved> result_pairing<half> offset 64 rotary_dim 64 inverse : tensor<2x32x?x128xf32>, tensor<?x64xf32>
  return %z : tensor<2x32x?x128xf32>
}

// CHECK-LABEL: func @rotate_memref
func.func @rotate_memref(%x: memref<?x8xf16>, %y: memref<?x8xf16, strided<[16, 1]>>, %c: memref<4xf32>, %s: memref<4xf32>) {
  // CHECK: rope.rotate %{{.*}} into %{{.*}} by %{{.*}}, %{{.*}} along [] : memref<?x8xf16> into memref<?x8xf16, strided<[16, 1]>>, memref<4xf32>
  rope.rotate %x into %y by %c, %s along [] : memref<?x8xf16> into memref<?x8xf16, strided<[16, 1]>>, memref<4xf32>
  return
}

// CHECK-LABEL: func @rotation_matrix
func.func @rotation_matrix(%c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<?x8x8xf32> {
  // CHECK: %{{.*}} = rope.rotation_matrix %{{.*}}, %{{.*}} pairing<interleaved> : tensor<?x4xf32>
  %m = rope.rotation_matrix %c, %s pairing<interleaved> : tensor<?x4xf32>
  return %m : tensor<?x8x8xf32>
}

// CHECK-LABEL: func @merge
func.func @merge(%a: tensor<2x?x64xf16>, %la: tensor<2x?xf32>, %b: tensor<2x?x64xf16>, %lb: tensor<2x?xf32>) -> (tensor<2x?x64xf16>, tensor<2x?xf32>) {
  // CHECK: %{{.*}}, %{{.*}} = rope.merge %{{.*}}, %{{.*}} and %{{.*}}, %{{.*}} : tensor<2x?x64xf16>, tensor<2x?xf32>
  %m, %l = rope.merge %a, %la and %b, %lb : tensor<2x?x64xf16>, tensor<2x?xf32>
  return %m, %l : tensor<2x?x64xf16>, tensor<2x?xf32>
}

// CHECK-LABEL: func @merge_memref
func.func @merge_memref(%a: memref<4x8xf32>, %la: memref<4xf32>, %b: memref<4x8xf32, strided<[16, 1]>>, %lb: memref<4xf32>) {
  // CHECK: rope.merge %[[A:.*]], %[[LA:.*]] and %{{.*}}, %{{.*}} into %[[A]], %[[LA]] : memref<4x8xf32>, memref<4xf32> and memref<4x8xf32, strided<[16, 1]>>, memref<4xf32> into memref<4x8xf32>, memref<4xf32>
  rope.merge %a, %la and %b, %lb into %a, %la : memref<4x8xf32>, memref<4xf32> and memref<4x8xf32, strided<[16, 1]>>, memref<4xf32> into memref<4x8xf32>, memref<4xf32>
  return
}
