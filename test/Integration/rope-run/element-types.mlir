// Tensors of every element type go in and come out bit for bit.

// RUN: rm -rf %t
// RUN: %npy make %t/0.npy "np.array([True, False])" %t/1.npy "np.array([-128, 127], 'i1')" \
// RUN:   %t/2.npy "np.array([-32768, 1], 'i2')" %t/3.npy "np.array([2**31 - 1, -1], 'i4')" \
// RUN:   %t/4.npy "np.array([-2**63, 1], 'i8')" %t/5.npy "bf16([1.5, -np.inf])" \
// RUN:   %t/6.npy "np.array([65504, 6e-8], 'f2')" %t/7.npy "np.array([1e-45, np.nan], 'f4')" \
// RUN:   %t/8.npy "np.array([1e308, -0.0], 'f8')" %t/9.npy "np.array([1 + 2j, np.inf], 'c8')"
// RUN: rope-run %s --input=%t/0.npy --input=%t/1.npy --input=%t/2.npy --input=%t/3.npy \
// RUN:   --input=%t/4.npy --input=%t/5.npy --input=%t/6.npy --input=%t/7.npy \
// RUN:   --input=%t/8.npy --input=%t/9.npy --output=%t/o0.npy --output=%t/o1.npy \
// RUN:   --output=%t/o2.npy --output=%t/o3.npy --output=%t/o4.npy --output=%t/o5.npy \
// RUN:   --output=%t/o6.npy --output=%t/o7.npy --output=%t/o8.npy --output=%t/o9.npy \
// RUN:   %lower | FileCheck %s
// RUN: cmp %t/0.npy %t/o0.npy
// RUN: cmp %t/1.npy %t/o1.npy
// RUN: cmp %t/2.npy %t/o2.npy
// RUN: cmp %t/3.npy %t/o3.npy
// RUN: cmp %t/4.npy %t/o4.npy
// RUN: cmp %t/5.npy %t/o5.npy
// RUN: cmp %t/6.npy %t/o6.npy
// RUN: cmp %t/7.npy %t/o7.npy
// RUN: cmp %t/8.npy %t/o8.npy
// RUN: cmp %t/9.npy %t/o9.npy

// CHECK:      result 0: bool[2] not compared
// CHECK:      result 5: bf16[2] not compared
// CHECK:      result 9: complex<f32>[2] not compared

func.func @main(%0: tensor<2xi1>, %1: tensor<2xi8>, %2: tensor<2xi16>,
                %3: tensor<2xi32>, %4: tensor<2xi64>, %5: tensor<2xbf16>,
                %6: tensor<2xf16>, %7: tensor<2xf32>, %8: tensor<2xf64>,
                %9: tensor<2xcomplex<f32>>)
    -> (tensor<2xi1>, tensor<2xi8>, tensor<2xi16>, tensor<2xi32>, tensor<2xi64>,
        tensor<2xbf16>, tensor<2xf16>, tensor<2xf32>, tensor<2xf64>,
        tensor<2xcomplex<f32>>) {
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9
      : tensor<2xi1>, tensor<2xi8>, tensor<2xi16>, tensor<2xi32>, tensor<2xi64>,
        tensor<2xbf16>, tensor<2xf16>, tensor<2xf32>, tensor<2xf64>,
        tensor<2xcomplex<f32>>
}
