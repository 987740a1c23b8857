"""bf16 attention by products of pairs rounds weights to bf16, to nearest even, and nothing
else: neither queries nor scores nor the sum that results are divided by.

A query reads one lane, so that scores are numbers of bf16 times the scale. Key 0 has the
largest, 0: whatever the blocks of keys, with p_j = exp(s_j)

    out = (sum_j bf16(p_j) v_j) / (sum_j p_j)

Scores are those whose p_j is at least a quarter of an ulp of bf16 below bf16(p_j) and not
about midway, and values are positive: nothing cancels, f32 moves a result by no more than
(N + 8) 2^-24 of it, and a result in bf16 is that of the model but next to a tie. Models that
round otherwise must be seen to fail.
"""

import argparse
import sys

import numpy

from run_arrays import round_to, run

PRODUCTS = ("tiles", "dots")
# heads, kv_heads, queries, keys, lanes of values; several blocks of keys in the last.
SHAPES = {"odd": (2, 1, 45, 45, 24), "blocks": (1, 1, 33, 261, 17)}
LANES = 9


def truncate(x):
    return (x.astype(numpy.float32).view(numpy.uint32) & 0xFFFF0000).view(numpy.float32).astype(numpy.float64)


def choose_keys(scale):
    """Negative numbers of bf16 whose weights are rounded up by a quarter to 15/32 of an ulp."""
    keys = round_to("bf16", -numpy.arange(1, 2048) / 256)
    weights = numpy.exp(scale * keys)
    ulps = (round_to("bf16", weights) - weights) / 2.0**(numpy.floor(numpy.log2(weights)) - 7)
    return keys[(ulps > 1 / 4) & (ulps < 15 / 32)]


def make_case(rng, shape, scale, causal):
    heads, kv_heads, queries, keys, value_lanes = shape
    q = numpy.zeros((1, heads, queries, LANES))
    q[..., numpy.arange(queries), rng.integers(0, LANES, queries)] = 1
    k = rng.choice(choose_keys(scale), (1, kv_heads, keys, LANES))
    k[:, :, 0] = 0
    v = round_to("bf16", rng.uniform(0.5, 2, (1, kv_heads, keys, value_lanes)))
    kinds = ["tensor<%sxbf16>" % "x".join(map(str, x.shape)) for x in (q, k, v)]
    result = "tensor<1x%dx%dx%dxbf16>" % (heads, queries, value_lanes)
    text = "func.func @main(%%q: %s, %%k: %s, %%v: %s) -> %s {\n" % (*kinds, result)
    text += "  %%r = rope.attention %%q, %%k, %%v%s scale %e : %s, %s, %s\n  return %%r : %s\n}\n" % (" causal" * causal, scale, *kinds, result)
    return text, [q, k, v]


def attend(q, k, v, scale, causal, round_weights=lambda p: round_to("bf16", p), round_divisors=lambda p: p, round_queries=lambda x, scale: x * scale):
    k, v = (numpy.repeat(x, q.shape[1] // x.shape[1], axis=1) for x in (k, v))
    p = numpy.exp(round_queries(q, scale) @ k.swapaxes(2, 3))
    if causal:
        p = numpy.tril(p)
    return round_weights(p) @ v / round_divisors(p).sum(axis=3, keepdims=True)


WRONG = {"weights that are not rounded": {"round_weights": lambda p: p},
         "weights that are truncated": {"round_weights": truncate},
         "divisors of rounded weights": {"round_divisors": lambda p: round_to("bf16", p)}}
WRONG_SCALED = {"queries that are rounded": {"round_queries": lambda q, scale: round_to("bf16", q * scale)}}


def count_other(got, exact, keys):
    """The results that are not about `exact` in bf16."""
    error = (keys + 8) * 2.0**-24
    return ((got < round_to("bf16", exact * (1 - error))) | (got > round_to("bf16", exact * (1 + error)))).sum()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--suffix", default=" emulate-pair-products", help="of the options of the pipeline")
    args = parser.parse_args()
    failures = cases = 0
    for number, (name, shape) in enumerate(SHAPES.items()):
        # What is no power of two is not in the queries.
        scale, causal = (0.3, True) if name == "odd" else (1.0, False)
        text, arrays = make_case(numpy.random.default_rng(number), shape, scale, causal)
        exact = attend(*arrays, scale, causal)
        for products in PRODUCTS:
            got, = run(args.rope_run, args.work, "%s.%s" % (name, products), text, [("bf16", x) for x in arrays], ["bf16"],
                       "builtin.module(rope-cpu-pipeline{bf16-products=%s%s})" % (products, args.suffix))
            cases += 1
            other = count_other(got, exact, shape[3])
            if got.shape != exact.shape or other:
                print("FAIL %s.%s: %d of %d are not those of the model" % (name, products, other, got.size))
                failures += 1
        for what, changes in {**WRONG, **(WRONG_SCALED if scale != 1.0 else {})}.items():
            seen = count_other(round_to("bf16", attend(*arrays, scale, causal, **changes)), exact, shape[3])
            if seen < exact.size / 8:
                print("FAIL %s: %s change only %d of %d" % (name, what, seen, exact.size))
                failures += 1
    print("%d cases, %d failures" % (cases, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
