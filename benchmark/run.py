#!/usr/bin/env python3
"""Runs a benchmark with its parts interleaved and prints the medians as ratios.

    benchmark/run.py build/bin/rope-bench-rotate [benchmark options]
    benchmark/run.py build/bin/rope-bench-sincos [benchmark options]
    benchmark/run.py build/bin/rope-bench-attention [benchmark options]

rope-bench-rotate: of rope.rotate to a copy or to reading and writing in place, and to the
kernel by hand. rope-bench-sincos: of tables to writing as many bytes, and of rotations
that make their tables to those whose tables are ready. rope-bench-attention: of
rope.attention to as many fused products in registers, and to reading keys and values.
"""

import json
import subprocess
import sys

FLAGS = ["--benchmark_enable_random_interleaving=true", "--benchmark_repetitions=11",
         "--benchmark_min_time=0.02", "--benchmark_report_aggregates_only=true",
         "--benchmark_format=json"]


def print_rotations(median):
    print("%-28s %12s %16s %14s" % ("shape/type/pairing", "time [us]", "/ memory", "/ by hand"))
    for name, time in sorted(median.items()):
        parts = name.split("/")
        if not parts[-1].startswith("rope"):
            continue
        in_place = parts[-1].endswith("in_place")
        memory = median.get("/".join(parts[:2] + ["read_modify_write" if in_place else "memcpy"]))
        by_hand = median.get("/".join(parts[:3] + ["by_hand_in_place" if in_place else "by_hand"]))
        print("%-28s %12.2f %16s %14s" % (
            "/".join(parts[:3]) + (" in place" if in_place else ""), time / 1000,
            "%.2f" % (time / memory) if memory else "-", "%.2f" % (time / by_hand) if by_hand else "-"))


def print_angles(median):
    print("%-28s %12s %16s" % ("shape/form/tables", "time [us]", "/ ready"))
    for name, time in sorted(median.items()):
        base = median.get(name.rsplit("/", 1)[0] + ("/write" if name.startswith("table/") else "/ready"))
        print("%-28s %12.2f %16s" % (name, time / 1000, "%.2f" % (time / base) if base else "-"))


def print_attentions(median):
    print("%-12s %12s %14s %10s" % ("shape", "time [us]", "/ products", "/ read"))
    for name, time in sorted(median.items()):
        shape, kind = name.split("/")
        if kind == "rope":
            products, read = median.get(shape + "/products"), median.get(shape + "/read")
            print("%-12s %12.2f %14s %10s" % (shape, time / 1000, "%.2f" % (time / products) if products else "-",
                                              "%.2f" % (time / read) if read else "-"))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    output = subprocess.run([sys.argv[1], *FLAGS, *sys.argv[2:]], check=True, stdout=subprocess.PIPE).stdout
    median = {}
    for entry in json.loads(output)["benchmarks"]:
        if entry.get("aggregate_name") == "median":
            median[entry["run_name"]] = entry["real_time"]
    printers = {"attention": print_attentions, "sincos": print_angles, "rotate": print_rotations}
    next(printer for name, printer in printers.items() if name in sys.argv[1])(median)


if __name__ == "__main__":
    main()
