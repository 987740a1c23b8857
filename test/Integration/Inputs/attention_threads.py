"""A decoder's step and a block of queries whose keys are cut into parts: the same bits for every number of threads
and without any, and as far from one part as roundings are. A NaN of weight 0 is seen in any
head and row."""

import argparse
import os
import sys

import numpy

from run_arrays import run

KEYS = 5000
PARTS = {1: 16, 24: 8}  # of so many queries
TEXT = """func.func @main(%q: tensor<1xQx8x80xf32>, %k: tensor<1x?x2x80xf32>, %v: tensor<1x?x2x80xf32>, %n: tensor<1xi64>, %x: tensor<8xf32>) -> tensor<1xQx8x80xf32> {
  %r = rope.attention %q, %k, %v layout<bshd> causal kv_lengths(%n : tensor<1xi64>) sinks(%x : tensor<8xf32>) : tensor<1xQx8x80xf32>, tensor<1x?x2x80xf32>, tensor<1x?x2x80xf32>
  return %r : tensor<1xQx8x80xf32>
}
"""


def has_late_nan(result, queries):
    """Of the second head of keys, a value is NaN. Its weight is 0: for the first row, whose sums
    drop it, because of a key behind it, for the others because of one before."""
    q, k, v = numpy.zeros((1, queries, 8, 80)), numpy.zeros((1, KEYS, 2, 80)), numpy.ones((1, KEYS, 2, 80))
    q[0, :, 4, 0], q[0, :, 5:, 1] = 1, 1
    k[0, 4000, 1, 0], k[0, 50, 1, 1] = 1e5, 1e5
    v[0, 4000, 1], v[0, 50, 1], v[0, 100, 1] = 2, 3, numpy.nan
    inputs = [("f32", q), ("f32", k), ("f32", v), ("i64", numpy.asarray([KEYS])), ("f32", numpy.zeros(8))]
    wrong = 0
    for options in ("key-parts=1", "key-parts=%d" % PARTS[queries]):
        got = result("nan", options, inputs=inputs)[0]
        if not (got[:, 4] == 2).all() or not (got[:, 5:] == 3).all():
            print("FAIL %d queries, %s: a NaN of weight 0: %s" % (queries, options, got[:, 4:, 0]))
            wrong += 1
    return wrong


def count_failures(args, queries):
    data = numpy.random.default_rng(1)
    q, k, v = (data.uniform(-3, 3, (1, rows, heads, 80)).astype(numpy.float32) for rows, heads in ((queries, 8), (KEYS, 2), (KEYS, 2)))
    inputs = [("f32", q), ("f32", k), ("f32", v), ("i64", numpy.asarray([KEYS - 7])), ("f32", data.uniform(-1, 1, 8))]

    def result(name, options, threads="1", inputs=inputs):
        os.environ["OMP_NUM_THREADS"] = threads
        return run(args.rope_run, args.work, name, TEXT.replace("Q", str(queries)), inputs, ["f32"],
                   "builtin.module(rope-cpu-pipeline{%s})" % options)[0]

    failures = has_late_nan(result, queries)
    one, parts = result("one", "key-parts=1"), result("parts", "key-parts=%d" % PARTS[queries])
    for threads in "125":
        if not numpy.array_equal(result("threads" + threads, "parallel", threads), parts):
            print("FAIL %d queries, %s threads: other bits than the parts without threads" % (queries, threads))
            failures += 1
    if numpy.array_equal(parts, result("five", "key-parts=5")):
        print("FAIL %d queries: %d parts and 5 give the same bits, as if there were none" % (queries, PARTS[queries]))
        failures += 1
    error = abs(parts - one).max()
    print("%d queries: parts differ from one part by %g" % (queries, error))
    return failures + (not error < 1e-5)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    args = parser.parse_args()
    return sum(count_failures(args, queries) for queries in PARTS) != 0


if __name__ == "__main__":
    sys.exit(main())
