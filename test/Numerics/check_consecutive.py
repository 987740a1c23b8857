# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares tables of consecutive positions, which are made in blocks, with the reference.

Runs of positions start at zero, below it, at the first and next to the last of all, where
they pass from 2^31 - 1 to -2^31, around those at which a frequency comes closest to a
quarter turn, and at random; some have a gap or end within a block, one is a row too short
for blocks.
"""

import argparse
import itertools
import random
import sys
from decimal import Decimal

from check_against_reference import ULPS, check, find_hard_positions, frequencies
from native_sincos import TURN, Library, SinCos, add_tool_arguments, distance_in_ulps

BASE, DIM = 500000, 64
# The last frequencies of the second one are too slow for blocks, a row of the third one is
# no whole number of vectors.
CASES = [
    SinCos(frequencies(BASE, DIM), DIM, "i32"),
    SinCos(frequencies(10**8, 64), 64, "i64", has_length=True),
    SinCos(frequencies(10000, 24), 24, "index"),
]


def make_runs(generator, count):
    """Lists of positions in [-2^31, 2^31)."""
    turns = Decimal(BASE)**(Decimal(-2 * 5) / DIM) / TURN
    starts = [0, -300, -2**31, 2**31 - 300, find_hard_positions(turns)[-1] - 260]
    starts += [generator.randrange(-2**31, 2**31) for _ in range(count)]
    for start, length in zip(starts, itertools.cycle((512, 513, 560, 640, 511))):
        yield [(p + 2**31) % 2**32 - 2**31 for p in range(start, start + length)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_tool_arguments(parser)
    parser.add_argument("--count", type=int, default=2, help="how many runs start at random")
    arguments = parser.parse_args()
    reference = Library(arguments, "--rope-reference-pipeline", [op._replace(tables="f64") for op in CASES])
    failures = 0
    for options, tables in (("vector-bits=512", "f32"), ("vector-bits=128", "f32"), ("vector-bits=256", "bf16")):
        loops = Library(arguments, f"--rope-cpu-pipeline={options}", [op._replace(tables=tables) for op in CASES])
        generator = random.Random(options)
        for index, op in enumerate(CASES):
            worst = 0.0
            for number, positions in enumerate(make_runs(generator, arguments.count)):
                if number % 2 and not op.has_length:
                    positions[generator.randrange(len(positions))] = 7
                got, want = loops.call(index, positions), reference.call(index, positions)
                worst = max(worst, max(distance_in_ulps(g, w, tables)
                                       for g, w in zip(got[0] + got[1], want[0] + want[1])))
            failures += check(f"{options} {op.frequencies} {op.positions} {tables}", worst, ULPS[tables])
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
