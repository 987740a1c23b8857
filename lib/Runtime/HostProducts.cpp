//===- HostProducts.cpp - Products of bf16 of this machine ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linux gives the state of AMX's tiles to a process that has asked for it, and
// to its threads: see Documentation/arch/x86/xstate.rst of the kernel.
//
//===----------------------------------------------------------------------===//

#include "HostProducts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/TargetParser/Host.h"

#if defined(__linux__) && defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

using namespace mlir;
using namespace mlir::rope;

/// Asks for the state of tiles.
static bool isGivenTiles() {
#if defined(__linux__) && defined(__x86_64__)
  constexpr long kRequestPermission = 0x1023; // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;              // XFEATURE_XTILE_DATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

static bool hasTiles() {
  static const bool has = [] {
    llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
    return features.lookup("amx-tile") && features.lookup("amx-bf16") &&
           features.lookup("avx512bf16") && isGivenTiles();
  }();
  return has;
}

static bool hasDots() {
  static const bool has = llvm::sys::getHostCPUFeatures().lookup("avx512bf16");
  return has;
}

BF16Products rope::getHostProducts() {
  if (hasTiles())
    return BF16Products::Tiles;
  return hasDots() ? BF16Products::Dots : BF16Products::Widen;
}

llvm::Error rope::checkHostProducts(ModuleOp module) {
  bool needsTiles = false, needsDots = false;
  module.walk([&](LLVM::CallIntrinsicOp call) {
    StringRef name = call.getIntrin();
    needsTiles |= name.starts_with("llvm.x86.tdpbf16ps");
    needsDots |= name.starts_with("llvm.x86.avx512bf16.");
  });
  if (needsTiles && !hasTiles())
    return llvm::createStringError(
        "the code has bf16-products=tiles, and this machine or its kernel does "
        "not give AMX tiles to the process");
  if (needsDots && !hasDots())
    return llvm::createStringError("the code has bf16-products=dots, and this "
                                   "machine has no AVX512_BF16");
  return llvm::Error::success();
}
