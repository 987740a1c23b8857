// Index arithmetic of kernels in 32 bits, where numbers are below 2^31.
// RUN: rope-opt %s --pass-pipeline='builtin.module(gpu.module(rope-narrow-indices,canonicalize))' | FileCheck %s --enable-var-scope

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @known_grid
  // CHECK-DAG:     %[[THREAD:.*]] = gpu.thread_id x
  // CHECK-DAG:     %[[BLOCK:.*]] = gpu.block_id x
  // CHECK:         %[[NUMBER:.*]] = arith.index_castui %[[BLOCK]] : index to i32
  // CHECK:         %[[FIRST:.*]] = arith.muli %[[NUMBER]], %c64_i32 overflow<nsw, nuw> : i32
  // CHECK:         %[[PLACE:.*]] = arith.index_castui %[[THREAD]] : index to i32
  // CHECK:         %[[UNIT:.*]] = arith.addi %[[FIRST]], %[[PLACE]] : i32
  // CHECK:         %[[HALF:.*]] = arith.divui %[[UNIT]], %c2_i32 : i32
  // CHECK:         %[[THIRD:.*]] = arith.remui %[[HALF]], %c3_i32 : i32
  // CHECK:         %[[INDEX:.*]] = arith.index_castui %[[THIRD]] : i32 to index
  // CHECK:         memref.store %{{.*}}, %{{.*}}[%[[INDEX]]]
  gpu.func @known_grid(%x: memref<?xf32>, %scalar: f32) kernel attributes {known_block_size = array<i32: 64, 1, 1>, known_grid_size = array<i32: 33554432, 1, 1>} {
    %c64 = arith.constant 64 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %thread = gpu.thread_id x
    %block = gpu.block_id x
    %first = arith.muli %block, %c64 overflow<nsw, nuw> : index
    %unit = arith.addi %first, %thread : index
    %half = arith.divui %unit, %c2 : index
    %third = arith.remui %half, %c3 : index
    memref.store %scalar, %x[%third] : memref<?xf32>
    gpu.return
  }

  // One block more, whose last unit is 2^31 + 63.
  // CHECK-LABEL: gpu.func @negative_large_grid
  // CHECK:         arith.muli {{.*}} : index
  // CHECK:         arith.addi {{.*}} : index
  gpu.func @negative_large_grid(%x: memref<?xf32>, %scalar: f32) kernel attributes {known_block_size = array<i32: 64, 1, 1>, known_grid_size = array<i32: 33554433, 1, 1>} {
    %c64 = arith.constant 64 : index
    %thread = gpu.thread_id x
    %block = gpu.block_id x
    %first = arith.muli %block, %c64 overflow<nsw, nuw> : index
    %unit = arith.addi %first, %thread : index
    memref.store %scalar, %x[%unit] : memref<?xf32>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @negative_unknown_grid
  // CHECK-NOT:     index_castui
  // CHECK:         arith.muli {{.*}} : index
  // CHECK-NOT:     index_castui
  gpu.func @negative_unknown_grid(%x: memref<?xf32>, %size: index, %scalar: f32) kernel {
    %block = gpu.block_id x
    %first = arith.muli %block, %size overflow<nsw, nuw> : index
    memref.store %scalar, %x[%first] : memref<?xf32>
    gpu.return
  }

  // Below 2^31 as unsigned, but not before: the operand is -1.
  // CHECK-LABEL: gpu.func @negative_operand
  // CHECK:         arith.addi {{.*}} : index
  gpu.func @negative_operand(%x: memref<?xf32>, %scalar: f32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c1 = arith.constant 1 : index
    %minus_one = arith.constant -1 : index
    %thread = gpu.thread_id x
    %behind = arith.maxui %thread, %c1 : index
    %before = arith.addi %behind, %minus_one : index
    memref.store %scalar, %x[%before] : memref<?xf32>
    gpu.return
  }

  // Other integers, and signed operations.
  // CHECK-LABEL: gpu.func @negative_others
  // CHECK:         arith.addi {{.*}} : i64
  // CHECK:         arith.minsi {{.*}} : index
  gpu.func @negative_others(%x: memref<?xindex>, %y: memref<?xi64>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c8 = arith.constant 8 : index
    %c8_i64 = arith.constant 8 : i64
    %thread = gpu.thread_id x
    %wide = arith.index_cast %thread : index to i64
    %sum = arith.addi %wide, %c8_i64 : i64
    memref.store %sum, %y[%thread] : memref<?xi64>
    %least = arith.minsi %thread, %c8 : index
    memref.store %least, %x[%thread] : memref<?xindex>
    gpu.return
  }
}
