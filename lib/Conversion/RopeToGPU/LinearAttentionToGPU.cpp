//===- LinearAttentionToGPU.cpp - rope.linear_attention as a kernel -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block takes some lanes of the values of a key head, a thread each, and
// reads the tokens one by one. A thread has its column of the state in shared
// memory, as f32; features, decays and the normalizer are there for all:
//
//   S[f, e] = exp(g_f) S[f, e] + R phi(k)_f u_e,    o_e = sum_f R phi(q)_f S[f,
//   e].
//
//===----------------------------------------------------------------------===//

#include "OpsToGPU.h"

#include "RowRotation.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

static bool hasProjection(LinearAttentionOp op) {
  return op.getFeatures() == FeatureMapKind::SoftmaxKernel;
}

/// Floats of shared memory besides the state: features, before a rotation and
/// after it, decays, the normalizer, and lanes that are projected.
static int64_t getSharedFloats(LinearAttentionOp op) {
  return 4 * op.getNumFeatures() + (hasProjection(op) ? op.getHeadDim() : 0);
}

/// Lanes of values a block.
static int64_t getLanesOfBlock(LinearAttentionOp op, const GpuModel &model) {
  int64_t columns = (model.getMaxSharedBytes() / 4 - getSharedFloats(op)) /
                    op.getNumFeatures();
  return std::min({columns, op.getValueDim(), model.getBlockSize()});
}

std::optional<std::string>
rope::getLinearAttentionToGPUObstacle(LinearAttentionOp op,
                                      const GpuModel &model) {
  if (!op.getComputeType().isF32())
    return "linear attention in f64 has no kernel";
  if (getLanesOfBlock(op, model) < 1)
    return "linear attention with " + std::to_string(op.getNumFeatures()) +
           " features takes more shared memory than the " +
           std::to_string(model.getMaxSharedBytes()) +
           " bytes of a block that the target has";
  return std::nullopt;
}

namespace {
class LinearAttentionKernel {
public:
  LinearAttentionKernel(KernelBuilder &kernel, LinearAttentionOp op);
  void emit();

private:
  /// What a block works on.
  struct Place {
    Value batch, kvHead, part, lane;
    /// Whether the thread has a lane: the last block may have more threads.
    Value hasLane;
  };

  int64_t getNumParts() { return llvm::divideCeil(op.getValueDim(), threads); }
  void emitBlock(const Place &place);
  void emitStart(const Place &place);
  void emitResults(const Place &place);
  /// Adds a key and its value to the sums.
  void absorb(const Place &place, Value token);
  void emitDecays(const Place &place, Value token);
  /// Writes the answers to the queries of a token.
  void answer(const Place &place, Value token);
  /// phi of a row, then the rotation of that, in shared memory.
  void emitFeatures(DeviceBuffer &buffer, Value row,
                    std::optional<RowRotation> &rotation, const Place &place,
                    Value token);
  LaneValue emitProjected(Value feature);
  LaneValue emitLane(LaneValue lane);

  SmallVector<Value> getIndices(const Place &place, Value head, Value token) {
    if (op.getLayout() == LayoutKind::BHSD)
      return {place.batch, head, token};
    return {place.batch, token, head};
  }
  /// An entry of decays or betas, of which a head may stand for all.
  LaneValue loadGate(DeviceBuffer &gate, Value given, const Place &place,
                     Value token, Value feature);
  /// The features of this thread.
  void forEachFeature(function_ref<void(Value)> body) {
    kernel.emitFor(thread, kernel.getConstant(numFeatures),
                   kernel.getConstant(threads), body);
  }
  /// sum_f body(f)
  LaneValue emitSum(int64_t size,
                    function_ref<LaneValue(Value, LaneValue)> body);
  LaneValue wrap(Value value) { return {builder, value}; }
  LaneValue emitF32(double value) {
    return wrap(
        arith::ConstantOp::create(builder, builder.getF32FloatAttr(value)));
  }
  LaneValue emitExp(LaneValue x) {
    LaneValue exponent = x * llvm::numbers::log2e;
    return x.emit<math::Exp2Op>(exponent.get());
  }
  LaneValue loadShared(Value shared, Value index) {
    return wrap(memref::LoadOp::create(builder, shared, index));
  }
  void storeShared(LaneValue value, Value shared, Value index) {
    memref::StoreOp::create(builder, value.get(), shared, index);
  }
  LaneValue load(DeviceBuffer &buffer, ArrayRef<Value> indices) {
    return wrap(loadEntry(kernel, buffer, indices));
  }
  void emitIfLane(const Place &place, function_ref<void()> body) {
    if (op.getValueDim() % threads == 0)
      return body();
    auto branch = scf::IfOp::create(builder, place.hasLane);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    body();
  }
  void emitBarrier() { gpu::BarrierOp::create(builder); }
  /// S[f, e] of this thread.
  Value getEntry(Value feature) {
    return kernel.add(kernel.multiply(feature, threads), thread);
  }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  LinearAttentionOp op;
  int64_t numFeatures, threads;
  DeviceBuffer query, key, value, out;
  std::optional<DeviceBuffer> projection, logDecay, beta, pastState,
      pastNormalizer, state, normalizer;
  std::optional<RowRotation> queryRotation, keyRotation;
  OpFoldResult numQueries, numKeys, numBatches;
  Value thread;
  Value sharedState, sharedFeatures, sharedRotated, sharedDecays,
      sharedNormalizer, sharedLanes;
};
} // namespace

LinearAttentionKernel::LinearAttentionKernel(KernelBuilder &kernel,
                                             LinearAttentionOp op)
    : kernel(kernel), builder(kernel.getBuilder()), op(op),
      numFeatures(op.getNumFeatures()),
      threads(getLanesOfBlock(op, kernel.getModel())),
      query(kernel, op.getQuery(), 1), key(kernel, op.getKey(), 1),
      value(kernel, op.getValue(), 1), out(kernel, op.getOut(), 1) {
  auto add = [&](std::optional<DeviceBuffer> &buffer, Value given) {
    if (given)
      buffer.emplace(kernel, given, 1);
  };
  add(projection, op.getProjection());
  add(logDecay, op.getLogDecay());
  add(beta, op.getBeta());
  add(pastState, op.getPastState());
  add(pastNormalizer, op.getPastNormalizer());
  add(state, op.getState());
  add(normalizer, op.getNormalizer());
  auto addRotation = [&](std::optional<RowRotation> &rotation, Value cos,
                         Value sin, RotationAttr lanes) {
    if (cos)
      rotation.emplace(kernel, AttentionOp::Rotation{cos, sin, lanes},
                       numFeatures);
  };
  addRotation(queryRotation, op.getQueryCos(), op.getQuerySin(),
              op.getQueryLanes());
  addRotation(keyRotation, op.getKeyCos(), op.getKeySin(), op.getKeyLanes());

  ImplicitLocOpBuilder &host = kernel.getHost();
  auto getSize = [&](Value buffer, int64_t dim) {
    return memref::getMixedSize(host, host.getLoc(), buffer, dim);
  };
  numQueries = getSize(op.getQuery(), op.getSequenceDimension());
  numKeys = getSize(op.getKey(), op.getSequenceDimension());
  numBatches = getSize(op.getQuery(), 0);
  Type f32 = builder.getF32Type();
  sharedState = kernel.addShared(numFeatures * threads, f32);
  sharedFeatures = kernel.addShared(numFeatures, f32);
  sharedRotated = kernel.addShared(numFeatures, f32);
  if (logDecay)
    sharedDecays = kernel.addShared(numFeatures, f32);
  if (op.getNormalize())
    sharedNormalizer = kernel.addShared(numFeatures, f32);
  if (projection)
    sharedLanes = kernel.addShared(op.getHeadDim(), f32);
}

void LinearAttentionKernel::emit() {
  thread = kernel.emitThreadIndices({threads}).front();
  OpFoldResult kvHeads = builder.getIndexAttr(op.getNumKvHeads());
  OpFoldResult parts = builder.getIndexAttr(getNumParts());
  auto emitPart = [&](Value batch, Value kvHead, Value part) {
    Value lane = kernel.add(kernel.multiply(part, threads), thread);
    Value hasLane =
        arith::CmpIOp::create(builder, arith::CmpIPredicate::ult, lane,
                              kernel.getConstant(op.getValueDim()));
    emitBlock({batch, kvHead, part, lane, hasLane});
  };
  // What all parts read may be written by the last one only when it comes last.
  if (op.getNormalizer() && op.getNormalizer() == op.getPastNormalizer())
    return kernel.emitGrid({kvHeads, numBatches}, 1, kernel.getConstant(0),
                           [&](ArrayRef<Value> point) {
                             kernel.emitFor(
                                 kernel.getConstant(0), kernel.getIndex(parts),
                                 kernel.getConstant(1), [&](Value part) {
                                   emitPart(point[1], point[0], part);
                                 });
                           });
  kernel.emitGrid(
      {parts, kvHeads, numBatches}, 1, kernel.getConstant(0),
      [&](ArrayRef<Value> point) { emitPart(point[2], point[1], point[0]); });
}

void LinearAttentionKernel::emitBlock(const Place &place) {
  emitStart(place);
  auto forEachToken = [&](OpFoldResult count, function_ref<void(Value)> body) {
    kernel.emitFor(kernel.getConstant(0), kernel.getIndex(count),
                   kernel.getConstant(1), body);
  };
  if (op.getCausal()) {
    forEachToken(numKeys, [&](Value token) {
      absorb(place, token);
      answer(place, token);
    });
  } else {
    forEachToken(numKeys, [&](Value token) { absorb(place, token); });
    forEachToken(numQueries, [&](Value token) { answer(place, token); });
  }
  emitResults(place);
  // The next part overwrites what others may still read.
  emitBarrier();
}

void LinearAttentionKernel::emitStart(const Place &place) {
  emitIfLane(place, [&] {
    kernel.emitFor(kernel.getConstant(0), kernel.getConstant(numFeatures),
                   kernel.getConstant(1), [&](Value feature) {
                     LaneValue past = emitF32(0);
                     if (pastState)
                       past = load(*pastState, {place.batch, place.kvHead,
                                                feature, place.lane});
                     storeShared(past, sharedState, getEntry(feature));
                   });
  });
  if (op.getNormalize())
    forEachFeature([&](Value feature) {
      LaneValue past = emitF32(0);
      if (pastNormalizer)
        past = load(*pastNormalizer, {place.batch, place.kvHead, feature});
      storeShared(past, sharedNormalizer, feature);
    });
}

void LinearAttentionKernel::emitResults(const Place &place) {
  if (state)
    emitIfLane(place, [&] {
      kernel.emitFor(kernel.getConstant(0), kernel.getConstant(numFeatures),
                     kernel.getConstant(1), [&](Value feature) {
                       storeEntry(
                           kernel, *state,
                           {place.batch, place.kvHead, feature, place.lane},
                           loadShared(sharedState, getEntry(feature)).get());
                     });
    });
  // Every part of a head has it.
  if (normalizer)
    kernel.emitIf(arith::CmpIPredicate::eq, place.part,
                  kernel.getConstant(getNumParts() - 1), [&] {
                    forEachFeature([&](Value feature) {
                      storeEntry(kernel, *normalizer,
                                 {place.batch, place.kvHead, feature},
                                 loadShared(sharedNormalizer, feature).get());
                    });
                  });
}

LaneValue
LinearAttentionKernel::emitSum(int64_t size,
                               function_ref<LaneValue(Value, LaneValue)> body) {
  auto loop = scf::ForOp::create(builder, kernel.getConstant(0),
                                 kernel.getConstant(size),
                                 kernel.getConstant(1), emitF32(0).get());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(
      builder,
      body(loop.getInductionVar(), wrap(loop.getRegionIterArg(0))).get());
  return wrap(loop.getResult(0));
}

/// phi(x) for a map of single lanes.
LaneValue LinearAttentionKernel::emitLane(LaneValue x) {
  switch (op.getFeatures()) {
  case FeatureMapKind::Identity:
    return x;
  case FeatureMapKind::Relu:
    return x.emit<arith::MaximumFOp>(x.get(), emitF32(0).get());
  case FeatureMapKind::Exp:
    return emitExp(x);
  case FeatureMapKind::EluPlusOne:
    return x.compare(arith::CmpFPredicate::OGT, 0.0)
        .select(x + emitF32(1), emitExp(x));
  case FeatureMapKind::SoftmaxKernel:
    break;
  }
  llvm_unreachable("a softmax kernel is no map of single lanes");
}

/// phi_r(x) = exp(w_r . x - |x|^2 / 2) / sqrt(F).
LaneValue LinearAttentionKernel::emitProjected(Value feature) {
  LaneValue product = emitSum(op.getHeadDim(), [&](Value lane, LaneValue sum) {
    return load(*projection, {feature, lane})
        .fma(loadShared(sharedLanes, lane), sum);
  });
  LaneValue squares = emitSum(op.getHeadDim(), [&](Value lane, LaneValue sum) {
    LaneValue x = loadShared(sharedLanes, lane);
    return x.fma(x, sum);
  });
  double factor = 1.0 / std::sqrt(static_cast<double>(numFeatures));
  return emitExp(product - squares * 0.5) * factor;
}

void LinearAttentionKernel::emitFeatures(DeviceBuffer &buffer, Value row,
                                         std::optional<RowRotation> &rotation,
                                         const Place &place, Value token) {
  auto loadLane = [&](Value lane) {
    return wrap(
        buffer.load(row, LaneIndex(lane), 1, builder.getF32Type()).front());
  };
  // What stands there may still be read.
  emitBarrier();
  if (projection) {
    kernel.emitFor(thread, kernel.getConstant(op.getHeadDim()),
                   kernel.getConstant(threads), [&](Value lane) {
                     storeShared(loadLane(lane), sharedLanes, lane);
                   });
    emitBarrier();
  }
  forEachFeature([&](Value feature) {
    storeShared(projection ? emitProjected(feature)
                           : emitLane(loadLane(feature)),
                sharedFeatures, feature);
  });
  emitBarrier();
  forEachFeature([&](Value feature) {
    auto loadFeature = [&](Value lane) {
      return loadShared(sharedFeatures, lane);
    };
    LaneValue rotated = rotation ? rotation->rotateLane(feature, loadFeature,
                                                        place.batch, token)
                                 : loadFeature(feature);
    storeShared(rotated, sharedRotated, feature);
  });
  emitBarrier();
}

LaneValue LinearAttentionKernel::loadGate(DeviceBuffer &gate, Value given,
                                          const Place &place, Value token,
                                          Value feature) {
  auto type = cast<MemRefType>(given.getType());
  bool isShared = type.getDimSize(op.getHeadDimension()) == 1;
  SmallVector<Value> indices =
      getIndices(place, isShared ? kernel.getConstant(0) : place.kvHead, token);
  if (type.getRank() == 4)
    indices.push_back(feature);
  return load(gate, indices);
}

void LinearAttentionKernel::emitDecays(const Place &place, Value token) {
  forEachFeature([&](Value feature) {
    LaneValue factor =
        emitExp(loadGate(*logDecay, op.getLogDecay(), place, token, feature));
    storeShared(factor, sharedDecays, feature);
  });
}

void LinearAttentionKernel::absorb(const Place &place, Value token) {
  // The barriers of the features come before the decays are read, and after
  // those of the last token were.
  if (logDecay) {
    emitBarrier();
    emitDecays(place, token);
  }
  Value row = key.getRow(getIndices(place, place.kvHead, token));
  emitFeatures(key, row, keyRotation, place, token);
  auto decayed = [&](LaneValue sum, Value feature) {
    return logDecay ? loadShared(sharedDecays, feature) * sum : sum;
  };
  emitIfLane(place, [&] {
    SmallVector<Value> indices = getIndices(place, place.kvHead, token);
    indices.push_back(place.lane);
    LaneValue update = load(value, indices);
    if (beta) {
      LaneValue recalled =
          emitSum(numFeatures, [&](Value feature, LaneValue sum) {
            LaneValue entry =
                decayed(loadShared(sharedState, getEntry(feature)), feature);
            return loadShared(sharedRotated, feature).fma(entry, sum);
          });
      update = loadGate(*beta, op.getBeta(), place, token, Value()) *
               (update - recalled);
    }
    kernel.emitFor(
        kernel.getConstant(0), kernel.getConstant(numFeatures),
        kernel.getConstant(1), [&](Value feature) {
          LaneValue entry =
              decayed(loadShared(sharedState, getEntry(feature)), feature);
          storeShared(loadShared(sharedRotated, feature).fma(update, entry),
                      sharedState, getEntry(feature));
        });
  });
  if (op.getNormalize())
    forEachFeature([&](Value feature) {
      LaneValue sum = decayed(loadShared(sharedNormalizer, feature), feature) +
                      loadShared(sharedFeatures, feature);
      storeShared(sum, sharedNormalizer, feature);
    });
}

void LinearAttentionKernel::answer(const Place &place, Value token) {
  kernel.emitFor(
      kernel.getConstant(0), kernel.getConstant(op.getGroupSize()),
      kernel.getConstant(1), [&](Value member) {
        Value head = kernel.add(
            kernel.multiply(place.kvHead, op.getGroupSize()), member);
        Value row = query.getRow(getIndices(place, head, token));
        emitFeatures(query, row, queryRotation, place, token);
        emitIfLane(place, [&] {
          LaneValue sum =
              emitSum(numFeatures, [&](Value feature, LaneValue partial) {
                return loadShared(sharedRotated, feature)
                    .fma(loadShared(sharedState, getEntry(feature)), partial);
              });
          LaneValue result = sum * op.getScale().convertToDouble();
          if (op.getNormalize()) {
            LaneValue below =
                emitSum(numFeatures, [&](Value feature, LaneValue partial) {
                  return loadShared(sharedFeatures, feature)
                      .fma(loadShared(sharedNormalizer, feature), partial);
                });
            LaneValue quotient =
                result.emit<arith::DivFOp>(result.get(), below.get());
            result = below.compare(arith::CmpFPredicate::OEQ, 0.0)
                         .select(emitF32(0), quotient);
          }
          SmallVector<Value> indices = getIndices(place, head, token);
          indices.push_back(place.lane);
          storeEntry(kernel, out, indices, result.get());
        });
      });
}

void rope::lowerLinearAttention(RewriterBase &rewriter, gpu::GPUModuleOp module,
                                LinearAttentionOp op, const GpuModel &model) {
  lowerToKernel<LinearAttentionKernel>(rewriter, module, "linear_attention",
                                       op.getOperation(), op, model);
}
