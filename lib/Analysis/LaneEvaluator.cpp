//===- LaneEvaluator.cpp - Symbolic evaluation of tensor elements ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memoization, leaves, constants and sizes; the rules for ops stand in
// Evaluate*.cpp beside this file.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::rope;

/// The longest constant column that is compared by content.
static constexpr int64_t kMaxColumn = 1 << 16;

unsigned LaneEvaluator::internList(ArrayRef<IndexId> list) {
  if (frame == 0)
    return indexLists.intern(list);
  // What is known of a value of a callee is known of one call only.
  SmallVector<IndexId, 8> framed(list);
  framed.push_back(indices.getConstant(frame));
  return indexLists.intern(ArrayRef<IndexId>(framed));
}

LaneScalar LaneEvaluator::leaf(Value value, ArrayRef<IndexId> at) {
  SmallVector<IndexId, 8> framed;
  if (frame != 0) {
    framed.push_back(indices.getConstant(frame));
    // Whatever an iteration holds depends on the symbols of its number.
    for (unsigned around = frame; around != 0;
         around = frames[around - 1].caller)
      llvm::append_range(framed, frames[around - 1].iteration);
    llvm::append_range(framed, at);
    at = framed;
  }
  Type type = getElementTypeOrSelf(value.getType());
  if (type.isIntOrIndex())
    return LaneScalar::integer(indices.getData(value, at));
  if (isa<ComplexType>(type))
    return LaneScalar::complex(
        exprs.getLeaf(value, at, ElementPart::Real),
        exprs.getLeaf(value, at, ElementPart::Imaginary));
  return LaneScalar::real(exprs.getLeaf(value, at));
}

/// Whether an element of floats certainly does not exist.
static bool isOutOfBounds(const IndexContext &indices, RankedTensorType type,
                          ArrayRef<IndexId> at) {
  if (type.getElementType().isIntOrIndex())
    return false;
  return llvm::any_of(llvm::zip_equal(at, type.getShape()), [&](auto pair) {
    auto [index, size] = pair;
    std::optional<int64_t> number = indices.getConstantValue(index);
    return number && !ShapedType::isDynamic(size) &&
           (*number < 0 || *number >= size);
  });
}

LaneScalar LaneEvaluator::evaluate(Value tensor, ArrayRef<IndexId> at) {
  // A dimension of one element has only one index, however it was computed.
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type)
    return leaf(tensor, at);
  if (unsigned owner = getFrameOf(tensor); owner != frame)
    return evaluateInFrame(owner, tensor, at);
  SmallVector<IndexId, 4> normalized(at);
  for (auto [index, size] : llvm::zip_equal(normalized, type.getShape()))
    if (size == 1)
      index = indices.getConstant(0);

  unsigned list = internList(normalized);
  std::pair<Value, unsigned> key(tensor, list);
  if (auto it = memo.find(key); it != memo.end())
    return it->second;
  // No meaning that could be kept.
  if (isOutOfBounds(indices, type, normalized)) {
    ExprId undefined = exprs.getUndefined();
    return isa<ComplexType>(type.getElementType())
               ? LaneScalar::complex(undefined, undefined)
               : LaneScalar::real(undefined);
  }
  ++numSteps;
  // An answer for lack of depth or budget must not outlive the reason.
  if (depth >= kMaxDepth || isExhausted())
    return leaf(tensor, normalized);
  ++depth;
  LaneScalar scalar = evaluateTensor(tensor, normalized);
  --depth;
  // Whatever walks over an expression recurses as deep as it is.
  if (std::max(exprs.getDepth(scalar.re), exprs.getDepth(scalar.im)) >
      kMaxDepth)
    scalar = leaf(tensor, normalized);
  if (frame == 0)
    entries.push_back({tensor, list, scalar});
  if (!isExhausted())
    memo[key] = scalar;
  return scalar;
}

LaneScalar LaneEvaluator::evaluateTensor(Value tensor, ArrayRef<IndexId> at) {
  auto result = dyn_cast<OpResult>(tensor);
  if (!result) {
    std::optional<LaneScalar> passed =
        evaluateFrameArgument(cast<BlockArgument>(tensor), at);
    return passed ? *passed : leaf(tensor, at);
  }
  Operation *op = result.getOwner();
  if (auto call = dyn_cast<func::CallOp>(op))
    return evaluateCall(call, result, at);
  if (isa<scf::ForOp, scf::WhileOp>(op))
    return evaluateLoop(op, result, at);
  if (auto loop = dyn_cast<scf::ForallOp>(op))
    return evaluateForall(loop, result, at);

  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (auto elements = dyn_cast<ElementsAttr>(constant.getValue()))
      return evaluateConstant(tensor, elements, at);
    return leaf(tensor, at);
  }
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return evaluateLinalg(linalgOp, result, at);
  if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op);
      softmax && keepsReductions)
    return evaluateSoftmax(softmax, at);
  if (auto rotate = dyn_cast<RotateOp>(op); rotate && seesRotated)
    return evaluateRotation(rotate, at);
  bool handled = false;
  LaneScalar scalar = evaluateMovement(op, result, at, handled);
  if (handled)
    return scalar;
  // Elementwise arith, math and complex ops on tensors.
  if (OpTrait::hasElementwiseMappableTraits(op) && op->getNumRegions() == 0) {
    SmallVector<LaneScalar, 3> operands;
    for (Value operand : op->getOperands())
      operands.push_back(isa<RankedTensorType>(operand.getType())
                             ? evaluate(operand, at)
                             : evaluateScalar(operand));
    return applyElementwise(op, result, operands, at);
  }
  return leaf(tensor, at);
}

LaneScalar LaneEvaluator::applyElementwise(Operation *op, OpResult result,
                                           ArrayRef<LaneScalar> operands,
                                           ArrayRef<IndexId> at) {
  if (isa<math::SincosOp>(op))
    return LaneScalar::real(exprs.function(
        result.getResultNumber() == 0 ? "math.sin" : "math.cos",
        getElementTypeOrSelf(result.getType()), {operands[0].re}));
  for (auto rule :
       {&LaneEvaluator::evaluateRealOp, &LaneEvaluator::evaluateIntegerOp,
        &LaneEvaluator::evaluateComplexOp})
    if (std::optional<LaneScalar> scalar = (this->*rule)(op, operands))
      return *scalar;
  return leaf(result, at);
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

LaneScalar LaneEvaluator::evaluateConstant(Value value, ElementsAttr elements,
                                           ArrayRef<IndexId> at) {
  Operation *op = value.getDefiningOp();
  auto [it, inserted] = constants.try_emplace(op);
  if (inserted)
    it->second = ConstantTensor::get(elements);
  const std::optional<ConstantTensor> &constant = it->second;
  if (!constant)
    return leaf(value, at);

  // The sub-array over the dimensions whose index is not a number.
  ArrayRef<int64_t> shape = constant->getType().getShape();
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t dim = static_cast<int64_t>(shape.size()) - 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * shape[dim + 1];
  int64_t base = 0, columnSize = 1;
  SmallVector<int64_t> openDims, openShape;
  SmallVector<IndexId> openIndices;
  for (auto [dim, index] : llvm::enumerate(at)) {
    if (std::optional<int64_t> number = indices.getConstantValue(index)) {
      if (*number < 0 || *number >= shape[dim])
        return leaf(value, at);
      base += *number * strides[dim];
      continue;
    }
    openDims.push_back(dim);
    openShape.push_back(shape[dim]);
    openIndices.push_back(index);
    columnSize *= shape[dim];
  }

  if (constant->isSplat())
    columnSize = 1;
  if (columnSize > kMaxColumn || columnSize == 0)
    return leaf(value, at);
  auto getPosition = [&](int64_t i) {
    int64_t linear = base;
    for (int64_t dim : llvm::reverse(openDims)) {
      linear += i % shape[dim] * strides[dim];
      i /= shape[dim];
    }
    return linear;
  };

  Type elementType = constant->getType().getElementType();
  if (elementType.isIntOrIndex()) {
    // Equal integers are one number.
    int64_t number = constant->getInteger(base);
    for (int64_t i = 1; i < columnSize; ++i)
      if (constant->getInteger(getPosition(i)) != number)
        return leaf(value, at);
    return LaneScalar::integer(indices.getConstant(number));
  }
  auto readColumn = [&](Type type, ElementPart part) {
    std::vector<double> content(columnSize);
    for (int64_t i = 0; i < columnSize; ++i)
      content[i] = constant->getFloat(getPosition(i), part);
    return exprs.getColumn(type, openShape, std::move(content), openIndices);
  };
  if (auto complexType = dyn_cast<ComplexType>(elementType))
    return LaneScalar::complex(
        readColumn(complexType.getElementType(), ElementPart::Real),
        readColumn(complexType.getElementType(), ElementPart::Imaginary));
  return LaneScalar::real(readColumn(elementType, ElementPart::Whole));
}

//===----------------------------------------------------------------------===//
// Indices and sizes
//===----------------------------------------------------------------------===//

IndexId LaneEvaluator::evaluateIndex(OpFoldResult value) {
  if (auto attr = dyn_cast<Attribute>(value))
    return indices.getConstant(cast<IntegerAttr>(attr).getInt());
  return evaluateScalar(cast<Value>(value)).index;
}

SmallVector<IndexId> LaneEvaluator::evaluateIndices(ArrayRef<int64_t> statics,
                                                    ValueRange dynamics) {
  return llvm::map_to_vector(statics, [&](int64_t number) {
    if (!ShapedType::isDynamic(number))
      return indices.getConstant(number);
    Value dynamic = dynamics.front();
    dynamics = dynamics.drop_front();
    return evaluateScalar(dynamic).index;
  });
}

IndexId LaneEvaluator::getSize(Value shaped, int64_t dim) {
  auto type = cast<ShapedType>(shaped.getType());
  if (!type.isDynamicDim(dim))
    return indices.getConstant(type.getDimSize(dim));
  // Iterations of a loop may have other sizes.
  unsigned owner = getFrameOf(shaped);
  std::pair<std::pair<Value, int64_t>, unsigned> key({shaped, dim}, owner);
  if (auto it = sizes.find(key); it != sizes.end())
    return it->second;
  unsigned current = std::exchange(frame, owner);
  llvm::scope_exit restore([&] { frame = current; });
  if (depth >= kMaxDepth)
    return getUnknownSize(shaped, dim);
  ++depth;
  IndexId size = computeSize(shaped, dim);
  --depth;
  return sizes[key] = getRepresentative(size);
}

IndexId LaneEvaluator::getUnknownSize(Value shaped, int64_t dim) {
  if (frame == 0)
    return getRepresentative(indices.getDim(shaped, dim));
  // As a leaf, of one iteration.
  SmallVector<IndexId> operands = {indices.getData(shaped, {}),
                                   indices.getConstant(frame)};
  for (unsigned around = frame; around != 0; around = frames[around - 1].caller)
    llvm::append_range(operands, frames[around - 1].iteration);
  operands.push_back(indices.getConstant(dim));
  return indices.getFunction(tensor::DimOp::getOperationName(), operands);
}

IndexId LaneEvaluator::getRepresentative(IndexId size) const {
  for (auto it = equalSize.find(size); it != equalSize.end();
       it = equalSize.find(size))
    size = it->second;
  return size;
}

void LaneEvaluator::learnEqualSizes(Block &block) {
  for (auto op : block.getOps<linalg::LinalgOp>()) {
    SmallVector<int64_t> ranges = op.getStaticLoopRanges();
    SmallVector<std::optional<IndexId>> loopSizes(op.getNumLoops());
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isa<RankedTensorType>(operand.get().getType()))
        continue;
      AffineMap map = op.getMatchingIndexingMap(&operand);
      for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
        auto loop = dyn_cast<AffineDimExpr>(expr);
        if (!loop || !ShapedType::isDynamic(ranges[loop.getPosition()]))
          continue;
        IndexId size = getRepresentative(getSize(operand.get(), dim));
        std::optional<IndexId> &known = loopSizes[loop.getPosition()];
        if (!known)
          known = size;
        known = getRepresentative(*known);
        if (*known == size)
          continue;
        // The older one is defined earlier and serves in more places.
        equalSize[std::max(*known, size)] = std::min(*known, size);
        known = std::min(*known, size);
      }
    }
  }
  // What was evaluated on the way does not know yet.
  sizes.clear();
  memo.clear();
  entries.clear();
}

IndexId LaneEvaluator::computeSize(Value shaped, int64_t dim) {
  Operation *op = shaped.getDefiningOp();
  IndexId unknown = getUnknownSize(shaped, dim);
  if (auto argument = dyn_cast<BlockArgument>(shaped)) {
    if (Value start = getSizeSource(argument))
      return getSize(start, dim);
  }
  if (!op)
    return unknown;
  return llvm::TypeSwitch<Operation *, IndexId>(op)
      .Case([&](tensor::EmptyOp empty) {
        return evaluateIndex(empty.getMixedSizes()[dim]);
      })
      .Case([&](tensor::CastOp cast) {
        bool ranked = isa<RankedTensorType>(cast.getSource().getType());
        return ranked ? getSize(cast.getSource(), dim) : unknown;
      })
      .Case([&](tensor::ExtractSliceOp slice) {
        llvm::SmallBitVector dropped = slice.getDroppedDims();
        for (auto [source, size] : llvm::enumerate(slice.getMixedSizes()))
          if (!dropped.test(source) && dim-- == 0)
            return evaluateIndex(size);
        return unknown;
      })
      .Case<tensor::InsertSliceOp, tensor::InsertOp>(
          [&](auto insert) { return getSize(insert.getDest(), dim); })
      .Case([&](tensor::GenerateOp generate) {
        auto type = cast<RankedTensorType>(generate.getType());
        return evaluateIndex(
            generate.getDynamicExtents()[type.getDynamicDimIndex(dim)]);
      })
      .Case([&](tensor::ExpandShapeOp expand) {
        return evaluateIndex(expand.getMixedOutputShape()[dim]);
      })
      .Case([&](tensor::CollapseShapeOp collapse) {
        IndexId product = indices.getConstant(1);
        ReassociationIndices sources = collapse.getReassociationIndices()[dim];
        for (int64_t source : sources)
          product = indices.mul(product, getSize(collapse.getSrc(), source));
        return product;
      })
      .Case([&](tensor::ReshapeOp reshape) {
        auto shape = reshape.getShape().getDefiningOp<tensor::FromElementsOp>();
        return shape ? evaluateScalar(shape.getElements()[dim]).index : unknown;
      })
      .Case([&](tensor::ConcatOp concat) {
        IndexId sum = getSize(concat.getInputs().front(), dim);
        if (dim == static_cast<int64_t>(concat.getDim()))
          for (Value input : concat.getInputs().drop_front())
            sum = indices.add(sum, getSize(input, dim));
        return sum;
      })
      .Case([&](tensor::PadOp pad) {
        IndexId padding =
            indices.add(evaluateIndex(pad.getMixedLowPad()[dim]),
                        evaluateIndex(pad.getMixedHighPad()[dim]));
        return indices.add(getSize(pad.getSource(), dim), padding);
      })
      .Case<scf::ForOp, scf::WhileOp, scf::ForallOp>([&](Operation *loop) {
        Value start = getSizeSource(cast<OpResult>(shaped));
        return start ? getSize(start, dim) : unknown;
      })
      .Case([&](RotateOp rotate) { return getSize(rotate.getInput(), dim); })
      .Case([&](linalg::LinalgOp linalgOp) {
        auto result = cast<OpResult>(shaped);
        return getSize(linalgOp.getDpsInits()[result.getResultNumber()], dim);
      })
      .Default([&](Operation *other) {
        if (OpTrait::hasElementwiseMappableTraits(other))
          for (Value operand : other->getOperands())
            if (isa<RankedTensorType>(operand.getType()))
              return getSize(operand, dim);
        return unknown;
      });
}
