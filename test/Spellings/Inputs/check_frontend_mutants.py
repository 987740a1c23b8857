# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mutants of the programs of frontends.py through rope-raise: signs, operands, slices, numbers
and names change at random, and whatever is raised computes what the mutant computes.

Prints what went wrong and a summary; exits with 1 if something did.
"""

import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../Models/Inputs"))
import frontends
import mutate_models
import run_programs
from check_spellings import TOLERANCE

CHECKED = "builtin.module(convert-elementwise-to-linalg,generate-runtime-verification,rope-reference-pipeline)"


def change_name(rng, lines, types):
    """An operand becomes another name of the program."""
    places = [i for i, line in enumerate(lines) if re.match(r"\s*(%\w+ = )?(tensor|arith|linalg|scf)\.", line)]
    i = rng.choice(places)
    head, equals, rest = lines[i].rpartition(" = ") if " = " in lines[i] else ("", "", lines[i])
    used = re.findall(r"%\w+", rest)
    if not used:
        return False
    names = sorted(set(re.findall(r"%\w+", "\n".join(lines[max(0, i - 20):i + 1]))))
    lines[i] = head + equals + re.sub(re.escape(rng.choice(used)) + r"(?!\w)", rng.choice(names), rest, count=1)
    return True


MUTATIONS = mutate_models.MUTATIONS + [change_name] * len(mutate_models.MUTATIONS)


def mutate(rng, text):
    lines = text.splitlines()
    types = mutate_models.collect_types(lines)
    for _ in range(rng.choice([1, 1, 2])):
        for _ in range(8):
            if rng.choice(MUTATIONS)(rng, lines, types):
                lines = "\n".join(lines).replace("%mu", "%x_mu").splitlines()
                break
    return "\n".join(lines) + "\n"


def survivors(tools, texts, *passes):
    """The functions that verify after `passes`, by name, and a crash, if any."""
    path = os.path.join(tools.work, "mutants.mlir")
    with open(path, "w") as file:
        file.write("// -----\n".join(texts.values()))
    run = subprocess.run([tools.rope_opt, path, "--split-input-file", "--mlir-print-local-scope", *passes], capture_output=True, text=True)
    functions = {}
    for chunk in run.stdout.split("// -----"):
        functions.update(run_programs.split_functions(chunk))
    return functions, run.stderr[-1500:] if run.returncode < 0 else None


def main():
    parser = run_programs.make_parser(count=100)
    parser.add_argument("--only", metavar="NAME", help="mutants of one spelling")
    tools = parser.parse_args()
    os.makedirs(tools.work, exist_ok=True)
    spellings = [s for s in frontends.SPELLINGS if tools.only in (None, s.__name__)]

    programs, texts = {}, {}
    for number in range(tools.count):
        rng, name = random.Random("%d %d" % (tools.seed, number)), "p%d" % number
        programs[name] = frontends.Program(rng, name, rng.choice(spellings), True)
        texts[name] = mutate(rng, programs[name].text)
        if texts[name] == programs[name].text:
            del texts[name]
    plain, crash = survivors(tools, texts)
    raised, crash = survivors(tools, {name: texts[name] for name in plain}, "--rope-raise")
    failures, ran, skipped = 0, 0, 0
    if crash:
        failures += 1
        print("CRASH: " + crash)
    for name, text in plain.items():
        if name not in raised:
            failures += 1
            print("LOST: %s does not survive rope-raise\n%s" % (programs[name].spelling, text))
            continue
        if "rope." not in raised[name]:
            continue
        found = run_programs.run_programs(tools, {name: text}, raised)
        off, largest = (1.0, 0.0) if isinstance(found, str) else found[name]
        if off <= TOLERANCE[programs[name].kind] * largest:
            ran += 1
        elif isinstance(run_programs.run_programs(tools, {name: text}, {name: text}, CHECKED), str):
            # It reads or writes out of bounds.
            skipped += 1
        else:
            failures += 1
            print("UNSOUND: %s is off by %g of %g\n%s\n%s" % (programs[name].spelling, off, largest, text, raised[name]))
    print("%d mutants, %d verify, %d run, %d skipped, %d failures" % (len(texts), len(plain), ran, skipped, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
