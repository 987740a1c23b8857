"""call_attention.py CLANG OBJECT LIBRARY: links OBJECT of attention.mlir and calls its function."""

import ctypes
import os
import subprocess
import sys

import numpy

from call_rotate import describe


def main():
    clang, source, library = sys.argv[1:]
    subprocess.run([clang, "-shared", "-fopenmp", source, "-o", library], check=True)
    random = numpy.random.default_rng(5)
    q, k, v = (random.uniform(-1, 1, (1, 2, rows, 17)).astype(numpy.float32) for rows in (97, 33, 33))
    out = numpy.full_like(q, numpy.nan)
    ctypes.CDLL(os.path.abspath(library))._mlir_ciface_main(*map(describe, (q, k, v, out)))
    wide = [array.astype(numpy.float64) for array in (q, k, v)]
    weights = numpy.exp(wide[0] @ wide[1].swapaxes(2, 3) / 17**0.5)
    expected = weights @ wide[2] / weights.sum(axis=3, keepdims=True)
    # Averages of numbers below 1: scores of 17 products, and 33 weights.
    error = numpy.abs(out - expected).max()
    print("right" if error <= 4 * (17 + 33) * 2.0**-24 else f"off by {error}")


if __name__ == "__main__":
    main()
