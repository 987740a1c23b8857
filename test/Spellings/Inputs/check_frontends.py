# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each spelling of frontends.py in random ops, and without its negation, through rope-raise:
the former is one rotation, the latter none, and both compute what they did.

Prints how many of each spelling were right; exits with 1 if one was wrong.
"""

import os
import random
import sys

sys.path.insert(0, os.path.dirname(__file__))
import frontends
from check_spellings import judge
from run_programs import make_parser


def main():
    parser = make_parser(count=4, help="programs of each spelling, and as many without its negation")
    parser.add_argument("--only", metavar="NAME", help="one spelling")
    tools = parser.parse_args()
    os.makedirs(tools.work, exist_ok=True)
    failures = 0
    spellings = [s for s in frontends.SPELLINGS if tools.only in (None, s.__name__)]
    for spelling in spellings:
        programs = [frontends.Program(random.Random("%d %s %d" % (tools.seed, spelling.__name__, number)), "p%d" % number, spelling, number % 2 == 0)
                    for number in range(2 * tools.count)]
        wrong = judge(tools, programs, "=algebraic" if spelling in frontends.ALGEBRAIC else "")
        for program in programs:
            if program.name in wrong:
                print("%s%s: %s\n%s" % (program.spelling, " without its negation" if program.mutation else "", wrong[program.name], program.text))
        failures += len(wrong)
        count = lambda mutated: "%d of %d" % (sum((p.mutation is not None) == mutated and p.name not in wrong for p in programs), tools.count)
        print("%-24s %s raised, %s others left" % (spelling.__name__, count(False), count(True)), flush=True)
    print("%d spellings, %d failures" % (len(spellings), failures))
    return failures != 0 or not spellings


if __name__ == "__main__":
    sys.exit(main())
