"""rope-optimize never makes a program do more work: a property of random programs.

The work is counted here from the printed ops, by what docs/Algebra.md says, and
must also be what the pass itself remarks.
"""

import argparse
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from rope_program import Layout, Program, product

FREQUENCIES = "<dim = 8, base = 1.0e+04>"
SHAPED = re.compile(r"tensor<((?:\d+x)+)f32>")


def sizes(text):
    return [[int(size) for size in shape.split("x")[:-1]] for shape in SHAPED.findall(text)]


def count_work(text):
    work = 0
    for line in text.splitlines():
        kind = re.search(r"= (rope\.\w+|linalg\.\w+|tensor\.concat|arith\.\w+f) ", line)
        if not kind:
            continue
        kind, shapes = kind[1], sizes(line)
        if not shapes:  # of positions
            continue
        if kind == "rope.rotate":
            offset = int((re.search(r" offset (\d+)", line) or [0, 0])[1])
            lanes = int((re.search(r" rotary_dim (\d+)", line) or [0, shapes[0][-1] - offset])[1])
            work += product(shapes[0][:-1]) * lanes * (2 if "result_pairing" in line else 1)
        elif kind == "rope.sincos":
            work += 4 * product(shapes[-1])
        elif kind == "rope.rotation_matrix":
            work += 4 * product(shapes[0]) * shapes[0][-1]
        elif kind == "linalg.contract":
            work += product(shapes[-1]) * shapes[0][-1]
        else:
            work += product(shapes[-1])
    return work


def add_op(p, pool):
    """One more value, of ones that are there."""
    rng = p.rng
    x = rng.choice(pool)
    rank, kind = len(x.shape), rng.randrange(8)
    if kind <= 2:
        layout = Layout(rng, moves_lanes=rng.random() < 0.2)
        layout.rotary_dim, layout.offset = 8, 0
        along = [d for d in range(rank - 1) if rng.random() < 0.5]
        shape = [x.shape[d] for d in along]
        key = tuple(shape)
        if key not in p.tables or rng.random() < 0.3:
            given = rng.random() < 0.3
            p.tables[key] = [p.argument(shape + [4], "f32", static=True) for _ in range(2)] if given else p.sincos(
                p.argument(shape, "i64", 0, 100, static=True), FREQUENCIES, 8, "f32")
        return p.rotate(x, *p.tables[key], along, layout.text())
    if kind == 3:
        order = list(range(rank - 1))
        rng.shuffle(order)
        return p.transpose(x, order + [rank - 1])
    if kind == 4:
        lengths = [rng.randrange(1, size + 1) for size in x.shape[:-1]]
        return p.slice(x, [0] * rank, lengths + [8], [1] * rank)
    if kind == 5 and rank == 3:
        repeated = p.broadcast(x, [(1, 2)])
        return p.collapse(repeated, [[0, 1], [2], [3]])
    if kind == 6:
        others = [y for y in pool if y.shape[1:] == x.shape[1:]]
        return p.concat([x, rng.choice(others)], 0)
    matrix = p.rotation_matrix(*(p.argument([4], "f32", static=True) for _ in range(2)))
    zero = p.constant(x.shape, "f32", "0.0")
    leading = ", ".join("a%d" % d for d in range(rank - 1))
    maps = ", ".join("affine_map<(%s, n, k) -> (%s)>" % (leading, dims) for dims in (leading + ", k", "n, k", leading + ", n"))
    return p.op(x.shape, "f32", x.dynamic, "linalg.contract indexing_maps = [%s] ins(%s, %s : %s, %s) outs(%s : {type}) -> {type}" % (
        maps, x.name, matrix.name, x.type, matrix.type, zero.name))


def make_program(seed):
    p = Program(seed)
    p.tables = {}
    pool = [p.argument([p.rng.choice([1, 2, 4]), p.rng.choice([1, 3]), 8], "f32", static=True) for _ in range(2)]
    for _ in range(p.rng.randrange(3, 12)):
        pool.append(add_op(p, pool))
    # All that nothing reads is a result, so that no work is saved by not doing it.
    read = " ".join(line.split(" = ", 1)[1] for line in p.lines)
    for value in pool:
        if value.name.startswith("%v") and not re.search(value.name + r"\b", read):
            p.result("", value, 0)
    return p.text()


def main():
    parser = argparse.ArgumentParser()
    for option in ("rope-opt", "work"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--programs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    worse = lower = 0
    for number in range(args.programs):
        path = os.path.join(args.work, "%d.mlir" % number)
        with open(path, "w") as file:
            file.write(make_program(args.seed * 100003 + number))

        def optimize(*passes):
            done = subprocess.run([args.rope_opt, path, *passes, "--remark-format=emitRemark", "--remarks-filter=rope"],
                                  capture_output=True, text=True)
            if done.returncode:
                raise SystemExit("rope-opt fails on %s: %s" % (path, done.stderr))
            return done
        before = count_work(optimize().stdout)
        after = optimize(random.Random(number).choice(["--rope-optimize", "--rope-optimize=algebraic"]))
        counted, remarked = count_work(after.stdout), re.search(r'"work (\d+) became (\d+)"', after.stderr)
        lower += counted < before
        if counted > before or remarked and [int(n) for n in remarked.groups()] != [before, counted]:
            worse += 1
            print("%s: work %d became %d, remarked %s" % (path, before, counted, remarked and remarked[0]))
    print("%d programs, %d do less, %d wrong" % (args.programs, lower, worse))
    return worse != 0 or lower < args.programs // 4


if __name__ == "__main__":
    sys.exit(main())
