"""The emulated products of bf16 pairs against a model in NumPy, to the last bit.

The model is that of Intel's manual. DAZ: subnormal operands are 0. FTZ: so are results that
are below 2^-126 when they are rounded to 24 bits, before they are to what f32 has there.
RNE: each fused product is rounded once, to nearest even.

    tdpbf16ps: even += a[m, 2k] b[k, 2n], odd += a[m, 2k+1] b[k, 2n+1] for all k from 0,
               then acc += even + odd, with two roundings
    vdpbf16ps: src += a[2n+1] b[2n+1], then src += a[2n] b[2n]
"""

import argparse
import sys

import numpy

from run_arrays import decode, run

TILES = """func.func @main(%a: memref<{m}x{k2}xbf16>, %b: memref<?x{n2}xbf16>, %c: memref<{m}x{n}xf32>) -> memref<{m}x{n}xf32> {{
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %three = arith.constant 3 : index
  %x = amx.tile_load %a[%zero, %zero] : memref<{m}x{k2}xbf16> into !amx.tile<{m}x{k2}xbf16>
  %y = amx.tile_load %b[%one, %zero] : memref<?x{n2}xbf16> into !amx.tile<{k}x{n2}xbf16>
  %z = amx.tile_load %c[%zero, %zero] : memref<{m}x{n}xf32> into !amx.tile<{m}x{n}xf32>
  %none = amx.tile_zero : !amx.tile<{m}x{n}xf32>
  %r, %s = scf.for %i = %zero to %three step %one iter_args(%u = %z, %v = %none) -> (!amx.tile<{m}x{n}xf32>, !amx.tile<{m}x{n}xf32>) {{
    %w = amx.tile_mulf %x, %y, %u : !amx.tile<{m}x{k2}xbf16>, !amx.tile<{k}x{n2}xbf16>, !amx.tile<{m}x{n}xf32>
    scf.yield %w, %u : !amx.tile<{m}x{n}xf32>, !amx.tile<{m}x{n}xf32>
  }}
  %out = memref.alloc() : memref<{m}x{n}xf32>
  amx.tile_store %out[%zero, %zero], %r : memref<{m}x{n}xf32>, !amx.tile<{m}x{n}xf32>
  return %out : memref<{m}x{n}xf32>
}}
"""
DOTS = """func.func @main(%a: memref<{n2}xbf16>, %b: memref<{n2}xbf16>, %c: memref<{n}xf32>) -> memref<{n}xf32> {{
  %zero = arith.constant 0 : index
  %x = vector.load %a[%zero] : memref<{n2}xbf16>, vector<{n2}xbf16>
  %y = vector.load %b[%zero] : memref<{n2}xbf16>, vector<{n2}xbf16>
  %z = vector.load %c[%zero] : memref<{n}xf32>, vector<{n}xf32>
  %r = x86vector.avx512.dot %z, %x, %y : vector<{n2}xbf16> -> vector<{n}xf32>
  %out = memref.alloc() : memref<{n}xf32>
  vector.store %r, %out[%zero] : memref<{n}xf32>, vector<{n}xf32>
  return %out : memref<{n}xf32>
}}
"""
PIPELINE = "builtin.module(rope-cpu-pipeline{raise=false emulate-pair-products})"


def flush(x):
    return numpy.where(abs(x) < numpy.float32(2.0**-126), numpy.copysign(numpy.float32(0), x), x)


def add_product(total, a, b):
    """total + a b, rounded once: the sum in f64 is rounded to odd first."""
    product, total = flush(a).astype(numpy.float64) * flush(b), total.astype(numpy.float64)
    near = product + total
    back = near - product
    error = (product - (near - back)) + (total - back)
    bits = near.view(numpy.int64)
    inexact = numpy.isfinite(error) & (error != 0) & (bits & 1 == 0)
    bits = bits + numpy.where(inexact, numpy.where((error > 0) == (near > 0), 1, -1), 0)
    odd = bits.view(numpy.float64)
    is_tiny = abs((odd * 2.0**24).astype(numpy.float32)) < 2.0**-102
    return numpy.where(is_tiny, numpy.copysign(numpy.float32(0), odd.astype(numpy.float32)), odd.astype(numpy.float32))


def multiply_tiles(a, b, c):
    total = flush(c)
    for _ in range(3):
        sums = [numpy.zeros_like(c), numpy.zeros_like(c)]
        for k in range(a.shape[1] // 2):
            for odd in (0, 1):
                sums[odd] = add_product(sums[odd], a[:, 2 * k + odd, None], b[1 + k, odd::2])
        total = flush(total + flush(sums[0] + sums[1]))
    return total


def multiply_dots(a, b, c):
    total = flush(c)
    for odd in (1, 0):
        total = add_product(total, a[odd::2], b[odd::2])
    return total


def make(rng, element, shape, is_tiny):
    """Numbers of any magnitude, cancelling ones, special ones, and those whose products are about subnormal."""
    kind = rng.integers(3)
    if is_tiny:
        x = (rng.standard_normal(shape) * 2.0**(-63 if element == "bf16" else -126)).astype(numpy.float32)
    elif kind == 0:
        x = rng.integers(0, 2**32, shape).astype(numpy.uint32).view(numpy.float32)
    else:
        x = (rng.standard_normal(shape) * 2.0**rng.integers(-70, 60)).astype(numpy.float32)
    if kind == 2:
        x[rng.random(shape) < 0.1] = rng.choice(numpy.float32([0.0, -0.0, 1e-40, -1e-39, numpy.inf, -numpy.inf, numpy.nan, 3e38]))
    if element == "bf16":
        return decode("bf16", x.view(numpy.uint32) >> 16).astype(numpy.float32)
    return x


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--cases", type=int, default=12)
    args = parser.parse_args()
    rng = numpy.random.default_rng(1)
    failures = 0
    for number in range(args.cases):
        is_tiny = number % 3 == 0
        if number % 2:
            n = int(rng.choice([4, 8, 16]))
            text, model = DOTS.format(n=n, n2=2 * n), multiply_dots
            arrays = [make(rng, "bf16", 2 * n, is_tiny), make(rng, "bf16", 2 * n, is_tiny), make(rng, "f32", n, is_tiny)]
            if is_tiny:
                # 2^-126 - 2^-150 is tiny, and f32 would round it to 2^-126.
                arrays[0][:2], arrays[1][:2], arrays[2][0] = [0, 2.0**-75], [0, -2.0**-75], 2.0**-126
        else:
            m, k, n = (16, 16, 16) if number % 4 == 0 else (int(rng.integers(1, 17)) for _ in range(3))
            text, model = TILES.format(m=m, k=k, n=n, k2=2 * k, n2=2 * n), multiply_tiles
            arrays = [make(rng, "bf16", (m, 2 * k), is_tiny), make(rng, "bf16", (k + 1, 2 * n), is_tiny), make(rng, "f32", (m, n), is_tiny)]
        inputs = list(zip(("bf16", "bf16", "f32"), arrays))
        with numpy.errstate(all="ignore"):
            expected = model(*arrays)
        got, = run(args.rope_run, args.work, "products%d" % number, text, inputs, ["f32"], PIPELINE)
        same = (numpy.float32(got).view(numpy.uint32) == expected.view(numpy.uint32)) | (numpy.isnan(got) & numpy.isnan(expected))
        if not same.all():
            print("FAIL %s %s: %d of %d, first %s: %r, expected %r" % (
                model.__name__, expected.shape, (~same).sum(), same.size, numpy.argwhere(~same)[0], got[~same][0], expected[~same][0]))
            failures += 1
    print("%d cases, %d failures" % (args.cases, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
