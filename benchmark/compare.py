#!/usr/bin/env python3
"""Times this project's kernels beside those of other frameworks, in one process.

    benchmark/compare.py --build build [--json FILE] [--markdown FILE] [--plots FOLDER]

Measures NumPy and those of PyTorch, ONNX Runtime (with the package onnx), JAX, IREE and
OpenVINO that are installed; a peer that is not, or that has no such operator, is named
with the reason. All run on one thread, on the same numbers, each as its users write it:
arrays have been handed over and programs compiled before. A result that is off by more
than f32 explains is an error, not a time.

What is measured is the processor time of all threads, so that what else the machine does
counts little. A round calls every contender of a work, in random order, as often as fills
20 ms; the figures are medians over the rounds, of which those that take over a second a
call do three. --plots needs matplotlib and writes, as SVG, time per element of a rotation
and GF/s of an attention over the number of positions, and the error of tables over the
position. Exits with 1 if a contender was wrong.
"""

import argparse
import importlib
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):  # of peers that do not ask how many threads they may have
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import numpy as np  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from peers import report, work as works  # noqa: E402
from peers.ours import Compiler  # noqa: E402

PEERS = ["numpy", "torch", "onnxruntime", "jax", "iree", "openvino"]
OURS = "rope"
FILL = 0.02  # seconds of a round
SLOW, SLOW_ROUNDS = 1.0, 3  # seconds of a call
BASE, LANES = 500000.0, 128


def say(text):
    print(text, file=sys.stderr, flush=True)


def name_processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def load_peers(chosen):
    """The modules of the peers, and why others are absent."""
    modules, absent = [], {}
    for name in chosen:
        try:
            modules.append(importlib.import_module("peers.with_" + name))
        except ImportError as error:
            absent[name] = f"not installed ({error.name})"
            say(f"{name}: {absent[name]}")
    return modules, absent


def check(work, inputs, run):
    """The error of a result; raises where it is too great."""
    error = work.get_error(inputs, run())
    if not error < work.tolerance:  # nor what is not a number
        raise ArithmeticError(f"off by {error:.3g}")
    return error


def prepare_all(work, inputs, compiler, modules):
    """Contenders that are right, as (name, call), and what is said of others."""
    contenders = {OURS: lambda work, inputs: compiler.prepare(work, inputs)}
    for module in modules:
        contenders.update(module.CONTENDERS)
    ready, said, wrong = [], {}, []
    for name, prepare in contenders.items():
        try:
            run = prepare(work, inputs)
        except Exception as error:  # of any kind, by frameworks
            said[name] = "failed: " + str(error).strip().split("\n")[0][:200]
            wrong += [name] if name == OURS else []
        else:
            if run is None:
                continue
            try:
                said[name] = {"error": check(work, inputs, run)}
                ready.append((name, run))
            except ArithmeticError as error:
                said[name] = str(error)
                wrong.append(name)
        if isinstance(said[name], str):
            say(f"  {work.name}: {name}: {said[name]}")
    return ready, said, wrong


def time_calls(run, count):
    start = time.process_time()
    for _ in range(count):
        run()
    return (time.process_time() - start) / count


def measure(ready, rounds):
    """Medians of seconds a call."""
    # The first call was the one that has been checked.
    estimates = {name: time_calls(run, 1) for name, run in ready}
    counts = {name: max(1, int(FILL / max(seconds, 1e-9))) for name, seconds in estimates.items()}
    times = {name: [] for name, _ in ready}
    order, shuffle = list(ready), random.Random(1).shuffle
    for number in range(rounds):
        shuffle(order)
        for name, run in order:
            if number < SLOW_ROUNDS or estimates[name] < SLOW:
                times[name].append(time_calls(run, counts[name]))
    return {name: statistics.median(found) for name, found in times.items()}


def measure_tables(compiler, modules, exponents):
    """The greatest error of a table's row, by maker, over positions 2^n."""
    positions = 2 ** np.array(exponents)
    # Of f64: exact to 2^-52 of an angle, far below what is measured.
    angles = positions[:, None] * BASE ** (-np.arange(LANES // 2) / (LANES // 2))
    makers = {OURS: compiler.make_tables}
    for module in modules:
        makers.update(module.TABLES)
    errors = {}
    for name, make in makers.items():
        cos, sin = make(positions, LANES, BASE)
        errors[name] = np.maximum(np.abs(cos - np.cos(angles)), np.abs(sin - np.sin(angles))).max(axis=-1).tolist()
    return {"positions": positions.tolist(), "errors": errors}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="the build folder")
    parser.add_argument("--llvm", default="/usr/lib/llvm-22/bin", help="the folder of clang and mlir-translate")
    parser.add_argument("--peers", default=",".join(PEERS), help="names, with commas (all)")
    parser.add_argument("--small", action="store_true", help="small arrays: shows that all works, not how fast")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--json")
    parser.add_argument("--markdown")
    parser.add_argument("--plots")
    args = parser.parse_args()
    chosen = [name for name in args.peers.split(",") if name]
    if unknown := set(chosen) - set(PEERS):
        parser.error(f"no peer {', '.join(sorted(unknown))}: there are {', '.join(PEERS)}")
    if args.rounds < 1:
        parser.error("--rounds must be at least 1")
    if args.plots:
        try:
            importlib.import_module("matplotlib")
        except ImportError:
            parser.error("--plots needs matplotlib")

    modules, absent = load_peers(chosen)
    found = {"processor": name_processor(), "rounds": args.rounds, "command": " ".join(sys.argv),
             "versions": {}, "absent": absent, "works": []}
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        compiler = Compiler(args.build, args.llvm, folder)
        found["versions"]["clang"] = compiler.version
        for module in modules:
            found["versions"].update(module.VERSIONS)
        selected = works.SMALL_WORKS if args.small else works.WORKS
        for number, work in enumerate(selected, 1):
            say(f"[{number}/{len(selected)}] {work.name}")
            inputs = work.make_inputs()
            ready, said, failed = prepare_all(work, inputs, compiler, modules)
            wrong += [f"{work.name}: {name}: {said[name]}" for name in failed]
            for name, seconds in measure(ready, args.rounds).items():
                said[name] |= {"seconds": seconds, "figure": work.get_figure(seconds)}
            found["works"].append({"name": work.name, "kind": work.kind, "unit": work.unit, "series": work.series,
                                   "size": work.size, "contenders": said})
        found["tables"] = measure_tables(compiler, modules, range(3, 8) if args.small else range(0, 21))
    table = report.write_table(found)
    print(table, flush=True)
    if args.json:
        with open(args.json, "w") as file:
            json.dump(found, file, indent=1)
    if args.markdown:
        with open(args.markdown, "w") as file:
            file.write(table + "\n")
    if args.plots:
        report.write_plots(found, args.plots)
    for line in wrong:
        say("error: " + line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
