"""The attention kernel with products of matrices on a Vulkan device, against attention_model.py.

Queries, keys and tables are such that rotated rows and scores are exact in every order of
sums: what an element of a fragment that is out of place makes is not hidden by rounding.
With u the unit roundoff of f32, u_o that of the elements, X the largest score, V <= 1 that of
a value and exp2 on Vulkan within (3 + 2 |x|) u,

    |out - model| <= 2 (2 u_o + 2 (3 + 4 X) u + (N + 8) u)     (weights and out are rounded)
    |lse - model| <= (3 + 4 X + (N + 8) (X + 1)) u + 2^-20
"""

import argparse
import random
import sys

import numpy

from attention_cases import Case
from attention_differential import is_within, to_layout
from attention_model import attention
from run_arrays import SMALLEST, UNIT, round_to, run

REMARK = "is computed without products of matrices"
LANES = [(40, 40), (64, 64), (80, 80), (96, 96), (128, 128), (40, 8), (64, 24), (18, 16), (96, 128), (112, 112), (160, 160)]
SIZES = [16, 17, 37, 70], [1, 15, 16, 33, 70, 97]
# Of the kernel for warpgroups, and tiles that 32 KiB hold with as many lanes of queries and values.
WARPGROUP_LANES = [(64, 64), (64, 128), (128, 64), (128, 128)]
WARPGROUP_TILES = {128: ["", " query-tile=128", " key-tile=32"], 192: ["", " query-tile=64 key-tile=16"], 256: [""]}


class TiledCase(Case):
    """What AttentionTiles takes: sizes that are no multiples of tiles, groups of heads, exclusion.

    Lanes of values are a multiple of `columns`; heads have `lanes`, those of queries and of values; `sizes` are numbers
    of queries and of keys."""

    def __init__(self, number, seed, queries=None, columns=8, lanes=LANES, sizes=SIZES):
        rng = self.rng = random.Random(seed)
        data = self.data = numpy.random.default_rng(seed)
        self.name, self.elements = "tiles%d" % number, ["f32", "f16", "bf16"]

        def maybe(probability, choices):
            return rng.choice(choices) if rng.random() < probability else None

        self.q_element = self.k_element = self.v_element = rng.choice(["f16", "bf16"])
        self.layout = rng.choice(["bhsd", "bshd"])
        self.causal = rng.random() < 0.5
        self.window = maybe(0.4, [(0, 0), (2, -1), (-1, 1), (20, 3), (40, -1)])
        self.scale, self.softcap = maybe(0.5, [0.25, 0.125]), maybe(0.2, [4.0])
        self.has_static_queries = False
        self.precision = self.scores = self.starts = self.key_tail = None
        self.returns_lse = rng.random() < 0.5
        positions = rng.choice(["none", "past", "lengths"])
        self.kv_heads = rng.choice([1, 2])
        self.heads = self.kv_heads * rng.choice([1, 2, 3])
        self.batch = rng.choice([1, 1, 2])
        self.queries, self.keys = queries or rng.choice(sizes[0]), rng.choice(sizes[1])
        self.lanes, self.value_lanes = rng.choice(lanes)
        self.value_lanes += -self.value_lanes % columns
        self.own_lanes = self.lanes
        self.query = self._digits(self._shape(self.heads, self.queries, self.lanes), [-1, -0.5, 0, 0.5, 1])
        self.key = self._digits(self._shape(self.kv_heads, self.keys, self.lanes), [-1, -0.5, 0, 0.5, 1])
        self.value = self._random(self.v_element, self._shape(self.kv_heads, self.keys, self.value_lanes))
        self.past = rng.randrange(self.keys + 1) if positions == "past" else None
        self.lengths = data.integers(0, self.keys + 1, self.batch) if positions == "lengths" else None
        self.lengths_element = rng.choice(["i32", "i64"])
        if self.lengths is not None and rng.random() < 0.5:
            self._poison_cache()
        elif self.causal and rng.random() < 0.5:
            self._poison_values(rng)
        if rng.random() < 0.3:
            self._poison_queries(rng)
        self.sinks_element = rng.choice(["f32", "f16", "bf16"])
        self.sinks = self._random(self.sinks_element, [self.heads]) * 2 if rng.random() < 0.25 else None
        # The kernel starts with the sink: weights that vanish beside it never count, whatever the value.
        self.has_nan = not numpy.isfinite(self.value).all()
        self._make_mask(rng, data)
        self.rotations = {}
        for role, length in (("query", self.queries), ("key", self.keys)):
            if rng.random() < 0.8:
                self._make_rotation(rng, role, length, self.lanes)

    def _digits(self, shape, digits):
        return self.data.choice(numpy.array(digits, dtype=numpy.float64), shape)

    def _poison_values(self, rng):
        """Numbers that are not finite, which the rows before them must not take."""
        rows = self.value if self.layout == "bshd" else self.value.swapaxes(1, 2)
        for _ in range(3):
            special = rng.choice([numpy.nan, numpy.inf, -numpy.inf])
            rows[rng.randrange(self.batch), rng.randrange(self.keys), :, rng.randrange(self.value_lanes)] = special

    def _poison_queries(self, rng):
        """A NaN makes the whole row NaN if it takes a key, and no other row."""
        rows = self.query if self.layout == "bshd" else self.query.swapaxes(1, 2)
        for _ in range(2):
            rows[rng.randrange(self.batch), rng.randrange(self.queries), rng.randrange(self.heads), rng.randrange(self.lanes)] = numpy.nan

    def _make_rotation(self, rng, role, length, width):
        pairing = rng.choice(["half", "interleaved"])
        quarter = 4 if pairing == "half" else 2
        offset = rng.choice([0, 0, 2, 8])
        rotary_dim = quarter * rng.randrange(1, (width - offset) // quarter + 1)
        if rng.random() < 0.5 and width % quarter == 0:
            offset, rotary_dim = 0, width
        leading = [self.batch] if rng.random() < 0.3 else []
        shape = leading + [length, rotary_dim if rng.random() < 0.25 else rotary_dim // 2]
        tables = [self._digits(shape, [-1, -0.5, 0, 0.5, 1]) for _ in range(2)]
        self.rotations[role] = {"tables": (rng.choice(self.elements), *tables), "pairing": pairing, "offset": offset,
                                "rotary_dim": rotary_dim, "inverse": rng.random() < 0.4}


def expected_and_bounds(case):
    out, lse, _, largest, _ = attention(case)
    unit, of_element = UNIT["f32"], UNIT[case.q_element] + SMALLEST[case.q_element]
    exponent_error = (3 + 4 * largest) * unit
    if case.mask is not None:
        exponent_error += 4 * largest * unit
    if case.softcap:
        exponent_error += 16 * unit * case.softcap
    sum_error = (case.keys + 8) * unit
    results = [("out", to_layout(case, out), 2 * (2 * of_element + 2 * exponent_error + sum_error))]
    if case.returns_lse:
        results.append(("lse", to_layout(case, lse), exponent_error + sum_error * (largest + 1) + 2.0**-20))
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least-lanes", type=int, default=0, help="heads of queries that are not smaller")
    parser.add_argument("--queries", type=int, help="of every case; fewer than 16 only where the type does not say so")
    parser.add_argument("--products", default="emulated", help="whose fragments: emulated, emulated-mfma, emulated-wmma or emulated-wgmma")
    parser.add_argument("--mutate", action="store_true", help="expect what another window gives: cases must fail")
    args = parser.parse_args()
    failures = 0
    for number in range(args.first, args.first + args.cases):
        in_groups = args.products == "emulated-wgmma"
        case = TiledCase(number, args.seed * 1000 + number, args.queries, 16 if args.products in ("emulated-mfma", "emulated-wmma") else 8,
                         [pair for pair in (WARPGROUP_LANES if in_groups else LANES) if pair[0] >= args.least_lanes])
        rng = random.Random(args.seed * 7000 + number)
        text, inputs = case.module()
        if args.mutate:
            case.window = (0, 0) if case.window != (0, 0) else (5, -1)
        results = expected_and_bounds(case)
        tiles = rng.choice(["", " query-tile=16", " query-tile=64 key-tile=16", " key-tile=32"]) if case.lanes <= 80 else ""
        # Words that a wave of gfx11 exchanges leave room for three of them.
        if args.products == "emulated-wmma":
            tiles = tiles.replace("query-tile=64", "query-tile=48")
        if in_groups:
            tiles = rng.choice(WARPGROUP_TILES[case.lanes + case.value_lanes])
        tiles += rng.choice(["", "", " key-rotation=ahead"])
        pipeline = "builtin.module(rope-gpu-pipeline{target=vulkan matrix-products=%s%s})" % (args.products, tiles)
        got = run(args.rope_run, args.work, case.name, text, inputs, case.result_elements, pipeline, "vulkan", refused=REMARK)
        for (what, expected, bound), array, element in zip(results, got, case.result_elements):
            if not is_within(expected, array, bound, element):
                with numpy.errstate(invalid="ignore"):
                    off = numpy.nanmax(abs(expected - array), initial=0.0) if expected.shape == array.shape else numpy.nan
                print("FAIL %s: %s %s off by %g, bound %g" % (case.name, what, expected.shape, off, bound))
                failures += 1
    print("%d cases, %d failures" % (args.cases, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
