// Positions add as integers: tables of p + s are the bits of fresh ones, and so is a cache
// whose two rotations, by p and by the shift s, are composed. One that is rotated in f32
// and then again is off by the roundings of two rotations: here by no more than two units
// of numbers in [1, 2), at any position.

// RUN: mkdir -p %t
// RUN: %npy make %t/p.npy "np.arange(-3, 60) * 12345679" %t/s.npy "np.full(63, 10**9 + 7)" \
// RUN:   %t/q.npy "np.arange(-3, 60) * 12345679 + 10**9 + 7" \
// RUN:   %t/k.npy "np.sin(np.arange(63 * 2 * 8)).reshape(63, 2, 8).astype('f4')"
// RUN: rope-run %s --entry-point=rotated --input=%t/k.npy --input=%t/q.npy --output=%t/fresh.npy
// RUN: rope-run %s --entry-point=shifted --input=%t/k.npy --input=%t/p.npy --input=%t/s.npy \
// RUN:   --expected=%t/fresh.npy --atol=0 --rtol=0 | FileCheck %s
// RUN: rope-run %s --entry-point=rotated_twice --input=%t/k.npy --input=%t/p.npy --input=%t/s.npy \
// RUN:   --expected=%t/fresh.npy --atol=2.4e-7 --rtol=0 | FileCheck %s
// RUN: rope-opt %s --inline --rope-optimize=algebraic -o %t/composed.mlir
// RUN: rope-run %t/composed.mlir --entry-point=rotated_twice --input=%t/k.npy --input=%t/p.npy --input=%t/s.npy \
// RUN:   --expected=%t/fresh.npy --atol=0 --rtol=0 | FileCheck %s
// CHECK: result 0: f32[63,2,8] ok, 1008 elements

// The two rotations are not the bits of one.
// RUN: %exits 1 rope-run %s --entry-point=rotated_twice --input=%t/k.npy --input=%t/p.npy --input=%t/s.npy \
// RUN:   --expected=%t/fresh.npy --atol=0 --rtol=0 | FileCheck %s --check-prefix=WRONG

// The comparison sees a shift that is wrong by one.
// RUN: %npy make %t/wrong.npy "np.full(63, 10**9 + 8)"
// RUN: %exits 1 rope-run %s --entry-point=rotated_twice --input=%t/k.npy --input=%t/p.npy --input=%t/wrong.npy \
// RUN:   --expected=%t/fresh.npy --atol=2.4e-7 --rtol=0 | FileCheck %s --check-prefix=WRONG
// WRONG: result 0: f32[63,2,8] MISMATCH

!k = tensor<63x2x8xf32>
!p = tensor<63xi64>
!t = tensor<63x4xf32>

func.func @rotated(%k: !k, %p: !p) -> !k {
  %c, %s = rope.sincos %p frequencies<dim = 8> : !p -> !t
  %y = rope.rotate %k by %c, %s along [0] : !k, !t
  return %y : !k
}

func.func @shifted(%k: !k, %p: !p, %shift: !p) -> !k {
  %sum = arith.addi %p, %shift : !p
  %y = func.call @rotated(%k, %sum) : (!k, !p) -> !k
  return %y : !k
}

func.func @rotated_twice(%k: !k, %p: !p, %shift: !p) -> !k {
  %y = func.call @rotated(%k, %p) : (!k, !p) -> !k
  %z = func.call @rotated(%y, %shift) : (!k, !p) -> !k
  return %z : !k
}
