#!/usr/bin/env python3
"""Runs vectors of the ONNX node tests through rope and prints the score.

A vector is a folder with node.json, inputs/*.npy and outputs/*.npy, or one of the
standard's own backend tests: model.onnx and test_data_set_0 (this needs the package
`onnx`; generate.py writes those that come with it). The importer
makes a module of the node, rope-run runs it through a pipeline and compares.
`refused` means that the importer says the node is outside of what is supported; it
counts as skipped. Tolerances are absolute and relative.
"""

import argparse
import collections
import json
import os
import subprocess
import sys

from onnx_import import Refused, model, translate

TOLERANCES = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 1e-5, "float64": 1e-10}


def find_vectors(folder, pattern):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if pattern in name and (os.path.exists(os.path.join(path, "node.json")) or model.is_model(path)):
            yield name


def describe(folder, work):
    """What node.json says, or would say of model.onnx."""
    if model.is_model(folder):
        os.makedirs(work, exist_ok=True)
        return model.describe(folder, work)
    with open(os.path.join(folder, "node.json")) as file:
        return json.load(file)


def run(args, folder, name):
    """(operator, status, reason)"""
    operator = "unknown"
    try:
        node = describe(folder, os.path.join(args.work, name))
        operator = "%s %s" % (node["op"], node["opset"])
        module = translate(node)
    except Refused as refusal:
        return operator, "refused", str(refusal)
    path = os.path.join(args.work, name + ".mlir")
    with open(path, "w") as file:
        file.write(module)
    level = "-O3" if args.pipeline == "cpu" else "-O0"
    command = [args.rope_run, path, level, "--pipeline=" + args.pipeline]
    for option in ("input", "expected"):
        files = node["files"][option.replace("expected", "output") + "s"]
        command += ["--%s=%s" % (option, os.path.join(folder, files[position])) for position in sorted(files, key=int)]
    tolerance = TOLERANCES[node["dtypes"][node["outputs"][0]]]
    command += ["--atol=%g" % tolerance, "--rtol=%g" % tolerance]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0:
        return operator, "passed", ""
    return operator, "failed", "exit %d: %s" % (done.returncode, done.stdout.strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", required=True, help="a folder of vectors")
    parser.add_argument("--pipeline", default="reference", help="reference, cpu, or a textual pass pipeline")
    parser.add_argument("--filter", default="", help="only vectors whose name has this text")
    parser.add_argument("--rope-run", default="rope-run")
    parser.add_argument("--work", required=True, help="a folder for the modules")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)

    table = collections.defaultdict(collections.Counter)
    for name in find_vectors(args.vectors, args.filter):
        operator, status, reason = run(args, os.path.join(args.vectors, name), name)
        table[operator][status] += 1
        print("%-8s %s%s" % (status, name, ": " + reason if reason else ""))
    print("\n%-24s %6s %7s %6s" % ("operator", "passed", "refused", "failed"))
    total = collections.Counter()
    for operator, counts in sorted(table.items()):
        print("%-24s %6d %7d %6d" % (operator, counts["passed"], counts["refused"], counts["failed"]))
        total += counts
    print("%d passed, %d failed, %d skipped" % (total["passed"], total["failed"], total["refused"]))
    return total["failed"] != 0 or total["passed"] == 0


if __name__ == "__main__":
    sys.exit(main())
