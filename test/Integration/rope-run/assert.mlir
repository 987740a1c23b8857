// An assertion of the program that fails is exit code 2, its message kept.

// RUN: %npy make %t/good.npy "np.int64(3)" %t/bad.npy "np.int64(4)"
// RUN: rope-run %s --input=%t/good.npy --expected=%t/good.npy %lower
// RUN: %exits 2 rope-run %s --input=%t/bad.npy --output=%t/out.npy %lower 2>&1 \
// RUN:   | FileCheck %s
// RUN: not ls %t/out.npy

// CHECK-DAG: {{^}}index is out of range{{$}}
// CHECK-DAG: {{^}}rope-run: the compiled function aborted{{$}}

func.func @main(%index: i64) -> i64 {
  %c4 = arith.constant 4 : i64
  %ok = arith.cmpi slt, %index, %c4 : i64
  cf.assert %ok, "index is out of range"
  return %index : i64
}
