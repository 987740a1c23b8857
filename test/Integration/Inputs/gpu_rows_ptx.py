"""The PTX of kernels a row of queries or a token a time (rope.attention without products of matrices,
rope.linear_attention), run on NumPy arrays with its hazards, against the models.

As gpu_attention_ptx.py; here groups of 8 threads, which is a subgroup of the narrowest device, have to
wait for each other. Left out and not counted are modules with empty operands, and those whose state is
updated in its place, which the host copies there.
"""

import argparse
import re
import subprocess
import sys

import numpy

import attention_cases
import linear_attention_cases
from attention_differential import expected_and_bounds
from gpu_attention_ptx import Static, compile_case, find_difference, run_kernel
from linear_attention_differential import bounds, denominators
from linear_attention_model import linear_attention
from ptx_machine import Shared
from run_arrays import encode

ELEMENTS = ["f32", "f16", "bf16"]
OPTIONS = "matrix-products=none key-parts=1"

# What stands in the PTX, what is put there instead, and what must be found then.
BREAKS = {"barriers": ((r"bar\.sync \t0;", ""), "without a barrier"),
          "shuffles": ((r"(shfl\.sync\.bfly\.b32 \t.*, .*, )1,", r"\g<1>2,"), "off by")}


def trace_arguments(rope_opt, text, chip):
    """What the kernel is given: the number of an argument of @main, or of a result as ~number."""
    pipeline = ("builtin.module(one-shot-bufferize{bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map},"
                "convert-rope-to-gpu{target=nvptx chip=%s %s})" % (chip, OPTIONS))
    run = subprocess.run([rope_opt, "-", "--pass-pipeline=" + pipeline], input=text, capture_output=True, text=True, check=True)
    host = run.stdout[run.stdout.index("func.func @main"):].split("gpu.module")[0]
    (operands,), (returned,) = re.findall(r"gpu\.launch_func.*?args\((.*?)\)\n", host, re.DOTALL), re.findall(r"^\s*return (.*?) :", host, re.M)
    definitions = dict(re.findall(r"^\s*(%\w+)(?:, %\w+|:\d+)* = (.*)$", host, re.M))
    found = []
    for name in re.findall(r"(%[\w#]+) :", operands):
        while name in definitions and not definitions[name].startswith("memref.alloc"):
            source = definitions[name]
            if source.startswith("llvm.insertvalue") and not re.search(r"\[[01]\] :", source):
                source = source.split(",", 1)[1]
            name = re.search(r"%\w+", source)[0]
        found.append(~returned.split(", ").index(name) if name in returned.split(", ") else int(name[len("%arg"):]))
    return found


def make_attention(number, seed, is_decoding):
    case = attention_cases.Case(number, seed, False, ELEMENTS, is_decoding)
    case.rng = Static()
    text, inputs = case.module()
    return text, inputs, [(what, expected, bound, element) for (what, expected, bound), element
                          in zip(expected_and_bounds(case, "vulkan"), case.result_elements)]


def make_linear_attention(number, seed, _):
    case = linear_attention_cases.Case(number, seed, ELEMENTS)
    case.dynamic = False
    for place, (name, type, element, values) in enumerate(case.operands):
        static = "tensor<%s%s>" % ("".join("%dx" % size for size in values.shape), element)
        case.operands[place] = name, static, element, values
        case.clauses = case.clauses.replace(type, static)
    expected = linear_attention(**case.model)
    if case.normalize:
        case.below = denominators(case)
    text, limits = case.module(), bounds(case, expected)
    if case.layout == "bshd":
        expected, limits = [[numpy.swapaxes(arrays[0], 1, 2), *arrays[1:]] for arrays in (expected, limits)]
    return text, [(element, values) for _, _, element, values in case.operands], [
        ("result", *result) for result in zip(expected, limits, case.results)]


def check(made, args, edit):
    """What is wrong, an empty text if nothing is, or None where there is not one kernel."""
    text, inputs, results = made
    if any(array.size == 0 for _, array in inputs):
        return None
    ptx, entry, grid, threads, dynamic = compile_case(args.rope_opt, text, args.chip, " " + OPTIONS)
    if edit:
        ptx, count = re.subn(edit[0], edit[1], ptx)
        if not count:
            return None
    sources = trace_arguments(args.rope_opt, text, args.chip)
    if len(set(sources)) != len(sources):
        return None
    arrays, scalars, places = [], [], {}
    for source in sources:
        if source < 0:
            _, expected, _, element = results[~source]
            places[~source] = len(arrays)
            arrays.append(encode(element, numpy.zeros(expected.shape)))
        elif inputs[source][0] == "index" and not numpy.ndim(inputs[source][1]):
            scalars.append(int(inputs[source][1]))
        else:
            arrays.append(encode(*inputs[source]))
    try:
        buffers = run_kernel(ptx, entry, grid, threads, dynamic, arrays, scalars)
    except (RuntimeError, AssertionError) as error:
        return str(error)
    for number, (what, expected, bound, element) in enumerate(results):
        if wrong := find_difference(what, element, expected, bound, buffers[places[number]]):
            return wrong
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-opt", required=True)
    parser.add_argument("--chip", default="sm_80")
    parser.add_argument("--op", choices=["attention", "linear_attention"], required=True)
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--decoding", action="store_true", help="few queries and many keys")
    parser.add_argument("--break", choices=list(BREAKS), dest="breaks", help="what must be found: no barriers, or a shuffle with another thread")
    args = parser.parse_args()
    Shared.group = 8
    make = make_attention if args.op == "attention" else make_linear_attention
    edit, found = BREAKS[args.breaks] if args.breaks else (None, "")
    failures = cases = 0
    for number in range(args.first, args.first + args.cases):
        wrong = check(make(number, args.seed * 1000 + number, args.decoding), args, edit)
        cases += wrong is not None
        if wrong is not None and (found not in wrong if args.breaks else wrong):
            print("FAIL %s%d: %s" % (args.op, number, wrong))
            failures += 1
    print("%d cases, %d failures" % (cases, failures))
    return failures != 0 or not cases


if __name__ == "__main__":
    sys.exit(main())
