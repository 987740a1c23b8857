// RUN: rope-opt %s --convert-rope-to-affine --canonicalize --cse | FileCheck %s

// 32 lanes of bf16 are 16 even and 16 odd lanes of f32, and come together by a
// shift and a mask; nothing moves between lanes but in the tables, once a row.
// CHECK-LABEL: func @bf16_half
// CHECK:         vector.deinterleave %{{.*}} : vector<32xf32> -> vector<16xf32>
// CHECK:         affine.for
// CHECK:           %[[X:.*]] = affine.vector_load %{{.*}} : memref<?x64xbf16>, vector<32xbf16>
// CHECK:           %[[BITS:.*]] = vector.bitcast %[[X]] : vector<32xbf16> to vector<16xi32>
// CHECK:           %[[EVEN:.*]] = arith.shli %[[BITS]], %{{.*}}
// CHECK:           arith.bitcast %[[EVEN]] : vector<16xi32> to vector<16xf32>
// CHECK:           %[[ODD:.*]] = arith.andi %[[BITS]], %{{.*}}
// CHECK:           arith.bitcast %[[ODD]] : vector<16xi32> to vector<16xf32>
// CHECK-NOT:       vector.deinterleave
// CHECK-NOT:       vector.shuffle
// CHECK:           vector.bitcast %{{.*}} : vector<16xi32> to vector<32xbf16>
func.func @bf16_half(%x: memref<?x64xbf16>, %c: memref<32xf32>, %s: memref<32xf32>) {
  rope.rotate %x into %x by %c, %s along [] : memref<?x64xbf16> into memref<?x64xbf16>, memref<32xf32>
  return
}

// CHECK-LABEL: func @f16_half
// CHECK:         %[[X:.*]] = affine.vector_load %{{.*}}[%{{.*}}, 0] : memref<?x32xf16>, vector<16xf16>
// CHECK:         arith.extf %[[X]] : vector<16xf16> to vector<16xf32>
// CHECK:         arith.truncf %{{.*}} : vector<16xf32> to vector<16xf16>
func.func @f16_half(%x: memref<?x32xf16>, %c: memref<16xf32>, %s: memref<16xf32>) {
  rope.rotate %x into %x by %c, %s along [] : memref<?x32xf16> into memref<?x32xf16>, memref<16xf32>
  return
}

// Tables of f64: computed in f64, and rounded once, by way of f32 rounded to odd.
// CHECK-LABEL: func @f16_by_f64
// CHECK:         arith.extf %{{.*}} : vector<8xf16> to vector<8xf64>
// CHECK:         math.fma %{{.*}} : vector<8xf64>
// CHECK:         arith.truncf %{{.*}} : vector<8xf64> to vector<8xf32>
// CHECK:         arith.cmpf one, %{{.*}} : vector<8xf64>
// CHECK:         arith.truncf %{{.*}} : vector<8xf32> to vector<8xf16>
func.func @f16_by_f64(%x: memref<?x16xf16>, %c: memref<8xf64>, %s: memref<8xf64>) {
  rope.rotate %x into %x by %c, %s along [] : memref<?x16xf16> into memref<?x16xf16>, memref<8xf64>
  return
}

// The pairs change their places: vectors of lanes are woven in registers.
// CHECK-LABEL: func @half_to_interleaved
// CHECK:         affine.vector_load %{{.*}}[%{{.*}}, 0] : memref<?x32xf32>, vector<16xf32>
// CHECK:         affine.vector_load %{{.*}}[%{{.*}}, 16] : memref<?x32xf32>, vector<16xf32>
// CHECK:         %[[Y:.*]] = vector.interleave %{{.*}}, %{{.*}} : vector<16xf32> -> vector<32xf32>
// CHECK:         affine.vector_store %[[Y]], %{{.*}}[%{{.*}}, 0] : memref<?x32xf32>, vector<32xf32>
func.func @half_to_interleaved(%x: memref<?x32xf32>, %y: memref<?x32xf32>, %c: memref<16xf32>, %s: memref<16xf32>) {
  rope.rotate %x into %y by %c, %s along [] result_pairing<interleaved> : memref<?x32xf32> into memref<?x32xf32>, memref<16xf32>
  return
}
