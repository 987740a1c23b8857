# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares tables of f32 angles with cosine and sine of these angles in f64.

Positions of 24 bits times powers of two are f32 numbers without rounding: one row of
tables has the angles of one significand at 104 exponents, from 2^-17 to 2^87, and positions
times 128 reach 2^94, the largest angle there is. Takes the angles next to multiples of
pi/2 and some others, or all of them.
"""

import argparse
import array
import ctypes
import os
import subprocess
import sys
import tempfile
from decimal import Decimal

from native_sincos import TURN, add_tool_arguments

EXPONENTS = range(-40, 64)
TABLE = f"memref<?x{len(EXPONENTS)}xf32>"
MODULE = f"""
func.func @tables(%p: memref<?xi32>, %c: {TABLE}, %s: {TABLE}) attributes {{llvm.emit_c_interface}} {{
  rope.sincos %p into %c, %s frequencies<dim = {2 * len(EXPONENTS)}, scaling = #rope.table<dense<[
    {", ".join(f"{2.0**k:.17e}" for k in EXPONENTS)}]> : tensor<{len(EXPONENTS)}xf32>>> accuracy<f32_angle>
    : memref<?xi32> -> {TABLE}
  return
}}"""
HARNESS = """
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
enum { WIDTH = %d, FIRST = %d };
typedef struct { void *base, *data; int64_t offset, size, stride; } Positions;
typedef struct { void *base, *data; int64_t offset, sizes[2], strides[2]; } Table;
void _mlir_ciface_tables(Positions *, Table *, Table *);

static double distance(float got, double want) {
  int exponent;
  frexp(want, &exponent);
  return fabs(got - want) / ldexp(1.0, (exponent < -125 ? -125 : exponent) - 24);
}

double find_worst(int32_t *positions, int64_t count) {
  float *cos_data = malloc(count * WIDTH * sizeof(float)), *sin_data = malloc(count * WIDTH * sizeof(float));
  Positions p = {positions, positions, 0, count, 1};
  Table c = {cos_data, cos_data, 0, {count, WIDTH}, {WIDTH, 1}}, s = c;
  s.base = s.data = sin_data;
  _mlir_ciface_tables(&p, &c, &s);
  double worst = 0;
  for (int64_t i = 0; i < count; ++i)
    for (int k = 0; k < WIDTH; ++k) {
      double angle = ldexp(positions[i], k + FIRST);
      double d = distance(cos_data[i * WIDTH + k], cos(angle));
      double e = distance(sin_data[i * WIDTH + k], sin(angle));
      worst = fmax(worst, fmax(d, e));
    }
  free(cos_data);
  free(sin_data);
  return worst;
}
""" % (len(EXPONENTS), EXPONENTS[0])


def load_library(tools, pipeline, folder):
    paths = [os.path.join(folder, name) for name in ("f.mlir", "f.ll", "f.c", "f.so")]
    for path, text in zip(paths[::2], (MODULE, HARNESS)):
        with open(path, "w") as file:
            file.write(text)
    lowered = subprocess.run([tools.rope_opt, paths[0], pipeline], check=True, stdout=subprocess.PIPE)
    subprocess.run([tools.mlir_translate, "--mlir-to-llvmir", "-o", paths[1]], check=True, input=lowered.stdout)
    subprocess.run([tools.clang, "-O2", "-march=native", "-Wno-override-module", "-fPIC", "-shared", paths[1], paths[2],
                    "-lm", "-o", paths[3]], check=True)
    library = ctypes.CDLL(paths[3])
    library.find_worst.restype = ctypes.c_double
    return library


def find_hard_positions():
    """Of each exponent, the significands next to a multiple of pi/2: denominators of the
    convergents and their sums, with the ones between two of them."""
    found = set()
    for k in EXPONENTS:
        rest = (4 * Decimal(2)**k / TURN) % 1
        before, denominator = 0, 1
        while rest and denominator < 2**24:
            quotient = int(1 / rest)
            for steps in {1, 2, quotient // 2, quotient - 1, quotient}:
                found.add(steps * denominator + before)
            rest = 1 / rest - quotient
            before, denominator = denominator, quotient * denominator + before
    # A multiple by a power of two is the same angle at another exponent.
    return sorted(p << shift for p in found if 0 < p < 2**24 for shift in range(0, 24 - p.bit_length(), 4))


def get_blocks(everything):
    if everything:
        for start in range(2**23, 2**24, 2**15):
            yield array.array("i", range(start, start + 2**15))
    else:
        hard = array.array("i", find_hard_positions())
        assert len(hard) > 1000
        yield hard
        yield array.array("i", range(2**23, 2**24, 8191))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_tool_arguments(parser)
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    failures = 0
    for pipeline, bound in (("--rope-cpu-pipeline", 0.9), ("--rope-cpu-pipeline=tight=true", 0.54)):
        with tempfile.TemporaryDirectory() as folder:
            library = load_library(arguments, pipeline, folder)
            worst, count = 0.0, 0
            for block in get_blocks(arguments.all):
                for factor in (1, -1, 128):
                    positions = array.array("i", (p * factor for p in block))
                    address, size = positions.buffer_info()
                    worst = max(worst, library.find_worst(ctypes.c_void_p(address), ctypes.c_int64(size)))
                    count += size * len(EXPONENTS)
        verdict = "ok" if worst <= bound else "FAILED"
        failures += verdict != "ok"
        print(f"{pipeline}: {count} angles, {worst:.4f} ulp, at most {bound}: {verdict}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
