// RUN: rope-opt %s --convert-rope-to-gpu="distinct-arguments" --canonicalize --split-input-file | FileCheck %s --enable-var-scope
// RUN: rope-opt %s --convert-rope-to-gpu --canonicalize --split-input-file | FileCheck %s --check-prefix=APART

// Queries and keys in place: one launch, a block a position, 8 chunks of 8
// pairs by 8 groups of heads. Every access is of 128 bits.
// CHECK-LABEL: func @queries_and_keys
// CHECK:         gpu.launch_func @rope_kernels::@rotate blocks in (%c256, %c2, %c1) threads in (%c64, %c1, %c1)
// CHECK-NOT:     gpu.launch_func
// CHECK:         gpu.func @rotate(%{{.*}}: memref<?xvector<4xf32>>, %{{.*}}: memref<?xvector<4xf32>>, %{{.*}}: memref<?xvector<4xi32>>, %{{.*}}: memref<?xvector<4xi32>>) kernel attributes {known_block_size = array<i32: 64, 1, 1>, known_grid_size = array<i32: 256, 2, 1>}
// The table row once, then 4 heads of queries and 1 of keys: two halves each.
// CHECK-COUNT-4: memref.load %{{.*}} : memref<?xvector<4xf32>>
// CHECK-NOT:     memref<?xvector<4xf32>>
// CHECK-COUNT-4: memref.load %{{.*}} : memref<?xvector<4xi32>>
// CHECK-COUNT-4: memref.store %{{.*}} : memref<?xvector<4xi32>>
// CHECK-COUNT-4: memref.load %{{.*}} : memref<?xvector<4xi32>>
// CHECK-COUNT-4: memref.store %{{.*}} : memref<?xvector<4xi32>>
// CHECK-COUNT-2: memref.load %{{.*}} : memref<?xvector<4xi32>>
// CHECK-COUNT-2: memref.store %{{.*}} : memref<?xvector<4xi32>>
// CHECK-NOT:     memref.load
// CHECK:         gpu.return

// Arguments that may be the same buffer are not rotated side by side.
// APART-LABEL: func @queries_and_keys
// APART-COUNT-2: gpu.launch_func
func.func @queries_and_keys(%q: memref<2x256x32x128xbf16>, %k: memref<2x256x8x128xbf16>,
                            %cos: memref<256x64xf32>, %sin: memref<256x64xf32>) {
  rope.rotate %q into %q by %cos, %sin along [1] : memref<2x256x32x128xbf16> into memref<2x256x32x128xbf16>, memref<256x64xf32>
  rope.rotate %k into %k by %cos, %sin along [1] : memref<2x256x8x128xbf16> into memref<2x256x8x128xbf16>, memref<256x64xf32>
  return
}

// -----

// The second rotation reads what the first one writes.
// CHECK-LABEL: func @negative_chain
// CHECK-COUNT-2: gpu.launch_func
func.func @negative_chain(%x: memref<4x8x16xf32>, %y: memref<4x8x16xf32>, %z: memref<4x8x16xf32>,
                          %cos: memref<4x8xf32>, %sin: memref<4x8xf32>) {
  rope.rotate %x into %y by %cos, %sin along [0] : memref<4x8x16xf32> into memref<4x8x16xf32>, memref<4x8xf32>
  rope.rotate %y into %z by %cos, %sin along [0] : memref<4x8x16xf32> into memref<4x8x16xf32>, memref<4x8xf32>
  return
}

// -----

// Something between the two rotations writes a table.
// CHECK-LABEL: func @negative_table_changes
// CHECK:         gpu.launch_func
// CHECK:         memref.store
// CHECK:         gpu.launch_func
func.func @negative_table_changes(%x: memref<4x8x16xf32>, %y: memref<4x8x16xf32>,
                                  %cos: memref<4x8xf32>, %sin: memref<4x8xf32>, %v: f32) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<4x8x16xf32> into memref<4x8x16xf32>, memref<4x8xf32>
  %c0 = arith.constant 0 : index
  memref.store %v, %cos[%c0, %c0] : memref<4x8xf32>
  rope.rotate %y into %y by %cos, %sin along [0] : memref<4x8x16xf32> into memref<4x8x16xf32>, memref<4x8xf32>
  return
}

// -----

// Sizes that are known at run time come as arguments, and a launch of no blocks
// is left out.
// CHECK-LABEL: func @dynamic
// CHECK:         %[[ANY:.*]] = arith.cmpi ne, %{{.*}}, %c0
// CHECK:         scf.if
// CHECK-NEXT:      gpu.launch_func
// CHECK:       gpu.func @rotate(%{{.*}}: memref<?xvector<4xi32>>, %{{.*}}: memref<?xvector<4xi32>>, %{{.*}}: memref<?xvector<4xi32>>, %{{.*}}: index, %{{.*}}: index)
func.func @dynamic(%x: memref<?x?x128xf16>, %cos: memref<?x64xf16>, %sin: memref<?x64xf16>) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<?x?x128xf16> into memref<?x?x128xf16>, memref<?x64xf16>
  return
}

// -----

// Halves of 9 lanes: units of one element, of 16 bits.
// CHECK-LABEL: func @odd
// CHECK:         gpu.func @rotate(%{{.*}}: memref<?xf32>, %{{.*}}: memref<?xf32>, %{{.*}}: memref<?xi16>)
func.func @odd(%x: memref<4x3x18xbf16>, %cos: memref<4x9xf32>, %sin: memref<4x9xf32>) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<4x3x18xbf16> into memref<4x3x18xbf16>, memref<4x9xf32>
  return
}

// -----

// An offset that is known at run time only says nothing of alignment.
// CHECK-LABEL: func @unknown_offset
// CHECK:         gpu.func @rotate(%{{.*}}: memref<?xvector<4xf32>>, %{{.*}}: memref<?xvector<4xf32>>, %{{.*}}: memref<?xf32>)
func.func @unknown_offset(%x: memref<4x3x16xf32, strided<[48, 16, 1], offset: ?>>, %cos: memref<4x8xf32>, %sin: memref<4x8xf32>) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<4x3x16xf32, strided<[48, 16, 1], offset: ?>> into memref<4x3x16xf32, strided<[48, 16, 1], offset: ?>>, memref<4x8xf32>
  return
}

// -----

// Nothing is launched on no blocks, whichever type tells that there are none.
// CHECK-LABEL: func @empty
// CHECK-NOT:     gpu.launch_func
// CHECK-LABEL: func @empty_tables
// CHECK-NOT:     gpu.launch_func
// CHECK:       gpu.module
func.func @empty(%x: memref<4x0x16xf32>, %y: memref<0x4x16xf32>, %cos: memref<4x8xf32>, %sin: memref<4x8xf32>) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<4x0x16xf32> into memref<4x0x16xf32>, memref<4x8xf32>
  rope.rotate %y into %y by %cos, %sin along [1] : memref<0x4x16xf32> into memref<0x4x16xf32>, memref<4x8xf32>
  return
}
func.func @empty_tables(%x: memref<?x8x16xf32>, %cos: memref<0x8xf32>, %sin: memref<0x8xf32>, %p: memref<0xi32>, %tc: memref<?x4xf32>, %ts: memref<?x4xf32>,
                        %q: memref<0x1x5x16xf32>, %out: memref<?x1x5x16xf32>) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<?x8x16xf32> into memref<?x8x16xf32>, memref<0x8xf32>
  rope.sincos %p into %tc, %ts frequencies<dim = 8, base = 1.0e4> : memref<0xi32> -> memref<?x4xf32>
  rope.attention %q, %q, %q into %out : memref<0x1x5x16xf32>, memref<0x1x5x16xf32>, memref<0x1x5x16xf32> into memref<?x1x5x16xf32>
  return
}
