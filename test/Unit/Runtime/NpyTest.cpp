//===- NpyTest.cpp - Reading and writing .npy files -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Npy.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::rope;

/// A file of the given version whose header is `dict`, followed by `data`.
static std::string makeFile(StringRef dict, StringRef data = "",
                            unsigned char version = 1) {
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  for (int shift = 0; shift < (version == 1 ? 16 : 32); shift += 8)
    file += static_cast<char>(dict.size() >> shift);
  return file + dict.str() + data.str();
}

/// The message with which `file` is refused; empty if it is read.
static std::string getRefusal(StringRef file) {
  auto array = parseNpy(file);
  return array ? "" : llvm::toString(array.takeError());
}

static std::string getHeaderRefusal(StringRef dict) {
  return getRefusal(makeFile(dict));
}

/// An array of `kind` whose bytes are all different for a while.
static NdArray makeArray(ElementKind kind, ArrayRef<int64_t> shape) {
  NdArray array(kind, shape);
  for (auto [i, byte] : llvm::enumerate(array.as<uint8_t>()))
    byte = kind == ElementKind::Bool ? i % 2 : i * 37 + 11;
  return array;
}

static const ElementKind kKinds[] = {
    ElementKind::Bool,     ElementKind::I8,  ElementKind::I16, ElementKind::I32,
    ElementKind::I64,      ElementKind::U8,  ElementKind::U16, ElementKind::U32,
    ElementKind::U64,      ElementKind::F16, ElementKind::F32, ElementKind::F64,
    ElementKind::Complex64};

TEST(Npy, ReadsBackEveryKindAndRank) {
  const SmallVector<int64_t> shapes[] = {
      {}, {1}, {7}, {0}, {2, 3}, {3, 0, 2}, {2, 1, 3, 2, 1, 2}};
  for (ElementKind kind : kKinds)
    for (ArrayRef<int64_t> shape : shapes) {
      NdArray array = makeArray(kind, shape);
      std::string header = formatNpyHeader(array);
      EXPECT_EQ(header.size() % 64, 0u);
      auto read =
          parseNpy(header + std::string(array.data(), array.getNumBytes()));
      ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
      EXPECT_EQ(read->describe(), array.describe());
      EXPECT_EQ(read->as<uint8_t>(), array.as<uint8_t>());
      EXPECT_EQ(reinterpret_cast<uintptr_t>(read->data()) % 64, 0u);
    }
}

TEST(Npy, WritesBF16AsItsBits) {
  NdArray array = makeArray(ElementKind::BF16, {3});
  auto header = parseNpyHeader(formatNpyHeader(array));
  ASSERT_TRUE(bool(header)) << llvm::toString(header.takeError());
  EXPECT_EQ(header->kind, ElementKind::U16);
}

TEST(Npy, ReadsEveryVersionAndSpelling) {
  const char *dicts[] = {
      "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }   \n",
      "{\"shape\":(3,),\"fortran_order\":False,\"descr\":\"|u1\"}",
      "{ 'descr' : '<u1' , 'fortran_order' : True , 'shape' : ( 3 , ) }\n"};
  for (unsigned char version : {1, 2, 3})
    for (const char *dict : dicts)
      EXPECT_EQ(getRefusal(makeFile(dict, "abc", version)), "") << dict;
}

TEST(Npy, RefusesOtherArrays) {
  EXPECT_EQ(getHeaderRefusal(
                "{'descr': '>f4', 'fortran_order': False, 'shape': (0,)}"),
            "big-endian data is not supported (dtype '>f4')");
  EXPECT_EQ(getHeaderRefusal(
                "{'descr': '|O', 'fortran_order': False, 'shape': (0,)}"),
            "object arrays are not supported (dtype '|O')");
  EXPECT_EQ(
      getHeaderRefusal("{'descr': [('a', '<f4')], 'fortran_order': False, "
                       "'shape': (0,)}"),
      "structured arrays are not supported");
  EXPECT_EQ(getHeaderRefusal(
                "{'descr': '<c16', 'fortran_order': False, 'shape': (0,)}"),
            "unsupported dtype '<c16'");
  EXPECT_EQ(getHeaderRefusal(
                "{'descr': '|f4', 'fortran_order': False, 'shape': (0,)}"),
            "unsupported dtype '|f4'");
  EXPECT_EQ(getHeaderRefusal(
                "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 0)}"),
            "Fortran order is not supported; write the array with "
            "numpy.ascontiguousarray");
}

TEST(Npy, RefusesMalformedHeaders) {
  const char *dicts[] = {
      "",
      "[]",
      "{}",
      "{'descr': '<f4', 'shape': (0,)}",
      "{'descr': '<f4', 'fortran_order': False}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (0,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': 0}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0 0)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0,)} x",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), 'shape': (0,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), 'more': 1}",
      "{'descr': '<f4\", 'fortran_order': False, 'shape': (0,)}",
      "{'descr': 4, 'fortran_order': False, 'shape': (0,)}",
      "{'descr': '<f4' 'fortran_order': False, 'shape': (0,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0,)"};
  for (const char *dict : dicts)
    EXPECT_EQ(getHeaderRefusal(dict).find("malformed header"), 0u) << dict;
}

TEST(Npy, RefusesShapesThatOverflow) {
  EXPECT_EQ(getHeaderRefusal("{'descr': '<f4', 'fortran_order': False, "
                             "'shape': (4294967296, 4294967296)}"),
            "malformed header: the size of the array overflows");
  // An empty dimension does not excuse the others.
  EXPECT_EQ(getHeaderRefusal("{'descr': '<f8', 'fortran_order': False, "
                             "'shape': (0, 9223372036854775807, 2)}"),
            "malformed header: the size of the array overflows");
  EXPECT_EQ(getHeaderRefusal("{'descr': '<f4', 'fortran_order': False, "
                             "'shape': (18446744073709551616,)}"),
            "malformed header: expected a tuple of sizes for 'shape'");
  // What does not overflow but is not there is not allocated either.
  EXPECT_EQ(getHeaderRefusal("{'descr': '|u1', 'fortran_order': False, "
                             "'shape': (1099511627776,)}"),
            "truncated: the header announces 1099511627776 bytes of data, "
            "the file has 0");
}

TEST(Npy, RefusesTheWrongAmountOfData) {
  StringRef dict = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}";
  EXPECT_EQ(getRefusal(makeFile(dict, "abcd")), "");
  EXPECT_EQ(getRefusal(makeFile(dict, "abc")),
            "truncated: the header announces 4 bytes of data, the file has 3");
  EXPECT_EQ(getRefusal(makeFile(dict, "abcde")),
            "trailing bytes: the header announces 4 bytes of data, the file "
            "has 5");
}

TEST(Npy, RefusesBoolsThatAreNeither) {
  StringRef dict = "{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}";
  EXPECT_EQ(getRefusal(makeFile(dict, StringRef("\0\1", 2))), "");
  EXPECT_EQ(getRefusal(makeFile(dict, "\1\2")),
            "a bool array holds a byte that is neither 0 nor 1");
}

TEST(Npy, RefusesOtherFilesAndVersions) {
  EXPECT_EQ(getRefusal("module {}"), "not a .npy file (bad magic)");
  EXPECT_EQ(getRefusal(""), "not a .npy file (bad magic)");
  EXPECT_EQ(getRefusal(makeFile("{}", "", 4)), "unsupported .npy version 4.0");
}

/// No prefix and no single changed byte of a file may crash the reader; what
/// it reads must be as large as it says.
TEST(Npy, SurvivesDamagedFiles) {
  NdArray array = makeArray(ElementKind::Complex64, {2, 3});
  const std::string file =
      formatNpyHeader(array) + std::string(array.data(), array.getNumBytes());
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(getRefusal(file.substr(0, size)), "") << size;
  unsigned numRead = 0;
  for (size_t i = 0; i < file.size(); ++i)
    for (int change = 1; change < 256; ++change) {
      std::string damaged = file;
      damaged[i] ^= static_cast<char>(change);
      auto read = parseNpy(damaged);
      if (!read) {
        llvm::consumeError(read.takeError());
        continue;
      }
      ++numRead;
      EXPECT_LE(read->getNumBytes(), file.size());
    }
  // All changes to the data are read, most to the header are not.
  EXPECT_GE(numRead, array.getNumBytes() * 255);
  EXPECT_LT(numRead, array.getNumBytes() * 255 + file.size() * 16);
}

TEST(Npy, WritesAllFilesOrNone) {
  SmallString<128> folder;
  ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("rope-npy", folder));
  llvm::scope_exit cleanUp([&] { llvm::sys::fs::remove_directories(folder); });
  std::string good = (folder + "/good.npy").str();
  std::string bad = (folder + "/missing/bad.npy").str();
  NdArray array = makeArray(ElementKind::F32, {2, 2});

  auto failure = llvm::toString(writeNpyFiles({{good, &array}, {bad, &array}}));
  EXPECT_EQ(failure.find(bad + ": "), 0u) << failure;
  std::error_code error;
  EXPECT_EQ(llvm::sys::fs::directory_iterator(folder, error),
            llvm::sys::fs::directory_iterator());

  EXPECT_EQ(llvm::toString(writeNpyFiles({{good, &array}})), "");
  auto read = readNpy(good);
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(read->as<uint8_t>(), array.as<uint8_t>());

  EXPECT_EQ(llvm::toString(writeNpyFiles({{folder.str().str(), &array}})),
            folder.str().str() + ": exists and is not a regular file");
}
