# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Raises random attentions, and mutants that are none, and runs both sides.

    check_attentions.py --rope-opt F --rope-run F --work DIR [--seed N] [--first N] [--count N]

Each attention becomes one rope.attention and computes what it did within 2e-5; no mutant
becomes one. Prints a line a failure and a summary; exits with 1 if something failed.
"""

import argparse
import os
import random
import subprocess
import sys

import numpy

import attention_programs

TOLERANCE = 2e-5


def make_inputs(rng, inputs):
    arrays = []
    for element, shape in inputs:
        if element == "i1":
            allowed = rng.random(shape) < 0.7
            # The first key may be the only one that causality leaves a row.
            allowed[..., -1] = True
            arrays.append(allowed)
        else:
            # Temperatures are far from zero.
            low = 0.5 if element == "positive" else -1
            arrays.append(rng.uniform(low, 1, shape).astype(numpy.float32))
    return arrays


def run(args, path, arrays):
    command = [args.rope_run, path, "-O0", "--pipeline=" + args.pipeline, "--output=" + path + ".out.npy"]
    for number, array in enumerate(arrays):
        numpy.save("%s.in%d.npy" % (path, number), array)
        command.append("--input=%s.in%d.npy" % (path, number))
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr.strip()[:300]
    return numpy.load(path + ".out.npy"), None


def check(args, number, mutated):
    """What is wrong with one program, or None."""
    rng = random.Random("%d %d" % (args.seed, number))
    program = attention_programs.choose(rng)
    if mutated:
        program = attention_programs.mutate(rng, program)
    text, inputs, _ = attention_programs.emit(program)
    path = os.path.join(args.work, "p%d.mlir" % number)
    with open(path, "w") as file:
        file.write(text)
    raised = path[:-5] + ".raised.mlir"
    done = subprocess.run([args.rope_opt, path, "--rope-raise", "-o", raised], capture_output=True, text=True)
    if done.returncode != 0:
        return "rope-opt fails: " + done.stderr.strip()[:300]
    with open(raised) as file:
        count = file.read().count("rope.attention ")
    if count != (0 if mutated else 1):
        return "%d attentions" % count
    if mutated:
        return None
    arrays = make_inputs(numpy.random.default_rng([args.seed, number]), inputs)
    before, error = run(args, path, arrays)
    if error:
        return "runs before, but: " + error
    after, error = run(args, raised, arrays)
    if error:
        return "raised: " + error
    # A row without keys is zero, where a program without a guard divides zero by zero.
    expected = numpy.where(numpy.isnan(before), 0.0, before)
    difference = numpy.max(numpy.abs(expected - after), initial=0.0)
    return None if difference <= TOLERANCE else "differs by %g" % difference


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-opt", required=True)
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--pipeline", default="reference")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first program")
    parser.add_argument("--count", type=int, default=60)
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    failures, others = 0, 0
    for number in range(args.first, args.first + args.count):
        mutated = number % 3 == 2
        others += mutated
        wrong = check(args, number, mutated)
        if wrong:
            failures += 1
            rng = random.Random("%d %d" % (args.seed, number))
            program = attention_programs.choose(rng)
            if mutated:
                program = attention_programs.mutate(rng, program)
            print("p%d: %s\n  %s" % (number, wrong, program), flush=True)
    print("%d attentions, %d others, %d failures" % (args.count - others, others, failures))
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
