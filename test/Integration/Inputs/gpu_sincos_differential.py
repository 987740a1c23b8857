"""Runs the kernels of random rope.sincos ops on a Vulkan device, against the CPU's.

Both compute the exact angle, or the same f32 angle: in f32 the CPU's tables are within
0.92 ulp of it. A Vulkan device need not fuse products and sums, so that a table of its
kernel is held to ATOL[element] times its amplitude and one unit of the last place, by which
a rounding may tip, whatever the position; another f32 angle would be off by 2^-24 times
itself.

--mutate moves the positions by one for the kernels: then cases must fail.
"""

import random

import numpy

from gpu_driver import main
from run_arrays import SMALLEST, UNIT, run

ELEMENTS = ["f32", "bf16", "f16", "f32", "f64"]
# Of the amplitude, before the rounding to the element type.
ATOL = {"f32": 2.0**-22, "bf16": 2.0**-22, "f16": 2.0**-22, "f64": 2.0**-50}
SCALINGS = ["", "", ", scaling = #rope.linear<factor = 8.0>", ", scaling = #rope.llama3<factor = 8.0, low_freq_factor = 1.0, high_freq_factor = 4.0, original_max_position_embeddings = 8192>",
            ", scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096>",
            ", scaling = #rope.xpos", ", scaling = #rope.longrope<%s>",
            ", scaling = #rope.dynamic_ntk<factor = 2.5, max_position_embeddings = 4096>"]
ACCURACIES = ["", "", " accuracy<f32_angle>", " accuracy<f32_angle>", " accuracy<f32_quotient>"]
LARGEST = [100, 5000, 2**18, 2**22, 2**31]


def exceeds(element, wanted, got):
    """By how many tolerances tables differ: ATOL, a unit of the last place, the least number."""
    amplitude = numpy.hypot(*(table.astype(numpy.float64) for table in wanted))
    worst = 0.0
    for w, g in zip(wanted, got):
        finite = numpy.isfinite(w) & numpy.isfinite(amplitude)
        if not numpy.array_equal(w[~numpy.isfinite(w)], g[~numpy.isfinite(w)], equal_nan=True):
            return numpy.inf
        error = abs(w[finite].astype(numpy.float64) - g[finite])
        worst = max(worst, (error / (ATOL[element] * amplitude[finite] + 2 * UNIT[element] * abs(w[finite]) + SMALLEST[element])).max(initial=0.0))
    return worst


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
    accuracy = rng.choice(ACCURACIES)
    inputs, operand, argument = [], "", ""
    if "dynamic" in scaling:
        # An f32 angle is that of a constant; one frequency has no base.
        accuracy, width = "", max(width, 2)
        lengths = [4000, 4096, 4097, 131072, 2**30]
    if "longrope" in scaling:
        lengths = [4096, 4097]
        factors = [", ".join("%.3f" % rng.uniform(1, 9) for _ in range(width)) for _ in range(2)]
        scaling %= "short_factor = [%s], long_factor = [%s], original_max_position_embeddings = 4096, factor = 8.0" % tuple(factors)
    if "longrope" in scaling or "dynamic" in scaling:
        operand, argument = "sequence_length %m ", ", %m: index"
        inputs.append(("index", numpy.int64(rng.choice(lengths))))
    frequencies = "frequencies<dim = %d, base = %s%s>" % (2 * width, base, scaling) + accuracy
    leading = [] if form == "scalar" else [rng.choice([1, 3, 7, 33]) for _ in range(rng.choice([1, 1, 2]))]
    shape = ([len(sizes)] if form == "sections" else []) + leading
    low = -largest if rng.random() < 0.3 else 0
    positions = data.integers(low, largest, shape)
    inputs.insert(0, (kind, positions))
    table = list(leading)
    if form in ("length", "scalar"):
        length = rng.choice([1, 2, 17])
        inputs.append(("index", numpy.int64(length)))
        operand, argument = "length %n " + operand, argument + ", %n: index"
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
    worst = exceeds(element, wanted, got)
    if worst <= 1:
        return True
    print("%s: off by %g tolerances, positions to %d\n%s" % (element, worst, largest, text))
    return False


main(check)
