"""Tiles and split keys of random attentions against attention_model.py.

Tiled by batches, heads and queries an attention does what it did, within the bounds
of attention_differential.py. With its keys split into P parts, each part is rounded to
the element type of the query, and merged in the computation's: P more roundings of
each kind, covered by P + 1 times the bounds. Parts of tiles and tiles of parts, too.
"""

import argparse
import os
import random
import subprocess
import sys

from attention_cases import ELEMENTS, Case
from attention_differential import PIPELINES, expected_and_bounds, is_within
from run_arrays import run

SEQUENCE = """module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%%root: !transform.any_op {transform.readonly}) {
    %%op = transform.structured.match ops{["rope.attention"]} in %%root : (!transform.any_op) -> !transform.any_op
    %s
    transform.yield
  }
}
"""
ANY = "!transform.any_op"


def tiled(source, result, form, sizes):
    """A loop for each size that is not zero; scf.forall has one handle for all."""
    loops = sum(size > 0 for size in sizes) if form == "for" else 1
    return "%%%s, %%%s_loops:%d = transform.structured.tile_using_%s %%%s tile_sizes %s : (%s) -> (%s)" % (
        result, result, loops, form, source, sizes, ANY, ", ".join([ANY] * (loops + 1)))


def split(source, result, sizes):
    return "%%fill:2, %%%s, %%merge, %%parts = transform.structured.tile_reduction_using_forall %%%s by %s : (%s) -> (%s)" % (
        result, source, sizes, ANY, ", ".join([ANY] * 5))


def tiling(rng, case):
    """A transform, and how many parts the keys are split into, 1 for none."""
    few = [0, 1, 2, 3] if case.queries < 10 else [0, 16, 37]
    sizes = [rng.choice([0, 1, 2]), rng.choice([0] + [n for n in (1, 2, 3) if case.kv_heads % n == 0]), rng.choice(few)]
    form = rng.choice(["for", "forall"])
    kinds = ["split"] + (["tile", "split of a tile", "tile of a part"] if any(sizes) else [])
    kind = rng.choice(kinds)
    parts = rng.choice([1, 2, 3, 5])
    split_sizes = "num_threads = [0, 0, 0, %d] tile_sizes = []" % parts
    if rng.random() < 0.5:
        size = rng.choice([1, 2, 4] if case.keys < 20 else [64, 100])
        parts = max(-(-case.keys // size), 1)
        split_sizes = "num_threads = [] tile_sizes = [0, 0, 0, %d]" % size
    if kind == "tile":
        return tiled("op", "tile", form, sizes), 1
    if kind == "split":
        return split("op", "part", split_sizes), parts
    if kind == "split of a tile":
        return "\n    ".join([tiled("op", "tile", form, sizes), split("tile", "part", split_sizes)]), parts
    return "\n    ".join([split("op", "part", split_sizes), tiled("part", "tile", form, sizes)]), parts


def transformed(rope_opt, work, name, text, sequence):
    """The module after the transform; None where a dimension is known to be empty,
    which tiling refuses."""
    path = os.path.join(work, name + ".transform.mlir")
    with open(path, "w") as file:
        file.write(SEQUENCE % sequence)
    pipeline = "builtin.module(transform-preload-library{transform-library-paths=%s},transform-interpreter,canonicalize,cse)" % path
    done = subprocess.run([rope_opt, "-", "--pass-pipeline=" + pipeline], input=text, capture_output=True, text=True)
    if "cannot be tiled, an operand is empty" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit("%s: %s\n%s%s" % (name, sequence, text, done.stderr))
    return done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-opt", required=True)
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--cases", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--large", action="store_true", help="sizes of several tiles of the CPU's loops, and scores of any size")
    parser.add_argument("--pipelines", default="reference,cpu", help="of " + ", ".join(PIPELINES))
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    elements = [element for element in ELEMENTS if element != "f64"] if "vulkan" in args.pipelines else ELEMENTS
    failures = refused = 0
    for number in range(args.first, args.first + args.cases):
        case = Case(number, args.seed * 1000 + number, args.large, elements)
        sequence, parts = tiling(random.Random(args.seed * 1000 + number), case)
        if "reduction" in sequence:
            case.scores = None
            if case.mask_element != "i1":
                case.mask = None
        text, inputs = case.module()
        text = transformed(args.rope_opt, args.work, case.name, text, sequence)
        if text is None:
            refused += 1
            continue
        for pipeline in args.pipelines.split(","):
            device = "vulkan" if pipeline == "vulkan" else "cpu"
            results = expected_and_bounds(case, device)
            name = "%s.%s" % (case.name, pipeline)
            got = run(args.rope_run, args.work, name, text, inputs, case.result_elements, PIPELINES[pipeline], device)
            for (what, expected, bound), array, element in zip(results, got, case.result_elements):
                bound *= 1 if parts == 1 else parts + 1
                if not is_within(expected, array, bound, element):
                    off = abs(expected - array).max(initial=0.0) if expected.shape == array.shape else "another shape"
                    print("FAIL %s: %s %s off by %s, bound %g after %s" % (name, what, expected.shape, off, bound, sequence))
                    failures += 1
    print("%d cases, %d failures, %d refused as empty" % (args.cases, failures, refused))
    return failures != 0 or refused > args.cases // 4


if __name__ == "__main__":
    sys.exit(main())
