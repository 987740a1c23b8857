//===- UnfinishedRows.cpp - Rows whose sums are made again ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "UnfinishedRows.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::rope;

UnfinishedRows::UnfinishedRows(const AttentionTile &tile,
                               ArrayRef<OpFoldResult> sizes,
                               Temporaries &temporaries)
    : tile(tile), sizes(sizes),
      flags(temporaries.allocate(sizes, tile.builder().getI1Type())) {}

Value UnfinishedRows::load(ValueRange item) {
  return tile.emitter.load(flags, {LaneIndex(item[0]), LaneIndex(item[1])}, 1);
}

void UnfinishedRows::store(Value isUnfinished, ValueRange item) {
  tile.emitter.store(isUnfinished, flags,
                     {LaneIndex(item[0]), LaneIndex(item[1])});
}

void UnfinishedRows::emitPasses(function_ref<void(Value)> body) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  auto getBool = [&](bool value) -> Value {
    return arith::ConstantOp::create(builder, builder.getBoolAttr(value));
  };
  emitter.emitNest(sizes, {1, 1}, /*parallel=*/false,
                   [&](ValueRange item) { store(getBool(true), item); });
  OpBuilder::InsertionGuard guard(builder);
  auto loop = scf::WhileOp::create(builder, TypeRange(), getBool(false),
                                   /*beforeBuilder=*/nullptr,
                                   /*afterBuilder=*/nullptr);
  builder.setInsertionPointToEnd(loop.getBeforeBody());
  body(loop.getBeforeArguments()[0]);
  OpFoldResult zero = tile.constant(0);
  SmallVector<Value> any = emitter.emitReduction(
      zero, sizes[0], 1, getBool(false), [&](Value i, ValueRange any) {
        return emitter.emitReduction(
            zero, sizes[1], 1, any,
            [&](Value j, ValueRange any) -> SmallVector<Value> {
              return {arith::OrIOp::create(builder, any[0], load({i, j}))};
            });
      });
  scf::ConditionOp::create(builder, any[0], ValueRange());
  builder.setInsertionPointToEnd(loop.getAfterBody());
  scf::YieldOp::create(builder, getBool(true));
}

void UnfinishedRows::emitIfUnfinished(ValueRange item,
                                      function_ref<void()> body) {
  ImplicitLocOpBuilder &builder = tile.builder();
  OpBuilder::InsertionGuard guard(builder);
  auto branch =
      scf::IfOp::create(builder, load(item), /*withElseRegion=*/false);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  body();
}

void UnfinishedRows::emitEnd(ValueRange item, Value isSpecial, Value again,
                             function_ref<void()> finish,
                             function_ref<void()> prepareAgain) {
  ImplicitLocOpBuilder &builder = tile.builder();
  Value no = arith::ConstantOp::create(builder, builder.getBoolAttr(false));
  Value isUnfinished = arith::SelectOp::create(builder, again, no, isSpecial);
  store(isUnfinished, item);
  OpBuilder::InsertionGuard guard(builder);
  auto branch =
      scf::IfOp::create(builder, isUnfinished, /*withElseRegion=*/true);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  prepareAgain();
  builder.setInsertionPoint(branch.elseBlock()->getTerminator());
  finish();
}
