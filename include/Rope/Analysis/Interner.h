//===- Interner.h - Equal values kept once ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hash-consing: equal values have one number, counted from 0 in the order in
// which they came. References to values stay valid.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_INTERNER_H
#define ROPE_ANALYSIS_INTERNER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/Support/Allocator.h"
#include <optional>
#include <vector>

namespace mlir::rope {

/// Keys are values of T, or what T is made of and compared with: an ArrayRef
/// for a SmallVector. They have a `hash_value`.
template <typename T> class Interner {
public:
  /// The number of the value equal to `key`, which becomes one where there is
  /// none.
  template <typename Key> unsigned intern(Key &&key) {
    if (4 * (values.size() + 1) > 3 * slots.size())
      grow();
    uint32_t hash = getHash(key);
    Slot &slot = slots[findSlot(key, hash)];
    if (slot.count == 0) {
      values.push_back(new (allocator.Allocate()) T(std::forward<Key>(key)));
      slot = {hash, static_cast<uint32_t>(values.size())};
    }
    return slot.count - 1;
  }

  template <typename Key> std::optional<unsigned> find(const Key &key) const {
    if (slots.empty())
      return std::nullopt;
    const Slot &slot = slots[findSlot(key, getHash(key))];
    return slot.count == 0 ? std::nullopt : std::optional(slot.count - 1);
  }

  const T &operator[](unsigned number) const { return *values[number]; }
  size_t size() const { return values.size(); }

private:
  /// `count` is a value's number + 1, or 0 where the slot is free.
  struct Slot {
    uint32_t hash = 0;
    uint32_t count = 0;
  };

  template <typename Key> static uint32_t getHash(const Key &key) {
    using llvm::hash_value;
    return static_cast<uint32_t>(static_cast<size_t>(hash_value(key)));
  }

  /// The slot of `key`, or the free one where it belongs.
  template <typename Key> size_t findSlot(const Key &key, uint32_t hash) const {
    size_t mask = slots.size() - 1, at = hash & mask;
    while (slots[at].count != 0 &&
           (slots[at].hash != hash || !(*values[slots[at].count - 1] == key)))
      at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots.empty() ? 64 : 2 * slots.size());
    old.swap(slots);
    size_t mask = slots.size() - 1;
    for (const Slot &slot : old) {
      if (slot.count == 0)
        continue;
      size_t at = slot.hash & mask;
      while (slots[at].count != 0)
        at = (at + 1) & mask;
      slots[at] = slot;
    }
  }

  llvm::SpecificBumpPtrAllocator<T> allocator;
  std::vector<T *> values;
  /// Open addressing; their number is a power of two.
  std::vector<Slot> slots;
};

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_INTERNER_H
