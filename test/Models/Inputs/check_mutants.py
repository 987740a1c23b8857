# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs mutants of models before and after rope-raise on the same random numbers.

Whatever rope-raise makes of a mutant must compute what the mutant computes. Only
mutants that verify and of which it raises something are run.
"""

import argparse
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
import npy
from mutate_models import MUTATIONS, mutate, read_module

# Relative to the largest number of a result: f32 sums in another order; narrow
# types, which the program rounds after every product and we round once.
TOLERANCE = {"f4": 2e-6, "f8": 1e-12, "u2": 2.0**-6, "f2": 2.0**-9, "c8": 2e-6}


def split_functions(text):
    """The functions of printed modules by name, with their maps inlined."""
    functions = {}
    for chunk in text.split("// -----"):
        found = re.search(r"func\.func (?:public )?@(m\d+)\(", chunk)
        if found:
            body = chunk[chunk.index("func.func"):chunk.rindex("}")]
            functions[found[1]] = body.rstrip()
    return functions


def raise_all(args, mutants, passes):
    """Functions that verify by name; without passes, as they are."""
    path = os.path.join(args.work, "mutants.mlir")
    with open(path, "w") as file:
        file.write("\n// -----\n".join(mutants.values()))
    run = subprocess.run([args.rope_opt, path, "--split-input-file", "--mlir-print-local-scope", *passes],
                         capture_output=True, text=True)
    if run.returncode < 0:
        print("CRASH: rope-opt %s %s\n%s" % (path, " ".join(passes), run.stderr[-2000:]))
        return None
    return split_functions(run.stdout)


def random_inputs(args, rng, case, name):
    """Random floats and the case's own integers in random order, so that no
    property of the case's inputs hides a difference."""
    paths = []
    folder = os.path.join(args.models, case, "inputs")
    for number in range(len(os.listdir(folder))):
        kind, shape, values = npy.read(os.path.join(folder, "%d.npy" % number))
        for i in range(len(values)):
            if kind in ("f4", "f8", "c8"):
                values[i] = rng.uniform(-1, 1)
            elif kind == "f2":
                values[i] = rng.choice([0, 0x8000]) | rng.randrange(0x3000, 0x3C00)
            elif kind == "u2":
                values[i] = rng.choice([0, 0x8000]) | rng.randrange(0x3E00, 0x3F80)
        if kind not in ("f4", "f8", "c8", "f2", "u2"):
            shuffled = list(values)
            rng.shuffle(shuffled)
            values = type(values)(values.typecode, shuffled)
        paths.append(os.path.join(args.work, "%s.%d.npy" % (name, number)))
        npy.write(paths[-1], kind, shape, values)
    return paths


def signature(function):
    head = function[function.index("("):function.index("{\n")]
    arguments, _, results = head.partition(") -> ")
    types = re.findall(r"%arg\d+: ((?:[^<>,{]|<(?:[^<>]|<[^<>]*>)*>)+)", arguments)
    results = re.findall(r"tensor<(?:[^<>]|<[^<>]*>)*>|f32|i64|i32", results)
    return [kind.strip() for kind in types], results


def execute(args, pairs, inputs, name, fill="1", pipeline="reference"):
    """The results of all functions of `pairs`, or why they do not run. Memory that
    nobody wrote holds bytes that follow from `fill`."""
    types, _ = signature(pairs[0][1])
    text, calls, returned = "", [], []
    for label, function in pairs:
        text += function.replace("@" + re.search(r"@(m\d+)", function)[1], "@" + label, 1).replace("func.func public", "func.func", 1)
        text += "\n"
        _, results = signature(function)
        operands = ", ".join("%%arg%d" % i for i in range(len(types)))
        calls.append("%%%s%s = call @%s(%s) : (%s) -> (%s)" % (
            label, ":%d" % len(results) if len(results) > 1 else "", label, operands, ", ".join(types), ", ".join(results)))
        for i, kind in enumerate(results):
            returned.append((label, "%%%s%s" % (label, "#%d" % i if len(results) > 1 else ""), kind))
    text = text.replace("func.func @", "func.func private @")
    text += "func.func @main(%s) -> (%s) {\n%s\nreturn %s : %s\n}\n" % (
        ", ".join("%%arg%d: %s" % it for it in enumerate(types)), ", ".join(kind for _, _, kind in returned), "\n".join(calls),
        ", ".join(value for _, value, _ in returned), ", ".join(kind for _, _, kind in returned))
    path = os.path.join(args.work, name + ".mlir")
    with open(path, "w") as file:
        file.write(text)
    outputs = [os.path.join(args.work, "%s.out%d.npy" % (name, i)) for i in range(len(returned))]
    run = subprocess.run([args.rope_run, path, "-O0", "--pipeline=" + pipeline, *("--input=" + p for p in inputs),
                          *("--output=" + p for p in outputs)], capture_output=True, text=True,
                         env=dict(os.environ, MALLOC_PERTURB_=fill))
    if run.returncode != 0:
        return run.stderr.strip() or "exit status %d" % run.returncode
    found = {label: [] for label, _ in pairs}
    for (label, _, _), output in zip(returned, outputs):
        found[label].append(npy.read(output))
    return found


def difference(expected, got, again=None):
    """How far the results are off, in tolerances, and where. Elements that are
    not the same in `again` are not written by the program."""
    worst = (0.0, "")
    for number, ((kind, shape, a), (_, _, b)) in enumerate(zip(expected, got)):
        if again:
            defined = [i for i, (x, y) in enumerate(zip(a, again[number][2])) if x == y]
            a, b = (type(v)(v.typecode, [v[i] for i in defined]) for v in (a, b))
        if kind not in TOLERANCE:
            if a != b:
                return float("inf"), "result %d: integers differ" % number
            continue
        a, b = npy.to_floats(kind, a), npy.to_floats(kind, b)
        largest = max((abs(v) for v in a if v == v and abs(v) != float("inf")), default=0.0)
        for i, (x, y) in enumerate(zip(a, b)):
            if x == y or x != x and y != y:
                continue
            off = abs(x - y) / (TOLERANCE[kind] * max(largest, 1e-30))
            # Infinities and NaN of the program are those that zero times them
            # may lose.
            if x != x or abs(x) == float("inf"):
                continue
            if not off <= worst[0]:
                worst = (off if off == off else float("inf"), "result %d[%d]: expected %r, got %r" % (number, i, x, y))
    return worst


def main():
    parser = argparse.ArgumentParser()
    for option in ("rope-opt", "rope-run", "models", "work"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--mutants", type=int, default=200, help="mutants made")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count-only", action="store_true", help="run nothing, print what the kinds of mutations make")
    parser.add_argument("--option", default="", help="options of rope-raise")
    parser.add_argument("--prepare", action="append", default=[], help="passes before both")
    parser.add_argument("cases", nargs="+")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)

    rng = random.Random(args.seed)
    modules = {case: read_module(os.path.join(args.models, case, "module.mlir")) for case in args.cases}
    mutants, origin, kinds = {}, {}, {}
    for number in range(args.mutants):
        case = args.cases[number % len(args.cases)]
        mutant = mutate(rng, modules[case])
        if mutant:
            name = "m%d" % number
            mutants[name] = mutant[0].replace("@main(", "@%s(" % name)
            origin[name], kinds[name] = case, mutant[1]
    plain = raise_all(args, mutants, args.prepare)
    raised = raise_all(args, {name: mutants[name] for name in plain}, args.prepare + ["--rope-raise" + args.option])
    if raised is None:
        return 1
    chosen = [name for name in plain if "rope." in raised.get(name, "")]
    lost = [name for name in plain if name not in raised]

    failures = 0
    ran, skipped = 0, 0
    for name in lost:
        failures += 1
        print("LOST: %s of %s does not survive rope-raise\n%s" % (name, origin[name], plain[name]))
    for case in args.cases:
        names = [name for name in chosen if origin[name] == case]
        if not names or args.count_only:
            continue
        inputs = random_inputs(args, rng, case, case)
        for start in range(0, len(names), 8):
            group = names[start:start + 8]
            pairs = [pair for name in group for pair in ((name + "_o", plain[name]), (name + "_r", raised[name]))]
            found = execute(args, pairs, inputs, case)
            if isinstance(found, str):
                # One by one: some mutants read out of bounds or assert.
                found = {}
                for name in group:
                    before = execute(args, [(name + "_o", plain[name])], inputs, case)
                    if isinstance(before, str):
                        skipped += 1
                        continue
                    after = execute(args, [(name + "_r", raised[name])], inputs, case)
                    if isinstance(after, str):
                        failures += 1
                        print("BROKEN: %s of %s: %s\n%s\n%s" % (name, case, after, plain[name], raised[name]))
                        continue
                    found.update(before)
                    found.update(after)
            for name in group:
                if name + "_o" not in found:
                    continue
                ran += 1
                off, where = difference(found[name + "_o"], found[name + "_r"])
                if off > 1.0:
                    # Asserts that nothing is read out of bounds, from where nobody wrote, too.
                    again = execute(args, [(name + "_o", plain[name])], inputs, case, fill="129",
                                    pipeline="builtin.module(generate-runtime-verification,rope-reference-pipeline)")
                    if isinstance(again, str):
                        ran, skipped = ran - 1, skipped + 1
                        continue
                    off, where = difference(found[name + "_o"], found[name + "_r"], again[name + "_o"])
                if off > 1.0:
                    failures += 1
                    print("UNSOUND: %s of %s by %s: %s (%g tolerances)\n%s\n%s" % (
                        name, case, ", ".join(kinds[name]), where, off, plain[name], raised[name]))
    for kind in sorted({mutation.__name__ for mutation in MUTATIONS}):
        count = lambda names: sum(kind in kinds[name] for name in names)
        print("  %-22s %5d made %5d verify %5d raised" % (kind, count(mutants), count(plain), count(chosen)))
    print("%d mutants, %d verify, %d raised, %d run, %d skipped, %d failures" %
          (len(mutants), len(plain), len(chosen), ran, skipped, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
