# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random spellings of rotations, and mutants of them that are none, through
rope-raise: the former are raised, the latter are not, and all compute what they did.

Failures are written to --keep-failures, reduced, one file each.
"""

import os
import random
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from reduce import reduce_program
from run_programs import judge_halves, make_parser, raise_programs, run_programs
from spell import KEEPS_A_ROTATION, MUTATIONS, Spelling

# Of the largest number of the result: tables of f32 are made by other code,
# narrow programs round after every product and the op does once.
TOLERANCE = {"f64": 4e-7, "f32": 2e-6, "bf16": 2.0**-6, "f16": 2.0**-9}
CHUNK = 50


class Program:
    def __init__(self, seed, number):
        self.name = "p%d" % number
        rng = random.Random("%d %d" % (seed, number))
        self.mutation = None if rng.random() < 0.5 else rng.choice(MUTATIONS)
        spelling = Spelling(rng, self.name, self.mutation)
        self.text, self.kind = spelling.text, spelling.kind


def count_rotations(text):
    return len(re.findall(r"= rope\.rotate ", text))


def judge(tools, programs, options=""):
    """What is wrong, by program, after rope-raise with `options`."""
    texts = {program.name: program.text for program in programs}
    raised = raise_programs(tools, texts, options)
    if isinstance(raised, str):
        return judge_halves(lambda part: judge(tools, part, options), programs, "CRASH: " + raised)
    wrong = {}
    for program in programs:
        rotations = count_rotations(raised[program.name])
        if program.mutation is None and rotations != 1:
            wrong[program.name] = "MISSED: %d rotations" % rotations
        elif program.mutation and program.mutation not in KEEPS_A_ROTATION and rotations:
            wrong[program.name] = "UNSOUND: %d rotations in a program whose mutation is %s" % (rotations, program.mutation)
    run = [program for program in programs if "rope." in raised[program.name]]
    if run:
        wrong.update(judge_numbers(tools, run, raised))
    return wrong


def judge_numbers(tools, programs, raised):
    found = run_programs(tools, {program.name: program.text for program in programs}, raised)
    if isinstance(found, str):
        return judge_halves(lambda part: judge_numbers(tools, part, raised), programs, "BROKEN: " + found)
    wrong = {}
    for program in programs:
        off, largest = found[program.name]
        if not off <= TOLERANCE[program.kind] * largest:
            wrong[program.name] = "UNSOUND: off by %g of %g in %s" % (off, largest, program.kind)
    return wrong


def main():
    parser = make_parser(count=1000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first program")
    parser.add_argument("--keep-failures", metavar="DIR")
    tools = parser.parse_args()
    os.makedirs(tools.work, exist_ok=True)

    rotations, others, failures = 0, 0, 0
    end = tools.first + tools.count
    for start in range(tools.first, end, CHUNK):
        programs = [Program(tools.seed, number) for number in range(start, min(start + CHUNK, end))]
        for program in programs:
            rotations += program.mutation is None
            others += program.mutation is not None
        wrong = judge(tools, programs)
        for program in programs:
            if program.name not in wrong:
                continue
            failures += 1
            print("%s (mutation: %s): %s" % (program.name, program.mutation, wrong[program.name]), flush=True)
            if tools.keep_failures:
                # Nothing is smaller than a program without any rotation that misses one.
                kind = wrong[program.name]
                kind = kind if kind.startswith("MISSED") else kind.split(":")[0]
                still_fails = lambda candidate: judge(tools, [candidate]).get(candidate.name, "").startswith(kind)
                if kind != "MISSED: 0 rotations":
                    reduce_program(program, still_fails)
                os.makedirs(tools.keep_failures, exist_ok=True)
                with open(os.path.join(tools.keep_failures, "%d.%s.mlir" % (tools.seed, program.name)), "w") as file:
                    file.write("// %s\n// mutation: %s\n%s" % (wrong[program.name].replace("\n", " "), program.mutation, program.text))
    print("%d rotations, %d others, %d failures" % (rotations, others, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
