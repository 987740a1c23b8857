//===- NpyHeader.cpp - The header of a .npy file --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// magic "\x93NUMPY", version, header length, and a Python dict of exactly the
// keys 'descr', 'fortran_order' and 'shape'. Nothing is evaluated: a small
// scanner accepts what NumPy writes and refuses the rest.
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Npy.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace mlir::rope;

static constexpr StringLiteral kMagic("\x93NUMPY");

/// More dimensions than NumPy itself allows; bounds the work on hostile input.
static constexpr size_t kMaxRank = 64;

static llvm::Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

namespace {
/// Scans the Python literals of the header's dict.
class DictScanner {
public:
  explicit DictScanner(StringRef text) : rest(text) {}

  /// Skips blanks, then takes `token` if it is next.
  bool take(StringRef token) {
    rest = rest.ltrim(" \t\n\r");
    return rest.consume_front(token);
  }

  /// A string in either quotes, without escapes.
  std::optional<StringRef> takeString() {
    StringRef quote = take("'") ? "'" : take("\"") ? "\"" : "";
    if (quote.empty())
      return std::nullopt;
    size_t end = rest.find_first_of((quote + "\\\n").str());
    if (end == StringRef::npos || rest[end] != quote.front())
      return std::nullopt;
    StringRef value = rest.take_front(end);
    rest = rest.drop_front(end + 1);
    return value;
  }

  std::optional<bool> takeBool() {
    if (take("True"))
      return true;
    if (take("False"))
      return false;
    return std::nullopt;
  }

  /// A tuple of sizes: `()`, `(3,)`, `(2, 3)`; `(3)` is a number, not a tuple.
  std::optional<SmallVector<int64_t>> takeShape() {
    SmallVector<int64_t> shape;
    if (!take("("))
      return std::nullopt;
    bool commaSeen = true;
    while (!take(")")) {
      rest = rest.ltrim(" \t\n\r");
      StringRef digits = rest.take_while(llvm::isDigit);
      int64_t size;
      if (!commaSeen || shape.size() == kMaxRank ||
          digits.getAsInteger(10, size))
        return std::nullopt;
      rest = rest.drop_front(digits.size());
      shape.push_back(size);
      commaSeen = take(",");
    }
    if (shape.size() == 1 && !commaSeen)
      return std::nullopt;
    return shape;
  }

  bool atEnd() { return rest.trim(" \t\n\r").empty(); }

private:
  StringRef rest;
};

/// The three entries of the dict, each required once.
struct DictEntries {
  std::optional<StringRef> descr;
  std::optional<bool> fortranOrder;
  std::optional<SmallVector<int64_t>> shape;
};
} // namespace

/// The element kind of a type string such as `<f4`.
static llvm::Expected<ElementKind> parseDescr(StringRef descr) {
  if (descr.contains('O'))
    return fail("object arrays are not supported (dtype '" + descr + "')");
  StringRef order = descr.take_front(1), type = descr.drop_front(order.size());
  auto kind = llvm::StringSwitch<std::optional<ElementKind>>(type)
                  .Case("b1", ElementKind::Bool)
                  .Case("i1", ElementKind::I8)
                  .Case("i2", ElementKind::I16)
                  .Case("i4", ElementKind::I32)
                  .Case("i8", ElementKind::I64)
                  .Case("u1", ElementKind::U8)
                  .Case("u2", ElementKind::U16)
                  .Case("u4", ElementKind::U32)
                  .Case("u8", ElementKind::U64)
                  .Case("f2", ElementKind::F16)
                  .Case("f4", ElementKind::F32)
                  .Case("f8", ElementKind::F64)
                  .Case("c8", ElementKind::Complex64)
                  .Default(std::nullopt);
  if (!kind)
    return fail("unsupported dtype '" + descr + "'");
  if (order == ">")
    return fail("big-endian data is not supported (dtype '" + descr + "')");
  bool hasOrder = getElementSize(*kind) > 1;
  if (order != "<" && (hasOrder || order != "|"))
    return fail("unsupported dtype '" + descr + "'");
  return *kind;
}

/// Scans `{'descr': ..., 'fortran_order': ..., 'shape': ...}`.
static llvm::Expected<DictEntries> parseDict(StringRef text) {
  DictScanner scanner(text);
  DictEntries entries;
  if (!scanner.take("{"))
    return fail("malformed header: expected a dict");
  while (!scanner.take("}")) {
    std::optional<StringRef> key = scanner.takeString();
    if (!key || !scanner.take(":"))
      return fail("malformed header: expected a key and a colon");
    if (*key == "descr" && !entries.descr) {
      if (scanner.take("["))
        return fail("structured arrays are not supported");
      entries.descr = scanner.takeString();
      if (!entries.descr)
        return fail("malformed header: expected a string for 'descr'");
    } else if (*key == "fortran_order" && !entries.fortranOrder) {
      entries.fortranOrder = scanner.takeBool();
      if (!entries.fortranOrder)
        return fail("malformed header: expected True or False for "
                    "'fortran_order'");
    } else if (*key == "shape" && !entries.shape) {
      entries.shape = scanner.takeShape();
      if (!entries.shape)
        return fail("malformed header: expected a tuple of sizes for 'shape'");
    } else {
      return fail("malformed header: unknown or repeated key");
    }
    if (!scanner.take(",")) {
      if (!scanner.take("}"))
        return fail("malformed header: expected a comma or a closing brace");
      break;
    }
  }
  if (!scanner.atEnd())
    return fail("malformed header: text after the dict");
  if (!entries.descr || !entries.fortranOrder || !entries.shape)
    return fail("malformed header: 'descr', 'fortran_order' and 'shape' must "
                "be there");
  return entries;
}

llvm::Expected<NpyHeader> rope::parseNpyHeader(StringRef bytes) {
  StringRef rest = bytes;
  if (!rest.consume_front(kMagic))
    return fail("not a .npy file (bad magic)");
  if (rest.size() < 2)
    return fail("truncated: the file ends in its header");
  unsigned char major = rest[0], minor = rest[1];
  rest = rest.drop_front(2);
  if (major < 1 || major > 3 || minor != 0)
    return fail("unsupported .npy version " + Twine(unsigned(major)) + "." +
                Twine(unsigned(minor)));

  size_t lengthSize = major == 1 ? 2 : 4;
  if (rest.size() < lengthSize)
    return fail("truncated: the file ends in its header");
  size_t headerSize = major == 1 ? llvm::support::endian::read16le(rest.data())
                                 : llvm::support::endian::read32le(rest.data());
  rest = rest.drop_front(lengthSize);
  if (rest.size() < headerSize)
    return fail("truncated: the file ends in its header");

  llvm::Expected<DictEntries> entries = parseDict(rest.take_front(headerSize));
  if (!entries)
    return entries.takeError();
  llvm::Expected<ElementKind> kind = parseDescr(*entries->descr);
  if (!kind)
    return kind.takeError();
  if (*entries->fortranOrder && entries->shape->size() >= 2)
    return fail("Fortran order is not supported; write the array with "
                "numpy.ascontiguousarray");
  if (!rope::getNumElements(*entries->shape, *kind))
    return fail("malformed header: the size of the array overflows");
  return NpyHeader{*kind, std::move(*entries->shape),
                   kMagic.size() + 2 + lengthSize + headerSize};
}

/// The type string of a kind; the reverse of parseDescr, but bf16 goes as u16.
static StringRef getDescr(ElementKind kind) {
  switch (kind) {
  case ElementKind::Bool:
    return "|b1";
  case ElementKind::I8:
    return "|i1";
  case ElementKind::I16:
    return "<i2";
  case ElementKind::I32:
    return "<i4";
  case ElementKind::I64:
    return "<i8";
  case ElementKind::U8:
    return "|u1";
  case ElementKind::U16:
  case ElementKind::BF16:
    return "<u2";
  case ElementKind::U32:
    return "<u4";
  case ElementKind::U64:
    return "<u8";
  case ElementKind::F16:
    return "<f2";
  case ElementKind::F32:
    return "<f4";
  case ElementKind::F64:
    return "<f8";
  case ElementKind::Complex64:
    return "<c8";
  }
  llvm_unreachable("unknown element kind");
}

std::string rope::formatNpyHeader(const NdArray &array) {
  // A tuple of one needs its comma: (3,).
  auto sizes = llvm::map_range(array.getShape(),
                               [](int64_t size) { return llvm::itostr(size); });
  std::string dict =
      ("{'descr': '" + getDescr(array.getKind()) +
       "', 'fortran_order': False, 'shape': (" + llvm::join(sizes, ", ") +
       (array.getRank() == 1 ? ",), }" : "), }"))
          .str();
  // Blanks and a newline align the data to 64 bytes, as NumPy does.
  size_t prefixSize = kMagic.size() + 4;
  dict.append(63 - (prefixSize + dict.size()) % 64, ' ');
  dict += '\n';
  char length[2];
  llvm::support::endian::write16le(length, dict.size());
  return kMagic.str() + std::string("\x01\x00", 2) + std::string(length, 2) +
         dict;
}
