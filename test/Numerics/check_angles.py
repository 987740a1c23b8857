# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares rope.sincos with cosines and sines that were rounded once from the exact ones.

A folder of vectors has positions.json and base<b>_d<d>[_extra]_{cos,sin}.npy: f64, one
row a position. Prints the worst distance in units of the last place by file, and fails
where one is above the bound that the op promises.
"""

import argparse
import glob
import json
import os
import re
import sys
from fractions import Fraction

import npy
from native_sincos import Library, SinCos, add_tool_arguments, distance_in_ulps

# What the op promises, and half a unit of f64 for the rounding of the vectors.
BOUNDS = {
    "--rope-reference-pipeline": {"f32": 0.5001, "f64": 1.42, "bf16": 0.51, "f16": 0.501},
    "--rope-cpu-pipeline": {"f32": 0.92, "f64": 1.42, "bf16": 0.51, "f16": 0.501},
    "--rope-cpu-pipeline=tight=true": {"f32": 0.54},
}


def find_pairs(folder):
    """(name, base, dim, is extra) of every pair of files."""
    pairs = []
    for path in sorted(glob.glob(os.path.join(folder, "*_cos.npy"))):
        name = os.path.basename(path)[:-len("_cos.npy")]
        match = re.fullmatch(r"base(\d+)_d(\d+)(_extra)?", name)
        if match:
            pairs.append((name, int(match[1]), int(match[2]), bool(match[3])))
    if not pairs:
        sys.exit(f"error: no vectors in {folder}")
    return pairs


def scale_by(attention_factor, dim):
    """A scaling of the default frequencies with this attention factor."""
    if attention_factor == 1.0:
        return ""
    ones = [1.0] * (dim // 2)
    return (f", scaling = #rope.longrope<short_factor = {ones}, long_factor = {ones}, "
            f"original_max_position_embeddings = 4096, attention_factor = {attention_factor!r}>")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_tool_arguments(parser)
    parser.add_argument("--vectors", required=True)
    parser.add_argument("--accuracy", default="exact")
    parser.add_argument("--attention-factor", type=float, default=1.0, help="of the tables, by a longrope that scales nothing")
    arguments = parser.parse_args()
    with open(os.path.join(arguments.vectors, "positions.json")) as file:
        positions = json.load(file)
    pairs = find_pairs(arguments.vectors)

    failures = 0
    for pipeline, bounds in BOUNDS.items():
        ops = [SinCos(f"dim = {dim}, base = {float(base)!r}" + scale_by(arguments.attention_factor, dim), dim,
                      tables=element, accuracy=arguments.accuracy)
               for _, base, dim, _ in pairs for element in bounds]
        library = Library(arguments, pipeline, ops)
        for index, op in enumerate(ops):
            name, _, _, is_extra = pairs[index // len(bounds)]
            rows = positions["extra_positions" if is_extra else "positions"]
            expected = [npy.read(os.path.join(arguments.vectors, f"{name}_{function}.npy"))[1]
                        for function in ("cos", "sin")]
            worst = 0.0
            for sign in (1, -1):
                cos, sin = library.call(index, [sign * p for p in rows])
                assert len(cos) == len(expected[0]) and len(sin) == len(expected[1])
                for got, want in zip(cos + sin, expected[0] + [sign * v for v in expected[1]]):
                    if arguments.attention_factor != 1.0:
                        # The vector's own rounding is scaled; the product has none.
                        got, want = Fraction(got), Fraction(want) * Fraction(arguments.attention_factor)
                    worst = max(worst, float(distance_in_ulps(got, want, op.tables)))
            bound = bounds[op.tables]
            if arguments.attention_factor != 1.0:
                # The cosine is as with `tight`, and its error up to twice as many units.
                bound = {0.92: 0.6, 0.54: 0.6, 1.42: 1.6}.get(bound, bound)
            verdict = "ok" if worst <= bound else "FAILED"
            failures += verdict != "ok"
            print(f"{pipeline} {name} {op.tables}: {worst:.4f} ulp, at most {bound}: {verdict}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
