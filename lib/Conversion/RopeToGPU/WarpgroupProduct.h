//===- WarpgroupProduct.h - Products of four warps --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an attention needs of `wgmma`, by which the four warps of a warpgroup of
// NVIDIA's sm_90a multiply
//
//   S [64, Bk] = Q [64, D] K^T,    O [64, Dv] += P [64, Bk] V,
//
// with Q, K and V in swizzled shared memory and P, rounded, in registers. A
// warp has 16 rows of S, O and P, in the fragments of FragmentLayout.
//
// The instruction reads shared memory on its own, as a descriptor says. Of
// memory with the swizzle of 128 bytes it has, in bytes from its start,
//
//   row r, lane k, lanes side by side:  (r / 8) stride + (r mod 8) 128 + 2 k,
//   lane n of key k, lanes of a key side by side:
//     (n / 64) leading + 2 (n mod 64) + (k / 8) stride + (k mod 8) 128,
//
// after which bits 4 to 6 of the address are those xor bits 7 to 9.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_WARPGROUPPRODUCT_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_WARPGROUPPRODUCT_H

#include "SharedTile.h"
#include "WarpProduct.h"

namespace mlir::rope {

class WarpgroupProduct {
public:
  using Words = SmallVector<Value>;

  WarpgroupProduct(KernelBuilder &kernel, FloatType element,
                   SharedWords &shared, Value warp);
  virtual ~WarpgroupProduct() = default;

  static constexpr int64_t kWarps = 4, kRows = 64;
  /// Words of ones behind which no row of a matrix of ones ends.
  static constexpr int64_t kOnesWords = 8 * SharedTile::kPanelStride;

  /// Stores ones at `place`, whose products with P are its sums. All threads of
  /// the block take part.
  void storeOnes(int64_t place, Value thread, int64_t threads);
  /// What this thread has written to shared memory is there for products behind
  /// the next barrier.
  virtual void publish() = 0;

  /// The fragments of S. Queries of this block are 64 a warpgroup.
  Words multiplyKeys(const SharedTile &queries, const SharedTile &keys,
                     int64_t lanes, int64_t numKeys);
  /// Starts to add P V and, in a last fragment, the sums of rows of P to
  /// `sums`, which nobody may touch before `wait` has returned them. P comes as
  /// four words for each 16 keys.
  void multiplyValues(Words weights, const SharedTile &values, int64_t ones,
                      int64_t lanes, MutableArrayRef<Value> sums);
  virtual void wait(MutableArrayRef<Value> sums) = 0;

  /// What the target of the kernel has. `lane` is that of a thread in its warp,
  /// and `product` exchanges words with others of it.
  static std::unique_ptr<WarpgroupProduct>
  create(KernelBuilder &kernel, FloatType element, SharedWords &shared,
         Value lane, Value warp, WarpProduct &product);

protected:
  /// A matrix in shared memory from word `offset` behind `index` on; `index` is
  /// null for zero.
  struct Matrix {
    Value index;
    int64_t offset;
    /// Bytes from one panel of lanes to the next, and between eights of rows.
    int64_t leading, stride;
    /// Whether lanes of a key lie side by side, rather than those of a row or
    /// column.
    bool isTransposed;
  };
  /// Products from `begin` to `commit` run on their own. `registers` are those
  /// that they take.
  virtual void begin(MutableArrayRef<Value> registers) = 0;
  virtual void commit() = 0;
  /// A [64, 16] B [16, N] + C; no sums stand for zeros.
  virtual Words multiply(const Matrix &a, const Matrix &b, int64_t columns,
                         ArrayRef<Value> sums) = 0;
  virtual Words multiply(ArrayRef<Value> a, const Matrix &b, int64_t columns,
                         ArrayRef<Value> sums) = 0;

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  FloatType element;
  SharedWords &shared;
  /// The number of the warp in its group, and of the group.
  Value warp, group;

private:
  /// 16 lanes of rows, those of step `step`.
  Matrix getRows(Value index, const SharedTile &tile, int64_t step);
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_WARPGROUPPRODUCT_H
