// RUN: rope-opt %s --rope-kernels-to-spirv --split-input-file --verify-diagnostics

// Kernels of others come to this pass too: what cannot be bound to buffers and to
// words of 32 bits is an error at the kernel.
gpu.module @block {
  // expected-error @+1 {{cannot be written as SPIR-V: it has no known_block_size}}
  gpu.func @k(%x: memref<?xf32>) kernel {
    gpu.return
  }
}

// -----

gpu.module @helper {
  // expected-error @+1 {{cannot be written as SPIR-V: it is not a kernel}}
  gpu.func @k(%x: memref<?xf32>) {
    gpu.return
  }
}

// -----

gpu.module @scalar {
  // expected-error @+1 {{cannot be written as SPIR-V: its arguments must be buffers memref<?xT>, then scalars of type index, got 'f32'}}
  gpu.func @k(%x: memref<?xf32>, %v: f32) kernel attributes {known_block_size = array<i32: 1, 1, 1>} {
    gpu.return
  }
}

// -----

// What tells a binding of words from a buffer is the size in the type.
gpu.module @static {
  // expected-error @+1 {{cannot be written as SPIR-V: its arguments must be buffers memref<?xT>, then scalars of type index, got 'memref<4xf32>'}}
  gpu.func @k(%x: memref<4xf32>) kernel attributes {known_block_size = array<i32: 1, 1, 1>} {
    gpu.return
  }
}

// -----

gpu.module @order {
  // expected-error @+1 {{cannot be written as SPIR-V: its arguments must be buffers memref<?xT>, then scalars of type index, got 'memref<?xf32>'}}
  gpu.func @k(%n: index, %x: memref<?xf32>) kernel attributes {known_block_size = array<i32: 1, 1, 1>} {
    gpu.return
  }
}
