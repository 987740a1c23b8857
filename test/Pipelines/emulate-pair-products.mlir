// RUN: rope-opt %s --split-input-file --verify-diagnostics --rope-emulate-pair-products | FileCheck %s --implicit-check-not=amx --implicit-check-not=x86vector
// What the loops compute is tested in Integration/pair-products.test.

// Odd entries first, each rounded once; a second product with exponents that have no
// end tells what is tiny.
// CHECK-LABEL: @dots(
// CHECK-COUNT-4: vector.fma
// CHECK-NOT:     vector.fma
// CHECK:         arith.trunci {{.*}} : vector<8xi32> to vector<8xi16>
func.func @dots(%a: vector<16xbf16>, %c: vector<8xf32>) -> (vector<8xf32>, vector<8xbf16>) {
  %r = x86vector.avx512.dot %c, %a, %a : vector<16xbf16> -> vector<8xf32>
  %s = x86vector.avx512.cvt.packed.f32_to_bf16 %c : vector<8xf32> -> vector<8xbf16>
  return %r, %s : vector<8xf32>, vector<8xbf16>
}

// -----

// Rows of a view are as far apart as the op says.
// CHECK-LABEL: @carried(
// CHECK-COUNT-4: vector.load {{.*}} : memref<?xbf16>, vector<8xbf16>
// CHECK:         scf.for {{.*}} -> (vector<4x4xf32>)
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK-COUNT-4:       vector.fma
// CHECK-COUNT-4: vector.store {{.*}} : memref<4x4xf32>, vector<4xf32>
func.func @carried(%m: memref<?xbf16>, %stride: index, %n: index, %o: memref<4x4xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %x = amx.tile_load %m[%zero], %stride : memref<?xbf16> into !amx.tile<4x8xbf16>
  %none = amx.tile_zero : !amx.tile<4x4xf32>
  %r = scf.for %i = %zero to %n step %one iter_args(%u = %none) -> (!amx.tile<4x4xf32>) {
    %w = amx.tile_mulf %x, %x, %u : !amx.tile<4x8xbf16>, !amx.tile<4x8xbf16>, !amx.tile<4x4xf32>
    scf.yield %w : !amx.tile<4x4xf32>
  }
  amx.tile_store %o[%zero, %zero], %r : memref<4x4xf32>, !amx.tile<4x4xf32>
  return
}

// -----

func.func @negative_integers(%m: memref<16x64xi8>) {
  %zero = arith.constant 0 : index
  // expected-error @below {{failed to legalize operation 'amx.tile_load' that was explicitly marked illegal}}
  %x = amx.tile_load %m[%zero, %zero] : memref<16x64xi8> into !amx.tile<16x64xi8>
  amx.tile_store %m[%zero, %zero], %x : memref<16x64xi8>, !amx.tile<16x64xi8>
  return
}

// -----

func.func @negative_f16(%m: memref<16x32xf16>, %o: memref<16x16xf32>) {
  %zero = arith.constant 0 : index
  %none = amx.tile_zero : !amx.tile<16x16xf32>
  // expected-error @below {{failed to legalize operation 'amx.tile_load' that was explicitly marked illegal}}
  %x = amx.tile_load %m[%zero, %zero] : memref<16x32xf16> into !amx.tile<16x32xf16>
  %r = amx.tile_mulf %x, %x, %none : !amx.tile<16x32xf16>, !amx.tile<16x32xf16>, !amx.tile<16x16xf32>
  amx.tile_store %o[%zero, %zero], %r : memref<16x16xf32>, !amx.tile<16x16xf32>
  return
}

// -----

// Only loops of scf carry tiles.
func.func @negative_branch(%c: i1, %m: memref<16x16xf32>) {
  %zero = arith.constant 0 : index
  %x = amx.tile_load %m[%zero, %zero] : memref<16x16xf32> into !amx.tile<16x16xf32>
  // expected-error @below {{failed to legalize operation 'cf.cond_br' that was explicitly marked illegal}}
  cf.cond_br %c, ^a(%x : !amx.tile<16x16xf32>), ^b
^a(%y: !amx.tile<16x16xf32>):
  amx.tile_store %m[%zero, %zero], %y : memref<16x16xf32>, !amx.tile<16x16xf32>
  cf.br ^b
^b:
  return
}
