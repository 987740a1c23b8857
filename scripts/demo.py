#!/usr/bin/env python3
"""demo.py TOOLS: prints the demo of scripts/demo.sh with the tools in TOOLS.

Everything that is shown is checked on the way: the demo fails where nothing is
raised, a look-alike is raised, or a number is off.
"""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy

CASES = "examples/cases"
LLAMA, NEOX = f"{CASES}/llama.rope", f"{CASES}/gpt_neox.rope"
DYNAMIC, LOOKALIKE = f"{CASES}/llama.rope_dynamic", f"{CASES}/lookalike.no_minus"
# What remains of the CPU pipeline without us: fusion, bufferization, loops, LLVM.
STOCK = ("builtin.module(canonicalize,cse,linalg-generalize-named-ops,"
         "linalg-fuse-elementwise-ops,canonicalize,cse,rope-reference-pipeline)")
SEQUENCE = 2048


def run(*command):
    """The standard output and standard error of a command that must succeed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}demo: failed: {' '.join(command)}")
    return done.stdout, done.stderr


def heading(text):
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{bold}{text}{plain}")


def count_ops(ir):
    """`12 linalg.generic, 4 tensor.extract_slice, ...`, the most frequent first."""
    names = re.findall(r"(?:= |^ +)((?:rope|linalg|tensor|math)\.\w+) ", ir, re.MULTILINE)
    counts = collections.Counter(name for name in names if name not in ("linalg.yield", "tensor.empty"))
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


def abridge(ir, shape):
    """Ops whose result is a tensor of this leading shape: no types, no maps."""
    generic = None
    for line in ir.splitlines():
        if start := re.match(r" +(%\S+) = linalg\.generic .* ins\((.*?) : ", line):
            generic, body = start, []
        elif generic and (end := re.match(r" +\} -> tensor<(\S+)>", line)):
            if end[1].startswith(shape):
                yield f"{generic[1]} = linalg.generic {generic[2]} {{ {', '.join(body)} }}"
            generic = None
        elif generic:
            body += re.findall(r" = (\w+\.\w+) ", line)
        elif op := re.match(rf" +(%\S+ = tensor\.(?:extract_slice|concat) .*?) : .* tensor<{shape}", line):
            yield op[1]


def show_recognition(rope_opt, scratch):
    module = f"{LLAMA}/module.mlir"
    with open(module) as file:
        before = file.read()
    heading("1. A real model's rotary embedding, as its frontend wrote it")
    with open(f"{LLAMA}/case.json") as file:
        case = json.load(file)
    print(f"   {case['source']}: {count_ops(before)}.")
    print("   The rotation of the queries alone (types and maps left out):\n")
    for line in abridge(before, "2x4x17x"):
        print(f"     {line}")

    heading("2. The same module after `rope-opt --rope-raise --canonicalize`")
    raised = os.path.join(scratch, "raised.mlir")
    run(rope_opt, module, "--rope-raise", "--canonicalize", "-o", raised)
    with open(raised) as file:
        after = file.read()
    print(f"   {count_ops(after)}.\n")
    rotations = [line.strip() for line in after.splitlines() if " rope." in line]
    for line in rotations:
        print("     " + re.sub(r"(dense<\[[^,\]]*, [^,\]]*), [^\]]*\]", r"\1, ...]", line))
    if after.count("rope.rotate") != 2:
        sys.exit("demo: expected two rotations")


def show_lookalike(rope_opt):
    heading("3. A look-alike (rotate_half without its minus sign) is left alone, and told why")
    after, remarks = run(rope_opt, f"{LOOKALIKE}/module.mlir", "--rope-raise",
                         "--remark-format=emitRemark", "--remarks-filter=rope")
    found = re.findall(r'^\S*/(\S+) remark: .*Remark="(.*?)"(?:, Value="(%\S+) =)?', remarks, re.MULTILINE)
    for place, reason, value in found:
        print(f"     {place} remark: {value + ': ' if value else ''}{reason}")
    if "rope." in after or not found:
        sys.exit("demo: expected a remark and no rotation")


def measure(rope_run, module, pipeline, *arguments):
    report = json.loads(run(rope_run, module, f"--pipeline={pipeline}", "--repeat=50", "--report=json", *arguments)[0])
    errors = [result["worst"]["error"] for result in report["results"] if "worst" in result]
    return max(errors, default=0.0), report["min_seconds"] * 1e6


def show_numbers(tools, scratch):
    rope_opt, rope_run = f"{tools}/rope-opt", f"{tools}/rope-run"
    heading("4. Run, and compared with the numbers that PyTorch computed")
    print(f"     {'case':<47}{'pipeline':<12}{'largest error':>14}{'tolerance':>11}{'time':>12}")

    def row(case, pipeline, error, tolerance, time):
        print(f"     {case:<47}{pipeline:<12}{error:>14}{tolerance:>11}{time:>9.1f} us")

    for directory in (LLAMA, NEOX):
        with open(f"{directory}/case.json") as file:
            tolerance = json.load(file)["atol"]
        name, raised = os.path.basename(directory), os.path.join(scratch, "case.mlir")
        run(rope_opt, f"{directory}/module.mlir", "--rope-raise", "--canonicalize", "-o", raised)
        for pipeline in ("reference", "cpu"):
            error, time = measure(rope_run, raised, pipeline, f"--case={directory}")
            row(name, pipeline, f"{error:.1e}", f"{tolerance:.0e}", time)
        error, time = measure(rope_run, f"{directory}/module.mlir", STOCK, f"--case={directory}")
        row(f"{name}, without us", "stock", f"{error:.1e}", f"{tolerance:.0e}", time)

    # The same model's export with a dynamic sequence, at a length that matters.
    numbers, inputs = numpy.random.default_rng(0), []
    for number, shape in enumerate([(2, 4, SEQUENCE, 32), (2, 2, SEQUENCE, 32)]):
        inputs.append(f"{scratch}/{number}.npy")
        numpy.save(inputs[-1], numbers.standard_normal(shape, dtype=numpy.float32))
    inputs.append(f"{scratch}/2.npy")
    numpy.save(inputs[-1], numpy.tile(numpy.arange(SEQUENCE), (2, 1)))
    arguments = [f"--input={path}" for path in inputs]
    raised = os.path.join(scratch, "dynamic.mlir")
    run(rope_opt, f"{DYNAMIC}/module.mlir", "--rope-raise", "--canonicalize", "-o", raised)
    name = f"{os.path.basename(DYNAMIC)}, {SEQUENCE} positions"
    _, ours = measure(rope_run, raised, "cpu", *arguments)
    row(name, "cpu", "", "", ours)
    _, stock = measure(rope_run, f"{DYNAMIC}/module.mlir", STOCK, *arguments)
    row(f"{name}, without us", "stock", "", "", stock)
    print(f"\n   {stock / ours:.1f} times as fast as the same module lowered by stock passes\n"
          "   (fused, bufferized, made loops, LLVM -O3); one process, this machine.")


def main():
    tools = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        show_recognition(f"{tools}/rope-opt", scratch)
        show_lookalike(f"{tools}/rope-opt")
        show_numbers(tools, scratch)


if __name__ == "__main__":
    main()
