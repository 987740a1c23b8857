//===- Case.cpp - A function with its inputs and expectations -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the files of a case folder and reads its tolerances.
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Case.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <cmath>
#include <map>

using namespace mlir;
using namespace mlir::rope;

static std::string joinPath(StringRef directory, StringRef name) {
  SmallString<128> path(directory);
  llvm::sys::path::append(path, name);
  return path.str().str();
}

/// The files 0.npy, 1.npy, ..., 10.npy of a folder by their numbers; none where
/// there is no such folder.
static llvm::Expected<std::vector<std::string>>
findNumberedArrays(StringRef directory) {
  std::vector<std::string> paths;
  if (!llvm::sys::fs::is_directory(directory))
    return paths;

  std::map<unsigned, std::string> numbered;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator file(directory, error), end;
       !error && file != end; file.increment(error)) {
    StringRef path = file->path();
    if (llvm::sys::path::extension(path) != ".npy")
      continue;
    unsigned number;
    StringRef stem = llvm::sys::path::stem(path);
    // One name per number: 01.npy is not 1.npy.
    if (stem.getAsInteger(10, number) || std::to_string(number) != stem)
      return llvm::createStringError(path + ": the name is not a number");
    numbered[number] = path.str();
  }
  if (error)
    return llvm::createStringError(directory + ": " + error.message());
  for (auto &[number, path] : numbered) {
    if (number != paths.size())
      return llvm::createStringError(
          joinPath(directory, std::to_string(paths.size()) + ".npy") +
          ": missing, though " + llvm::sys::path::filename(path) + " exists");
    paths.push_back(path);
  }
  return paths;
}

/// Reads the tolerance `key` of the case; absent where the file has none.
static llvm::Error readTolerance(const llvm::json::Object &object,
                                 StringRef key, const Twine &path,
                                 std::optional<double> &tolerance) {
  const llvm::json::Value *value = object.get(key);
  if (!value)
    return llvm::Error::success();
  tolerance = value->getAsNumber();
  if (!tolerance || !(*tolerance >= 0.0))
    return llvm::createStringError(path + ": '" + key +
                                   "' must be a number, zero or more");
  return llvm::Error::success();
}

/// Reads `atol` and `rtol` from case.json, if the case has one.
static llvm::Error readTolerances(StringRef path, Case &result) {
  if (!llvm::sys::fs::exists(path))
    return llvm::Error::success();
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError(path + ": " + buffer.getError().message());
  llvm::Expected<llvm::json::Value> value =
      llvm::json::parse((*buffer)->getBuffer());
  if (!value)
    return llvm::createStringError(path + ": " +
                                   llvm::toString(value.takeError()));
  const llvm::json::Object *object = value->getAsObject();
  if (!object)
    return llvm::createStringError(path + ": expected a JSON object");
  if (llvm::Error error = readTolerance(*object, "atol", path, result.atol))
    return error;
  if (result.atol)
    result.rtol = 0.0;
  return readTolerance(*object, "rtol", path, result.rtol);
}

llvm::Expected<Case> rope::findCase(StringRef directory) {
  if (!llvm::sys::fs::is_directory(directory))
    return llvm::createStringError(directory + ": not a folder");
  Case result;
  result.modulePath = joinPath(directory, "module.mlir");
  auto inputs = findNumberedArrays(joinPath(directory, "inputs"));
  if (!inputs)
    return inputs.takeError();
  result.inputPaths = std::move(*inputs);

  // Without expectations every run would pass.
  std::string expectedDirectory = joinPath(directory, "expected");
  auto expected = findNumberedArrays(expectedDirectory);
  if (!expected)
    return expected.takeError();
  if (expected->empty())
    return llvm::createStringError(expectedDirectory +
                                   ": no expected arrays (0.npy, ...)");
  result.expectedPaths = std::move(*expected);

  if (llvm::Error error =
          readTolerances(joinPath(directory, "case.json"), result))
    return error;
  return result;
}
