// Scalars of every type, by value in both directions, from 0-d arrays.

// RUN: %npy make %t/b.npy "np.bool_(True)" %t/i8.npy "np.int8(-3)" \
// RUN:   %t/u64.npy "np.uint64(2**64 - 1)" %t/index.npy "np.int64(7)" \
// RUN:   %t/bf16.npy "bf16(1.5)" %t/f16.npy "np.float16(2.5)" \
// RUN:   %t/f64.npy "np.float64(0.1)" %t/c.npy "np.complex64(1 - 2j)"
// RUN: rope-run %s --input=%t/b.npy --input=%t/i8.npy --input=%t/u64.npy \
// RUN:   --input=%t/index.npy --input=%t/bf16.npy --input=%t/f16.npy \
// RUN:   --input=%t/f64.npy --input=%t/c.npy --expected=%t/c.npy \
// RUN:   --expected=%t/f64.npy --expected=%t/f16.npy --expected=%t/bf16.npy \
// RUN:   --expected=%t/index.npy --expected=%t/u64.npy --expected=%t/i8.npy \
// RUN:   --expected=%t/b.npy --atol=0 --rtol=0 %lower | FileCheck %s

// CHECK:      result 0: complex<f32>[] ok, 1 elements; worst at [].re: got 1,
// CHECK-NEXT: result 1: f64[] ok, 1 elements; worst at []: got 0.10000000000000001,
// CHECK-NEXT: result 2: f16[] ok, 1 elements; worst at []: got 2.5,
// CHECK-NEXT: result 3: bf16[] ok, 1 elements; worst at []: got 1.5,
// CHECK-NEXT: result 4: i64[] ok, 1 elements; worst at []: got 7,
// CHECK-NEXT: result 5: u64[] ok, 1 elements; worst at []: got 18446744073709551615,
// CHECK-NEXT: result 6: i8[] ok, 1 elements; worst at []: got -3,
// CHECK-NEXT: result 7: bool[] ok, 1 elements; worst at []: got 1,

// One scalar is returned in a register, one complex number through a pointer.
// RUN: rope-run %s --entry-point=one --input=%t/i8.npy --expected=%t/i8.npy %lower
// RUN: rope-run %s --entry-point=one_complex --input=%t/c.npy --expected=%t/c.npy %lower
// In a struct it is aligned as a float is.
// RUN: rope-run %s --entry-point=mixed --input=%t/b.npy --input=%t/c.npy \
// RUN:   --expected=%t/b.npy --expected=%t/c.npy --expected=%t/b.npy %lower
// RUN: rope-run %s --entry-point=nothing --input=%t/f64.npy %lower | count 0

func.func @main(%b: i1, %i8: i8, %u64: i64, %index: index, %bf16: bf16,
                %f16: f16, %f64: f64, %c: complex<f32>)
    -> (complex<f32>, f64, f16, bf16, index, i64, i8, i1) {
  return %c, %f64, %f16, %bf16, %index, %u64, %i8, %b
      : complex<f32>, f64, f16, bf16, index, i64, i8, i1
}

func.func @one(%i8: i8) -> i8 {
  return %i8 : i8
}

func.func @one_complex(%c: complex<f32>) -> complex<f32> {
  return %c : complex<f32>
}

func.func @mixed(%b: i1, %c: complex<f32>) -> (i1, complex<f32>, i1) {
  return %b, %c, %b : i1, complex<f32>, i1
}

func.func @nothing(%f64: f64) {
  return
}
