# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs modules through random orders of passes with rope-raise among them: no order
crashes, and all results verify.

An order that fails without rope-raise, too, is not counted.
"""

import argparse
import glob
import os
import random
import subprocess
import sys

PASSES = ["canonicalize", "cse", "symbol-dce", "inline", "linalg-generalize-named-ops", "linalg-fuse-elementwise-ops", "linalg-fold-unit-extent-dims",
          "linalg-inline-scalar-operands", "fold-tensor-subset-ops", "convert-elementwise-to-linalg", "linalg-specialize-generic-ops", "sccp",
          "loop-invariant-code-motion", "loop-invariant-subset-hoisting", "control-flow-sink", "linalg-named-op-conversion", "resolve-shaped-type-result-dims",
          "arith-int-range-narrowing=int-bitwidths-supported=32", "int-range-optimizations", "math-uplift-to-fma", "empty-tensor-to-alloc-tensor",
          "eliminate-empty-tensors", "one-shot-bufferize=bufferize-function-boundaries", "convert-linalg-to-affine-loops", "raise-memref-dialect", "convert-rope-to-linalg"]
RAISE = ["rope-raise", "rope-raise", "rope-raise=strict", "rope-raise=upgrade-angles", "rope-raise=algebraic", "rope-raise=max-steps=200"]


def spell(name):
    base, _, options = name.partition("=")
    return "%s{%s}" % (base, options) if options else base


def run(tools, module, order):
    pipeline = "builtin.module(%s)" % ",".join(spell(name) for name in order)
    return subprocess.run([tools.rope_opt, module, "--pass-pipeline=" + pipeline, "--verify-each", "-o", os.devnull], capture_output=True, text=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-opt", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("modules", nargs="+")
    tools = parser.parse_args()
    modules = sorted(path for pattern in tools.modules for path in glob.glob(pattern))
    known = subprocess.run([tools.rope_opt, "--help"], capture_output=True, text=True).stdout
    passes = [name for name in PASSES if "--%s " % name.split("=")[0] in known]

    failures, orders, unusable = 0, 0, 0
    for number in range(tools.count):
        rng = random.Random("%d %d" % (tools.seed, number))
        module = rng.choice(modules)
        order = rng.sample(passes, rng.randrange(5))
        for _ in range(rng.choice([1, 1, 2])):
            order.insert(rng.randrange(len(order) + 1), rng.choice(RAISE))
        result = run(tools, module, order)
        orders += 1
        if result.returncode == 0:
            continue
        without = run(tools, module, [name for name in order if not name.startswith("rope-raise")])
        if without.returncode != 0:
            unusable += 1
            continue
        failures += 1
        print("FAILED: %s %s: exit status %d\n%s" % (module, ",".join(order), result.returncode, result.stderr[-1500:]), flush=True)
    print("%d orders, %d fail without rope-raise, %d failures" % (orders, unusable, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
