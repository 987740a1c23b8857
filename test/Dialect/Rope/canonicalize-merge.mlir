// RUN: rope-opt %s --canonicalize --verify-each | FileCheck %s

// An empty partial changes nothing, on either side.
// CHECK-LABEL: func @empty
// CHECK:         %[[M:.*]], %[[L:.*]] = rope.merge
// CHECK-NOT:     rope.merge
// CHECK:         return %[[M]], %[[L]], %[[M]], %[[L]]
func.func @empty(%a: tensor<4x8xf32>, %la: tensor<4xf32>, %b: tensor<4x8xf32>, %lb: tensor<4xf32>, %any: tensor<4x8xf32>)
    -> (tensor<4x8xf32>, tensor<4xf32>, tensor<4x8xf32>, tensor<4xf32>) {
  %inf = arith.constant dense<0xFF800000> : tensor<4xf32>
  %m, %l = rope.merge %a, %la and %b, %lb : tensor<4x8xf32>, tensor<4xf32>
  %m1, %l1 = rope.merge %m, %l and %any, %inf : tensor<4x8xf32>, tensor<4xf32>
  %m2, %l2 = rope.merge %any, %inf and %m, %l : tensor<4x8xf32>, tensor<4xf32>
  return %m1, %l1, %m2, %l2 : tensor<4x8xf32>, tensor<4xf32>, tensor<4x8xf32>, tensor<4xf32>
}

// CHECK-LABEL: func @both_empty
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant dense<0.0{{.*}}> : tensor<4x8xf32>
// CHECK-DAG:     %[[INF:.*]] = arith.constant dense<0xFF800000> : tensor<4xf32>
// CHECK:         return %[[ZERO]], %[[INF]]
func.func @both_empty(%any: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4xf32>) {
  %zero = arith.constant dense<0.0> : tensor<4x8xf32>
  %inf = arith.constant dense<0xFF800000> : tensor<4xf32>
  %m, %l = rope.merge %zero, %inf and %any, %inf : tensor<4x8xf32>, tensor<4xf32>
  return %m, %l : tensor<4x8xf32>, tensor<4xf32>
}

// Rows of %a may be empty and hold anything, where the merge is zero.
// CHECK-LABEL: func @negative_rows_may_be_empty
// CHECK:         rope.merge
func.func @negative_rows_may_be_empty(%a: tensor<4x8xf32>, %la: tensor<4xf32>, %any: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %inf = arith.constant dense<0xFF800000> : tensor<4xf32>
  %m, %l = rope.merge %a, %la and %any, %inf : tensor<4x8xf32>, tensor<4xf32>
  return %m : tensor<4x8xf32>
}

// The lse of another merge says nothing about the rows of this one.
// CHECK-LABEL: func @negative_lse_of_another_merge
// CHECK-COUNT-3: rope.merge
func.func @negative_lse_of_another_merge(%a: tensor<4x8xf32>, %la: tensor<4xf32>, %lb: tensor<4xf32>, %any: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %inf = arith.constant dense<0xFF800000> : tensor<4xf32>
  %m, %l = rope.merge %a, %la and %any, %lb : tensor<4x8xf32>, tensor<4xf32>
  %m1, %l1 = rope.merge %a, %lb and %any, %lb : tensor<4x8xf32>, tensor<4xf32>
  %m2, %l2 = rope.merge %m, %l1 and %any, %inf : tensor<4x8xf32>, tensor<4xf32>
  return %m2 : tensor<4x8xf32>
}

// Some rows have keys; +inf is not empty.
// CHECK-LABEL: func @negative_not_all_empty
// CHECK-COUNT-3: rope.merge
func.func @negative_not_all_empty(%a: tensor<2x8xf32>, %la: tensor<2xf32>, %any: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
  %mixed = arith.constant dense<[0xFF800000, 0.0]> : tensor<2xf32>
  %plus = arith.constant dense<0x7F800000> : tensor<2xf32>
  %m, %l = rope.merge %a, %la and %any, %la : tensor<2x8xf32>, tensor<2xf32>
  %m1, %l1 = rope.merge %m, %l and %any, %mixed : tensor<2x8xf32>, tensor<2xf32>
  %m2, %l2 = rope.merge %m, %l and %any, %plus : tensor<2x8xf32>, tensor<2xf32>
  return %m1, %m2 : tensor<2x8xf32>, tensor<2x8xf32>
}

// Unused merges go, sizes come from operands.
// CHECK-LABEL: func @unused
// CHECK-NEXT:    return
func.func @unused(%a: tensor<?x8xf32>, %l: tensor<?xf32>) {
  %m, %s = rope.merge %a, %l and %a, %l : tensor<?x8xf32>, tensor<?xf32>
  return
}

// An attention leaves zeros in rows without keys, unless it rotates them.
// CHECK-LABEL: func @attention
// CHECK:         %[[OUT:.*]], %[[LSE:.*]] = rope.attention
// CHECK-NOT:     rope.merge
// CHECK:         return %[[OUT]], %[[LSE]]
func.func @attention(%q: tensor<1x1x4x8xf32>, %k: tensor<1x1x6x8xf32>, %any: tensor<1x1x4x8xf32>) -> (tensor<1x1x4x8xf32>, tensor<1x1x4xf32>) {
  %inf = arith.constant dense<0xFF800000> : tensor<1x1x4xf32>
  %out, %lse = rope.attention %q, %k, %k returning_lse : tensor<1x1x4x8xf32>, tensor<1x1x6x8xf32>, tensor<1x1x6x8xf32>
  %m, %l = rope.merge %out, %lse and %any, %inf : tensor<1x1x4x8xf32>, tensor<1x1x4xf32>
  return %m, %l : tensor<1x1x4x8xf32>, tensor<1x1x4xf32>
}

// CHECK-LABEL: func @negative_rotated_output
// CHECK:         rope.merge
func.func @negative_rotated_output(%q: tensor<1x1x4x8xf32>, %k: tensor<1x1x6x8xf32>, %t: tensor<4x4xf32>, %any: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  %inf = arith.constant dense<0xFF800000> : tensor<1x1x4xf32>
  %out, %lse = rope.attention %q, %k, %k rotate_output(%t, %t : tensor<4x4xf32>) returning_lse : tensor<1x1x4x8xf32>, tensor<1x1x6x8xf32>, tensor<1x1x6x8xf32>
  %m, %l = rope.merge %out, %lse and %any, %inf : tensor<1x1x4x8xf32>, tensor<1x1x4xf32>
  return %m : tensor<1x1x4x8xf32>
}
