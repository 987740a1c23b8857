// What becomes of the rotations of ptx-rotate.mlir on AMD: every access is of 128
// bits, nothing is spilled, and bf16 is rounded by an instruction where there is one.
// RUN: rope-compile %S/ptx-rotate.mlir --emit=amdgcn --chip=gfx942 -o %t.942
// RUN: FileCheck %s --input-file %t.942
// RUN: FileCheck %s --input-file %t.942 --check-prefix=NARROW
// RUN: FileCheck %s --input-file %t.942 --check-prefix=SPILL
// RUN: rope-compile %S/ptx-rotate.mlir --emit=amdgcn --chip=gfx950 -o %t.950
// RUN: FileCheck %s --input-file %t.950 --check-prefix=GFX950
// RUN: rope-compile %S/ptx-rotate.mlir --emit=amdgcn --chip=gfx1100 -o %t.1100
// RUN: FileCheck %s --input-file %t.1100 --check-prefix=GFX1100
// RUN: FileCheck %s --input-file %t.1100 --check-prefix=SPILL

// CHECK-LABEL: rotate:
// CHECK-COUNT-4: global_load_dwordx4
// CHECK:         v_pk_fma_f32
// CHECK:         global_store_dwordx4
// CHECK:         s_endpgm
// NARROW-NOT: {{(global|flat)_(load|store)_(d?word |dword$|dwordx[23]|short|ushort)}}
// SPILL-COUNT-5: .vgpr_spill_count: 0
// GFX950-LABEL: rotate:
// GFX950:         v_cvt_pk_bf16_f32
// GFX1100-LABEL: rotate:
// GFX1100:        global_load_b128
// GFX1100:        global_store_b128
