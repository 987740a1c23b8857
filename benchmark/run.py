#!/usr/bin/env python3
"""Runs a benchmark with its parts interleaved and prints the medians as ratios.

    benchmark/run.py build/bin/rope-bench-rotate [--json=FILE] [benchmark options]
    benchmark/run.py build/bin/rope-bench-sincos [--json=FILE] [benchmark options]
    benchmark/run.py build/bin/rope-bench-attention [--json=FILE] [benchmark options]

rope-bench-rotate: of rope.rotate to a copy or to reading and writing in place, and to the
kernel by hand. rope-bench-sincos: of tables to writing as many bytes, and of rotations
that make their tables to those whose tables are ready. rope-bench-attention: of
rope.attention to the kernel by hand, to as many fused products in registers, to reading
keys and values, and to the first case of its group by the time of a product.

Processor time; of several threads, which have /real_time in their names, real time.
Names are group/.../kind: a group runs in one process, interleaved. FILE gets the medians
in nanoseconds. Exits with 1 if a result was wrong.
"""

import argparse
import collections
import json
import subprocess
import sys
import tempfile

FLAGS = ["--benchmark_enable_random_interleaving=true", "--benchmark_repetitions=11",
         "--benchmark_min_time=0.02", "--benchmark_out_format=json"]


def ratio(time, other):
    return "%.2f" % (time / other) if other else "-"


def print_rotations(median, _):
    print("%-28s %12s %16s %14s" % ("shape/type/pairing", "time [us]", "/ memory", "/ by hand"))
    for name, time in sorted(median.items()):
        parts = name.split("/")
        if not parts[-1].startswith("rope"):
            continue
        in_place = parts[-1].endswith("in_place")
        memory = median.get("/".join(parts[:2] + ["read_modify_write" if in_place else "memcpy"]))
        by_hand = median.get("/".join(parts[:3] + ["by_hand_in_place" if in_place else "by_hand"]))
        print("%-28s %12.2f %16s %14s" % ("/".join(parts[:3]) + (" in place" if in_place else ""), time / 1000,
                                          ratio(time, memory), ratio(time, by_hand)))


def print_angles(median, _):
    print("%-28s %12s %16s" % ("shape/form/tables", "time [us]", "/ ready"))
    for name, time in sorted(median.items()):
        base = median.get(name.rsplit("/", 1)[0] + ("/write" if name.startswith("table/") else "/ready"))
        print("%-28s %12.2f %16s" % (name, time / 1000, ratio(time, base)))


def print_attentions(median, rates):
    print("%-20s %10s %7s %10s %11s %7s %8s" % (
        "case", "time [us]", "GF/s", "/ by hand", "/ products", "/ read", "/ first"))
    first = {}
    for name, time in median.items():
        case, kind = name.rsplit("/", 1)
        if kind == "rope":
            base = first.setdefault(case.split("/")[0], rates[name])
            by_hand, products, read = (ratio(time, median.get(f"{case}/{kind}"))
                                       for kind in ("by_hand", "products", "read"))
            print("%-20s %10.2f %7.1f %10s %11s %7s %8s" % (
                case, time / 1000, rates[name], by_hand, products, read, ratio(base, rates[name])))


def list_groups(program, options):
    """group -> names, in the order of the program."""
    listed = subprocess.run([program, "--benchmark_list_tests=true", *options], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    groups = collections.defaultdict(list)
    for name in listed.split():
        groups[name.split("/")[0]].append(name)
    return groups


def run_group(program, names, options):
    """The entries of a group: its names' runs and aggregates."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        chosen = "--benchmark_filter=^(%s)$" % "|".join(names)
        done = subprocess.run([program, *FLAGS, *options, chosen, "--benchmark_out=" + file.name],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"{program}: exit {done.returncode}\n{done.stderr}")
        return json.load(file)["benchmarks"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--json")
    args, options = parser.parse_known_args()
    printers = {"attention": print_attentions, "sincos": print_angles, "rotate": print_rotations}
    printer = next((printer for name, printer in printers.items() if name in args.program), None)
    if not printer:
        parser.error(f"{args.program} is not rope-bench-" + ", -".join(printers))
    median, rates, errors = {}, {}, {}
    groups = list_groups(args.program, options)
    for number, (group, names) in enumerate(groups.items(), 1):
        print(f"[{number}/{len(groups)}] {group}: {len(names)} benchmarks", file=sys.stderr, flush=True)
        entries = run_group(args.program, names, options)
        for name in names:  # in the order of the program
            for entry in (entry for entry in entries if entry["run_name"] == name):
                kind = name.removesuffix("/real_time")
                if entry.get("error_occurred"):
                    errors[kind] = entry["error_message"]
                elif entry.get("aggregate_name") == "median":
                    median[kind] = entry["real_time" if kind != name else "cpu_time"]
                    rates[kind] = entry.get("GF/s", 0)
    printer(median, rates)
    if args.json:
        with open(args.json, "w") as file:
            json.dump(median, file, indent=1)
    for name, message in errors.items():
        print(f"{name}: {message}", file=sys.stderr)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
