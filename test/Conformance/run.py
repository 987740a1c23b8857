#!/usr/bin/env python3
"""Runs vectors of the ONNX node tests through rope and prints the score.

A vector is a folder with node.json, inputs/*.npy and outputs/*.npy. The importer
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

from onnx_import import Refused, translate

TOLERANCES = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 1e-5, "float64": 1e-10}


def find_vectors(folder, pattern):
    for name in sorted(os.listdir(folder)):
        if pattern in name and os.path.exists(os.path.join(folder, name, "node.json")):
            yield name


def run(args, folder, name):
    """(operator, status, reason)"""
    with open(os.path.join(folder, "node.json")) as file:
        node = json.load(file)
    operator = "%s %s" % (node["op"], node["opset"])
    try:
        module = translate(node)
    except Refused as refusal:
        return operator, "refused", str(refusal)
    path = os.path.join(args.work, name + ".mlir")
    with open(path, "w") as file:
        file.write(module)
    command = [args.rope_run, path, "--pipeline=" + args.pipeline]
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
