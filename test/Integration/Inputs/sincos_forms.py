"""Runs rope.sincos with sections and with a length through rope-run.

Tables of several axes must have the bits of plain tables of each axis, lane by lane,
and tables of a start and a length those of the positions that it means.
"""

import argparse
import os
import subprocess
import sys

import numpy as np

DTYPE = {"i8": np.int8, "i32": np.int32, "i64": np.int64, "index": np.int64}


class Tool:
    def __init__(self, rope_run, pipeline, work):
        self.rope_run, self.pipeline, self.work = rope_run, pipeline, work
        os.makedirs(work, exist_ok=True)

    def tables(self, frequencies, positions, element, kind, length=None):
        """(cos, sin) of a rope.sincos on these positions."""
        positions = np.asarray(positions)
        shape = "".join(f"{size}x" for size in positions.shape[1:])
        is_scalar = positions.ndim == 0
        p = kind if is_scalar else f"tensor<?x{shape}{kind}>"
        if "sections" in frequencies:
            p = f"tensor<{positions.shape[0]}x{shape}{kind}>"
        axes = "sections" in frequencies
        rest = positions.ndim - axes
        dim = int(frequencies.split("dim = ")[1].split(",")[0].split(">")[0])
        sizes = ["?"] * (rest and not axes) + list(map(str, positions.shape[axes or 1:]))
        t = "x".join(sizes + ["?"] * (length is not None) + [str(dim // 2), element])
        operand = "" if length is None else ", %n: index"
        text = f"""func.func @main(%p: {p}{operand}) -> (tensor<{t}>, tensor<{t}>) {{
          %c, %s = rope.sincos %p {"" if length is None else "length %n"} frequencies<{frequencies}> : {p} -> tensor<{t}>
          return %c, %s : tensor<{t}>, tensor<{t}>
        }}"""
        path = lambda name: os.path.join(self.work, name)
        with open(path("f.mlir"), "w") as file:
            file.write(text)
        np.save(path("p.npy"), positions.astype(DTYPE[kind]))
        inputs = [path("p.npy")]
        if length is not None:
            np.save(path("n.npy"), np.int64(length))
            inputs.append(path("n.npy"))
        subprocess.run([self.rope_run, path("f.mlir"), "-O3" if self.pipeline == "cpu" else "-O0", f"--pipeline={self.pipeline}"] + [f"--input={i}" for i in inputs]
                       + [f"--output={path(o)}" for o in ("c.npy", "s.npy")], check=True, stdout=subprocess.DEVNULL)
        return np.load(path("c.npy")), np.load(path("s.npy"))


def axes_of(kind, sections):
    """The axis of every frequency, as the models choose it."""
    if kind != "interleaved":
        return np.repeat(np.arange(len(sections)), sections)
    axes = np.zeros(sum(sections), int)
    for axis in range(1, len(sections)):
        axes[axis:sections[axis] * len(sections):len(sections)] = axis
    return axes


SECTIONS = [("contiguous", [16, 24, 24]), ("interleaved", [24, 20, 20]), ("contiguous", [1, 2]),
            ("interleaved", [2, 2, 1]), ("axial", [20, 20]), ("axial", [22, 21, 21]), ("axial", [3]),
            ("contiguous", [1, 1, 1, 1])]


def check_sections(tool, rng, element, kind, sections, shape):
    base = 1.0e6
    dim = 2 * sum(sections)
    positions = rng.integers(-2**30, 2**30, (len(sections), *shape))
    got = tool.tables(f"dim = {dim}, base = {base}, sections = {kind} {sections}", positions, element, "i64")
    axes = axes_of(kind, sections)
    for table in range(2):
        want = np.empty((*shape, dim // 2), got[table].dtype)
        first = 0
        for axis, section in enumerate(sections):
            lanes = axes == axis
            own = f"dim = {2 * section if kind == 'axial' else dim}, base = {base}"
            plain = tool.tables(own, positions[axis], element, "i64")[table]
            want[..., lanes] = plain if kind == "axial" else plain[..., lanes]
        if got[table].tobytes() != want.tobytes():
            return [f"{tool.pipeline}: {kind} {sections} {element} at {shape}: tables differ"]
    return []


def check_length(tool, rng, element, kind, shape, length, sections):
    bound = 100 if kind == "i8" else 2**30
    axes = len(sections) and (len(sections),)
    starts = rng.integers(-bound, bound, (axes or ()) + shape)
    frequencies = f"dim = 12, base = 10000.0" + (f", sections = {sections}" if sections else "")
    got = tool.tables(frequencies, starts, element, kind, length)
    want = tool.tables(frequencies, starts[..., None] + np.arange(length), element, "i64")
    if any(g.tobytes() != w.tobytes() or g.shape != w.shape for g, w in zip(got, want)):
        return [f"{tool.pipeline}: length {length} from {kind} {shape} {sections} {element}: tables differ"]
    return []


def main():
    parser = argparse.ArgumentParser()
    for option in ("rope-run", "work"):
        parser.add_argument("--" + option, required=True)
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    failures, count = [], 0
    for pipeline in ("cpu", "reference"):
        tool = Tool(args.rope_run, pipeline, args.work)
        for number, (kind, sections) in enumerate(SECTIONS):
            element = ("f32", "f64", "f16")[number % 3]
            failures += check_sections(tool, rng, element, kind, sections, ((5,), (2, 3), (1,), (0,))[number % 4])
            count += 1
        for number, (kind, shape, length, sections) in enumerate((
                ("i64", (), 7, []), ("i8", (), 300, []), ("index", (3,), 5, []), ("i32", (2, 2), 1, []),
                ("i32", (4,), 0, []), ("i64", (), 6, [1, 2, 3]), ("i8", (3,), 200, [3, 3]))):
            failures += check_length(tool, rng, ("f32", "f64", "bf16")[number % 2], kind, shape, length, sections)
            count += 1
    print(*failures, f"{count} cases, {len(failures)} failures", sep="\n")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
