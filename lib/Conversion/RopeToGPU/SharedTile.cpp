//===- SharedTile.cpp - Where rows lie in shared memory -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedTile.h"

using namespace mlir;
using namespace mlir::rope;

SharedTile::Place SharedTile::getPlace(KernelBuilder &kernel, Value row,
                                       LaneIndex lane) const {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  Value start = kernel.multiply(row, stride);
  if (!panel) {
    if (lane.loop)
      start = kernel.add(start, kernel.multiply(lane.loop, lane.scale / 2));
    return {start, first + lane.offset / 2};
  }
  auto divide = [&](Value index, int64_t by) {
    return builder.createOrFold<arith::DivUIOp>(index, kernel.getConstant(by));
  };
  auto remainder = [&](Value index, int64_t by) {
    return builder.createOrFold<arith::RemUIOp>(index, kernel.getConstant(by));
  };
  // Whole units, or words of units.
  int64_t lanes = lane.scale % 8 == 0 && lane.offset % 8 == 0 ? 8 : 2;
  Value part = kernel.getConstant(lane.offset / lanes);
  if (lane.loop)
    part = kernel.add(kernel.multiply(lane.loop, lane.scale / lanes), part);
  Value unit = divide(part, 8 / lanes);
  Value moved = builder.createOrFold<arith::XOrIOp>(remainder(unit, 8),
                                                    remainder(row, 8));
  Value index = kernel.add(start, kernel.multiply(divide(unit, 8), panel));
  index = kernel.add(index, kernel.multiply(moved, 4));
  return {kernel.add(index, remainder(part, 8 / lanes)), first};
}
