// Bad usage: exit code 2 and one line.

// RUN: %exits 2 rope-run 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: {{^}}rope-run: no module: give FILE or --case{{$}}
// RUN: %exits 2 rope-run %s --frobnicate 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: {{^}}rope-run: Unknown command line argument '--frobnicate'.
// RUN: %exits 2 rope-run %s --atol=small 2>&1 | FileCheck %s --check-prefix=NUMBER
// NUMBER: for the --atol option: 'small' value invalid for floating point argument!
// NUMBER-NOT: {{.}}
// RUN: %exits 2 rope-run %s --rtol=-1 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: %exits 2 rope-run %s --atol=nan 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// NEGATIVE: {{^}}rope-run: --atol and --rtol must be zero or more{{$}}
// RUN: %exits 2 rope-run %s --repeat=0 2>&1 | FileCheck %s --check-prefix=REPEAT
// REPEAT: {{^}}rope-run: --repeat must be at least 1{{$}}
// RUN: %exits 2 rope-run %s -O4 2>&1 | FileCheck %s --check-prefix=LEVEL
// LEVEL: {{^}}rope-run: -O4: the levels are 0 to 3{{$}}
// RUN: env VK_ICD_FILENAMES=/nowhere.json VK_DRIVER_FILES=/nowhere.json %exits 2 rope-run %s --device=vulkan 2>&1 | FileCheck %s --check-prefix=VULKAN
// VULKAN: {{^}}rope-run: device vulkan: no Vulkan {{loader|driver|device}}{{.*}} on this machine{{$}}
// RUN: %exits 2 rope-run %s --device=abacus 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: {{^}}rope-run: unknown device 'abacus'{{$}}
// RUN: %exits 2 rope-run %s --report=poem 2>&1 | FileCheck %s --check-prefix=REPORT
// REPORT: for the --report option: Cannot find option named 'poem'!
// RUN: %exits 2 rope-run %s --entry-point=other 2>&1 | FileCheck %s --check-prefix=ENTRY
// RUN: %exits 2 rope-run %s --entry-point=external 2>&1 | FileCheck %s --check-prefix=ENTRY
// ENTRY: {{^}}rope-run: {{.*}}bad-usage.mlir: no function @{{other|external}}{{$}}
// RUN: %exits 2 rope-run %s --case=%t.none 2>&1 | FileCheck %s --check-prefix=FOLDER
// FOLDER: {{^}}rope-run: {{.*}}.none: not a folder{{$}}
// RUN: %exits 2 rope-run %s --case=%S --input=x.npy 2>&1 | FileCheck %s --check-prefix=BOTH
// BOTH: {{^}}rope-run: --case cannot be combined with --input or --expected{{$}}

// RUN: %npy make %t/x.npy "np.float32(1)"
// RUN: %exits 2 rope-run %s 2>&1 | FileCheck %s --check-prefix=INPUTS
// INPUTS: {{^}}rope-run: the function has 1 argument(s), but 0 file(s) are given{{$}}
// RUN: %exits 2 rope-run %s --input=%t/x.npy --expected=%t/x.npy 2>&1 \
// RUN:   --expected=%t/x.npy | FileCheck %s --check-prefix=EXPECTED
// EXPECTED: {{^}}rope-run: the function has 1 result(s), but 2 file(s) are given{{$}}
// RUN: %exits 2 rope-run %s --input=%t/x.npy --output=%t/y.npy 2>&1 \
// RUN:   --output=%t/z.npy | FileCheck %s --check-prefix=OUTPUTS
// OUTPUTS: {{^}}rope-run: the function has 1 result(s), but 2 --output file(s) are given{{$}}

func.func private @external(f32) -> f32

func.func @main(%x: f32) -> f32 {
  return %x : f32
}
