//===- LaneMaterializer.cpp - Tensors from evaluated lanes ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tensors whose elements are computed; those that a slice gives are made in
// LaneViews.cpp, those of integers in LanePositions.cpp.
//
//===----------------------------------------------------------------------===//

#include "LaneMaterializer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

/// What gathers compute: select(id < 0, id + size, id).
Value LaneMaterializer::makeSelect(const IndexAtom &select,
                                   ArrayRef<LeadingDim> dims,
                                   ArrayRef<Value> loops) {
  Value condition = makeBoolean(select.operands[0], dims, loops);
  Value left = makeIndex(select.operands[1], dims, loops);
  Value right = makeIndex(select.operands[2], dims, loops);
  if (!condition || !left || !right)
    return {};
  return arith::SelectOp::create(builder, loc, condition, left, right);
}

Value LaneMaterializer::makeIndex(IndexId index, ArrayRef<LeadingDim> dims,
                                  ArrayRef<Value> loops) {
  IndexContext &indices = evaluator.getIndices();
  auto makeAtom = [&](const IndexAtom &atom) -> Value {
    switch (atom.kind) {
    case IndexAtom::Kind::Symbol:
      for (auto [dim, loop] : llvm::zip(dims, loops))
        if (dim.symbol == atom.number && dim.size == atom.operands[0])
          return loop;
      return {};
    case IndexAtom::Kind::Dim:
      if (!isAvailable(atom.value) ||
          !isa<RankedTensorType>(atom.value.getType()))
        return {};
      return tensor::DimOp::create(builder, loc, atom.value, atom.number);
    case IndexAtom::Kind::Data: {
      if (!isAvailable(atom.value))
        return {};
      Value datum = atom.value;
      if (isa<RankedTensorType>(atom.value.getType())) {
        SmallVector<Value> at;
        for (IndexId operand : atom.operands) {
          at.push_back(makeIndex(operand, dims, loops));
          if (!at.back())
            return {};
        }
        datum = tensor::ExtractOp::create(builder, loc, atom.value, at);
      } else if (!atom.operands.empty()) {
        return {};
      }
      if (datum.getType().isIndex())
        return datum;
      // The signed value of a true boolean is -1.
      if (datum.getType().isInteger(1))
        return arith::IndexCastUIOp::create(builder, loc,
                                            builder.getIndexType(), datum);
      return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                        datum);
    }
    case IndexAtom::Kind::FloorDiv:
    case IndexAtom::Kind::Mod: {
      Value dividend = makeIndex(atom.operands[0], dims, loops);
      Value divisor = makeIndex(atom.operands[1], dims, loops);
      if (!dividend || !divisor)
        return {};
      Value quotient =
          arith::FloorDivSIOp::create(builder, loc, dividend, divisor);
      if (atom.kind == IndexAtom::Kind::FloorDiv)
        return quotient;
      Value multiple = arith::MulIOp::create(builder, loc, quotient, divisor);
      return arith::SubIOp::create(builder, loc, dividend, multiple);
    }
    case IndexAtom::Kind::Function:
      return atom.name == "arith.select" ? makeSelect(atom, dims, loops)
                                         : Value();
    }
    llvm_unreachable("all kinds are handled");
  };

  Value sum;
  SmallVector<IndexContext::Monomial> monomials(indices.getMonomials(index));
  for (const IndexContext::Monomial &monomial : monomials) {
    Value product;
    for (AtomId atomId : monomial.atoms) {
      IndexAtom atom = indices.getAtom(atomId);
      Value factor = makeAtom(atom);
      if (!factor)
        return {};
      product = product ? arith::MulIOp::create(builder, loc, product, factor)
                        : factor;
    }
    if (!product || monomial.coefficient != 1) {
      Value coefficient =
          arith::ConstantIndexOp::create(builder, loc, monomial.coefficient);
      product = product
                    ? arith::MulIOp::create(builder, loc, product, coefficient)
                    : coefficient;
    }
    sum = sum ? arith::AddIOp::create(builder, loc, sum, product) : product;
  }
  return sum ? sum : arith::ConstantIndexOp::create(builder, loc, 0);
}

Value LaneMaterializer::makeBoolean(IndexId index, ArrayRef<LeadingDim> dims,
                                    ArrayRef<Value> loops) {
  IndexContext &indices = evaluator.getIndices();
  const IndexAtom *found = indices.getAsAtom(index);
  if (!found || found->kind != IndexAtom::Kind::Function) {
    Value number = makeIndex(index, dims, loops);
    if (!number)
      return {};
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, number,
                                 zero);
  }
  IndexAtom atom = *found;
  if (atom.name == "arith.cmpi") {
    // [predicate, a, b, width]; an unsigned comparison depends on the width.
    auto predicate = static_cast<arith::CmpIPredicate>(
        *indices.getConstantValue(atom.operands[0]));
    if (predicate >= arith::CmpIPredicate::ult)
      return {};
    Value a = makeIndex(atom.operands[1], dims, loops);
    Value b = makeIndex(atom.operands[2], dims, loops);
    return a && b ? arith::CmpIOp::create(builder, loc, predicate, a, b)
                  : Value();
  }
  auto make = [&](unsigned operand) {
    return makeBoolean(atom.operands[operand], dims, loops);
  };
  if (atom.name == "arith.select") {
    Value condition = make(0), a = make(1), b = make(2);
    return condition && a && b
               ? arith::SelectOp::create(builder, loc, condition, a, b)
               : Value();
  }
  // [width, width, a, b]
  bool isLogic = atom.name == "arith.andi" || atom.name == "arith.ori" ||
                 atom.name == "arith.xori";
  if (!isLogic || indices.getConstantValue(atom.operands[0]) != 1)
    return {};
  Value a = make(2), b = make(3);
  if (!a || !b)
    return {};
  if (atom.name == "arith.andi")
    return arith::AndIOp::create(builder, loc, a, b);
  if (atom.name == "arith.ori")
    return arith::OrIOp::create(builder, loc, a, b);
  return arith::XOrIOp::create(builder, loc, a, b);
}

Value LaneMaterializer::makeEmpty(ArrayRef<IndexId> sizes, Type elementType) {
  SmallVector<OpFoldResult> mixed;
  for (IndexId size : sizes) {
    if (std::optional<int64_t> constant =
            evaluator.getIndices().getConstantValue(size)) {
      mixed.push_back(builder.getIndexAttr(*constant));
      continue;
    }
    Value dynamic = makeIndex(size, {}, {});
    if (!dynamic)
      return {};
    mixed.push_back(dynamic);
  }
  return tensor::EmptyOp::create(builder, loc, mixed, elementType);
}

Value LaneMaterializer::makeGeneric(
    ArrayRef<LeadingDim> dims, int64_t numLanes, Type elementType,
    function_ref<Value(ArrayRef<Value>, Value)> body) {
  SmallVector<IndexId> sizes;
  for (const LeadingDim &dim : dims)
    sizes.push_back(dim.size);
  if (numLanes >= 0)
    sizes.push_back(evaluator.getIndices().getConstant(numLanes));
  Value empty = makeEmpty(sizes, elementType);
  if (!empty)
    return {};
  SmallVector<utils::IteratorType> iterators(sizes.size(),
                                             utils::IteratorType::parallel);
  bool failed = false;
  auto generic = linalg::GenericOp::create(
      builder, loc, empty.getType(), ValueRange(), empty,
      builder.getMultiDimIdentityMap(sizes.size()), iterators,
      [&](OpBuilder &, Location, ValueRange) {});
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(generic.getBlock());
    SmallVector<Value> loops;
    for (unsigned dim = 0; dim < sizes.size(); ++dim)
      loops.push_back(linalg::IndexOp::create(builder, loc, dim));
    Value lane = numLanes >= 0 ? loops.pop_back_val() : Value();
    Value element = body(loops, lane);
    failed = !element;
    if (!failed)
      linalg::YieldOp::create(builder, loc, element);
  }
  if (failed) {
    generic.erase();
    return {};
  }
  return generic.getResult(0);
}

Value LaneMaterializer::makeElement(const LaneSource &source,
                                    ArrayRef<LeadingDim> dims,
                                    ArrayRef<Value> loops, Value lane,
                                    Type elementType) {
  IndexContext &indices = evaluator.getIndices();
  SmallVector<IndexId> first(evaluator.getIndexList(source.indexLists.front()));
  SmallVector<Value> at;
  for (unsigned dim = 0; dim < first.size(); ++dim) {
    Value index = makeIndex(first[dim], dims, loops);
    if (!index)
      return {};
    // What the lane adds: nothing, a multiple, or an entry of a list.
    SmallVector<int64_t> added;
    for (unsigned list : source.indexLists)
      added.push_back(*indices.getConstantDifference(
          evaluator.getIndexList(list)[dim], first[dim]));
    int64_t step = added.size() > 1 ? added[1] : 0;
    bool isLinear = llvm::all_of(llvm::enumerate(added), [&](auto it) {
      return it.value() == step * static_cast<int64_t>(it.index());
    });
    if (!isLinear || step != 0) {
      Value shift;
      if (isLinear) {
        Value factor = arith::ConstantIndexOp::create(builder, loc, step);
        shift = arith::MulIOp::create(builder, loc, lane, factor);
      } else {
        auto listType = RankedTensorType::get(
            {static_cast<int64_t>(added.size())}, builder.getIndexType());
        Value list = arith::ConstantOp::create(
            builder, loc, DenseIntElementsAttr::get(listType, added));
        shift = tensor::ExtractOp::create(builder, loc, list, lane);
      }
      index = arith::AddIOp::create(builder, loc, index, shift);
    }
    at.push_back(index);
  }
  Value element = tensor::ExtractOp::create(builder, loc, source.value, at);
  if (source.part == ElementPart::Real)
    element = complex::ReOp::create(builder, loc, element);
  if (source.part == ElementPart::Imaginary)
    element = complex::ImOp::create(builder, loc, element);
  if (element.getType() == elementType)
    return element;
  if (element.getType().getIntOrFloatBitWidth() >=
      elementType.getIntOrFloatBitWidth())
    return {};
  return arith::ExtFOp::create(builder, loc, elementType, element);
}

Value LaneMaterializer::makeLanes(const LaneSource &source,
                                  ArrayRef<LeadingDim> dims, Type elementType) {
  if (Value view = makeView(source, dims, elementType))
    return view;
  if (!isAvailable(source.value))
    return {};
  return makeGeneric(dims, source.indexLists.size(), elementType,
                     [&](ArrayRef<Value> loops, Value lane) {
                       return makeElement(source, dims, loops, lane,
                                          elementType);
                     });
}

Value LaneMaterializer::makeProduct(ArrayRef<LaneSource> sources,
                                    ArrayRef<double> coefficients,
                                    ArrayRef<LeadingDim> dims,
                                    Type elementType) {
  for (const LaneSource &source : sources)
    if (!isAvailable(source.value))
      return {};
  auto coefficientType = RankedTensorType::get(
      {static_cast<int64_t>(coefficients.size())}, elementType);
  SmallVector<APFloat> values;
  for (double coefficient : coefficients) {
    APFloat value(coefficient);
    bool losesInfo;
    value.convert(cast<FloatType>(elementType).getFloatSemantics(),
                  APFloat::rmNearestTiesToEven, &losesInfo);
    values.push_back(value);
  }
  bool allOnes = llvm::all_of(coefficients, [](double c) { return c == 1.0; });
  Value table;
  if (!allOnes || sources.empty())
    table = arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(coefficientType, values));
  return makeGeneric(
      dims, coefficients.size(), elementType,
      [&](ArrayRef<Value> loops, Value lane) -> Value {
        Value product;
        if (table)
          product = tensor::ExtractOp::create(builder, loc, table, lane);
        for (const LaneSource &source : sources) {
          Value factor = makeElement(source, dims, loops, lane, elementType);
          if (!factor)
            return {};
          product = product
                        ? arith::MulFOp::create(builder, loc, product, factor)
                        : factor;
        }
        return product;
      });
}

Value LaneMaterializer::makePermuted(Value tensor, ArrayRef<int64_t> lanes) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t rank = type.getRank();
  auto listType = RankedTensorType::get({static_cast<int64_t>(lanes.size())},
                                        builder.getIndexType());
  Value list = arith::ConstantOp::create(
      builder, loc, DenseIntElementsAttr::get(listType, lanes));
  Value empty = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, tensor),
      type.getElementType());
  AffineMap map = builder.getMultiDimIdentityMap(rank);
  AffineMap last = AffineMap::get(rank, 0, builder.getAffineDimExpr(rank - 1),
                                  builder.getContext());
  return linalg::GenericOp::create(
             builder, loc, TypeRange{empty.getType()}, ValueRange{list},
             ValueRange{empty}, ArrayRef<AffineMap>{last, map},
             SmallVector<utils::IteratorType>(rank,
                                              utils::IteratorType::parallel),
             [&](OpBuilder &body, Location loc, ValueRange arguments) {
               SmallVector<Value> at;
               for (int64_t dim = 0; dim < rank - 1; ++dim)
                 at.push_back(linalg::IndexOp::create(body, loc, dim));
               at.push_back(arguments[0]);
               linalg::YieldOp::create(
                   body, loc,
                   tensor::ExtractOp::create(body, loc, tensor, at)
                       .getResult());
             })
      .getResult(0);
}

Value LaneMaterializer::convertElements(Value tensor, Type elementType) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getElementType() == elementType)
    return tensor;
  bool widens =
      type.getElementTypeBitWidth() < elementType.getIntOrFloatBitWidth();
  Value empty = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, tensor), elementType);
  AffineMap map = builder.getMultiDimIdentityMap(type.getRank());
  return linalg::GenericOp::create(
             builder, loc, TypeRange{empty.getType()}, ValueRange{tensor},
             ValueRange{empty}, ArrayRef<AffineMap>{map, map},
             SmallVector<utils::IteratorType>(type.getRank(),
                                              utils::IteratorType::parallel),
             [&](OpBuilder &body, Location loc, ValueRange arguments) {
               Value element = arguments[0];
               if (widens)
                 element =
                     arith::ExtFOp::create(body, loc, elementType, element);
               else
                 element =
                     arith::TruncFOp::create(body, loc, elementType, element);
               linalg::YieldOp::create(body, loc, element);
             })
      .getResult(0);
}

Type LaneMaterializer::getCommonType(ArrayRef<Value> tensors) const {
  Type common = getElementTypeOrSelf(tensors.front().getType());
  for (Value tensor : tensors) {
    Type type = getElementTypeOrSelf(tensor.getType());
    unsigned width = type.getIntOrFloatBitWidth();
    unsigned commonWidth = common.getIntOrFloatBitWidth();
    if (type != common && width == commonWidth)
      common = builder.getF32Type();
    else if (width > commonWidth)
      common = type;
  }
  return common;
}

Value LaneMaterializer::concatLanes(ArrayRef<Value> tensors) {
  if (tensors.size() == 1)
    return tensors.front();
  Type common = getCommonType(tensors);
  SmallVector<Value> parts;
  for (Value tensor : tensors)
    parts.push_back(convertElements(tensor, common));
  int64_t rank = cast<RankedTensorType>(parts.front().getType()).getRank();
  return tensor::ConcatOp::create(builder, loc, rank - 1, parts);
}

Value LaneMaterializer::makeElementAt(Value source, ArrayRef<IndexId> at,
                                      ArrayRef<LeadingDim> dims,
                                      ArrayRef<Value> loops, Type elementType) {
  if (!isAvailable(source))
    return {};
  SmallVector<Value> position;
  for (IndexId index : at) {
    position.push_back(makeIndex(index, dims, loops));
    if (!position.back())
      return {};
  }
  Value element = tensor::ExtractOp::create(builder, loc, source, position);
  if (element.getType() == elementType)
    return element;
  if (element.getType().getIntOrFloatBitWidth() >=
      elementType.getIntOrFloatBitWidth())
    return {};
  return arith::ExtFOp::create(builder, loc, elementType, element);
}

Value LaneMaterializer::makeCopy(Value source, ArrayRef<IndexId> at,
                                 ArrayRef<LeadingDim> dims) {
  if (!isAvailable(source))
    return {};
  Type elementType = getElementTypeOrSelf(source.getType());
  return makeGeneric(
      dims, /*numLanes=*/-1, elementType, [&](ArrayRef<Value> loops, Value) {
        return makeElementAt(source, at, dims, loops, elementType);
      });
}

Value LaneMaterializer::makeColumns(ArrayRef<ExprId> columns,
                                    ArrayRef<double> coefficients,
                                    ArrayRef<LeadingDim> dims,
                                    Type elementType) {
  IndexContext &indices = evaluator.getIndices();
  const LaneExprContext &exprs = evaluator.getExprs();
  SmallVector<int64_t> shape;
  for (const LeadingDim &dim : dims) {
    std::optional<int64_t> size = indices.getConstantValue(dim.size);
    if (!size)
      return {};
    shape.push_back(*size);
  }
  int64_t numRows = ShapedType::getNumElements(shape);
  int64_t numLanes = columns.size();
  shape.push_back(numLanes);
  SmallVector<APFloat> values(numRows * numLanes, APFloat(0.0));
  for (auto [lane, id] : llvm::enumerate(columns)) {
    const LaneExpr &expr = exprs.get(id);
    if (expr.kind != LaneExpr::Kind::Column ||
        expr.indices.size() != dims.size())
      return {};
    for (auto [index, dim] : llvm::zip_equal(expr.indices, dims))
      if (index != indices.getSymbol(dim.symbol, dim.size))
        return {};
    ArrayRef<double> content = exprs.getColumnContent(expr.column);
    if (static_cast<int64_t>(content.size()) != numRows)
      return {};
    for (int64_t row = 0; row < numRows; ++row)
      values[row * numLanes + lane] =
          APFloat(content[row] * coefficients[lane]);
  }
  for (APFloat &value : values) {
    bool losesInfo;
    value.convert(cast<FloatType>(elementType).getFloatSemantics(),
                  APFloat::rmNearestTiesToEven, &losesInfo);
  }
  auto type = RankedTensorType::get(shape, elementType);
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, values));
}
