// --report=json prints what the text says as one JSON object.

// RUN: %npy make %t/x.npy "np.array([1, np.inf, 3], 'f4')" \
// RUN:   %t/y.npy "np.array([1, 2, 3], 'f4')" \
// RUN:   %t/z.npy "np.array([1 + 2j], 'c8')" %t/w.npy "np.array([1 + 2.5j], 'c8')"
// RUN: %exits 1 rope-run %s --input=%t/x.npy --expected=%t/y.npy \
// RUN:   --input=%t/z.npy --expected=%t/w.npy %lower --report=json --repeat=3 \
// RUN:   --atol=0.5 | %python -m json.tool --sort-keys | FileCheck %s

// CHECK:      "calls": 3,
// CHECK-NEXT: "device": "cpu",
// CHECK-NEXT: "entry_point": "main",
// CHECK-NEXT: "file": "{{.*}}json.mlir",
// CHECK-NEXT: "median_seconds": {{[0-9.e-]+}},
// CHECK-NEXT: "min_seconds": {{[0-9.e-]+}},
// CHECK-NEXT: "ok": false,
// CHECK-NEXT: "pipeline": "one-shot-bufferize
// CHECK-NEXT: "results": [
// CHECK:        "atol": 0.5,
// CHECK-NEXT:   "compared": true,
// CHECK-NEXT:   "elements": 3,
// CHECK-NEXT:   "mismatches": 1,
// CHECK-NEXT:   "ok": false,
// CHECK-NEXT:   "rtol": 1e-05,
// CHECK-NEXT:   "shape": [
// CHECK-NEXT:     3
// CHECK-NEXT:   ],
// CHECK-NEXT:   "type": "f32",
// CHECK-NEXT:   "worst": {
// CHECK-NEXT:     "error": "inf",
// CHECK-NEXT:     "expected": "2",
// CHECK-NEXT:     "got": "inf",
// CHECK-NEXT:     "index": [
// CHECK-NEXT:       1
// CHECK-NEXT:     ],
// CHECK-NEXT:     "ulp": {{[0-9]+}}
// CHECK:        "ok": true,
// CHECK:        "component": "im",
// CHECK:      "threads": {{[0-9]+}}

func.func @main(%x: tensor<3xf32>, %z: tensor<1xcomplex<f32>>)
    -> (tensor<3xf32>, tensor<1xcomplex<f32>>) {
  return %x, %z : tensor<3xf32>, tensor<1xcomplex<f32>>
}
