// RUN: rope-opt %s --rope-expand-arith | FileCheck %s --implicit-check-not=bf16:

// CHECK-LABEL: func @bf16
// CHECK:         arith.shrui
// CHECK:         arith.bitcast %{{.*}} : i16 to bf16
func.func @bf16(%x: f32) -> bf16 {
  %y = arith.truncf %x : f32 to bf16
  return %y : bf16
}

// Rounded to odd in f32 first.
// CHECK-LABEL: func @f64_to_bf16
// CHECK:         %[[NEAR:.*]] = arith.truncf %{{.*}} : vector<4xf64> to vector<4xf32>
// CHECK:         %[[BACK:.*]] = arith.extf %[[NEAR]]
// CHECK:         arith.cmpf one, %[[BACK]], %{{.*}}
// CHECK-NOT:     to vector<4xbf16>{{$}}
// CHECK:         arith.bitcast %{{.*}} : vector<4xi16> to vector<4xbf16>
func.func @f64_to_bf16(%x: vector<4xf64>) -> vector<4xbf16> {
  %y = arith.truncf %x : vector<4xf64> to vector<4xbf16>
  return %y : vector<4xbf16>
}

// CHECK-LABEL: func @division
// CHECK-NOT:     floordivsi
func.func @division(%x: i32, %y: i32) -> i32 {
  %z = arith.floordivsi %x, %y : i32
  return %z : i32
}

// LLVM makes a shift of it.
// CHECK-LABEL: func @negative_widening
// CHECK-NEXT:    arith.extf %{{.*}} : vector<8xbf16> to vector<8xf32>
// CHECK-NEXT:    return
func.func @negative_widening(%x: vector<8xbf16>) -> vector<8xf32> {
  %y = arith.extf %x : vector<8xbf16> to vector<8xf32>
  return %y : vector<8xf32>
}

// What LLVM has stays.
// CHECK-LABEL: func @f16
// CHECK:         arith.truncf %{{.*}} : f32 to f16
func.func @f16(%x: f32) -> f16 {
  %y = arith.truncf %x : f32 to f16
  return %y : f16
}
