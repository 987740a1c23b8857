# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks cases: what rope-raise makes of them, and that the result runs right.

Prints one line a case and exits non-zero if one is not as its case.json says. With --pairs
random cases are looked at after random ordered pairs of preparations.
"""

import argparse
import glob
import json
import itertools
import os
import random
import re
import subprocess
import sys


# What other compilers do before rope-raise sees a module.
PREPARATIONS = [["--canonicalize", "--cse"], ["--linalg-generalize-named-ops"], ["--linalg-fuse-elementwise-ops"], ["--linalg-fold-unit-extent-dims"],
                ["--linalg-inline-scalar-operands"], ["--fold-tensor-subset-ops"], ["--convert-elementwise-to-linalg"],
                ["--linalg-specialize-generic-ops"]]


def count_ops(args, case):
    """What is wrong with the number of ops that are raised, or None."""
    with open(os.path.join(case, "case.json")) as file:
        description = json.load(file)
    run = subprocess.run([args.rope_opt, os.path.join(case, "module.mlir"), *args.prepare, "--rope-raise", "--cse", "--verify-each"],
                         capture_output=True, text=True)
    if run.returncode != 0:
        return "rope-opt fails: " + run.stderr.strip()[:300]
    rotations = len(re.findall(r"= rope\.rotate ", run.stdout))
    tables = len(re.findall(r"= rope\.sincos ", run.stdout))
    expected = description["expect"]["rotations"]
    others = description.get("accept_rotations", [])
    accepted = [expected] + (others if isinstance(others, list) else [others])
    if rotations not in accepted:
        return "%d rotations instead of %s" % (rotations, " or ".join(map(str, accepted)))
    # A look-alike has cosines and sines, but nothing that takes them.
    wanted = description["expect"]["sincos"] if expected else 0
    if tables != wanted:
        return "%d rope.sincos instead of %d" % (tables, wanted)
    attentions = len(re.findall(r"rope\.attention ", run.stdout))
    if attentions != description["expect"]["attention"]:
        return "%d attentions instead of %d" % (attentions, description["expect"]["attention"])
    return None


def prepares(args, case):
    """Whether the preparation alone succeeds."""
    return subprocess.run([args.rope_opt, os.path.join(case, "module.mlir"), *args.prepare], capture_output=True).returncode == 0


def read_by_stock(args, case):
    """Whether rope-simplify-pipeline leaves what the stock mlir-opt reads, or why not."""
    simplified = subprocess.run([args.rope_opt, os.path.join(case, "module.mlir"), "--rope-simplify-pipeline"], capture_output=True, text=True)
    if simplified.returncode != 0:
        return "rope-opt fails: " + simplified.stderr.strip()[:300]
    stock = subprocess.run([args.mlir_opt], input=simplified.stdout, capture_output=True, text=True)
    return stock.stderr.strip()[:300] if stock.returncode != 0 else None


def run_case(args, case):
    """What the case says of its numbers, or None."""
    run = subprocess.run([args.rope_run, "--case=" + case, "-O" + args.O, "--pipeline=" + args.pipeline, "--device=" + args.device], capture_output=True, text=True)
    if run.returncode != 0:
        return (run.stderr.strip() or run.stdout.strip())[:300]
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-opt")
    parser.add_argument("--rope-run")
    parser.add_argument("-O", default="0", help="LLVM's optimizations: most of the time, where they are used")
    parser.add_argument("--prepare", action="append", default=[], metavar="PASS", help="a pass of the preparation")
    parser.add_argument("--mlir-opt", help="the stock tool that reads what is simplified")
    parser.add_argument("--pipeline", help="run the cases through this pipeline")
    parser.add_argument("--device", default="cpu", help="run them there")
    parser.add_argument("--skip", action="append", default=[], help="a case that the preparation cannot take")
    parser.add_argument("--pairs", type=int, help="look at so many cases after random pairs of preparations")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("patterns", nargs="+", help="folders of cases")
    args = parser.parse_args()

    cases = sorted({path for pattern in args.patterns for path in glob.glob(pattern)
                    if os.path.isfile(os.path.join(path, "case.json"))})
    cases = [case for case in cases if os.path.basename(case) not in args.skip]
    wrong = 0
    if args.pairs is not None:
        unprepared = 0
        all_pairs = [(case, pair) for case in cases for pair in itertools.permutations(PREPARATIONS, 2)]
        for case, (first, second) in random.Random(args.seed).sample(all_pairs, min(args.pairs, len(all_pairs))):
            args.prepare = first + second
            complaint = count_ops(args, case)
            # Upstream's specialization makes ops that do not verify of some fused ones.
            if complaint and not prepares(args, case):
                unprepared += 1
                continue
            wrong += complaint is not None
            if complaint:
                print("%s after %s: %s" % (os.path.basename(case), " ".join(args.prepare), complaint), flush=True)
        print("%d cases after pairs of %d, %d fail without rope-raise, %d wrong" % (
            min(args.pairs, len(all_pairs)), len(all_pairs), unprepared, wrong))
        return wrong != 0 or not all_pairs
    for case in cases:
        check = read_by_stock if args.mlir_opt else run_case if args.pipeline else count_ops
        complaint = check(args, case)
        wrong += complaint is not None
        print("%s: %s" % (os.path.basename(case), complaint or "ok"))
    print("%d cases, %d wrong" % (len(cases), wrong))
    return wrong != 0 or not cases


if __name__ == "__main__":
    sys.exit(main())
