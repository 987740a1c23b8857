"""Runs the kernels of random rope.sincos ops on a Vulkan device, against the CPU's.

Both compute the exact angle: in f32 the CPU's tables are within 0.92 ulp of it, 1.4 with
an attention factor. A Vulkan device need not fuse products and sums, so that a table of
its kernel is held to ATOL[element], whatever the position; an angle that is rounded to f32
would be off by 2^-24 times itself.

--mutate moves the positions by one for the kernels: then cases must fail.
"""

import random

import numpy

from gpu_driver import main
from run_arrays import run

ELEMENTS = ["f32", "bf16", "f16", "f32", "f64"]
ATOL = {"f32": 2.0**-22, "bf16": 2.0**-8, "f16": 2.0**-11, "f64": 2.0**-50}
SCALINGS = ["", "", ", scaling = #rope.linear<factor = 8.0>", ", scaling = #rope.llama3<factor = 8.0, low_freq_factor = 1.0, high_freq_factor = 4.0, original_max_position_embeddings = 8192>",
            ", scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096>"]
LARGEST = [100, 5000, 2**18, 2**22, 2**31]


def check(args, number):
    rng, data = random.Random(args.seed + number), numpy.random.default_rng(args.seed + number)
    element = ELEMENTS[number % len(ELEMENTS)]
    kind = rng.choice(["i32", "i64", "index"])
    form = rng.choice(["positions", "positions", "length", "scalar", "sections"])
    width, base = rng.choice([1, 2, 5, 16, 32, 40, 64, 100]), rng.choice(["1.0e4", "5.0e5", "1.0e6"])
    largest = rng.choice(LARGEST)
    scaling = rng.choice(SCALINGS) if form != "sections" else ""
    if form == "sections":
        sizes = [rng.randrange(1, 20) for _ in range(rng.choice([2, 3]))]
        width, scaling = sum(sizes), ", sections = %s" % sizes
    frequencies = "frequencies<dim = %d, base = %s%s>" % (2 * width, base, scaling)
    leading = [] if form == "scalar" else [rng.choice([1, 3, 7, 33]) for _ in range(rng.choice([1, 1, 2]))]
    shape = ([len(sizes)] if form == "sections" else []) + leading
    low = -largest if rng.random() < 0.3 else 0
    positions = data.integers(low, largest, shape)
    inputs, operand, argument = [(kind, positions)], "", ""
    table = list(leading)
    if form in ("length", "scalar"):
        length = rng.choice([1, 2, 17])
        inputs.append(("index", numpy.int64(length)))
        operand, argument = "length %n ", ", %n: index"
        table.append("?")
    p = kind if not shape else "tensor<%sx%s>" % ("x".join(map(str, shape)), kind)
    t = "tensor<%sx%s>" % ("x".join(map(str, table + [width])), element)
    text = """func.func @main(%%p: %s%s) -> (%s, %s) {
  %%c, %%s = rope.sincos %%p %s%s : %s -> %s
  return %%c, %%s : %s, %s
}
""" % (p, argument, t, t, operand, frequencies, p, t, t, t)
    wanted = run(args.rope_run, args.work, "sincos%d.cpu" % number, text, inputs, [element] * 2, "cpu")
    if args.mutate:
        inputs[0] = (kind, positions + 1)
    got = run(args.rope_run, args.work, "sincos%d.gpu" % number, text, inputs, [element] * 2, "vulkan", "vulkan")
    worst = max(abs(w - g).max(initial=0.0) for w, g in zip(wanted, got))
    if worst <= ATOL[element] * (1.5 if "yarn" in scaling else 1):
        return True
    print("%s: off by %g, positions to %d\n%s" % (element, worst, largest, text))
    return False


main(check)
