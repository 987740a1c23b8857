# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares frequencies with real numbers that were rounded once to f64, to the last bit.

A folder of vectors has <name>.json files with `type`, `parameters`, `rotary_dim` and
`inv_freq_exact_f64`. The reference lowering holds each frequency as 192 bits of its
fraction of a turn; times 2 pi and rounded once it must be the number in the vector.
"""

import argparse
import glob
import json
import os
import re
import subprocess
import sys
from fractions import Fraction

from native_sincos import TURN


def describe(vector):
    """The frequencies in the syntax of the op, or None for scalings of other kinds."""
    parameters = vector["parameters"]
    text = f"dim = {vector['rotary_dim']}, base = {float(parameters['rope_theta'])!r}"
    if vector["type"] == "default":
        return text
    if vector["type"] == "linear":
        return f"{text}, scaling = #rope.linear<factor = {float(parameters['factor'])!r}>"
    return None


def compute_frequencies(rope_opt, text, dim):
    table = f"tensor<1x{dim // 2}xf64>"
    module = f"""func.func @f(%p: tensor<1xi64>) -> {table} {{
      %c, %s = rope.sincos %p frequencies<{text}> : tensor<1xi64> -> {table}
      return %c : {table}
    }}"""
    command = [rope_opt, "-", "--convert-rope-to-linalg", "--mlir-print-elementsattrs-with-hex-if-larger=-1"]
    lowered = subprocess.run(command, input=module, check=True, stdout=subprocess.PIPE, text=True).stdout
    words = [[int(number) % 2**64 for number in numbers.split(",")]
             for numbers in re.findall(rf"dense<\[?([-\d, ]+)\]?> : tensor<{dim // 2}xi64>", lowered)]
    assert len(words) == 3 and all(len(word) == dim // 2 for word in words)
    turn = Fraction(TURN)
    return [float(Fraction(high << 128 | middle << 64 | low, 2**192) * turn)
            for high, middle, low in zip(*words)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rope-opt", default="rope-opt")
    parser.add_argument("--vectors", required=True)
    arguments = parser.parse_args()
    compared = failures = 0
    for path in sorted(glob.glob(os.path.join(arguments.vectors, "*.json"))):
        with open(path) as file:
            vector = json.load(file)
        text = describe(vector)
        if not text:
            continue
        got = compute_frequencies(arguments.rope_opt, text, vector["rotary_dim"])
        want = vector["inv_freq_exact_f64"]
        wrong = [i for i in range(len(want)) if i >= len(got) or got[i] != want[i]]
        compared += 1
        failures += bool(wrong) or len(got) != len(want)
        print(f"{os.path.basename(path)}: {len(got)} frequencies, {len(wrong)} wrong")
    if not compared:
        sys.exit(f"error: no vectors of default or linear scaling in {arguments.vectors}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
