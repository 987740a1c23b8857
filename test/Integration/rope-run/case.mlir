// A case: module, inputs in numeric order (10 after 2), expected results.

// RUN: rm -rf %t
// RUN: %npy make %t/inputs/0.npy "np.float32(1)" %t/inputs/1.npy "np.float32(2)" \
// RUN:   %t/inputs/2.npy "np.float32(4)" %t/inputs/3.npy "np.float32(8)" \
// RUN:   %t/inputs/4.npy "np.float32(16)" %t/inputs/5.npy "np.float32(32)" \
// RUN:   %t/inputs/6.npy "np.float32(64)" %t/inputs/7.npy "np.float32(128)" \
// RUN:   %t/inputs/8.npy "np.float32(256)" %t/inputs/9.npy "np.float32(512)" \
// RUN:   %t/inputs/10.npy "np.full(3, 1024, 'f4')"
// RUN: %npy make %t/expected/0.npy "np.full(3, 1025, 'f4')" \
// RUN:   %t/expected/1.npy "np.float32(4 - 512)"
// RUN: cp %s %t/module.mlir
// RUN: rope-run --case=%t %lower | FileCheck %s
// RUN: rope-run %s --case=%t/ %lower | FileCheck %s

// CHECK:      result 0: f32[3] ok, 3 elements; worst at [0]: got 1025,
// CHECK-SAME:   expected 1025, error 0 (0 ulp), atol 1e-05, rtol 1e-05
// CHECK-NEXT: result 1: f32[] ok, 1 elements; worst at []: got -508,
// CHECK-NOT:  time

// Files that are no arrays do not matter; gaps and other names do.
// RUN: cp %s %t/inputs/notes.txt
// RUN: rope-run --case=%t %lower | FileCheck %s
// RUN: mv %t/inputs/4.npy %t/inputs/04.npy
// RUN: %exits 2 rope-run --case=%t %lower 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: rope-run: {{.*}}inputs/04.npy: the name is not a number
// RUN: rm %t/inputs/04.npy
// RUN: %exits 2 rope-run --case=%t %lower 2>&1 | FileCheck %s --check-prefix=GAP
// GAP: rope-run: {{.*}}inputs/4.npy: missing, though 5.npy exists
// RUN: rm -r %t/expected
// RUN: cp %t/inputs/5.npy %t/inputs/4.npy
// RUN: %exits 2 rope-run --case=%t %lower 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: rope-run: {{.*}}expected: no expected arrays

func.func @main(%arg0: f32, %arg1: f32, %arg2: f32, %arg3: f32, %arg4: f32,
                %arg5: f32, %arg6: f32, %arg7: f32, %arg8: f32, %arg9: f32,
                %arg10: tensor<3xf32>) -> (tensor<3xf32>, f32) {
  %empty = tensor.empty() : tensor<3xf32>
  %sum = linalg.map ins(%arg10 : tensor<3xf32>) outs(%empty : tensor<3xf32>)
      (%in: f32, %out: f32) {
    %add = arith.addf %in, %arg0 : f32
    linalg.yield %add : f32
  }
  %difference = arith.subf %arg2, %arg9 : f32
  return %sum, %difference : tensor<3xf32>, f32
}
