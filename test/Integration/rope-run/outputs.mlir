// Results are written whole, on a mismatch too, and not at all on an error.

// RUN: rm -rf %t
// RUN: %npy make %t/x.npy "bf16([1, 2])" %t/y.npy "np.array([[1], [2]], 'f4')" \
// RUN:   %t/zero.npy "np.zeros((2, 1), 'f4')"
// RUN: rope-run %s --input=%t/x.npy --input=%t/y.npy --output=%t/o0.npy \
// RUN:   --output=%t/o1.npy %lower
// RUN: %npy check %t/o0.npy "np.array([[1], [2]], 'f4')" %t/o1.npy "bf16([1, 2])"
// RUN: rm %t/o0.npy %t/o1.npy

// RUN: %exits 1 rope-run %s --input=%t/x.npy --input=%t/y.npy --output=%t/o0.npy \
// RUN:   --output=%t/o1.npy --expected=%t/zero.npy --expected=%t/x.npy %lower
// RUN: %npy check %t/o0.npy "np.array([[1], [2]], 'f4')" %t/o1.npy "bf16([1, 2])"

// A file that was there is replaced or left alone, never half-written.
// RUN: %exits 2 rope-run %s --input=%t/y.npy --input=%t/x.npy --output=%t/o1.npy \
// RUN:   --output=%t/o0.npy %lower
// RUN: %exits 2 rope-run %s --input=%t/x.npy --input=%t/y.npy --output=%t/o1.npy \
// RUN:   --output=%t/none/o0.npy %lower 2>&1 | FileCheck %s --check-prefix=FOLDER
// FOLDER: {{^}}rope-run: {{.*}}/none/o0.npy: No such file or directory{{$}}
// RUN: %exits 2 rope-run %s --input=%t/x.npy --input=%t/y.npy --output=%t/o1.npy \
// RUN:   --output=%t %lower 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: {{^}}rope-run: {{.*}}: exists and is not a regular file{{$}}
// RUN: %npy check %t/o0.npy "np.array([[1], [2]], 'f4')" %t/o1.npy "bf16([1, 2])"
// RUN: rope-run %s --input=%t/x.npy --input=%t/y.npy --output=%t/o1.npy \
// RUN:   --output=%t/o0.npy %lower
// RUN: %npy check %t/o1.npy "np.array([[1], [2]], 'f4')" %t/o0.npy "bf16([1, 2])"
// RUN: ls %t | FileCheck %s --check-prefix=FILES
// FILES:      {{^}}o0.npy
// FILES-NEXT: {{^}}o1.npy
// FILES-NEXT: {{^}}x.npy
// FILES-NEXT: {{^}}y.npy
// FILES-NEXT: {{^}}zero.npy
// FILES-NOT:  {{.}}

func.func @main(%x: tensor<2xbf16>, %y: tensor<2x1xf32>)
    -> (tensor<2x1xf32>, tensor<2xbf16>) {
  return %y, %x : tensor<2x1xf32>, tensor<2xbf16>
}
