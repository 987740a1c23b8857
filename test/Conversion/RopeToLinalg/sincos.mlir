// RUN: rope-opt %s --convert-rope-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// The exact angle: the phase in three words, sine and cosine by series in f64, rounded
// once to f32 and from there to bf16. No loop over heads, no rope op is left.
// CHECK-DAG:   #[[$POSITION:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG:   #[[$LANE:.*]] = affine_map<(d0, d1, d2) -> (d2)>
// CHECK-LABEL: func @exact
// CHECK-SAME:    (%[[P:.*]]: tensor<2x?xi32>)
// 0.5 / (2 pi) in 192 bits.
// CHECK-DAG:     %[[HIGH:.*]] = arith.constant dense<[0, 1467945251641000613]> : tensor<2xi64>
// CHECK-DAG:     %[[MIDDLE:.*]] = arith.constant dense<[0, 4577041481829096376]> : tensor<2xi64>
// CHECK-DAG:     %[[LOW:.*]] = arith.constant dense<[0, 1976045265924682248]> : tensor<2xi64>
// CHECK-NOT:     rope.
// CHECK:         linalg.generic {indexing_maps = [#[[$POSITION]], #[[$LANE]], #[[$LANE]], #[[$LANE]]
// CHECK-SAME:      ins(%[[P]], %[[HIGH]], %[[MIDDLE]], %[[LOW]] :
// CHECK:           arith.mului_extended
// CHECK:           arith.addui_extended
// CHECK-COUNT-20:  math.fma %{{.*}} : f64
// CHECK-NOT:       math.{{sin|cos}}
// CHECK:           %[[COS:.*]] = arith.truncf %{{.*}} : f64 to f32
// CHECK:           %[[COS16:.*]] = arith.truncf %[[COS]] : f32 to bf16
// CHECK:           %[[SIN:.*]] = arith.truncf %{{.*}} : f64 to f32
// CHECK:           %[[SIN16:.*]] = arith.truncf %[[SIN]] : f32 to bf16
// CHECK:           linalg.yield %[[COS16]], %[[SIN16]] : bf16, bf16
func.func @exact(%p: tensor<2x?xi32>) -> (tensor<2x?x2xbf16>, tensor<2x?x2xbf16>) {
  %c, %s = rope.sincos %p frequencies<dim = 4, scaling = #rope.table<dense<[0.0, 0.5]> : tensor<2xf32>>> : tensor<2x?xi32> -> tensor<2x?x2xbf16>
  return %c, %s : tensor<2x?x2xbf16>, tensor<2x?x2xbf16>
}

// -----

// fl(fl(p) fl(w)) in f32, nothing else is rounded before the result.
// CHECK-LABEL: func @f32_angle
// CHECK:         %[[W:.*]] = arith.constant dense<[1.000000e+00, 0.00999999977]> : tensor<2xf32>
// CHECK:         linalg.generic
// CHECK:         ^bb0(%{{.*}}: i64, %[[FREQ:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32):
// CHECK:           %[[PF:.*]] = arith.sitofp %{{.*}} : i64 to f32
// CHECK-NEXT:      %[[ANGLE:.*]] = arith.mulf %[[PF]], %[[FREQ]] : f32
// CHECK-NEXT:      %[[WIDE:.*]] = arith.extf %[[ANGLE]] : f32 to f64
// CHECK-NEXT:      %[[SIN:.*]] = math.sin %[[WIDE]] : f64
// CHECK-NEXT:      %[[COS:.*]] = math.cos %[[WIDE]] : f64
// CHECK-NEXT:      %[[COS32:.*]] = arith.truncf %[[COS]] : f64 to f32
// CHECK-NEXT:      %[[SIN32:.*]] = arith.truncf %[[SIN]] : f64 to f32
// CHECK-NEXT:      linalg.yield %[[COS32]], %[[SIN32]] : f32, f32
func.func @f32_angle(%p: tensor<i64>) -> (tensor<2xf32>, tensor<2xf32>) {
  %c, %s = rope.sincos %p frequencies<dim = 4> accuracy<f32_angle> : tensor<i64> -> tensor<2xf32>
  return %c, %s : tensor<2xf32>, tensor<2xf32>
}

// -----

// fl(fl(p) / fl(1/w)).
// CHECK-LABEL: func @f32_quotient
// CHECK:         %[[T:.*]] = arith.constant dense<[1.000000e+00, 1.000000e+02]> : tensor<2xf32>
// CHECK:         ^bb0(%{{.*}}: i64, %[[TIMESCALE:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32):
// CHECK:           %[[ANGLE:.*]] = arith.divf %{{.*}}, %[[TIMESCALE]] : f32
// CHECK-NEXT:      arith.extf %[[ANGLE]] : f32 to f64
func.func @f32_quotient(%p: tensor<i64>) -> (tensor<2xf32>, tensor<2xf32>) {
  %c, %s = rope.sincos %p frequencies<dim = 4> accuracy<f32_quotient> : tensor<i64> -> tensor<2xf32>
  return %c, %s : tensor<2xf32>, tensor<2xf32>
}

// -----

// A frequency below 2^-40 turns is kept times a power of two, here 2^28 to reach
// 2^-36, and its angle divided by it.
// CHECK-LABEL: func @slow
// CHECK:         %[[UNIT:.*]] = arith.constant dense<[1.000000e+00, 3.7252902984619141E-9]> : tensor<2xf64>
// CHECK:         ^bb0(%{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64, %[[SCALE:[a-z0-9_]+]]: f64,
// CHECK-COUNT-2:   arith.mulf %{{.*}}, %[[SCALE]] : f64
func.func @slow(%p: tensor<i64>) -> (tensor<2xf64>, tensor<2xf64>) {
  %c, %s = rope.sincos %p frequencies<dim = 4, scaling = #rope.table<dense<[1.0, 5.0e-19]> : tensor<2xf64>>> : tensor<i64> -> tensor<2xf64>
  return %c, %s : tensor<2xf64>, tensor<2xf64>
}
