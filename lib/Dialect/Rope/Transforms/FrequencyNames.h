//===- FrequencyNames.h - Formulas of given frequencies ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_FREQUENCYNAMES_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_FREQUENCYNAMES_H

#include "PositionAxes.h"
#include "Rope/Analysis/TrigEntry.h"
#include <map>

namespace mlir::rope {

/// Frequencies of programs as attributes, each found once.
class FrequencyNames {
public:
  /// By formula where one gives the same numbers to the last bit, else as a
  /// table; null where they are none that the dialect has (infinite, tiny).
  /// Frequencies of `axes` have its sections.
  FrequenciesAttr get(MLIRContext *context, ArrayRef<double> frequencies,
                      PositionAngle::Form form, const PositionAxes &axes);

private:
  using Key = std::tuple<std::vector<double>, PositionAngle::Form,
                         std::vector<int64_t>, SectionKind>;
  std::map<Key, FrequenciesAttr> known;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_FREQUENCYNAMES_H
