// Dynamic sizes come from the arrays, those of results from the function.

// RUN: %npy make %t/x.npy "np.arange(10, dtype='f4').reshape(2, 5)" \
// RUN:   %t/y.npy "2 * np.arange(10, dtype='f4').reshape(2, 5)" \
// RUN:   %t/wrong.npy "np.zeros((3, 5), 'f4')" %t/other.npy "np.zeros((2, 4), 'f4')" \
// RUN:   %t/empty.npy "np.zeros((2, 0), 'f4')"
// RUN: rope-run %s --input=%t/x.npy --expected=%t/y.npy %lower | FileCheck %s
// CHECK: result 0: f32[2,5] ok, 10 elements

// RUN: rope-run %s --input=%t/empty.npy --expected=%t/empty.npy %lower \
// RUN:   | FileCheck %s --check-prefix=EMPTY
// EMPTY: result 0: f32[2,0] ok, 0 elements{{$}}

// RUN: %exits 1 rope-run %s --input=%t/x.npy --expected=%t/other.npy %lower \
// RUN:   | FileCheck %s --check-prefix=OTHER
// OTHER: result 0: f32[2,5] MISMATCH, expected f32[2,4]{{$}}
// RUN: %exits 1 rope-run %s --input=%t/x.npy --expected=%t/other.npy %lower \
// RUN:   --report=json | %python -m json.tool --compact | FileCheck %s --check-prefix=JSON
// JSON: "compared":true,"expected_shape":[2,4],"ok":false,"shape":[2,5]

// RUN: %exits 2 rope-run %s --input=%t/wrong.npy %lower 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WRONG
// WRONG: rope-run: argument 0: expected tensor<2x?xf32>, got f32[3,5] from {{.*}}wrong.npy
// RUN: %exits 2 rope-run %s --input=%t/x.npy --expected=%t/wrong.npy %lower 2>&1 \
// RUN:   | FileCheck %s --check-prefix=EXPECTED
// EXPECTED: rope-run: result 0: expected tensor<2x?xf32>, got f32[3,5] from {{.*}}wrong.npy

func.func @main(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %c1 = arith.constant 1 : index
  %size = tensor.dim %x, %c1 : tensor<2x?xf32>
  %empty = tensor.empty(%size) : tensor<2x?xf32>
  %sum = linalg.add ins(%x, %x : tensor<2x?xf32>, tensor<2x?xf32>)
      outs(%empty : tensor<2x?xf32>) -> tensor<2x?xf32>
  return %sum : tensor<2x?xf32>
}
