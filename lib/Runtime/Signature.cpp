//===- Signature.cpp - What a function takes and gives --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From MLIR types to element kinds and shapes, and the check of arrays against
// them.
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Signature.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::rope;

static std::string toString(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// The kind of a signless integer, index, float or complex element.
static std::optional<ElementKind> getElementKind(Type type) {
  if (type.isSignlessInteger(1))
    return ElementKind::Bool;
  if (type.isSignlessInteger(8))
    return ElementKind::I8;
  if (type.isSignlessInteger(16))
    return ElementKind::I16;
  if (type.isSignlessInteger(32))
    return ElementKind::I32;
  if (type.isSignlessInteger(64) || type.isIndex())
    return ElementKind::I64;
  if (type.isBF16())
    return ElementKind::BF16;
  if (type.isF16())
    return ElementKind::F16;
  if (type.isF32())
    return ElementKind::F32;
  if (type.isF64())
    return ElementKind::F64;
  if (auto complexType = dyn_cast<ComplexType>(type))
    if (complexType.getElementType().isF32())
      return ElementKind::Complex64;
  return std::nullopt;
}

/// The kind under which .npy files hold the same bits, if there is another one.
static std::optional<ElementKind> getFileKind(ElementKind kind) {
  switch (kind) {
  case ElementKind::I8:
    return ElementKind::U8;
  case ElementKind::I16:
    return ElementKind::U16;
  case ElementKind::I32:
    return ElementKind::U32;
  case ElementKind::I64:
    return ElementKind::U64;
  case ElementKind::BF16:
    return ElementKind::U16;
  default:
    return std::nullopt;
  }
}

/// Whether a contiguous array can be passed for a memref of this type.
static bool isContiguous(MemRefType type) {
  if (type.getLayout().isIdentity())
    return true;
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return false;
  // A size left open fixes no stride but the innermost, which is one.
  int64_t stride = 1;
  for (size_t dim = strides.size(); dim-- > 0;) {
    if (!ShapedType::isDynamic(strides[dim]) && strides[dim] != stride)
      return false;
    int64_t size = type.getDimSize(dim);
    stride = ShapedType::isDynamic(stride) || ShapedType::isDynamic(size)
                 ? ShapedType::kDynamic
                 : stride * size;
  }
  return offset == 0 || ShapedType::isDynamic(offset);
}

static llvm::Expected<ValueSpec> getValueSpec(const Twine &name, Type type,
                                              bool isArgument) {
  auto refuse = [&](const Twine &why) {
    return llvm::createStringError(name + ": type " + toString(type) + " " +
                                   why);
  };
  Type elementType = type;
  bool isBuffer = isa<BaseMemRefType, TensorType>(type);
  SmallVector<int64_t> shape;
  if (isBuffer) {
    auto shapedType = cast<ShapedType>(type);
    if (!shapedType.hasRank())
      return refuse("has no rank");
    elementType = shapedType.getElementType();
    llvm::append_range(shape, shapedType.getShape());
  }
  if (auto memrefType = dyn_cast<MemRefType>(type)) {
    if (memrefType.getMemorySpace())
      return refuse("is in another memory space");
    if (isArgument && !isContiguous(memrefType))
      return refuse("is strided");
  }
  std::optional<ElementKind> kind = getElementKind(elementType);
  if (!kind)
    return refuse("cannot be held by a .npy array");
  return ValueSpec{type, *kind, isBuffer, std::move(shape)};
}

bool ValueSpec::accepts(ElementKind otherKind,
                        ArrayRef<int64_t> otherShape) const {
  if (otherKind != kind && otherKind != getFileKind(kind))
    return false;
  return shape.size() == otherShape.size() &&
         llvm::all_of(llvm::zip(shape, otherShape), [](auto sizes) {
           auto [size, otherSize] = sizes;
           return ShapedType::isDynamic(size) || size == otherSize;
         });
}

llvm::Expected<Signature> Signature::get(func::FuncOp function) {
  Signature signature;
  FunctionType type = function.getFunctionType();
  for (auto [i, input] : llvm::enumerate(type.getInputs())) {
    auto spec = getValueSpec("argument " + Twine(i), input,
                             /*isArgument=*/true);
    if (!spec)
      return spec.takeError();
    signature.arguments.push_back(std::move(*spec));
  }
  for (auto [i, result] : llvm::enumerate(type.getResults())) {
    auto spec = getValueSpec("result " + Twine(i), result,
                             /*isArgument=*/false);
    if (!spec)
      return spec.takeError();
    signature.results.push_back(std::move(*spec));
  }
  return signature;
}

llvm::Error rope::matchArrays(StringRef role, ArrayRef<ValueSpec> specs,
                              MutableArrayRef<NamedArray> arrays) {
  if (specs.size() != arrays.size())
    return llvm::createStringError("the function has " + Twine(specs.size()) +
                                   " " + role + "(s), but " +
                                   Twine(arrays.size()) + " file(s) are given");
  for (auto [i, pair] : llvm::enumerate(llvm::zip(specs, arrays))) {
    auto &[spec, named] = pair;
    NdArray &array = named.array;
    if (!spec.accepts(array.getKind(), array.getShape()))
      return llvm::createStringError(role + " " + Twine(i) + ": expected " +
                                     toString(spec.type) + ", got " +
                                     array.describe() + " from " + named.path);
    if (spec.kind == ElementKind::BF16)
      array.reinterpretAs(ElementKind::BF16);
  }
  return llvm::Error::success();
}
