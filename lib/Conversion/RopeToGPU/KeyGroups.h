//===- KeyGroups.h - Groups of threads that share keys ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The products of the queries of a block with the keys of a tile, of which a
// thread gets those of one key. A group of G threads reads a key together, a
// chunk of 16 bytes each (one of both halves of the pairs in half pairing), so
// that its loads are of up to 128 bytes side by side. It has G keys of the
// tile, U at a time. What thread t has of the product of key u is s_u(t); for
// each bit m of u, the highest first,
//
//   s_u(t) = s_u(t) + s_u(t xor m)   where t and u have the same bit m,
//
// halves the keys that a thread has a sum of, by U - 1 exchanges in all, and
// those of the higher bits of t add what the rest of the group has.
//
// Where lanes do not lie side by side a key has one thread.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_KEYGROUPS_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_KEYGROUPS_H

#include "DeviceBuffer.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "RowRotation.h"
#include "SharedWords.h"

namespace mlir::rope {

class KeyGroups {
public:
  /// Keys for blocks of `numHeads` heads of queries.
  KeyGroups(KernelBuilder &kernel, AttentionOp op, int64_t numHeads);

  /// Bytes of shared memory a head.
  static int64_t getSharedBytes(AttentionOp op) {
    return 4 * getQueryStride(op);
  }

  /// Lane `lane` of the query of head number `head` of the block.
  void storeQuery(LaneValue scalar, int64_t head, Value lane);

  /// The products of key `tile` + `thread`, one a head, in all threads of the
  /// block together; past the last key, those of the last one. `scratch` are
  /// numbers in shared memory, one of each thread and head.
  SmallVector<LaneValue> emitProducts(Value batch, Value head, Value tile,
                                      Value end, Value thread,
                                      SharedWords &scratch);

private:
  /// Lanes of a key of which a thread takes chunks.
  struct Segment {
    bool isRotated;
    /// Of the first chunk, where lanes that lie side by side start: one place,
    /// two in half pairing.
    SmallVector<int64_t, 2> starts;
    /// Lanes from a place on.
    int64_t lanes;
    int64_t chunks;
  };
  /// A buffer that has lanes of keys from `first` on.
  struct Part {
    DeviceBuffer buffer;
    int64_t first;
    SmallVector<Segment, 3> segments;
  };
  /// A key that is read, and the products of a thread with it, one a head.
  struct Key {
    Value index;
    SmallVector<LaneValue> sums;
  };
  /// Where keys are.
  struct Place {
    Value batch, head;
  };

  /// Rows of queries in shared memory, of whole accesses.
  static int64_t getQueryStride(AttentionOp op) {
    return llvm::alignTo(op.getHeadDim(), kQueryWords);
  }
  void addPart(Value buffer, int64_t first, int64_t end);
  /// Threads a key.
  int64_t getGroupSize();
  /// Keys whose products a thread has under way.
  int64_t getKeysAtOnce();

  /// The queries, which are the same for all keys, are loaded for each step
  /// again: all lanes of a thread would take registers otherwise.
  void keepLoadsInStep();
  void addParts(const Place &place, MutableArrayRef<Key> keys);
  void addSegment(Part &part, const Segment &segment, const Place &place,
                  ArrayRef<Value> rows, MutableArrayRef<Key> keys);
  void addChunk(Part &part, const Segment &segment, const Place &place,
                ArrayRef<Value> rows, Value chunk, MutableArrayRef<Key> keys);
  /// The lanes of a chunk, rotated, if they are, in the order of the starts.
  SmallVector<LaneValue> widen(Part &part, const Segment &segment,
                               const Place &place, const Key &key, Value chunk,
                               ArrayRef<Value> units);
  /// The sums of the group over those of its threads, of key `member` modulo
  /// the number of keys.
  SmallVector<LaneValue> fold(MutableArrayRef<Key> keys);
  /// What thread `thread` xor `mask` has.
  SmallVector<LaneValue> exchange(ArrayRef<LaneValue> numbers, int64_t mask);
  /// Whether the number of this thread has the bit `mask`.
  LaneValue hasBit(int64_t mask);
  /// for i in [0, count), with values carried along.
  SmallVector<LaneValue>
  emitLoop(int64_t count, ArrayRef<LaneValue> inits,
           function_ref<SmallVector<LaneValue>(Value, ArrayRef<LaneValue>)>);

  LaneValue wrap(Value value) { return {builder, value}; }

  /// Of queries, that a thread reads at a time at most.
  static constexpr int64_t kQueryWords = 4;

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  AttentionOp op;
  int64_t numHeads, threads, queryStride;
  SharedWords query;
  SmallVector<Part, 2> parts;
  std::optional<RowRotation> rotation;
  int64_t groupSize, keysAtOnce;
  /// This thread, its number in its group, and what exchanges go through where
  /// there are no shuffles.
  Value thread, member;
  SharedWords *scratch = nullptr;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_KEYGROUPS_H
