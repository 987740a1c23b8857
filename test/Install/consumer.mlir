// A project that knows nothing but the installed tree finds, links and runs us.

// RUN: rm -rf %t && mkdir -p %t
// RUN: %cmake --install %rope_build --prefix %t/rope > %t/install.log
// RUN: %cmake -G Ninja -S %S/consumer -B %t/build -DCMAKE_CXX_COMPILER=%cxx \
// RUN:   -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld -DCMAKE_C_COMPILER=%cc \
// RUN:   -DCMAKE_PREFIX_PATH="%t/rope;%llvm_prefix" > %t/configure.log
// RUN: %cmake --build %t/build > %t/build.log
// RUN: %t/build/consumer %s canonicalize | FileCheck %s
// RUN: %t/build/consumer %s convert-rope-to-linalg | FileCheck %s --check-prefix=LINALG
// RUN: not %t/build/consumer %t/absent.mlir canonicalize 2>&1 | FileCheck %s --check-prefix=ABSENT

// The installed driver finds the packaged libraries from where it stands, and
// what is installed names no folder of the build.
// RUN: %t/rope/bin/rope-opt %s | FileCheck %s --check-prefix=DRIVER
// RUN: not grep -rF %rope_build %t/rope/lib/cmake %t/rope/include

// CHECK: // rotations: 1
// CHECK-LABEL: func.func @rotate
// CHECK: rope.rotate %{{.*}} by %{{.*}}, %{{.*}} along [2] : tensor<2x32x?x128xf32>, tensor<?x64xf32>

// LINALG-LABEL: func.func @rotate
// LINALG-NOT: rope.
// LINALG: linalg.generic

// ABSENT: could not open input file

// DRIVER: rope.rotate
func.func @rotate(%x: tensor<2x32x?x128xf32>, %cos: tensor<?x64xf32>, %sin: tensor<?x64xf32>) -> tensor<2x32x?x128xf32> {
  %y = rope.rotate %x by %cos, %sin along [2] : tensor<2x32x?x128xf32>, tensor<?x64xf32>
  return %y : tensor<2x32x?x128xf32>
}
