//===- ProtectArguments.cpp - Arguments of entry points are read-only -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-protect-arguments`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::rope {
#define GEN_PASS_DEF_PROTECTARGUMENTS
#include "Rope/Pipelines/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using bufferization::BufferizationDialect;

namespace {
struct ProtectArguments : rope::impl::ProtectArgumentsBase<ProtectArguments> {
  void runOnOperation() override {
    StringRef writable = BufferizationDialect::kWritableAttrName;
    for (auto function : getOperation().getOps<FunctionOpInterface>()) {
      if (!function.isPublic() || function.isExternal())
        continue;
      for (BlockArgument argument : function.getArguments()) {
        unsigned number = argument.getArgNumber();
        if (isa<TensorType>(argument.getType()) &&
            !function.getArgAttr(number, writable))
          function.setArgAttr(number, writable,
                              BoolAttr::get(&getContext(), false));
      }
    }
  }
};
} // namespace
