// Every call gets fresh copies of the inputs, though the function overwrites
// them; the least and the median time are printed when asked for.

// RUN: %npy make %t/x.npy "np.array([1, 2], 'f4')" %t/y.npy "np.array([2, 4], 'f4')"
// RUN: rope-run %s --input=%t/x.npy --expected=%t/y.npy %lower --repeat=4 | FileCheck %s
// CHECK:      result 0: f32[2] ok
// CHECK-NEXT: time: min {{[0-9.]+}} us, median {{[0-9.]+}} us over 4 calls
// RUN: rope-run %s --input=%t/x.npy --expected=%t/y.npy %lower --repeat=1 \
// RUN:   | FileCheck %s --check-prefix=ONE
// ONE: time: min [[TIME:[0-9.]+]] us, median [[TIME]] us over 1 calls

func.func @main(%x: tensor<2xf32> {bufferization.writable = true}) -> tensor<2xf32> {
  %sum = linalg.add ins(%x, %x : tensor<2xf32>, tensor<2xf32>)
      outs(%x : tensor<2xf32>) -> tensor<2xf32>
  return %sum : tensor<2xf32>
}
