//===- CallFrame.cpp - One call through the C interface -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Packs arguments, unpacks results and settles who frees what.
//
//===----------------------------------------------------------------------===//

#include "CallFrame.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

using namespace mlir;
using namespace mlir::rope;

/// What the lowering of memref.get_global puts for the allocated pointer.
static constexpr intptr_t kConstantAllocation = 0xdeadbeef;

bool rope::hasHiddenResult(const Signature &signature) {
  ArrayRef<ValueSpec> results = signature.results;
  return results.size() > 1 ||
         (results.size() == 1 &&
          (results[0].isBuffer || results[0].kind == ElementKind::Complex64));
}

/// Bytes of a value in the struct of results.
static size_t getAbiSize(const ValueSpec &spec) {
  return spec.isBuffer ? (3 + 2 * spec.shape.size()) * sizeof(intptr_t)
                       : getElementSize(spec.kind);
}

/// Natural alignment; a complex number is a struct of two floats.
static size_t getAbiAlignment(const ValueSpec &spec) {
  if (spec.isBuffer)
    return alignof(intptr_t);
  return spec.kind == ElementKind::Complex64 ? alignof(float)
                                             : getElementSize(spec.kind);
}

/// The descriptor of a contiguous array.
static std::vector<intptr_t> makeDescriptor(NdArray &array) {
  auto address = reinterpret_cast<intptr_t>(array.data());
  std::vector<intptr_t> words = {address, address, 0};
  llvm::append_range(words, array.getShape());
  size_t rank = array.getRank();
  words.resize(3 + 2 * rank);
  int64_t stride = 1;
  for (size_t dim = rank; dim-- > 0; stride *= array.getShape()[dim])
    words[3 + rank + dim] = stride;
  return words;
}

CallFrame::CallFrame(const Signature &signature, ArrayRef<NamedArray> arguments)
    : signature(signature) {
  size_t resultSize = 0;
  for (const ValueSpec &spec : signature.results) {
    resultOffsets.push_back(llvm::alignTo(resultSize, getAbiAlignment(spec)));
    resultSize = resultOffsets.back() + getAbiSize(spec);
  }
  resultStorage.resize(llvm::divideCeil(resultSize, sizeof(intptr_t)));
  resultPointer = resultStorage.data();

  // Addresses of elements are taken: no vector may grow once filled.
  copies.reserve(arguments.size());
  descriptors.reserve(arguments.size());
  pointers.reserve(arguments.size());
  if (hasHiddenResult(signature))
    packed.push_back(&resultPointer);
  for (auto [spec, argument] : llvm::zip(signature.arguments, arguments)) {
    copies.push_back(argument.array.clone());
    if (!spec.isBuffer) {
      packed.push_back(copies.back().data());
      continue;
    }
    descriptors.push_back(makeDescriptor(copies.back()));
    pointers.push_back(descriptors.back().data());
    packed.push_back(&pointers.back());
  }
  if (!hasHiddenResult(signature))
    packed.push_back(resultPointer);
}

bool CallFrame::ownsAllocation(const void *pointer) const {
  auto address = reinterpret_cast<intptr_t>(pointer);
  if (address == 0 || address == kConstantAllocation)
    return false;
  return llvm::none_of(copies, [&](const NdArray &copy) {
    auto begin = reinterpret_cast<intptr_t>(copy.data());
    return address == begin ||
           (begin <= address &&
            address < begin + static_cast<intptr_t>(copy.getNumBytes()));
  });
}

/// Ends the process when the compiled code aborts, as a failed cf.assert does.
extern "C" void handleAbort(int) {
  // The assertion's message was printed by puts and may still be buffered.
  std::fflush(stdout);
  static constexpr char message[] = "rope-run: the compiled function aborted\n";
  if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
    _exit(3);
  _exit(2);
}

std::chrono::duration<double> CallFrame::call(void (*entry)(void **)) {
  struct sigaction ours = {}, previous = {};
  ours.sa_handler = handleAbort;
  sigaction(SIGABRT, &ours, &previous);
  auto start = std::chrono::steady_clock::now();
  entry(packed.data());
  auto end = std::chrono::steady_clock::now();
  sigaction(SIGABRT, &previous, nullptr);

  for (auto [spec, offset] : llvm::zip(signature.results, resultOffsets))
    if (spec.isBuffer)
      returnedAllocations.push_back(
          reinterpret_cast<void *>(getResultWords(offset)[0]));
  return end - start;
}

CallFrame::~CallFrame() {
  // Two results may share one buffer.
  llvm::sort(returnedAllocations);
  returnedAllocations.erase(llvm::unique(returnedAllocations),
                            returnedAllocations.end());
  for (void *allocation : returnedAllocations)
    if (ownsAllocation(allocation))
      std::free(allocation);
}

/// Copies a view with the given strides to the row-major `target`, which moves
/// past it.
static void copyStrided(const char *source, ArrayRef<int64_t> shape,
                        ArrayRef<intptr_t> strides, size_t elementSize,
                        char *&target) {
  bool isRow = shape.size() == 1 && strides[0] == 1;
  if (shape.empty() || isRow) {
    size_t size = isRow ? shape[0] * elementSize : elementSize;
    std::memcpy(target, source, size);
    target += size;
    return;
  }
  intptr_t step = strides[0] * static_cast<intptr_t>(elementSize);
  for (int64_t i = 0; i < shape[0]; ++i)
    copyStrided(source + i * step, shape.drop_front(), strides.drop_front(),
                elementSize, target);
}

llvm::Expected<std::vector<NdArray>> CallFrame::getResults() const {
  std::vector<NdArray> results;
  for (auto [i, spec] : llvm::enumerate(signature.results)) {
    const intptr_t *words = getResultWords(resultOffsets[i]);
    size_t rank = spec.shape.size(), elementSize = getElementSize(spec.kind);
    SmallVector<int64_t> shape;
    if (spec.isBuffer)
      shape.assign(words + 3, words + 3 + rank);
    if (!spec.accepts(spec.kind, shape) ||
        !rope::getNumElements(shape, spec.kind))
      return llvm::createStringError("result " + Twine(i) +
                                     ": the function returned " +
                                     describeArray(spec.kind, shape));
    NdArray &result = results.emplace_back(spec.kind, shape);
    if (result.getNumElements() == 0)
      continue;
    const char *source = reinterpret_cast<const char *>(words);
    ArrayRef<intptr_t> strides;
    if (spec.isBuffer) {
      source = reinterpret_cast<const char *>(words[1]) +
               words[2] * static_cast<intptr_t>(elementSize);
      strides = ArrayRef(words + 3 + rank, rank);
    }
    char *target = result.data();
    copyStrided(source, shape, strides, elementSize, target);
  }
  return results;
}
