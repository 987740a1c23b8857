# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""raise.py --rope-opt PATH: how long rope-raise takes for decoder layers in one function.

A layer has the projections, the rotated queries and keys, causal attention with repeated
heads and a gated feed-forward network, as exporters spell them. Sizes are those of 8B
models: 32 heads of 128 lanes, 8 of them for keys, rows of 16 tokens. Counts of layers are
interleaved; printed are medians in milliseconds of the pass alone, without parsing.
"""

import argparse
import re
import statistics
import subprocess
import sys

HEADS, KV, DIM, ROWS = 32, 8, 128, 16
WIDTH = HEADS * DIM
MAPS = """#m2 = affine_map<(a, b) -> (a, b)>
#m3 = affine_map<(h, i, j) -> (h, i, j)>
#row3 = affine_map<(h, i, j) -> (h, i)>
#m4 = affine_map<(k, g, i, d) -> (k, g, i, d)>
#kv4 = affine_map<(k, g, i, d) -> (k, i, d)>
#tab = affine_map<(h, i, d) -> (i, d)>
#pos = affine_map<(i, d) -> (i)>
#freq = affine_map<(i, d) -> (d)>
"""


def parallel(rank):
    return "iterator_types = [%s]" % ", ".join(['"parallel"'] * rank)


class Function:
    def __init__(self):
        self.lines, self.count = [], 0

    def emit(self, text):
        name = "%%v%d" % self.count
        self.count += 1
        self.lines.append("  %s = %s" % (name, text))
        return name

    def zeros(self, kind, value="%zero"):
        empty = self.emit("tensor.empty() : " + kind)
        return self.emit("linalg.fill ins(%s : f32) outs(%s : %s) -> %s" % (value, empty, kind, kind))

    def generic(self, inputs, kind, rank, out_map, body, init=None, reduce=False):
        """`inputs` are (value, type, map); the arguments of the body are %a0, ..., %out."""
        init = init or self.emit("tensor.empty() : " + kind)
        types = [t[:-1].rsplit("x", 1)[1] for _, t, _ in inputs]
        iterators = parallel(rank) if not reduce else 'iterator_types = ["parallel", "parallel", "reduction"]'
        head = "linalg.generic {indexing_maps = [%s], %s}" % (", ".join([m for _, _, m in inputs] + [out_map]), iterators)
        ins = " ins(%s : %s)" % (", ".join(v for v, _, _ in inputs), ", ".join(t for _, t, _ in inputs)) if inputs else ""
        arguments = ", ".join("%%a%d: %s" % it for it in enumerate(types))
        return self.emit("%s%s outs(%s : %s) {\n  ^bb0(%s, %%out: f32):\n%s  } -> %s" % (head, ins, init, kind, arguments, body, kind))

    def matmul(self, x, weight, rows, inner, columns):
        kinds = ["tensor<%dx%dxf32>" % s for s in ((rows, inner), (inner, columns), (rows, columns))]
        return self.emit("linalg.matmul ins(%s, %s : %s, %s) outs(%s : %s) -> %s" % (
            x, weight, kinds[0], kinds[1], self.zeros(kinds[2]), kinds[2], kinds[2]))


def yields(*lines):
    return "".join("    %s\n" % line for line in lines[:-1]) + "    linalg.yield %s : f32\n" % lines[-1]


def heads(f, x, number):
    """[rows, heads * dim] to [heads, rows, dim]."""
    wide = "tensor<%dx%dx%dxf32>" % (ROWS, number, DIM)
    x = f.emit("tensor.expand_shape %s [[0], [1, 2]] output_shape [%d, %d, %d] : tensor<%dx%dxf32> into %s" % (
        x, ROWS, number, DIM, ROWS, number * DIM, wide))
    kind = "tensor<%dx%dx%dxf32>" % (number, ROWS, DIM)
    empty = f.emit("tensor.empty() : " + kind)
    return f.emit("linalg.transpose ins(%s : %s) outs(%s : %s) permutation = [1, 0, 2]" % (x, wide, empty, kind))


def rotate(f, x, number, cos, sin):
    kind, half = ("tensor<%dx%dx%dxf32>" % (number, ROWS, d) for d in (DIM, DIM // 2))
    table = "tensor<%dx%dxf32>" % (ROWS, DIM)
    first, second = (f.emit("tensor.extract_slice %s[0, 0, %d] [%d, %d, %d] [1, 1, 1] : %s to %s" % (
        x, o, number, ROWS, DIM // 2, kind, half)) for o in (0, DIM // 2))
    minus = f.generic([(second, half, "#m3")], half, 3, "#m3", yields("%y = arith.negf %a0 : f32", "%y"))
    turned = f.emit("tensor.concat dim(2) %s, %s : (%s, %s) -> %s" % (minus, first, half, half, kind))
    xc, ts = (f.generic([(v, kind, "#m3"), (t, table, "#tab")], kind, 3, "#m3", yields("%y = arith.mulf %a0, %a1 : f32", "%y"))
              for v, t in ((x, cos), (turned, sin)))
    return f.generic([(xc, kind, "#m3"), (ts, kind, "#m3")], kind, 3, "#m3", yields("%y = arith.addf %a0, %a1 : f32", "%y"))


def repeat(f, x):
    narrow, wide, kind = ("tensor<%s%dx%dxf32>" % (s, ROWS, DIM) for s in ("%dx" % KV, "%dx%dx" % (KV, HEADS // KV), "%dx" % HEADS))
    copy = f.generic([(x, narrow, "#kv4")], wide, 4, "#m4", yields("%a0"))
    return f.emit("tensor.collapse_shape %s [[0, 1], [2], [3]] : %s into %s" % (copy, wide, kind))


def layer(f, x, weights, cos, sin):
    q, k, v = (heads(f, f.matmul(x, w, ROWS, WIDTH, n * DIM), n) for w, n in zip(weights, (HEADS, KV, KV)))
    q, k = rotate(f, q, HEADS, cos, sin), repeat(f, rotate(f, k, KV, cos, sin))
    v = repeat(f, v)
    lanes, turned = "tensor<%dx%dx%dxf32>" % (HEADS, ROWS, DIM), "tensor<%dx%dx%dxf32>" % (HEADS, DIM, ROWS)
    scores, row = "tensor<%dx%dx%dxf32>" % (HEADS, ROWS, ROWS), "tensor<%dx%dxf32>" % (HEADS, ROWS)
    kt = f.emit("linalg.transpose ins(%s : %s) outs(%s : %s) permutation = [0, 2, 1]" % (k, lanes, f.emit("tensor.empty() : " + turned), turned))
    s = f.emit("linalg.batch_matmul ins(%s, %s : %s, %s) outs(%s : %s) -> %s" % (q, kt, lanes, turned, f.zeros(scores), scores, scores))
    s = f.generic([(s, scores, "#m3")], scores, 3, "#m3", yields(
        "%i = linalg.index 1 : index", "%j = linalg.index 2 : index", "%c = arith.cmpi sle, %j, %i : index",
        "%scaled = arith.mulf %a0, %scale : f32", "%y = arith.select %c, %scaled, %low : f32", "%y"))
    m = f.generic([(s, scores, "#m3")], row, 3, "#row3", yields("%y = arith.maximumf %a0, %out : f32", "%y"), f.zeros(row, "%low"), True)
    e = f.generic([(s, scores, "#m3"), (m, row, "#row3")], scores, 3, "#m3", yields(
        "%d = arith.subf %a0, %a1 : f32", "%y = math.exp %d : f32", "%y"))
    t = f.generic([(e, scores, "#m3")], row, 3, "#row3", yields("%y = arith.addf %a0, %out : f32", "%y"), f.zeros(row), True)
    w = f.generic([(e, scores, "#m3"), (t, row, "#row3")], scores, 3, "#m3", yields("%y = arith.divf %a0, %a1 : f32", "%y"))
    o = f.emit("linalg.batch_matmul ins(%s, %s : %s, %s) outs(%s : %s) -> %s" % (w, v, scores, lanes, f.zeros(lanes), lanes, lanes))
    wide, flat = "tensor<%dx%dx%dxf32>" % (ROWS, HEADS, DIM), "tensor<%dx%dxf32>" % (ROWS, WIDTH)
    o = f.emit("linalg.transpose ins(%s : %s) outs(%s : %s) permutation = [1, 0, 2]" % (o, lanes, f.emit("tensor.empty() : " + wide), wide))
    o = f.emit("tensor.collapse_shape %s [[0], [1, 2]] : %s into %s" % (o, wide, flat))
    o = f.matmul(o, weights[3], ROWS, WIDTH, WIDTH)
    x = f.generic([(x, flat, "#m2"), (o, flat, "#m2")], flat, 2, "#m2", yields("%y = arith.addf %a0, %a1 : f32", "%y"))
    up, gate = (f.matmul(x, w, ROWS, WIDTH, WIDTH) for w in weights[4:6])
    h = f.generic([(up, flat, "#m2"), (gate, flat, "#m2")], flat, 2, "#m2", yields(
        "%t = math.tanh %a1 : f32", "%y = arith.mulf %a0, %t : f32", "%y"))
    h = f.matmul(h, weights[6], ROWS, WIDTH, WIDTH)
    return f.generic([(x, flat, "#m2"), (h, flat, "#m2")], flat, 2, "#m2", yields("%y = arith.addf %a0, %a1 : f32", "%y"))


def make_module(layers):
    f = Function()
    half, table = "tensor<%dx%dxf32>" % (ROWS, DIM // 2), "tensor<%dx%dxf32>" % (ROWS, DIM)
    angles = f.generic([("%positions", "tensor<%dxi64>" % ROWS, "#pos"), ("%w", "tensor<%dxf32>" % (DIM // 2), "#freq")], half, 2, "#m2",
                       yields("%p = arith.sitofp %a0 : i64 to f32", "%y = arith.mulf %p, %a1 : f32", "%y"))
    both = f.emit("tensor.concat dim(1) %s, %s : (%s, %s) -> %s" % (angles, angles, half, half, table))
    cos, sin = (f.generic([(both, table, "#m2")], table, 2, "#m2", yields("%%y = math.%s %%a0 : f32" % t, "%y")) for t in ("cos", "sin"))
    sizes = [WIDTH, KV * DIM, KV * DIM, WIDTH, WIDTH, WIDTH, WIDTH]
    x, arguments = "%x", []
    for number in range(layers):
        weights = ["%%w%d_%d" % (number, i) for i in range(len(sizes))]
        arguments += ["%s: tensor<%dx%dxf32>" % (w, WIDTH, s) for w, s in zip(weights, sizes)]
        x = layer(f, x, weights, cos, sin)
    flat = "tensor<%dx%dxf32>" % (ROWS, WIDTH)
    constants = ["%zero = arith.constant 0.0 : f32", "%low = arith.constant 0xFF800000 : f32", "%scale = arith.constant 0.0883883461 : f32",
                 "%%w = arith.constant dense<[%s]> : tensor<%dxf32>" % (
                     ", ".join("%.9e" % 500000.0**(-2 * i / DIM) for i in range(DIM // 2)), DIM // 2)]
    return MAPS + "func.func @model(%%x: %s, %%positions: tensor<%dxi64>, %s) -> %s {\n  %s\n%s\n  return %s : %s\n}\n" % (
        flat, ROWS, ", ".join(arguments), flat, "\n  ".join(constants), "\n".join(f.lines), x, flat)


def measure(tool, text, layers):
    run = subprocess.run([tool, "-", "--rope-raise", "--mlir-timing", "--mlir-timing-display=list"], input=text, capture_output=True, text=True, check=True)
    counts = [len(re.findall(r"rope\.%s " % name, run.stdout)) for name in ("rotate", "attention", "sincos")]
    if counts != [2 * layers, layers, 1]:
        sys.exit("%d layers: raised %s instead of two rotations and an attention each" % (layers, counts))
    return 1000 * float(re.search(r"([\d.]+) \([^)]*\)\s+RopeRaise", run.stderr)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rope-opt", required=True)
    parser.add_argument("--layers", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--growth", type=float, help="fail where a layer of the most costs more than this times one of the fewest")
    arguments = parser.parse_args()
    texts = {layers: make_module(layers) for layers in arguments.layers}
    times = {layers: [] for layers in texts}
    for _ in range(arguments.runs):
        for layers, text in texts.items():
            times[layers].append(measure(arguments.rope_opt, text, layers))
    medians = {layers: statistics.median(values) for layers, values in times.items()}
    for layers, median in medians.items():
        print("%d layers: %.1f ms, %.2f ms a layer" % (layers, median, median / layers))
    fewest, most = min(medians), max(medians)
    growth = medians[most] / most / (medians[fewest] / fewest)
    print("growth %.2f" % growth)
    if arguments.growth and growth > arguments.growth:
        sys.exit("a layer costs more the more there are")


if __name__ == "__main__":
    main()
