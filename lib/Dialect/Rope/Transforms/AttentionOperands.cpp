//===- AttentionOperands.cpp - Queries, keys and values -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionOperands.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::rope;

/// Between a rotation and its attention stand a few dozen ops.
static constexpr unsigned kMaxUsers = 256;

std::optional<RotatedProduct> rope::getRotatedProduct(LaneEvaluator &evaluator,
                                                      ArrayRef<ExprId> factors,
                                                      uint64_t lanes) {
  LaneExprContext &exprs = evaluator.getExprs();
  RotatedProduct product;
  for (ExprId factor : factors) {
    const LaneExpr expr = exprs.get(factor);
    bool isRotation = expr.kind == LaneExpr::Kind::Function &&
                      expr.name == LaneEvaluator::kRotation;
    if (!isRotation) {
      // A rotation is linear, but only over all lanes together.
      if (exprs.getSymbols(factor) & lanes)
        return std::nullopt;
      product.factors.push_back(factor);
      continue;
    }
    if (product.rotation)
      return std::nullopt;
    const LaneExpr &tables = exprs.get(expr.operands[1]);
    product.rotation = cast<RotateOp>(tables.value.getDefiningOp());
    product.row.assign(tables.indices.begin(), tables.indices.end());
    product.firstLane =
        *evaluator.getIndices().getConstantValue(expr.indices[0]);
    LaneTerm source = exprs.getProduct(expr.operands[0]);
    product.coefficient = source.coefficient;
    llvm::append_range(product.factors, source.factors);
  }
  if (!product.rotation)
    return std::nullopt;
  llvm::sort(product.factors);
  return product;
}

bool rope::isDeadWithout(Value value, Operation *candidate) {
  SmallVector<Value> worklist = {value};
  DenseSet<Operation *> seen;
  while (!worklist.empty())
    for (Operation *user : worklist.pop_back_val().getUsers()) {
      Operation *op = candidate->getBlock()->findAncestorOpInBlock(*user);
      // Sizes are those of other tensors, too.
      if (op == candidate || isa_and_nonnull<tensor::DimOp>(op))
        continue;
      if (!op || op->hasTrait<OpTrait::IsTerminator>() ||
          !isMemoryEffectFree(op) || seen.size() > kMaxUsers)
        return false;
      if (seen.insert(op).second)
        llvm::append_range(worklist, op->getResults());
    }
  return true;
}

static int64_t getNumLanes(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape().back();
}

/// The rotation of `part` in `input`, where its lanes stand behind others.
static Value rotate(Value input, const OperandPart &part, int64_t numBefore,
                    LaneMaterializer &materializer, OpBuilder &builder) {
  RotateOp op = part.rotation->rotation;
  // A source that the program widened is rotated in the wide type.
  Type type = getElementTypeOrSelf(op.getResult().getType());
  if (getElementTypeOrSelf(input.getType()).getIntOrFloatBitWidth() <
      type.getIntOrFloatBitWidth())
    input = materializer.convertElements(input, type);
  int64_t offset = op.getOffset() - part.rotation->firstLane + numBefore;
  int64_t rotaryDim = op.getEffectiveRotaryDim();
  bool isRest = offset + rotaryDim == getNumLanes(input);
  return RotateOp::create(
             builder, op.getLoc(), input.getType(), input, /*output=*/Value(),
             op.getCos(), op.getSin(), builder.getDenseI64ArrayAttr(part.along),
             op.getPairingAttr(), /*result_pairing=*/PairingAttr(),
             builder.getI64IntegerAttr(offset),
             isRest ? IntegerAttr() : builder.getI64IntegerAttr(rotaryDim),
             op.getInverseAttr())
      .getResult();
}

Value rope::joinParts(ArrayRef<OperandPart> parts,
                      LaneMaterializer &materializer, OpBuilder &builder) {
  SmallVector<Value> values;
  const OperandPart *rotated = nullptr;
  int64_t numLanes = 0, numBefore = 0;
  // Several rotations are done each for itself, one for all lanes.
  bool isOne = llvm::count_if(parts, [](const OperandPart &part) {
                 return part.rotation.has_value();
               }) == 1;
  for (const OperandPart &part : parts) {
    values.push_back(part.value);
    if (part.rotation && isOne) {
      rotated = &part;
      numBefore = numLanes;
    } else if (part.rotation) {
      values.back() =
          rotate(part.value, part, /*numBefore=*/0, materializer, builder);
    }
    numLanes += getNumLanes(part.value);
  }
  Value joined = materializer.concatLanes(values);
  return rotated ? rotate(joined, *rotated, numBefore, materializer, builder)
                 : joined;
}
