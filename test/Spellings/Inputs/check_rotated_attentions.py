# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random attentions of rotated_attentions.py through rope-raise and rope-optimize: each is one
rope.attention that holds both rotations and each head of the keys once; mutants keep what
sets them apart; all compute what they did.

Prints a line a failure and how many of each spelling were right; exits with 1 if one was wrong.
"""

import os
import random
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
import rotated_attentions as spellings
from frontends import BATCH
from run_programs import judge_halves, make_parser, raise_programs, run_programs

AFTER = ["--canonicalize", "--cse", "--rope-optimize", "--canonicalize"]
TOLERANCE = 1e-5


def describe(text):
    """Heads of the keys in all batches, whether there is a tail, rotations inside and outside, other loops."""
    found = re.search(r"rope\.attention (.*) : tensor<[^>]*>, tensor<(\d+)x(\d+)x(\d+)x\d+xf32>", text)
    if not found:
        return None
    heads = found[4] if "layout<bshd>" in found[1] else found[3]
    return {"attentions": text.count("rope.attention "), "key heads": int(found[2]) * int(heads), "tail": "key_tail" in found[1],
            "rotations inside": found[1].count("rotate_query(") + found[1].count("rotate_key("), "rotations outside": text.count("rope.rotate ")}


def get_expected(program):
    """What has to be found; nothing where only the numbers count."""
    whole = {"attentions": 1, "rotations inside": 2, "rotations outside": 0}
    if program.mutation == "none":
        return dict(whole, **({"key heads": BATCH * spellings.KV_HEADS, "tail": False} if program.spelling == "repeated" else
                              {"key heads": BATCH * spellings.HEADS, "tail": True}))
    return {"values_differ": {"key heads": BATCH * spellings.HEADS}, "table_per_head": {"key heads": BATCH * spellings.HEADS},
            "tail_per_head": {"tail": False}}.get(program.mutation, {})


def judge(tools, programs):
    """What is wrong, by program."""
    texts = {program.name: program.text for program in programs}
    raised = raise_programs(tools, texts, after=AFTER)
    numbers = raised if isinstance(raised, str) else run_programs(tools, texts, raised)
    if isinstance(numbers, str):
        death = ("CRASH: " if numbers is raised else "BROKEN: ") + numbers
        return judge_halves(lambda part: judge(tools, part), programs, death)
    wrong = {}
    for program in programs:
        found, expected = describe(raised[program.name]), get_expected(program)
        off, largest = numbers[program.name]
        if not off <= TOLERANCE * largest:
            wrong[program.name] = "UNSOUND: off by %g of %g" % (off, largest)
        elif expected and (not found or any(found[key] != value for key, value in expected.items())):
            wrong[program.name] = "MISSED: found %s instead of %s" % (found, expected)
    return wrong


def main():
    parser = make_parser(count=24, help="programs of each spelling; every third is a mutant")
    parser.add_argument("--only", metavar="NAME", help="one spelling")
    parser.add_argument("--keep-failures", metavar="DIR")
    tools = parser.parse_args()
    os.makedirs(tools.work, exist_ok=True)
    failures = 0
    for spelling, mutations in spellings.MUTATIONS.items():
        if tools.only not in (None, spelling):
            continue
        programs = []
        for number in range(tools.count):
            rng = random.Random("%d %s %d" % (tools.seed, spelling, number))
            mutation = rng.choice(mutations[1:]) if number % 3 == 2 else mutations[0]
            programs.append(spellings.Program(rng, "p%d" % number, spelling, mutation))
        wrong = judge(tools, programs)
        for program in programs:
            if program.name not in wrong:
                continue
            print("%s %s (mutation: %s): %s" % (program.spelling, program.name, program.mutation, wrong[program.name]), flush=True)
            if tools.keep_failures:
                os.makedirs(tools.keep_failures, exist_ok=True)
                with open(os.path.join(tools.keep_failures, "%s.%s.mlir" % (spelling, program.name)), "w") as file:
                    file.write(program.text)
        failures += len(wrong)
        right = lambda mutated: "%d of %d" % (sum((p.mutation != "none") == mutated and p.name not in wrong for p in programs),
                                              sum((p.mutation != "none") == mutated for p in programs))
        print("%-12s %s folded, %s mutants right" % (spelling, right(False), right(True)), flush=True)
    print("%d failures" % failures)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
