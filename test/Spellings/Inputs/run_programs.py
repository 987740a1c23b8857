# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Raises many functions at once and runs them beside their originals in one program
that returns how far each pair is off."""

import argparse
import os
import re
import subprocess

PIPELINE = "builtin.module(convert-elementwise-to-linalg,rope-reference-pipeline)"


def make_parser(count, **about_count):
    """The options of every script that checks random programs."""
    parser = argparse.ArgumentParser()
    for option in ("rope-opt", "rope-run", "work"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=count, **about_count)
    parser.add_argument("--prepare", action="append", default=[], metavar="PASS", help="a pass before rope-raise")
    return parser


def judge_halves(judge, programs, death):
    """What `judge` says of each half of programs that die together; of one that dies alone, `death`."""
    if len(programs) == 1:
        return {programs[0].name: death}
    half = len(programs) // 2
    return {**judge(programs[:half]), **judge(programs[half:])}


def split_functions(text):
    """The functions of a printed module by name."""
    functions = {}
    for chunk in re.split(r"\n(?=  func\.func )", text):
        found = re.match(r"\s*func\.func (?:private )?@(\w+)\(", chunk)
        if found:
            functions[found[1]] = chunk[:chunk.rindex("\n  }") + 4]
    return functions


def raise_programs(tools, texts, options="", after=()):
    """What rope-raise, and the passes after it, make of functions by name, or what it says
    as it dies."""
    path = os.path.join(tools.work, "programs.mlir")
    with open(path, "w") as file:
        file.write("\n".join(texts.values()))
    passes = ["--%s" % name for name in tools.prepare] + ["--rope-raise" + options, *after]
    run = subprocess.run([tools.rope_opt, path, "--mlir-print-local-scope", "--verify-each", *passes], capture_output=True, text=True)
    return split_functions(run.stdout) if run.returncode == 0 else "exit status %d: %s" % (run.returncode, run.stderr.strip()[-1500:])


def signature(text):
    head = text[text.index("("):text.index("{\n")]
    arguments, _, results = head.partition(") -> ")
    return re.findall(r"%\w+: (tensor<[^>]*>)", arguments), re.findall(r"tensor<[^>]*>", results)


def fill(name, kind, number):
    """Numbers that follow from their places."""
    shape, element = re.match(r"tensor<((?:\d+x)*)(\w+)>", kind).groups()
    rank = shape.count("x")
    lines = ["%%h0 = arith.constant %d : index" % (number * 977 + 13), "%m = arith.constant 1009 : index", "%k = arith.constant 31 : index"]
    for i in range(rank):
        lines += ["%%x%d = linalg.index %d : index" % (i, i), "%%p%d = arith.muli %%h%d, %%k : index" % (i, i),
                  "%%q%d = arith.addi %%p%d, %%x%d : index" % (i, i, i), "%%r%d = arith.muli %%q%d, %%k : index" % (i, i),
                  "%%h%d = arith.remui %%r%d, %%m : index" % (i + 1, i)]
    lines += ["%%i = arith.index_cast %%h%d : index to i64" % rank]
    if element == "i64":
        value = "%i"
    elif element.startswith("i"):
        lines, value = lines + ["%%y = arith.trunci %%i : i64 to %s" % element], "%y"
    else:
        lines += ["%f = arith.sitofp %i : i64 to f64", "%c = arith.constant 504.5 : f64", "%s = arith.subf %f, %c : f64",
                  "%d = arith.constant 500.0 : f64", "%u = arith.divf %s, %d : f64"]
        value = "%u"
        if element != "f64":
            lines, value = lines + ["%%y = arith.truncf %%u : f64 to %s" % element], "%y"
    dims = ", ".join("d%d" % i for i in range(rank))
    return ("    %s_e = tensor.empty() : %s\n    %s = linalg.generic {indexing_maps = [affine_map<(%s) -> (%s)>], iterator_types = [%s]} outs(%s_e : %s) {\n"
            "    ^bb0(%%out: %s):\n%s\n      linalg.yield %s : %s\n    } -> %s\n") % (
        name, kind, name, dims, dims, ", ".join(['"parallel"'] * rank), name, kind, element, "\n".join("      " + line for line in lines), value, element, kind)


def compare(name, kinds, result, rows):
    """A function that runs both programs and returns the largest difference and
    the largest number. Dynamic sizes are `rows`."""
    wanted, wanted_result = kinds, result
    kinds, result = [kind.replace("?", str(rows)) for kind in kinds], result.replace("?", str(rows))
    element = re.match(r"tensor<(?:\d+x)*(\w+)>", result)[1]
    rank = result.count("x")
    dims = ", ".join("d%d" % i for i in range(rank))
    text = "  func.func private @%s_check() -> (f64, f64) {\n" % name
    for number, kind in enumerate(kinds):
        text += fill("%%a%d" % number, kind, number)
        if wanted[number] != kind:
            text += "    %%k%d = tensor.cast %%a%d : %s to %s\n" % (number, number, kind, wanted[number])
    names = ["%%%s%d" % ("a" if kind == wanted[i] else "k", i) for i, kind in enumerate(kinds)]
    call = "%s : (%s) -> %s" % ("(%s)" % ", ".join(names), ", ".join(wanted), wanted_result)
    wide = lambda value, to: "      %s = arith.extf %s : %s to f64\n" % (to, value, element) if element != "f64" else ""
    pick = lambda value, to: to if element != "f64" else value
    text += "    %%bd = call @%s_o%s\n    %%cd = call @%s_r%s\n" % (name, call, name, call)
    for to in "bc":
        text += "    %%%s = tensor.cast %%%sd : %s to %s\n" % (to, to, wanted_result, result)
    text += "    %z = arith.constant dense<0.0> : tensor<f64>\n"
    text += "    %%d:2 = linalg.generic {indexing_maps = [affine_map<(%s) -> (%s)>, affine_map<(%s) -> (%s)>, affine_map<(%s) -> ()>, affine_map<(%s) -> ()>], iterator_types = [%s]} ins(%%b, %%c : %s, %s) outs(%%z, %%z : tensor<f64>, tensor<f64>) {\n    ^bb0(%%p: %s, %%q: %s, %%m: f64, %%n: f64):\n" % (
        dims, dims, dims, dims, dims, dims, ", ".join(['"reduction"'] * rank), result, result, element, element)
    text += wide("%p", "%pw") + wide("%q", "%qw")
    text += "      %%e = arith.subf %s, %s : f64\n      %%g = math.absf %%e : f64\n      %%h = arith.maximumf %%m, %%g : f64\n" % (pick("%p", "%pw"), pick("%q", "%qw"))
    text += "      %%i = math.absf %s : f64\n      %%j = arith.maximumf %%n, %%i : f64\n      linalg.yield %%h, %%j : f64, f64\n    } -> (tensor<f64>, tensor<f64>)\n" % pick("%p", "%pw")
    text += "    %x = tensor.extract %d#0[] : tensor<f64>\n    %y = tensor.extract %d#1[] : tensor<f64>\n    return %x, %y : f64, f64\n  }\n"
    return text


def run_programs(tools, texts, raised, pipeline=PIPELINE):
    """The largest difference and the largest number of each program, or why they do
    not run."""
    names, parts = list(texts), []
    for name in names:
        kinds, results = signature(texts[name])
        for suffix, text in (("o", texts[name]), ("r", raised[name])):
            parts.append(re.sub(r"func\.func (private )?@%s\(" % name, "func.func private @%s_%s(" % (name, suffix), text, count=1))
        rows = re.search(r"^ *// \? = (\d+)$", texts[name], re.MULTILINE)
        parts.append(compare(name, kinds, results[0], int(rows[1]) if rows else 0))
    values = []
    main = "  func.func @main() -> tensor<%dx2xf64> {\n" % len(names)
    for number, name in enumerate(names):
        main += "    %%r%d:2 = call @%s_check() : () -> (f64, f64)\n" % (number, name)
        values += ["%%r%d#0" % number, "%%r%d#1" % number]
    kind = "tensor<%dx2xf64>" % len(names)
    main += "    %%all = tensor.from_elements %s : %s\n    return %%all : %s\n  }\n" % (", ".join(values), kind, kind)
    path, output = os.path.join(tools.work, "run.mlir"), os.path.join(tools.work, "run.npy")
    with open(path, "w") as file:
        file.write("\n".join(parts) + main)
    run = subprocess.run([tools.rope_run, path, "-O0", "--pipeline=" + pipeline, "--output=" + output], capture_output=True, text=True)
    if run.returncode != 0:
        return "exit status %d: %s" % (run.returncode, run.stderr.strip()[-1500:])
    import struct
    with open(output, "rb") as file:
        numbers = struct.unpack("<%dd" % (2 * len(names)), file.read()[-16 * len(names):])
    return {name: numbers[2 * i:2 * i + 2] for i, name in enumerate(names)}
