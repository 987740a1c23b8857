"""Compares convert-rope-to-affine with the reference on random rope.rotate ops.

Without contraction every bit must agree (all NaNs are one). With contraction,
for |x|, |cos|, |sin| <= 1, the two results differ by at most 8 u, where u is the
unit roundoff of the computation, and by one rounding to the element type.
"""

import argparse
import ctypes
import math
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from memrefs import WIDTH, Buffer, decode, encode, libc
from rotate_cases import Case

SPECIAL = [0.0, -0.0, math.inf, -math.inf, math.nan, 6.1e-8, -1e-40, 65504.0, 3e38, 1.0]
UNIT = {"f16": 2.0**-11, "bf16": 2.0**-8, "f32": 2.0**-24, "f64": 2.0**-53}
SMALLEST = {"f16": 2.0**-24, "bf16": 2.0**-133, "f32": 2.0**-149, "f64": 0.0}


def compile_module(args, text, pipeline, name):
    path = os.path.join(args.work, name)
    with open(path + ".mlir", "w") as file:
        file.write(text)
    subprocess.run([args.rope_opt, path + ".mlir", "--pass-pipeline=builtin.module(func.func(llvm-request-c-wrappers),%s)" % pipeline,
                    "-o", path + ".llvm.mlir"], check=True)
    subprocess.run([args.mlir_translate, "--mlir-to-llvmir", path + ".llvm.mlir", "-o", path + ".ll"], check=True)
    subprocess.run([args.clang, "-O1", "-march=native", "-shared", "-fPIC", "-Wno-override-module", path + ".ll",
                    "-o", path + ".so", "-lm", *(["-fopenmp"] if "parallel" in pipeline else [])], check=True)
    return ctypes.CDLL(path + ".so")


def extent(shape, strides):
    if 0 in shape:
        return 0
    return 1 + sum((size - 1) * stride for size, stride in zip(shape, strides))


def random_data(rng, element, count, with_specials):
    numbers = []
    for _ in range(count):
        if with_specials and rng.random() < 0.05:
            number = rng.choice(SPECIAL)
            if element == "f16" and abs(number) > 65504 and math.isfinite(number):
                number = 65504.0
        else:
            number = rng.uniform(-1, 1)
        numbers.append(encode(element, number))
    return b"".join(numbers)


def run(library, case, data):
    """The bytes of the result (with what lies between its rows)."""
    x_data, y_data, c_data, s_data = data
    x = Buffer(case.shape, case.strides, case.element, x_data)
    c = Buffer(case.table_shape, case.table_strides, case.table_element, c_data)
    s = Buffer(case.table_shape, case.table_strides, case.table_element, s_data)
    function = getattr(library, "_mlir_ciface_" + case.name)
    function.restype = None
    if case.form == "tensor":
        words = (ctypes.c_int64 * (3 + 2 * len(case.shape)))()
        function(words, x.descriptor(), c.descriptor(), s.descriptor())
        result = ctypes.string_at(words[1] + words[2] * WIDTH[case.element], len(y_data))
        libc.free(words[0])
        assert x.read() == x_data, case.name + " changed its argument"
    elif case.form == "in_place":
        function(x.descriptor(), c.descriptor(), s.descriptor())
        result = x.read()
    else:
        y = Buffer(case.shape, case.out_strides, case.element, y_data)
        function(x.descriptor(), y.descriptor(), c.descriptor(), s.descriptor())
        result = y.read()
        y.release()
        assert x.read() == x_data, case.name + " changed its input"
    for buffer in (x, c, s):
        buffer.release()
    return result


def worst_difference(case, expected, got, contract):
    """The index of the first number that is too far off, and both numbers."""
    if expected == got:
        return None
    wide = "f64" if "f64" in (case.element, case.table_element) else "f32"
    for index, (e, g) in enumerate(zip(decode(case.element, expected), decode(case.element, got))):
        if e == g and math.copysign(1, e) == math.copysign(1, g) or e != e and g != g:
            continue
        bound = 8 * UNIT[wide]
        if case.element != wide:
            bound += max(2 * UNIT[case.element] * abs(e), SMALLEST[case.element])
        if not contract or not abs(e - g) <= bound:
            return index, e, g
    return None


def main():
    parser = argparse.ArgumentParser()
    for option in ("rope-opt", "mlir-translate", "clang", "work"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--cases", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--openmp", action="store_true", help="run one variant in parallel")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)

    cases = [Case(number, args.seed * 100003 + number) for number in range(args.cases)]
    text = "".join(case.function() for case in cases)
    reference = compile_module(args, text, "rope-reference-pipeline", "reference")
    failures = 0
    for bits, contract, parallel in ((512, False, False), (256, False, args.openmp), (128, False, False), (512, True, False)):
        options = "vector-bits=%d contract=%s%s" % (bits, str(contract).lower(), " parallel" * parallel)
        library = compile_module(args, text, "rope-cpu-pipeline{%s}" % options, "cpu-%d-%d" % (bits, contract))
        for case in cases:
            rng = case.rng
            data = [random_data(rng, element, extent(shape, strides), specials) for element, shape, strides, specials in (
                (case.element, case.shape, case.strides, not contract),
                (case.element, case.shape, case.out_strides, False),
                (case.table_element, case.table_shape, case.table_strides, not contract),
                (case.table_element, case.table_shape, case.table_strides, not contract))]
            difference = worst_difference(case, run(reference, case, data), run(library, case, data), contract)
            if difference:
                failures += 1
                print("%s: element %d: expected %r, got %r\n%s" % (options, *difference, case.function()))
    print("%d cases, %d failures" % (len(cases), failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
