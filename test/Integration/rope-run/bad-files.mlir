// Files that are not what they should be: exit code 2, one line that names it.

// RUN: rm -rf %t
// RUN: %npy make %t/x.npy "np.ones((2, 3), 'f4')" %t/i32.npy "np.ones((2, 3), 'i4')" \
// RUN:   %t/rank.npy "np.ones((2, 3, 1), 'f4')" %t/shape.npy "np.ones((3, 2), 'f4')" \
// RUN:   %t/fortran.npy "np.asfortranarray(np.ones((2, 3), 'f4'))" \
// RUN:   %t/big.npy "np.ones((2, 3), '>f4')" %t/object.npy "np.array([None])" \
// RUN:   %t/complex.npy "np.ones((2, 3), 'c16')" %t/record.npy "np.zeros(2, 'i4,f4')"
// RUN: %npy bytes %t/short.npy "npy(np.ones((2, 3), 'f4'))[:-1]" \
// RUN:   %t/long.npy "npy(np.ones((2, 3), 'f4')) + b'x'" \
// RUN:   %t/header.npy "npy(np.ones((2, 3), 'f4'))[:40]" %t/empty.npy "b''"

// RUN: %exits 2 rope-run %s --input=%t/none.npy 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: {{^}}rope-run: {{.*}}none.npy: No such file or directory{{$}}
// RUN: %exits 2 rope-run %s --input=%t 2>&1 | FileCheck %s --check-prefix=FOLDER
// FOLDER: {{^}}rope-run: {{.*}}: Is a directory{{$}}
// RUN: %exits 2 rope-run %s --input=%t/i32.npy 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: {{^}}rope-run: argument 0: expected tensor<2x3xf32>, got i32[2,3] from {{.*}}i32.npy{{$}}
// RUN: %exits 2 rope-run %s --input=%t/rank.npy 2>&1 | FileCheck %s --check-prefix=RANK
// RANK: argument 0: expected tensor<2x3xf32>, got f32[2,3,1] from {{.*}}rank.npy{{$}}
// RUN: %exits 2 rope-run %s --input=%t/shape.npy 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: argument 0: expected tensor<2x3xf32>, got f32[3,2] from {{.*}}shape.npy{{$}}
// RUN: %exits 2 rope-run %s --input=%t/fortran.npy 2>&1 | FileCheck %s --check-prefix=FORTRAN
// FORTRAN: {{^}}rope-run: {{.*}}fortran.npy: Fortran order is not supported
// RUN: %exits 2 rope-run %s --input=%t/big.npy 2>&1 | FileCheck %s --check-prefix=BIG
// BIG: {{^}}rope-run: {{.*}}big.npy: big-endian data is not supported (dtype '>f4'){{$}}
// RUN: %exits 2 rope-run %s --input=%t/object.npy 2>&1 | FileCheck %s --check-prefix=OBJECT
// OBJECT: {{^}}rope-run: {{.*}}object.npy: object arrays are not supported (dtype '|O'){{$}}
// RUN: %exits 2 rope-run %s --input=%t/complex.npy 2>&1 | FileCheck %s --check-prefix=COMPLEX
// COMPLEX: {{^}}rope-run: {{.*}}complex.npy: unsupported dtype '<c16'{{$}}
// RUN: %exits 2 rope-run %s --input=%t/record.npy 2>&1 | FileCheck %s --check-prefix=RECORD
// RECORD: {{^}}rope-run: {{.*}}record.npy: structured arrays are not supported{{$}}
// RUN: %exits 2 rope-run %s --input=%t/short.npy 2>&1 | FileCheck %s --check-prefix=SHORT
// SHORT: {{^}}rope-run: {{.*}}short.npy: truncated: the header announces 24 bytes of data, the file has 23{{$}}
// RUN: %exits 2 rope-run %s --input=%t/long.npy 2>&1 | FileCheck %s --check-prefix=LONG
// LONG: {{^}}rope-run: {{.*}}long.npy: trailing bytes: the header announces 24 bytes of data, the file has 25{{$}}
// RUN: %exits 2 rope-run %s --input=%t/header.npy 2>&1 | FileCheck %s --check-prefix=HEADER
// HEADER: {{^}}rope-run: {{.*}}header.npy: truncated: the file ends in its header{{$}}
// RUN: %exits 2 rope-run %s --input=%t/empty.npy 2>&1 | FileCheck %s --check-prefix=MAGIC
// RUN: %exits 2 rope-run %s --input=%s 2>&1 | FileCheck %s --check-prefix=MAGIC
// MAGIC: {{^}}rope-run: {{.*}}: not a .npy file (bad magic){{$}}
// RUN: %exits 2 rope-run %s --input=%t/x.npy --expected=%t/i32.npy 2>&1 \
// RUN:   | FileCheck %s --check-prefix=EXPECTED
// EXPECTED: {{^}}rope-run: result 0: expected tensor<2x3xf32>, got i32[2,3] from {{.*}}i32.npy{{$}}

func.func @main(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  return %x : tensor<2x3xf32>
}
