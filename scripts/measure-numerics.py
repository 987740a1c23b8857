#!/usr/bin/env python3
"""measure-numerics.py TOOLS [--quick] [--update]: the error of cosines and sines.

Compiles rope.sincos with rope-opt of the folder TOOLS for every target and type, computes
the same tables as frameworks do (their f32 and bf16 arithmetic, in numpy), and compares
both with integer arithmetic of 256 bits. Prints the tables of docs/Numerics.md; --update
writes them, and the plots beside them, into docs. Fails where a bound that rope.sincos
promises is not kept.
"""

import argparse
import math
import os
import random
import re
import sys
from decimal import Decimal

import numpy

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "test", "Numerics"))
from native_sincos import MANTISSA, TURN, Library, SinCos  # noqa: E402

BITS = 256
BASE, DIM = 500000, 128
MIN_EXPONENT = {"f16": -14, "bf16": -126, "f32": -126, "f64": -1022}

# name, pipeline, type of the tables, the promised bound in units of the last place.
OURS = [
    ("exact, 512-bit vectors", "--rope-cpu-pipeline", "f32", 0.92),
    ("exact, 256-bit vectors", "--rope-cpu-pipeline=vector-bits=256", "f32", 0.92),
    ("exact, 128-bit vectors", "--rope-cpu-pipeline=vector-bits=128", "f32", 0.92),
    ("exact, tight", "--rope-cpu-pipeline=tight=true", "f32", 0.54),
    ("exact, f64", "--rope-cpu-pipeline", "f64", 0.92),
    ("exact, f16", "--rope-cpu-pipeline", "f16", 0.501),
    ("exact, bf16", "--rope-cpu-pipeline", "bf16", 0.501),
    ("reference, f32", "--rope-reference-pipeline", "f32", 0.5001),
    ("reference, f64", "--rope-reference-pipeline", "f64", 0.56),
]


def get_turns():
    """The frequencies as multiples of 2^-256 turns a position."""
    scale = Decimal(2)**BITS
    return [int(Decimal(BASE)**(Decimal(-2 * i) / DIM) / TURN * scale) for i in range(DIM // 2)]


def compute_exact(turns, position):
    """cos and sin as pairs of floats: the nearest f64 and what it leaves."""
    phase = position * turns & (1 << BITS) - 1
    quarter = (phase + (1 << BITS - 3)) >> BITS - 2
    # The angle in units of 2^-160, so that series of integers serve.
    unit = 160
    rest = (phase - (quarter << BITS - 2)) * int(TURN * 2**unit) >> BITS
    sums = []
    for first in (0, 1):
        term = rest if first else 1 << unit
        total, k = 0, first
        while term:
            total += term
            term = -((term * rest >> unit) * rest >> unit) // ((k + 1) * (k + 2))
            k += 2
            if abs(term) < 2:
                break
        sums.append(total)
    cos, sin = sums
    cos, sin = [(cos, sin), (-sin, cos), (-cos, -sin), (sin, -cos)][quarter % 4]
    return [(high := math.ldexp(x, -unit), math.ldexp(x - int(Decimal(high) * 2**unit), -unit)) for x in (cos, sin)]


def emulate_frameworks(positions):
    """PyTorch's and JAX's tables: inverse frequencies, positions and angles in f32, and
    angles in bf16. Cosine and sine themselves are rounded correctly."""
    exponents = numpy.arange(0, DIM, 2, dtype=numpy.float32) / numpy.float32(DIM)
    inverse = numpy.float32(1) / numpy.power(numpy.float32(BASE), exponents)
    p = numpy.array(positions, dtype=numpy.float32)
    angle = p[:, None] * inverse
    yield "frameworks, f32 angles", angle.astype(numpy.float64)

    def to_bf16(x):
        bits = x.astype(numpy.float32).view(numpy.uint32)
        return ((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000).astype(numpy.uint32).view(numpy.float32)
    yield "frameworks, bf16 angles", to_bf16(to_bf16(p)[:, None] * to_bf16(inverse)).astype(numpy.float64)


def get_unit(value, element):
    exponent = math.frexp(value)[1] - 1 if value else MIN_EXPONENT[element]
    return math.ldexp(1.0, max(exponent, MIN_EXPONENT[element]) - MANTISSA[element])


def measure(exact, cos, sin, element):
    """The largest error in units of the last place, and the largest absolute one."""
    ulps = absolute = 0.0
    for i, (want_cos, want_sin) in enumerate(exact):
        for got, (high, low) in ((cos[i], want_cos), (sin[i], want_sin)):
            error = abs(got - high - low)
            absolute = max(absolute, error)
            ulps = max(ulps, error / get_unit(high, element))
    return ulps, absolute


def choose_positions(magnitude, count):
    generator = random.Random(magnitude)
    last = 2**magnitude
    return [last - 1, last // 2 + 1] + [generator.randrange(last // 2, last) for _ in range(count - 2)]


def collect(tools, count, magnitudes):
    """By magnitude: {name: (ulps, absolute)}."""
    libraries = [(name, Library(tools, pipeline, [SinCos(f"dim = {DIM}, base = {float(BASE)!r}", DIM, "i64", element)]),
                  element) for name, pipeline, element, _ in OURS]
    turns, found = get_turns(), {}
    for magnitude in magnitudes:
        positions = choose_positions(magnitude, count)
        exact = [compute_exact(w, p) for p in positions for w in turns]
        row = found[magnitude] = {}
        for name, angle in emulate_frameworks(positions):
            cos = numpy.cos(angle).astype(numpy.float32).ravel().tolist()
            sin = numpy.sin(angle).astype(numpy.float32).ravel().tolist()
            row[name] = measure(exact, cos, sin, "f32")
        for name, library, element in libraries:
            row[name] = measure(exact, *library.call(0, positions), element)
    return found


def write_ulps(found):
    worst = {name: max(row[name][0] for row in found.values()) for name, *_ in OURS}
    lines = ["| tables | promised | worst seen |", "|---|---|---|"]
    return lines + [f"| {name} | {bound} ulp | {worst[name]:.4f} ulp |" for name, _, _, bound in OURS]


def write_absolute(found):
    names = ["frameworks, bf16 angles", "frameworks, f32 angles", "exact, 512-bit vectors", "exact, f64"]
    lines = ["| position | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    return lines + [f"| 2^{magnitude} | " + " | ".join(f"{row[name][1]:.1e}" for name in names) + " |"
                    for magnitude, row in found.items() if (magnitude - 1) % 3 == 0 or len(found) < 5]


def plot(title, unit, curves, path, is_logarithmic=True):
    """Lines over the magnitude of positions as SVG; errors in powers of ten or in tenths."""
    width, height, left, bottom = 720, 400, 70, 350
    magnitudes = sorted({x for points in curves.values() for x, _ in points})
    to_axis = math.log10 if is_logarithmic else lambda y: 10 * y
    values = [to_axis(y) for points in curves.values() for _, y in points if y > 0]
    low, high = math.floor(min(values)), math.ceil(max(values))

    def place(x, y):
        return (left + (x - magnitudes[0]) / max(magnitudes[-1] - magnitudes[0], 1) * (width - left - 190),
                bottom - (y - low) / max(high - low, 1) * (bottom - 40))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="white"/>',
           f'<text x="{left}" y="22" font-size="15">{title}</text>']
    for tick in range(low, high + 1, max(1, (high - low) // 8)):
        _, y = place(magnitudes[0], tick)
        label = f"1e{tick}" if is_logarithmic else f"{tick / 10}"
        out.append(f'<path d="M{left} {y:.1f}H{width - 190}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for x in magnitudes[::max(1, len(magnitudes) // 7)]:
        out.append(f'<text x="{place(x, low)[0]:.1f}" y="{bottom + 18}" text-anchor="middle">2^{x}</text>')
    out.append(f'<text x="{left}" y="{height - 8}">{unit}, over positions up to the one shown</text>')
    colours = ["#c0392b", "#e67e22", "#2980b9", "#27ae60", "#8e44ad", "#16a085"]
    for number, (name, points) in enumerate(curves.items()):
        colour = colours[number % len(colours)]
        line = " ".join("{:.1f},{:.1f}".format(*place(x, to_axis(y) if y else low)) for x, y in points)
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = 60 + 20 * number
        out.append(f'<path d="M{width - 182} {y - 4}h16" stroke="{colour}" stroke-width="2"/>'
                   f'<text x="{width - 160}" y="{y}" fill="{colour}">{name}</text>')
    with open(path, "w") as file:
        file.write("\n".join(out + ["</svg>", ""]))


def write_plots(found, folder):
    os.makedirs(folder, exist_ok=True)

    def curves(index, names):
        return {name: [(x, row[name][index]) for x, row in found.items()] for name in names}
    plot("Largest error of a cosine or sine", "absolute error", curves(1, [
        "frameworks, bf16 angles", "frameworks, f32 angles", "exact, bf16", "exact, f16", "exact, 512-bit vectors",
        "exact, f64"]), os.path.join(folder, "absolute-error.svg"))
    plot("Largest error of our tables in units of the last place", "ulp", curves(0, [
        "exact, 512-bit vectors", "exact, f64", "exact, tight", "reference, f64", "reference, f32"]),
        os.path.join(folder, "ulps.svg"), is_logarithmic=False)


def update(path, sections):
    with open(path) as file:
        text = file.read()
    for name, lines in sections.items():
        pattern = rf"(<!-- {name}: measured -->\n).*?(<!-- end -->)"
        block = "\n" + "\n".join(lines) + "\n\n"
        text, number = re.subn(pattern, lambda match: match[1] + block + match[2], text, flags=re.DOTALL)
        if number != 1:
            sys.exit(f"error: {path} has no place for {name}")
    with open(path, "w") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tools", help="the folder of rope-opt")
    parser.add_argument("--quick", action="store_true", help="few positions")
    parser.add_argument("--update", action="store_true", help="write the numbers and plots into docs")
    parser.add_argument("--plots", help="write the plots into this folder")
    parser.add_argument("--llvm", default="/usr/lib/llvm-22/bin")
    arguments = parser.parse_args()
    arguments.rope_opt = os.path.join(arguments.tools, "rope-opt")
    arguments.mlir_translate = os.path.join(arguments.llvm, "mlir-translate")
    arguments.clang = os.path.join(arguments.llvm, "clang")
    count, magnitudes = (4, [10, 20, 31]) if arguments.quick else (40, list(range(4, 32)))
    found = collect(arguments, count, magnitudes)
    sections = {"ulps": write_ulps(found), "absolute": write_absolute(found)}
    print("\n\n".join("\n".join(lines) for lines in sections.values()))
    if arguments.update:
        update(os.path.join(ROOT, "docs", "Numerics.md"), sections)
        arguments.plots = os.path.join(ROOT, "docs", "images")
    if arguments.plots:
        write_plots(found, arguments.plots)
    broken = [(name, magnitude) for magnitude, row in found.items() for name, _, _, bound in OURS
              if row[name][0] > bound]
    for name, magnitude in broken:
        print(f"error: {name} breaks its promise at 2^{magnitude}", file=sys.stderr)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
