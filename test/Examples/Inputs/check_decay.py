"""check_decay.py EXAMPLES ROPE_RUN: the numbers of examples/decay and what they show.

The products and sums agree with NumPy; the bound of section 3.4.3 of RoFormer holds
for random queries and keys, and falls to a quarter within 256 positions.
"""

import os
import sys

import numpy

# No compiled copies among the examples.
sys.dont_write_bytecode = True
examples, rope_run = sys.argv[1:]
sys.path.insert(0, os.path.join(examples, "decay"))
from plot import compute

distances = numpy.arange(512)
frequencies = 10000.0 ** (-numpy.arange(64) / 64)
turns = numpy.exp(1j * distances[:, None] * frequencies)
sums = abs(turns.cumsum(axis=1))
rng = numpy.random.default_rng(1)
for _ in range(4):
    query, key = rng.standard_normal((2, 128)).astype(numpy.float32)
    products, means = compute(rope_run, distances, query, key)
    terms = (query[0::2] + 1j * query[1::2]) * (key[0::2] - 1j * key[1::2])
    assert abs(products - (turns * terms).sum(1).real).max() < 1e-4, "products are off"
    assert abs(means - sums.mean(axis=1)).max() < 1e-4, "sums are off"
    steps = abs(numpy.diff(terms, append=0))
    assert (abs(products) <= steps.max() * 64 * means + 1e-4).all(), "the bound does not hold"

# The bound falls: long-range products are small, whatever q and k of given terms.
ones = numpy.ones(128, numpy.float32)
products, means = compute(rope_run, distances, ones, ones)
assert abs(means[0] - 32.5) < 1e-4 and abs(products[0] - 128) < 1e-3
windows = means.reshape(-1, 64).mean(axis=1)
assert (numpy.diff(windows) < 0).all(), "the bound does not fall"
assert windows[3] < means[0] / 4
print("mean of |S_j|: %s" % " ".join("%.2f" % value for value in windows))
