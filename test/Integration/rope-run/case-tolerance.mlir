// The tolerance of case.json is the whole criterion unless options say more.

// RUN: rm -rf %t
// RUN: %npy make %t/inputs/0.npy "np.full(4, 100, 'f4')" \
// RUN:   %t/expected/0.npy "np.full(4, 100.5, 'f4')"
// RUN: %exits 1 rope-run %s --case=%t %lower | FileCheck %s --check-prefix=NONE
// NONE: atol 1e-05, rtol 1e-05

// RUN: echo '{"atol": 0.5, "notes": "other keys do not matter"}' > %t/case.json
// RUN: rope-run %s --case=%t %lower | FileCheck %s --check-prefix=CASE
// CASE: atol 0.5, rtol 0{{$}}
// RUN: %exits 1 rope-run %s --case=%t %lower --atol=0.4 \
// RUN:   | FileCheck %s --check-prefix=OPTION
// OPTION: atol 0.4, rtol 0{{$}}
// RUN: rope-run %s --case=%t %lower --atol=0.4 --rtol=0.01 \
// RUN:   | FileCheck %s --check-prefix=BOTH
// BOTH: atol 0.4, rtol 0.01{{$}}

// RUN: echo '{"atol": 0, "rtol": 0.01}' > %t/case.json
// RUN: rope-run %s --case=%t %lower | FileCheck %s --check-prefix=RTOL
// RTOL: atol 0, rtol 0.01{{$}}

// RUN: echo '{"atol": "small"}' > %t/case.json
// RUN: %exits 2 rope-run %s --case=%t %lower 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: rope-run: {{.*}}case.json: 'atol' must be a number, zero or more
// RUN: echo '{"atol": -1}' > %t/case.json
// RUN: %exits 2 rope-run %s --case=%t %lower 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: echo '{"atol": 1' > %t/case.json
// RUN: %exits 2 rope-run %s --case=%t %lower 2>&1 | FileCheck %s --check-prefix=JSON
// JSON: rope-run: {{.*}}case.json: [2:0, byte=11]: Expected , or } after object property
// RUN: echo '[]' > %t/case.json
// RUN: %exits 2 rope-run %s --case=%t %lower 2>&1 | FileCheck %s --check-prefix=ARRAY
// ARRAY: rope-run: {{.*}}case.json: expected a JSON object

func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
