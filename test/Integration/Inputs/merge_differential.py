"""Any split of the keys merges to the whole: rope.merge against NumPy in f64.

A case has scores of some rows over some keys, values, and a split of the keys into
parts, some of them empty; some rows have no key in a part, or in any. The partial of
each part, rounded to the element types, goes into a function that merges them all, by
a random tree in a random order. Bounds, for values of magnitude 1, P parts, unit
roundoffs u of the computation, of out and of lse, and L the largest |lse|, at least 1:

    |lse - whole| <= P (8 u_c + u_lse) L
    |out - whole| <= P (8 u_c + 2 u_out) + 2 P u_lse L

A rounding of lse by e changes a weight by the factor exp(e): hence the last term. Two
trees of one case thus differ by no more than twice that: merging is associative within
these bounds. It is commutative to the last bit.
"""

import argparse
import random
import sys

import numpy

from run_arrays import SMALLEST, UNIT, round_to, run
from strided import slice_operands

ELEMENTS = ["f16", "bf16", "f32", "f64"]


def average(scores, values):
    """(out, lse) of softmax attention over the keys; zero and -inf without keys."""
    with numpy.errstate(invalid="ignore", divide="ignore"):
        top = scores.max(axis=-1, initial=-numpy.inf, keepdims=True)
        weights = numpy.exp(scores - numpy.where(numpy.isinf(top), 0.0, top))
        total = weights.sum(axis=-1, keepdims=True)
        out = numpy.where(total > 0, weights @ values / total, 0.0)
        return out, (numpy.where(numpy.isinf(top), 0.0, top) + numpy.log(total))[..., 0]


class Case:
    def __init__(self, number, seed, elements=ELEMENTS):
        rng, self.name = random.Random(seed), "merge%d" % number
        data = numpy.random.default_rng(seed)
        self.element = elements[number % len(elements)]
        # Attention gives lse in the type of its computation.
        self.lse_element = "f64" if self.element == "f64" else self.element if number % 3 == 2 else "f32"
        leading = [rng.choice([1, 1, 2, 3, 5]) for _ in range(rng.randrange(0, 4))]
        if leading and rng.random() < 0.1:
            leading[rng.randrange(len(leading))] = 0
        width, keys = rng.choice([1, 2, 7, 16, 33]), rng.choice([0, 1, 5, 40])
        self.dynamic = [rng.random() < 0.5 for _ in leading] + [rng.random() < 0.3]
        self.shape = leading + [width]
        scores = data.uniform(-8, 8, leading + [keys]) * rng.choice([0.1, 1.0, 10.0])
        scores = numpy.where(data.random(scores.shape) < 0.2, -numpy.inf, scores)
        if leading:
            scores = numpy.where(data.random(leading + [1]) < 0.2, -numpy.inf, scores)
        values = data.uniform(-1, 1, [keys, width])
        self.whole = average(scores, values)
        cuts = sorted(rng.randrange(keys + 1) for _ in range(rng.randrange(1, 6)))
        self.partials, self.largest_lse = [], 1.0
        for begin, end in zip([0] + cuts, cuts + [keys]):
            out, lse = average(scores[..., begin:end], values[begin:end])
            # The out of an empty partial is not looked at.
            out = numpy.where(numpy.isinf(lse)[..., None], numpy.nan, out)
            self.largest_lse = max(self.largest_lse, abs(lse[numpy.isfinite(lse)]).max(initial=0.0))
            self.partials.append((round_to(self.element, out), round_to(self.lse_element, lse)))
        self.trees = [self._tree(rng, list(range(len(self.partials)))) for _ in range(2)]

    def _tree(self, rng, leaves):
        if len(leaves) == 1:
            return leaves[0]
        if rng.random() < 0.5:
            rng.shuffle(leaves)
        cut = rng.randrange(1, len(leaves))
        return self._tree(rng, leaves[:cut]), self._tree(rng, leaves[cut:])

    def module(self, trees):
        def ranked(shape, dynamic, element):
            return "tensor<%s%s>" % ("".join("%sx" % ("?" if d else s) for s, d in zip(shape, dynamic)), element)
        out = ranked(self.shape, self.dynamic, self.element)
        lse = ranked(self.shape[:-1], self.dynamic, self.lse_element)
        lines = []

        def merge(node):
            if isinstance(node, int):
                return "%%o%d, %%l%d" % (node, node)
            left, right = merge(node[0]), merge(node[1])
            at = len(lines)
            lines.append("  %%m%d, %%s%d = rope.merge %s and %s : %s, %s\n" % (at, at, left, right, out, lse))
            return "%%m%d, %%s%d" % (at, at)

        results = ", ".join(merge(tree) for tree in trees)
        types = ", ".join([out + ", " + lse] * len(trees))
        arguments = ", ".join("%%o%d: %s, %%l%d: %s" % (i, out, i, lse) for i in range(len(self.partials)))
        return "func.func @main(%s) -> (%s) {\n%s  return %s : %s\n}\n" % (arguments, types, "".join(lines), results, types)


def mirror(tree):
    return tree if isinstance(tree, int) else (mirror(tree[1]), mirror(tree[0]))


def count_special_failures(rope_run, work, pipeline, device):
    """Rows whose lse are the largest numbers, infinite or NaN: as by the reference."""
    edges = [0.0, 3e38, -3e38, numpy.inf, -numpy.inf, numpy.nan]
    lhs, rhs = numpy.meshgrid(edges, edges)
    rows, width = lhs.size, 20
    # With an infinity and a NaN among the lanes, where no partial is empty, too.
    out = numpy.random.default_rng(1).uniform(-1, 1, [2, rows, width])
    out[0, :, 3], out[1, :, 17] = numpy.inf, numpy.nan
    types = "tensor<%dx%dxf32>, tensor<%dxf32>" % (rows, width, rows)
    module = """func.func @main(%%a: %s, %%la: %s, %%b: %s, %%lb: %s) -> (%s) {
  %%r, %%l = rope.merge %%a, %%la and %%b, %%lb : %s
  return %%r, %%l : %s
}
""" % (*types.split(", ") * 2, types, types, types)
    inputs = [("f32", x.astype(numpy.float32)) for x in (out[0], lhs.ravel(), out[1], rhs.ravel())]
    wanted, got = ([x.reshape(rows, -1) for x in run(rope_run, work, "special." + name, module, inputs, ["f32", "f32"], name, where)]
                   for name, where in (("reference", "cpu"), (pipeline, device)))
    failures = 0
    for name, x, y in zip(("out", "lse"), wanted, got):
        for row in numpy.flatnonzero(~numpy.isclose(x, y, rtol=1e-6, atol=1e-6, equal_nan=True).all(axis=1)):
            print("FAIL special: %s of lse %g and %g is %s, not %s" % (name, lhs.flat[row], rhs.flat[row], y[row], x[row]))
            failures += 1
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--cases", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strided", action="store_true", help="operands with any strides")
    parser.add_argument("--device", choices=["cpu", "vulkan"], default="cpu", help="vulkan: its kernels, without f64")
    args = parser.parse_args()
    pipelines, elements = ["reference", "cpu", "rope-cpu-pipeline{parallel=true}"], ELEMENTS
    if args.device == "vulkan":
        pipelines, elements = ["vulkan"], ELEMENTS[:3]
    failures, worst = count_special_failures(args.rope_run, args.work, pipelines[-1], args.device), {}
    for number in range(args.cases):
        case = Case(number, args.seed * 1000 + number, elements)
        inputs = [pair for out, lse in case.partials for pair in ((case.element, out), (case.lse_element, lse))]
        parts = len(case.partials)
        computed = UNIT["f64" if case.element == "f64" else "f32"]
        lse_unit = UNIT[case.lse_element] * case.largest_lse
        lse_bound = parts * (8 * computed * case.largest_lse + lse_unit)
        out_bound = parts * (8 * computed + 2 * UNIT[case.element] + 2 * lse_unit + SMALLEST[case.element])
        finite = numpy.isfinite(case.whole[1])
        trees = [*case.trees, mirror(case.trees[0])]
        text = case.module(trees)
        if args.strided:
            text, inputs = slice_operands(text, inputs, random.Random(number))
        for pipeline in pipelines:
            name = "%s.%s" % (case.name, pipeline)
            results = run(args.rope_run, args.work, name, text, inputs,
                          [case.element, case.lse_element] * len(trees), pipeline, args.device)
            for out, lse in zip(results[::2], results[1::2]):
                out_error = abs(out - case.whole[0]).max(initial=0.0)
                lse_error = abs(lse[finite] - case.whole[1][finite]).max(initial=0.0)
                key = case.element, case.lse_element
                units = out_error / UNIT[case.element], lse_error / lse_unit
                worst[key] = tuple(map(max, worst.get(key, (0.0, 0.0)), units))
                if not (out_error <= out_bound and lse_error <= lse_bound and (lse[~finite] == -numpy.inf).all()):
                    print("FAIL %s %s: out off by %g (bound %g), lse by %g (bound %g)" % (
                        name, case.shape, out_error, out_bound, lse_error, lse_bound))
                    failures += 1
            if not all(map(numpy.array_equal, results[:2], results[4:])):
                print("FAIL %s: not commutative" % name)
                failures += 1
    for (element, lse_element), (out, lse) in sorted(worst.items()):
        print("%s, lse %s: out within %.2f, lse within %.2f units" % (element, lse_element, out, lse))
    print("%d cases, %d failures" % (args.cases, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
