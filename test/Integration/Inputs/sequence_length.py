"""Frequencies that depend on the length of the sequence, and amplitudes that grow.

Tables for a length that is an operand are compared with tables for the same length in
the attribute, whose frequencies are computed at compile time, in f64 by the reference
lowering. Tables of xpos are compared with plain ones times a power with 60 digits.
"""

import argparse
import os
import subprocess
import sys
from decimal import Decimal, getcontext

import numpy as np

getcontext().prec = 60
LAST = 2**31 - 1


def longrope(dim, length):
    short = [1.0 + i / 7 for i in range(dim // 2)]
    return (f"#rope.longrope<short_factor = {short}, long_factor = {[32 * s for s in short]}, "
            f"original_max_position_embeddings = {length}, factor = 32.0>")


def dynamic(factor, length):
    return f"#rope.dynamic_ntk<factor = {factor}, max_position_embeddings = {length}>"


CASES = [  # frequencies, dim, lengths
    (f"dim = 128, base = 1.0e4, scaling = {dynamic(2.0, 4096)}", 128, [1, 4095, 4096, 4097, 8192, 262144]),
    (f"dim = 24, base = 1.0e6, scaling = {dynamic(3.7, 32768)}", 24, [0, 32769, 40000, LAST]),
    (f"dim = 4, base = 1.0e4, scaling = {dynamic(65536.0, 1)}", 4, [1, 2, 3, LAST]),
    (f"dim = 40, base = 1.0e4, scaling = {dynamic(4.0, 100)}, sections = axial [12, 8]", 40, [100, 5000]),
    (f"dim = 6, base = 1.0e4, scaling = {longrope(6, 4096)}", 6, [-1, 1, 4096, 4097, LAST]),
    (f"dim = 96, base = 1.0e4, scaling = {longrope(96, 4096)}, sections = interleaved [16, 16, 16]", 96, [4096, 4097]),
]


class Tool:
    def __init__(self, rope_run, work):
        self.rope_run, self.work = rope_run, work
        os.makedirs(work, exist_ok=True)

    def run(self, pipeline, ops, dim, positions, element, lengths=()):
        """[cos, sin, cos, sin, ...] of ops (operand clause, frequencies)."""
        shape = "x".join(map(str, positions.shape))
        table = f"tensor<{positions.shape[-1]}x{dim // 2}x{element}>"
        operands = "".join(f", %n{i}: index" for i in range(len(lengths)))
        body, names = "", []
        for i, (clause, frequencies) in enumerate(ops):
            body += (f"  %c{i}, %s{i} = rope.sincos %p {clause} frequencies<{frequencies}> "
                     f": tensor<{shape}xi32> -> {table}\n")
            names += [f"%c{i}", f"%s{i}"]
        types = ", ".join([table] * len(names))
        path = lambda name: os.path.join(self.work, name)
        with open(path("f.mlir"), "w") as file:
            file.write(f"func.func @main(%p: tensor<{shape}xi32>{operands}) -> ({types}) {{\n{body}"
                       f"  return {', '.join(names)} : {types}\n}}\n")
        np.save(path("p.npy"), positions.astype(np.int32))
        inputs = [path("p.npy")]
        for i, length in enumerate(lengths):
            np.save(path(f"n{i}.npy"), np.int64(length))
            inputs.append(path(f"n{i}.npy"))
        outputs = [path(f"o{i}.npy") for i in range(len(names))]
        subprocess.run([self.rope_run, path("f.mlir"), "-O3" if pipeline == "cpu" else "-O0", f"--pipeline={pipeline}"] + [f"--input={i}" for i in inputs]
                       + [f"--output={o}" for o in outputs], check=True, stdout=subprocess.DEVNULL)
        return [np.load(output) for output in outputs]


def distance(got, want, element):
    """The worst |got - want| in units of the last place of `want` as an element."""
    dtype = {"f32": np.float32, "f64": np.float64}[element]
    unit = np.spacing(np.abs(want).astype(dtype)).astype(np.float64)
    if not np.array_equal(np.isfinite(got), np.isfinite(want.astype(dtype))):
        return np.inf
    finite = np.isfinite(got)
    difference = np.abs(got.astype(np.float64)[finite] - want[finite])
    # The spacing above a power of two; below it is half of that.
    return float((difference / unit[finite]).max(initial=0.0))


def random_positions(rng, axes):
    magnitudes = 2.0 ** rng.uniform(0, 31, (axes, 61))
    positions = (magnitudes.astype(np.int64) * rng.choice([-1, 1], magnitudes.shape)).clip(-LAST, LAST)
    positions[:, :3] = [0, LAST, 1]
    return positions if axes > 1 else positions[0]


def check_lengths(tool, rng, frequencies, dim, lengths):
    axes = frequencies.count(",", frequencies.index("sections")) + 1 if "sections" in frequencies else 1
    positions = random_positions(rng, axes)
    fixed = [("", f"{frequencies}, sequence_length = {max(n, 1)}") for n in lengths]
    want = tool.run("reference", fixed, dim, positions, "f64")
    open_ops = [(f"sequence_length %n{i}", frequencies) for i in range(len(lengths))]
    failures = []
    for pipeline, element, bound in (("reference", "f64", 1.0), ("cpu", "f32", 0.92), ("cpu", "f64", 1.5)):
        got = tool.run(pipeline, open_ops, dim, positions, element, lengths)
        worst = max(distance(g, w, element) for g, w in zip(got, want))
        verdict = "ok" if worst <= bound else "FAILED"
        print(f"{frequencies[:60]} {pipeline} {element}: {worst:.4f} ulp, at most {bound}: {verdict}")
        failures += [frequencies] * (worst > bound)
    # The lengths do make a difference.
    if len({table.tobytes() for table in want[::2]}) < 2:
        failures.append("all lengths have one table")
    return failures


def check_growth(tool, rng, dim, parameters, scale_base, gamma, sign):
    positions = np.concatenate([rng.integers(-3 * int(scale_base), 3 * int(scale_base), 20), [0, 1, -1, LAST, -LAST]])
    plain = tool.run("reference", [("", f"dim = {dim}, base = 1.0e4")], dim, positions, "f64")
    amplitude = np.empty((len(positions), dim // 2))
    for i in range(dim // 2):
        zeta = (Decimal(2 * i) / dim + Decimal(gamma)) / (1 + Decimal(gamma))
        for row, p in enumerate(positions):
            exponent = zeta.ln() * int(p) * sign / Decimal(scale_base)
            amplitude[row, i] = (float(exponent.exp()) if abs(exponent) < 745 else np.inf if exponent > 0 else 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        want = [np.where(table == 0, 0.0, table * amplitude) for table in plain]
    failures = []
    frequencies = f"dim = {dim}, base = 1.0e4, scaling = #rope.xpos{parameters}"
    for pipeline, element, bound in (("reference", "f64", 4.0), ("cpu", "f64", 6.0), ("cpu", "f32", 3.0), ("reference", "f32", 0.51)):
        got = tool.run(pipeline, [("", frequencies)], dim, positions, element)
        worst = max(distance(g, w, element) for g, w in zip(got, want))
        verdict = "ok" if worst <= bound else "FAILED"
        print(f"{frequencies} {pipeline} {element}: {worst:.4f} ulp, at most {bound}: {verdict}")
        failures += [frequencies] * (worst > bound)
    return failures


def main():
    parser = argparse.ArgumentParser()
    for option in ("rope-run", "work"):
        parser.add_argument("--" + option, required=True)
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    tool = Tool(args.rope_run, args.work)
    failures = []
    for case in CASES:
        failures += check_lengths(tool, rng, *case)
    failures += check_growth(tool, rng, 64, "", 512.0, 0.4, 1)
    failures += check_growth(tool, rng, 10, "<scale_base = 64.0, gamma = 1.0, downscale = true>", 64.0, 1.0, -1)
    print(f"{len(failures)} failures")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
