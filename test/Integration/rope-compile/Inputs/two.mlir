module attributes {gpu.container_module} {
  gpu.module @own {
    gpu.func @fill(%x: memref<?xf32>) kernel attributes {known_block_size = array<i32: 1, 1, 1>} {
      %c0 = arith.constant 0 : index
      %one = arith.constant 1.0 : f32
      memref.store %one, %x[%c0] : memref<?xf32>
      gpu.return
    }
  }
  func.func @main(%x: memref<4x16xf32>, %c: memref<4x8xf32>, %s: memref<4x8xf32>) {
    rope.rotate %x into %x by %c, %s along [0] : memref<4x16xf32> into memref<4x16xf32>, memref<4x8xf32>
    return
  }
}
