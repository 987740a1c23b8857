//===- Npy.cpp - Reading and writing .npy files ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whole files: the data behind the header, and writes that either happen
// entirely or not at all.
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Npy.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

using namespace mlir;
using namespace mlir::rope;

static_assert(llvm::endianness::native == llvm::endianness::little,
              ".npy data is little-endian and is copied as it is");

llvm::Expected<NdArray> rope::parseNpy(StringRef bytes) {
  llvm::Expected<NpyHeader> header = parseNpyHeader(bytes);
  if (!header)
    return header.takeError();

  // The file's size bounds the allocation, whatever the header says.
  uint64_t present = bytes.size() - header->dataOffset;
  uint64_t announced = *rope::getNumElements(header->shape, header->kind) *
                       getElementSize(header->kind);
  if (present != announced)
    return llvm::createStringError(
        Twine(present < announced ? "truncated" : "trailing bytes") +
        ": the header announces " + Twine(announced) +
        " bytes of data, the file has " + Twine(present));

  NdArray array(header->kind, header->shape);
  std::memcpy(array.data(), bytes.data() + header->dataOffset, announced);
  // Compiled code may rely on it: an i1 in memory is 0 or 1.
  if (header->kind == ElementKind::Bool &&
      llvm::any_of(array.as<uint8_t>(), [](uint8_t byte) { return byte > 1; }))
    return llvm::createStringError("a bool array holds a byte that is neither "
                                   "0 nor 1");
  return array;
}

llvm::Expected<NdArray> rope::readNpy(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError(path + ": " + buffer.getError().message());
  llvm::Expected<NdArray> array = parseNpy((*buffer)->getBuffer());
  if (!array)
    return llvm::createStringError(path + ": " +
                                   llvm::toString(array.takeError()));
  return array;
}

/// Writes `array` to a new file beside `path`.
static llvm::Expected<llvm::sys::fs::TempFile>
writeBeside(StringRef path, const NdArray &array) {
  // A rename would put a file in the place of a device or a pipe.
  if (llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path))
    return llvm::createStringError("exists and is not a regular file");
  auto file = llvm::sys::fs::TempFile::create(path + ".%%%%%%%%.tmp");
  if (!file)
    return file.takeError();
  llvm::raw_fd_ostream stream(file->FD, /*shouldClose=*/false);
  stream << formatNpyHeader(array)
         << StringRef(array.data(), array.getNumBytes());
  stream.flush();
  if (std::error_code error = stream.error()) {
    stream.clear_error();
    llvm::consumeError(file->discard());
    return llvm::errorCodeToError(error);
  }
  return file;
}

llvm::Error rope::writeNpyFiles(ArrayRef<NpyOutput> outputs) {
  SmallVector<llvm::sys::fs::TempFile> files;
  std::string failure;
  auto recordFailure = [&](const NpyOutput &output, llvm::Error error) {
    failure = output.path + ": " + llvm::toString(std::move(error));
  };
  for (const NpyOutput &output : outputs) {
    auto file = writeBeside(output.path, *output.array);
    if (!file) {
      recordFailure(output, file.takeError());
      break;
    }
    files.push_back(std::move(*file));
  }
  for (auto [output, file] : llvm::zip(outputs, files)) {
    if (!failure.empty())
      llvm::consumeError(file.discard());
    else if (llvm::Error error = file.keep(output.path))
      recordFailure(output, std::move(error));
  }
  return failure.empty() ? llvm::Error::success()
                         : llvm::createStringError(Twine(failure));
}
