# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the loops of rope.sincos with its reference lowering in f64.

Positions are random over all magnitudes, and those at which a frequency comes closest
to a quarter turn, where cosine or sine almost vanish: the denominators of the continued
fraction of four times the frequency in turns. At those the reference itself is compared
with integer arithmetic.
"""

import argparse
import math
import random
import sys
from decimal import Decimal

from native_sincos import TURN, Library, SinCos, add_tool_arguments, distance_in_ulps

LAST_POSITION = 2**31 - 1


def find_hard_positions(turns):
    """Denominators of the convergents of 4 turns, and twice them, in range."""
    rest, before, denominator, found = (4 * turns) % 1, 0, 1, []
    while rest and denominator <= LAST_POSITION:
        found.append(denominator)
        quotient = int(1 / rest)
        rest = 1 / rest - quotient
        before, denominator = denominator, quotient * denominator + before
    return [n for p in found for n in (p, 2 * p) if n <= LAST_POSITION]


def expect_near_quarter(turns, position):
    """(which table, value) of the one that almost vanishes at this position."""
    phase = (4 * turns * position) % 4
    quarter = int((phase + Decimal("0.5")) // 1)
    angle = (phase - quarter) * TURN / 4
    if abs(angle) > Decimal("1e-6"):
        return None
    value = float(angle - angle**3 / 6)
    return [("sin", value), ("cos", -value), ("sin", -value), ("cos", value)][quarter % 4]


def check(name, worst, bound):
    verdict = "ok" if worst <= bound else "FAILED"
    print(f"{name}: {worst:.4f} ulp, at most {bound}: {verdict}")
    return verdict != "ok"


def random_positions(generator, count, bits):
    return [generator.choice((1, -1)) * (generator.getrandbits(generator.randint(1, bits)) % 2**(bits - 1))
            for _ in range(count)]


def frequencies(base, dim, factor=None):
    text = f"dim = {dim}, base = {float(base)!r}"
    return text + (f", scaling = #rope.linear<factor = {factor!r}>" if factor else "")


def table(values):
    numbers = ", ".join(f"{value:.17e}" for value in values)
    return f"dim = {2 * len(values)}, scaling = #rope.table<dense<[{numbers}]> : tensor<{len(values)}xf64>>"


# Fast and slow, next to a quarter turn at position 1, and denormal results.
TABLE = [1.0, -0.37, 0.0, 12345.678, 1.5e19, 2.5e-9, math.pi / 2, 7.0, 1e-19, -3e-30, 3e-37]
# Widths of a row around those of a vector, and every integer type.
CASES = [
    (frequencies(10000, 128), 128, "i32"),
    (frequencies(500000, 96, 8.0), 96, "i64"),
    (frequencies(10000, 24), 24, "index"),
    (frequencies(10000, 10), 10, "i16"),
    (frequencies(1000000, 6, 2.5), 6, "i8"),
    (frequencies(10000, 2), 2, "i32"),
    (table(TABLE), 2 * len(TABLE), "i64"),
]
FACTOR_DIM = 16
BITS = {"i8": 8, "i16": 16, "i32": 32, "i64": 32, "index": 32}
# Two roundings to f64 stand beside each other: ours and the reference's.
ULPS = {"f32": 0.92, "f64": 1.5, "bf16": 0.51, "f16": 0.501}
TIGHT = "--rope-cpu-pipeline=tight=true"


def get_ops(tables, accuracy):
    return [SinCos(text, dim, positions, tables, accuracy) for text, dim, positions in CASES]


def check_random(tools, pipeline, tables, accuracy, reference, count):
    generator = random.Random(f"{pipeline}{tables}{accuracy}")
    loops = Library(tools, pipeline, get_ops(tables, accuracy))
    failures = 0
    for index, (text, _, kind) in enumerate(CASES):
        last = 2**(BITS[kind] - 1)
        positions = [0, 1, -1, last - 1, -last] + random_positions(generator, count, BITS[kind])
        got, want = loops.call(index, positions), reference.call(index, positions)
        worst = max(distance_in_ulps(g, w, tables) for g, w in zip(got[0] + got[1], want[0] + want[1]))
        bound = 0.54 if pipeline == TIGHT and tables == "f32" else ULPS[tables]
        failures += check(f"{pipeline} {text[:40]} {kind} {tables} {accuracy}", worst, bound)
    return failures


def check_hard(tools, pipeline, bound, base, dim):
    op = SinCos(frequencies(base, dim), dim)
    loops = Library(tools, pipeline, [op])
    reference = Library(tools, "--rope-reference-pipeline", [op._replace(tables="f64")])
    worst_loops = worst_reference = 0.0
    compared = 0
    for i in range(dim // 2):
        turns = Decimal(base)**(Decimal(-2 * i) / dim) / TURN
        positions = find_hard_positions(turns)
        got, want = loops.call(0, positions), reference.call(0, positions)
        worst_loops = max([worst_loops] + [distance_in_ulps(g, w, "f32")
                                           for g, w in zip(got[0] + got[1], want[0] + want[1])])
        for row, position in enumerate(positions):
            near = expect_near_quarter(turns, position)
            if near:
                compared += 1
                value = want[near[0] == "sin"][row * dim // 2 + i]
                worst_reference = max(worst_reference, distance_in_ulps(value, near[1], "f64"))
    assert compared > dim, "no position came close to a quarter turn"
    name = f"{pipeline} hard positions of base {base} dim {dim}"
    return check(name + ", loops", worst_loops, bound) + check(name + ", reference", worst_reference, 0.92)


def with_factor(factor):
    """Frequencies of base 500000 whose cosines and sines are multiplied."""
    ones = [1.0] * (FACTOR_DIM // 2)
    return (f"{frequencies(500000, FACTOR_DIM)}, scaling = #rope.longrope<short_factor = {ones}, long_factor = {ones}, "
            f"original_max_position_embeddings = 4096, attention_factor = {factor!r}>")


def check_factors(tools, count, num_factors):
    """Attention factors are kept as two floats: those at the ends of a binade, with and
    without a second float, far from 1, and others at random."""
    generator = random.Random("factors")
    factors = [1 + 2.0**-52, 1 + 2.0**-23, 1 + 2.0**-24, 1 + 2.0**-25, 2 - 2.0**-23, 2 - 2.0**-52, 1.5, 2 / 3, 2.0**-20 / 3,
               2.0**20 / 3]
    factors += [math.ldexp(1 + generator.random(), generator.choice((-1, 0, 0, 0, 1, 2))) for _ in range(num_factors)]
    ops = [SinCos(with_factor(factor), FACTOR_DIM) for factor in factors]
    loops = Library(tools, "--rope-cpu-pipeline", ops)
    reference = Library(tools, "--rope-reference-pipeline", [op._replace(tables="f64") for op in ops])
    hard = find_hard_positions(Decimal(500000)**(Decimal(-2 * 3) / FACTOR_DIM) / TURN)
    worst, worst_factor = 0.0, None
    for index, factor in enumerate(factors):
        positions = hard + random_positions(generator, count, 32)
        got, want = loops.call(index, positions), reference.call(index, positions)
        distance = max(distance_in_ulps(g, w, "f32") for g, w in zip(got[0] + got[1], want[0] + want[1]))
        worst, worst_factor = max((worst, worst_factor or factor), (distance, factor))
    return check(f"{len(factors)} attention factors, worst {worst_factor!r}", worst, 0.6)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_tool_arguments(parser)
    parser.add_argument("--count", type=int, default=200, help="of random positions")
    parser.add_argument("--factors", type=int, default=10, help="how many attention factors are random")
    arguments = parser.parse_args()
    failures = 0
    for accuracy in ("exact", "f32_angle", "f32_quotient"):
        reference = Library(arguments, "--rope-reference-pipeline", get_ops("f64", accuracy))
        runs = [(f"--rope-cpu-pipeline=vector-bits={bits}", "f32") for bits in (128, 256, 512)]
        runs += [(TIGHT, "f32")]
        runs += [("--rope-cpu-pipeline", tables) for tables in ("f64", "bf16", "f16")]
        for pipeline, tables in runs:
            failures += check_random(arguments, pipeline, tables, accuracy, reference, arguments.count)
    failures += check_hard(arguments, "--rope-cpu-pipeline", 0.92, 500000, 64)
    failures += check_hard(arguments, TIGHT, 0.54, 500000, 64)
    failures += check_factors(arguments, arguments.count, arguments.factors)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
