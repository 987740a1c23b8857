# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares frequencies and attention factors with those that models use.

A folder of vectors has <name>.json files: the parameters of a model, the frequencies
and the attention factor as real numbers rounded once to f64, and what PyTorch computes
in f32. The parameters go through rope.config as a config.json would, and the attribute
through rope-opt: the reference lowering holds each frequency as 192 bits of its fraction
of a turn, and the table of position zero is the attention factor. Both must be the f64
of the vector to the last bit, and PyTorch's f32 as far away as the vector says.
"""

import argparse
import glob
import json
import math
import os
import re
import subprocess
import sys
from fractions import Fraction

from native_sincos import TURN

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "python"))
from rope.config import frequencies_from_config


def describe(vector):
    """The attribute of a vector, by way of the model's configuration."""
    parameters = dict(vector["parameters"])
    kind = "dynamic" if vector["type"] == "ntk_alpha" else vector["type"]
    config = {"head_dim": vector["head_dim"], "max_position_embeddings": vector["max_position_embeddings"]}
    if vector["type"] in ("default", "yarn", "longrope"):
        # The older spelling.
        config["rope_theta"] = parameters.pop("rope_theta")
        if "partial_rotary_factor" in parameters:
            config["partial_rotary_factor"] = parameters.pop("partial_rotary_factor")
        config["rope_scaling"] = {"type": kind, **parameters} if kind != "default" else None
    else:
        config["rope_parameters"] = {"rope_type": kind, **parameters}
    text = frequencies_from_config(config)
    if "dynamic_ntk" in text or "longrope" in text:
        text = text[:-1] + f", sequence_length = {vector['seq_len'] or 1}>"
    return text.removeprefix("#rope.frequencies")


def lower(rope_opt, text, dim):
    """The frequencies and the attention factor that the lowering works with."""
    table = f"tensor<1x{dim // 2}xf64>"
    function = """func.func @{name}(%p: tensor<1xi64>) -> {table} {{
      {constant}
      %c, %s = rope.sincos {p} frequencies{text} : tensor<1xi64> -> {table}
      return %c : {table}
    }}
    """
    module = (function.format(name="words", constant="", p="%p", text=text, table=table)
              + function.format(name="zero", constant="%z = arith.constant dense<0> : tensor<1xi64>", p="%z",
                                text=text, table=table))
    command = [rope_opt, "-", "--canonicalize", "--convert-rope-to-linalg",
               "--mlir-print-elementsattrs-with-hex-if-larger=-1"]
    lowered = subprocess.run(command, input=module, check=True, stdout=subprocess.PIPE, text=True).stdout
    words = [[int(number) % 2**64 for number in numbers.split(",")] for numbers in
             re.findall(rf"dense<\[?([-\d, ]+)\]?> : tensor<{dim // 2}xi64>", lowered)]
    words = [word * (dim // 2) if len(word) == 1 else word for word in words]
    assert len(words) == 3 and all(len(word) == dim // 2 for word in words)
    turn = Fraction(TURN)
    frequencies = [float(Fraction(high << 128 | middle << 64 | low, 2**192) * turn)
                   for high, middle, low in zip(*words)]
    zero = re.search(rf"dense<([-+\d.eE]+)> : {table}", lowered.split("@zero")[1])
    return frequencies, float(zero[1])


def f32_ulps(value, exact):
    """|value - exact| in units of f32 at `exact`."""
    return abs(value - exact) / 2.0**(math.frexp(exact)[1] - 24) if value != exact else 0.0


def check(rope_opt, path):
    """The line to print, and whether all is well."""
    with open(path) as file:
        vector = json.load(file)
    got, attention_factor = lower(rope_opt, describe(vector), vector["rotary_dim"])
    want = vector["inv_freq_exact_f64"]
    wrong = sum(g != w for g, w in zip(got, want)) + abs(len(got) - len(want))
    distance = max(map(f32_ulps, vector["inv_freq_f32"], got))
    factor_is_right = attention_factor == vector["attention_factor_exact_f64"]
    is_near = distance <= vector["max_ulp_f32"] + 1e-6
    factor_is_near = math.isclose(attention_factor, vector["attention_factor"], rel_tol=2.0**-51)
    return (f"{os.path.basename(path)}: {len(got)} frequencies, {wrong} wrong; attention factor {attention_factor!r}"
            f"{'' if factor_is_right else ' WRONG'}; torch's f32 off by {distance:.2f} ulp"
            f"{'' if is_near and factor_is_near else ' WRONG'}"), not wrong and factor_is_right and is_near and factor_is_near


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rope-opt", default="rope-opt")
    parser.add_argument("--vectors", required=True)
    arguments = parser.parse_args()
    paths = sorted(glob.glob(os.path.join(arguments.vectors, "*.json")))
    if not paths:
        sys.exit(f"error: no vectors in {arguments.vectors}")
    failures = 0
    for path in paths:
        line, is_right = check(arguments.rope_opt, path)
        print(line)
        failures += not is_right
    print(f"{len(paths)} files, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
