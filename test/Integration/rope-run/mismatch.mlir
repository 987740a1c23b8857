// A mismatch is exit code 1 and names the worst element.

// RUN: %npy make %t/x.npy "np.arange(6, dtype='f4').reshape(2, 3)" \
// RUN:   %t/y.npy "np.array([[0, 1, 2.25], [3, 4, 5.5]], 'f4')" \
// RUN:   %t/nan.npy "np.array([[0, 1, np.nan], [3, 4, 5]], 'f4')"
// RUN: %exits 1 rope-run %s --input=%t/x.npy --expected=%t/y.npy %lower \
// RUN:   | FileCheck %s --check-prefix=WORST
// WORST: result 0: f32[2,3] MISMATCH, 2 of 6 elements; worst at [1,2]: got 5,
// WORST-SAME: expected 5.5, error 0.5 (1048576 ulp), atol 1e-05, rtol 1e-05

// RUN: %exits 1 rope-run %s --input=%t/x.npy --expected=%t/y.npy %lower \
// RUN:   --atol=0.3 --rtol=0 | FileCheck %s --check-prefix=ATOL
// ATOL: MISMATCH, 1 of 6 elements; worst at [1,2]: {{.*}}, atol 0.3, rtol 0

// RUN: rope-run %s --input=%t/x.npy --expected=%t/y.npy %lower --atol=0.5 \
// RUN:   | FileCheck %s --check-prefix=OK
// OK: result 0: f32[2,3] ok, 6 elements; worst at [1,2]:

// RUN: %exits 1 rope-run %s --input=%t/x.npy --expected=%t/nan.npy %lower \
// RUN:   --atol=1e9 | FileCheck %s --check-prefix=NAN
// NAN: MISMATCH, 1 of 6 elements; worst at [0,2]: got 2, expected nan, error inf,
// RUN: rope-run %s --input=%t/nan.npy --expected=%t/nan.npy %lower

func.func @main(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  return %x : tensor<2x3xf32>
}
