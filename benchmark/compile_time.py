#!/usr/bin/env python3
"""How long kernels take from their module to object code, and how large that is.

    benchmark/compile_time.py --build build [--runs N] [--levels 1,3] [FILE[:FUNCTION] ...]

Each FILE.mlir, or one FUNCTION of it, is compiled by `rope-compile --emit=object` for this
machine at each level of LLVM's optimizations. Without files: a rotation of examples/ and the
attentions of attention-kernels.mlir.

Medians of interleaved runs in milliseconds of processor time, so that what else the machine
does counts little: `all`, of a process from its start to its end; `start`, of one that is
given an empty module; and the rest by the shares of --mlir-timing: `passes`, of them `ours`,
and at each level LLVM's passes and machine code. Sizes are bytes of .text. --limit fails
where a kernel takes more in all, at the first level, --own-limit where our passes do.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KERNELS = os.path.join(ROOT, "benchmark/attention-kernels.mlir")
DEFAULT = [os.path.join(ROOT, "examples/cases/llama.rope/module.mlir")] + [
    f"{KERNELS}:attention_{name}" for name in ("d", "d_causal", "e", "f", "bf16_64")]


def find_own_passes():
    """Their names, as --mlir-timing prints them."""
    names = set()
    for folder, _, files in os.walk(os.path.join(ROOT, "include")):
        if "Passes.td" in files:
            with open(os.path.join(folder, "Passes.td")) as file:
                names.update(re.findall(r"^def (\w+)\s*:\s*Pass<", file.read(), re.MULTILINE))
    return names


def read_kernel(name):
    """A short name and the text of FILE or FILE:FUNCTION."""
    path, _, function = name.partition(".mlir:")
    path = path if path.endswith(".mlir") else path + ".mlir"
    with open(path) as file:
        text = file.read()
    if not function:
        return os.path.basename(os.path.dirname(os.path.abspath(path))), text
    functions = re.findall(r"^func\.func @(\w+)", text, re.MULTILINE)
    if function not in functions:
        sys.exit(f"error: {path} has no function {function}: there are {', '.join(functions)}")
    other = r"^func\.func @(?!%s\b).*?^}\n" % function
    return function, re.sub(other, "", text, flags=re.MULTILINE | re.DOTALL)


def run(command):
    """Processor time in milliseconds and what went to stderr."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        text = errors.read()
    if process.returncode:
        sys.exit(f"error: {' '.join(command)}\n{text}")
    return 1000 * (usage.ru_utime + usage.ru_stime), text


class Compiler:
    def __init__(self, arguments, folder):
        self.rope_compile = os.path.join(arguments.build, "bin/rope-compile")
        self.llvm_size = os.path.join(arguments.llvm, "llvm-size")
        self.levels, self.folder = arguments.levels, folder
        self.own = find_own_passes()
        self.empty = self.write("empty", "")

    def write(self, name, text):
        path = os.path.join(self.folder, name + ".mlir")
        with open(path, "w") as file:
            file.write(text)
        return path

    def compile(self, path, level):
        """Processor time, and the shares of stages and passes in the real time."""
        time, report = run([self.rope_compile, path, "--emit=object", f"-O{level}", "-o", f"{path}.{level}.o",
                            "--mlir-timing", "--mlir-timing-display=tree"])
        # A stage is indented by two; what it has nested, like the passes of functions, by more.
        lines = [(float(time), len(indent), name) for time, indent, name in
                 re.findall(r"^ *([\d.]+) \([^)]*\)( +)(.+)$", report, re.MULTILINE)]
        total = next(time for time, _, name in lines if name == "Total")
        outer = min(indent for _, indent, _ in lines)
        stages = {name: time / total for time, indent, name in lines if indent == outer}
        stages["ours"] = sum(time for time, _, name in lines if name in self.own) / total
        return time, stages

    def measure(self, path):
        """Stage -> milliseconds."""
        start = self.compile(self.empty, self.levels[0])[0]
        times = {"start": start}
        for level in self.levels:
            total, shares = self.compile(path, level)
            if level == self.levels[0]:
                times["passes"], times["ours"] = (shares[name] * (total - start) for name in ("Passes", "ours"))
            times[f"-O{level}"] = (shares["Optimization"] + shares["Machine code"]) * (total - start)
            times[f"all, -O{level}"] = total
        return times

    def get_sizes(self, path):
        """Bytes of .text at each level."""
        sizes = []
        for level in self.levels:
            sections = subprocess.run([self.llvm_size, "-A", f"{path}.{level}.o"], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout
            sizes.append(sum(int(size) for size in re.findall(r"^\.text\S*\s+(\d+)", sections, re.MULTILINE)))
        return sizes


def parse_levels(text):
    levels = text.split(",")
    if not set(levels) <= set("0123"):
        raise argparse.ArgumentTypeError(f"levels are 0 to 3, got {text}")
    return [int(level) for level in levels]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE[:FUNCTION]")
    parser.add_argument("--build", required=True)
    parser.add_argument("--llvm", default="/usr/lib/llvm-22/bin", help="the folder of llvm-size")
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--levels", type=parse_levels, default=[1, 3], help="of LLVM's optimizations")
    parser.add_argument("--limit", type=float, help="milliseconds to object code at the first level")
    parser.add_argument("--own-limit", type=float, help="milliseconds of our passes")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    with tempfile.TemporaryDirectory() as folder:
        compiler = Compiler(arguments, folder)
        paths, times = {}, {}
        for kernel in arguments.files or DEFAULT:
            name, text = read_kernel(kernel)
            paths[name], times[name] = compiler.write(name, text), []
        for number in range(arguments.runs):
            print(f"run {number + 1} of {arguments.runs}", file=sys.stderr, flush=True)
            for name, path in paths.items():
                times[name].append(compiler.measure(path))
        first = f"all, -O{arguments.levels[0]}"
        stages = list(next(iter(times.values()))[0])
        print("| kernel | " + " | ".join(stages) + " | bytes |")
        print("|---" * (len(stages) + 2) + "|")
        slow = []
        for name, runs in times.items():
            median = {stage: statistics.median(run[stage] for run in runs) for stage in stages}
            sizes = " / ".join(str(size) for size in compiler.get_sizes(paths[name]))
            print("| %s | %s | %s |" % (name, " | ".join("%.0f" % median[stage] for stage in stages), sizes))
            for limit, value, what in ((arguments.limit, median[first], "to object code"), (arguments.own_limit, median["ours"], "in our passes")):
                if limit is not None and value > limit:
                    slow.append(f"{name}: {value:.0f} ms {what}, above {limit:g}")
        if slow:
            sys.exit("\n".join(slow))


if __name__ == "__main__":
    main()
