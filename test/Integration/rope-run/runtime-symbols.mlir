// Functions that lowered code calls by name: roundings to bf16 (called here
// directly, since most hosts have an instruction) and strided copies.

// 1 + 2^-8 and 1 + 3 * 2^-8 are ties; the largest f32 rounds to infinity. In
// f64, 1 + 2^-8 + 2^-40 would become a tie if it were rounded to f32 first.
// RUN: %npy make %t/f32.npy "np.array([1 + 2**-8, 1 + 3 * 2**-8, 1.00391, 3.4028235e38, -0.0, np.nan, 1e-40, -2.5], 'f4')" \
// RUN:   %t/f64.npy "np.array([1 + 2**-8 + 2**-40, 1 + 2**-8, -1 - 3 * 2**-8 + 2**-40, 1e308, np.inf, np.nan, 1e-40, -2.5], 'f8')" \
// RUN:   %t/b32.npy "np.array([0x3f80, 0x3f82, 0x3f81, 0x7f80, 0x8000, 0x7fc0, 1, 0xc020], 'u2')" \
// RUN:   %t/b64.npy "np.array([0x3f81, 0x3f80, 0xbf81, 0x7f80, 0x7f80, 0x7fc0, 1, 0xc020], 'u2')"
// DEFINE: %{llvm} = --pipeline=convert-scf-to-cf,expand-strided-metadata,finalize-memref-to-llvm,convert-to-llvm,reconcile-unrealized-casts
// RUN: rope-run %s %{llvm} --atol=0 --rtol=0 --input=%t/f32.npy --input=%t/f64.npy \
// RUN:   --expected=%t/b32.npy --expected=%t/b64.npy

// RUN: %npy make %t/x.npy "np.arange(12, dtype='f8').reshape(3, 4)" \
// RUN:   %t/y.npy "np.arange(12, dtype='f8').reshape(3, 4)[1:, ::3]"
// RUN: rope-run %s %{llvm} --entry-point=copy --input=%t/x.npy --expected=%t/y.npy

func.func private @__truncsfbf2(f32) -> bf16
func.func private @__truncdfbf2(f64) -> bf16

func.func @main(%x: memref<8xf32>, %y: memref<8xf64>) -> (memref<8xbf16>, memref<8xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %from32 = memref.alloc() : memref<8xbf16>
  %from64 = memref.alloc() : memref<8xbf16>
  scf.for %i = %c0 to %c8 step %c1 {
    %single = memref.load %x[%i] : memref<8xf32>
    %double = memref.load %y[%i] : memref<8xf64>
    %rounded32 = func.call @__truncsfbf2(%single) : (f32) -> bf16
    %rounded64 = func.call @__truncdfbf2(%double) : (f64) -> bf16
    memref.store %rounded32, %from32[%i] : memref<8xbf16>
    memref.store %rounded64, %from64[%i] : memref<8xbf16>
  }
  return %from32, %from64 : memref<8xbf16>, memref<8xbf16>
}

func.func @copy(%x: memref<3x4xf64>) -> memref<2x2xf64> {
  %part = memref.subview %x[1, 0] [2, 2] [1, 3]
      : memref<3x4xf64> to memref<2x2xf64, strided<[4, 3], offset: 4>>
  %copy = memref.alloc() : memref<2x2xf64>
  memref.copy %part, %copy
      : memref<2x2xf64, strided<[4, 3], offset: 4>> to memref<2x2xf64>
  return %copy : memref<2x2xf64>
}
