"""Runs random instances of every rule before and after rope-optimize.

Both programs run through the reference pipeline on the same inputs. Exact rules
must keep every number; the others agree within a tolerance for numbers of
magnitude one. Each rule must have applied (by its remark) as often as it was
written down.
"""

import argparse
import collections
import os
import re
import subprocess
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(__file__))
import algebra_attention
import algebra_rules
from rope_program import Program

EXACT = algebra_rules.EXACT + algebra_attention.EXACT
ALGEBRAIC = algebra_rules.ALGEBRAIC + algebra_attention.ALGEBRAIC
REMARKS = ["--remark-format=emitRemark", "--remarks-filter=rope"]
INTEGERS = {"i16": np.int16, "i32": np.int32, "i64": np.int64, "index": np.int64}
FLOATS = {"f16": np.float16, "f32": np.float32, "f64": np.float64}
# Of a sum of a few rounded products of numbers of magnitude one to four.
TOLERANCE = {"f16": 2.0**-7, "bf16": 2.0**-4, "f32": 2.0**-18, "f64": 2.0**-46}


def random_array(rng, value, low, high):
    if low is not None:
        return rng.integers(low, high + 1, value.shape).astype(INTEGERS[value.element])
    numbers = rng.uniform(-1, 1, value.shape).astype(np.float32 if value.element == "bf16" else FLOATS[value.element])
    if value.element == "bf16":
        return (numbers.view(np.uint32) >> 16).astype(np.uint16)
    return numbers


def as_numbers(array, element):
    if element == "bf16":
        array = (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(np.float64)


def run(args, program, pipeline, inputs, folder):
    outputs = [os.path.join(folder, "%d.npy" % i) for i in range(len(program.results))]
    os.makedirs(folder, exist_ok=True)
    done = subprocess.run([args.rope_run, program.path, "-O0", "--pipeline=" + pipeline, *("--input=" + i for i in inputs),
                           *("--output=" + o for o in outputs)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit("rope-run fails on %s: %s" % (program.path, done.stderr))
    return [np.load(o) for o in outputs]


def check(args, program, options, number):
    """The number of rules that are wrong in a program."""
    folder = os.path.join(args.work, "%s%d" % ("algebraic" if options else "exact", number))
    os.makedirs(folder, exist_ok=True)
    program.path = os.path.join(folder, "program.mlir")
    with open(program.path, "w") as file:
        file.write(program.text())
    optimized = subprocess.run([args.rope_opt, program.path, "--pass-pipeline=builtin.module(rope-optimize%s)" % options, *REMARKS],
                               capture_output=True, text=True)
    if optimized.returncode:
        raise SystemExit("rope-opt fails on %s: %s" % (program.path, optimized.stderr))
    applied = collections.Counter(re.findall(r"\[Passed\] (\w+)", optimized.stderr))
    rng = np.random.default_rng(args.seed + number)
    inputs = []
    for i, (value, low, high) in enumerate(program.arguments):
        inputs.append(os.path.join(folder, "in%d.npy" % i))
        np.save(inputs[-1], random_array(rng, value, low, high))
    before = run(args, program, "reference", inputs, os.path.join(folder, "before"))
    after = run(args, program, "builtin.module(rope-optimize%s,rope-reference-pipeline)" % options, inputs,
                os.path.join(folder, "after"))
    wrong = 0
    for (rule, tolerance), value, x, y in zip(program.rules, program.results, before, after):
        x, y = as_numbers(x, value.element), as_numbers(y, value.element)
        difference = np.max(np.abs(x - y), initial=0.0)
        if difference > (tolerance and TOLERANCE[value.element]) or not np.all(np.isfinite(x)):
            wrong += 1
            print("%s: %s differs by %g (%s)" % (program.path, rule, difference, value.type))
    for rule, count in collections.Counter(rule for rule, _ in program.rules).items():
        names = ["ContractionWithMatrix", "ContractionWithConstantMatrix"] if rule == "AccumulatedContraction" else [rule]
        if sum(applied[name] for name in names) < count:
            wrong += 1
            print("%s: %s applied %d times of %d" % (program.path, rule, applied[rule], count))
    return wrong


def main():
    parser = argparse.ArgumentParser()
    for option in ("rope-opt", "rope-run", "work"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--programs", type=int, default=6, help="of two instances of each rule, or one on attention")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    wrong = instances = 0
    for number in range(args.programs):
        for rules, options in ((EXACT + algebra_rules.ROUNDED, ""), (ALGEBRAIC, "{algebraic}")):
            program = Program(args.seed * 100003 + number)
            # Attentions take long to compile.
            for rule in rules + [rule for rule in rules if rule.__module__ != "algebra_attention"]:
                program.result(rule.__name__, rule(program), rule not in EXACT)
            instances += len(program.rules)
            wrong += check(args, program, options, number)
    print("%d instances, %d wrong" % (instances, wrong))
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
