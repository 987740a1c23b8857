"""call_rotate.py CLANG OBJECT LIBRARY: links OBJECT of rotate.mlir and calls its function."""

import ctypes
import os
import subprocess
import sys

import numpy


def describe(array):
    words = [array.ctypes.data, array.ctypes.data, 0, *array.shape, *(stride // array.itemsize for stride in array.strides)]
    return (ctypes.c_int64 * len(words))(*words)


def main():
    clang, source, library = sys.argv[1:]
    subprocess.run([clang, "-shared", source, "-o", library], check=True)
    random = numpy.random.default_rng(5)
    x = random.standard_normal((4, 8, 64), dtype=numpy.float32)
    angles = random.standard_normal((4, 32)).astype(numpy.float32)
    cos, sin = numpy.cos(angles), numpy.sin(angles)
    first, second = x[..., :32].astype(numpy.float64), x[..., 32:].astype(numpy.float64)
    c, s = cos[:, None], sin[:, None]
    expected = numpy.concatenate([first * c - second * s, second * c + first * s], axis=-1)
    function = ctypes.CDLL(os.path.abspath(library))._mlir_ciface_main
    function(describe(x), describe(cos), describe(sin))
    # Two products and a sum of numbers below 5, each rounded to f32.
    error = numpy.abs(x - expected).max()
    print("right" if error <= 3 * 5 * 2.0**-24 * 2 else f"off by {error}")


if __name__ == "__main__":
    main()
