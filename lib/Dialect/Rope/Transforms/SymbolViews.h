//===- SymbolViews.h - Tensors laid out by symbols --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An element of a tensor at indices that are mixed-radix numbers of symbols,
// such as t[b, h * G + g, i], laid out anew with other groups of the symbols as
// dimensions: by slices, reshapes and a transposition where that is enough,
// else element by element.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_SYMBOLVIEWS_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_SYMBOLVIEWS_H

#include "LaneMaterializer.h"

namespace mlir::rope {

/// The symbols of one dimension, the slowest first. None: size one.
using SymbolGroup = SmallVector<LeadingDim, 2>;

class SymbolViews {
public:
  SymbolViews(LaneEvaluator &evaluator, LaneMaterializer &materializer,
              OpBuilder &builder, Location loc)
      : evaluator(evaluator), materializer(materializer), builder(builder),
        loc(loc) {}

  /// source[at] as a tensor of dimensions `targets`, which repeat what does not
  /// depend on them. Null where an index cannot be computed.
  Value make(Value source, ArrayRef<IndexId> at, ArrayRef<SymbolGroup> targets);
  /// The product of `factors`, which no tensor holds, computed from those that
  /// `getName` knows; several are multiplied in f32 or a wider type. Null where
  /// that is not elementwise arithmetic.
  Value compute(ArrayRef<ExprId> factors, ArrayRef<SymbolGroup> targets,
                function_ref<std::optional<NamedTensor>(ExprId)> getName);
  /// `source`, whose dimensions are `groups`, with dimensions `targets` of the
  /// same symbols. Null where a size cannot be computed.
  Value rearrange(Value source, ArrayRef<SymbolGroup> groups,
                  ArrayRef<SymbolGroup> targets);

  /// `source`, whose dimensions are the symbols of all groups in order, with a
  /// dimension a group.
  Value collapse(Value source, ArrayRef<SymbolGroup> groups);

  /// The product of the sizes of a group.
  IndexId getSize(ArrayRef<LeadingDim> group);
  /// The symbols as one number.
  IndexId getIndex(ArrayRef<LeadingDim> group);

private:
  IndexId dropOthers(IndexId index, ArrayRef<LeadingDim> symbols);
  std::optional<SymbolGroup> parse(IndexId index, ArrayRef<LeadingDim> symbols);
  Value makeView(Value source, ArrayRef<IndexId> at,
                 ArrayRef<SymbolGroup> targets, ArrayRef<LeadingDim> symbols);
  void joinNeighbours(SmallVector<SymbolGroup> &groups,
                      SmallVector<SymbolGroup> &targets);
  Value expand(Value source, ArrayRef<SymbolGroup> groups);
  OpFoldResult getMixedSize(IndexId size);

  LaneEvaluator &evaluator;
  LaneMaterializer &materializer;
  OpBuilder &builder;
  Location loc;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_SYMBOLVIEWS_H
