#!/usr/bin/python3
"""Takes the place of rope-run: compiles @main for AArch64 and runs it in an emulator.

    run_on_neon.py FILE.mlir -O3 --pipeline=PIPELINE --device=cpu --input=N.npy ... --output=N.npy ...

The options are those of rope-run that run_arrays.py gives. PIPELINE is `cpu` or a module's that
ends in `rope-cpu-pipeline{...}`, which gets the vectors of NEON. A C program holds the arguments
of @main, tensors or integers, calls it, and writes its results. ROPE_BUILD and LLVM_PREFIX name
the folders of rope-opt and of LLVM.
"""

import argparse
import os
import re
import subprocess

import numpy

SYSROOT = "/usr/aarch64-linux-gnu"
DTYPES = {"f16": numpy.float16, "bf16": numpy.uint16, "f32": numpy.float32, "f64": numpy.float64, "i1": numpy.bool_,
          "i32": numpy.int32, "i64": numpy.int64, "index": numpy.int64}


def parse_types(text):
    """(element, rank) of each type; the rank of a number is None."""
    found = re.findall(r"tensor<([^>]*)>|\b(index|i32|i64)\b", text)
    return [(tensor.split("x")[-1], tensor.count("x")) if tensor else (scalar, None) for tensor, scalar in found]


def read_signature(module):
    header = re.search(r"func\.func @main\((.*?)\)\s*->\s*(.*?)\s*\{\n", module, re.DOTALL)
    return parse_types(header.group(1)), parse_types(header.group(2))


def write_program(arguments, results, inputs, outputs):
    """The C program around `_mlir_ciface_kernel`."""
    ranks = sorted({rank for _, rank in arguments + results if rank is not None})
    lines = ["#include <stdint.h>", "#include <stdio.h>", "#include <stdlib.h>"]
    for rank in ranks:
        sizes = "int64_t sizes[%d], strides[%d];" % (rank, rank) if rank else ""
        lines.append("typedef struct { char *base, *data; int64_t offset; %s } Array%d;" % (sizes, rank))
    lines.append("typedef struct { %s } Results;" % " ".join("Array%d r%d;" % (rank, i) for i, (_, rank) in enumerate(results)))
    result = "Array%d" % results[0][1] if len(results) == 1 else "Results"
    parameters = ["%s *" % result] + ["int64_t" if rank is None else "Array%d *" % rank for _, rank in arguments]
    lines.append("void _mlir_ciface_kernel(%s);" % ", ".join(parameters))
    lines.append("""
static char *read_all(const char *path, long size) {
  char *data = aligned_alloc(64, (size + 127) / 64 * 64);
  FILE *file = fopen(path, "rb");
  if (!data || !file || fread(data, 1, size, file) != size) exit(1);
  fclose(file);
  return data;
}
int main(void) {""")
    passed = ["&results"]
    for number, ((element, rank), (path, array)) in enumerate(zip(arguments, inputs)):
        if rank is None:
            passed.append(str(int(array)))
            continue
        strides = [step // array.itemsize for step in array.strides]
        sizes = ", {%s}, {%s}" % (", ".join(map(str, array.shape)), ", ".join(map(str, strides))) if rank else ""
        lines.append('  char *d%d = read_all("%s", %d);' % (number, path, array.nbytes))
        lines.append("  Array%d a%d = {d%d, d%d, 0%s};" % (rank, number, number, number, sizes))
        passed.append("&a%d" % number)
    lines += ["  %s results;" % result, "  _mlir_ciface_kernel(%s);" % ", ".join(passed), "  FILE *file;"]
    for number, ((element, rank), path) in enumerate(zip(results, outputs)):
        place = "results" if len(results) == 1 else "results.r%d" % number
        size = numpy.dtype(DTYPES[element]).itemsize
        lines.append('  file = fopen("%s", "wb");' % path)
        lines += ["  for (int i = 0; i < %d; ++i) fwrite(&%s.sizes[i], 8, 1, file);" % (rank, place)]
        # A result is contiguous.
        count = " * ".join(["%s.sizes[%d]" % (place, i) for i in range(rank)] + [str(size)])
        lines.append("  fwrite(%s.data + %s.offset * %d, 1, %s, file);" % (place, place, size, count))
        lines.append("  if (fclose(file)) return 1;")
    return "\n".join(lines + ["  return 0;", "}", ""])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("-O", dest="level", default="3")
    parser.add_argument("--pipeline", required=True)
    parser.add_argument("--device", choices=["cpu"])
    parser.add_argument("--input", action="append", default=[])
    parser.add_argument("--output", action="append", default=[])
    args = parser.parse_args()
    llvm, stem = os.path.join(os.environ["LLVM_PREFIX"], "bin"), os.path.splitext(args.file)[0] + ".neon"
    with open(args.file) as file:
        module = file.read()
    arguments, results = read_signature(module)
    # The program has a main of its own.
    with open(stem + ".in.mlir", "w") as file:
        file.write(module.replace("@main(", "@kernel("))
    inputs = []
    for path in args.input:
        array = numpy.ascontiguousarray(numpy.load(path)) if numpy.load(path).ndim else numpy.load(path)
        array.tofile(path + ".raw")
        inputs.append((path + ".raw", array))
    raw = [path + ".raw" for path in args.output]
    with open(stem + ".c", "w") as file:
        file.write(write_program(arguments, results, inputs, raw))
    pipeline = "builtin.module(rope-cpu-pipeline{})" if args.pipeline == "cpu" else args.pipeline
    pipeline = pipeline.replace("rope-cpu-pipeline{", "func.func(llvm-request-c-wrappers),rope-cpu-pipeline{vector-bits=128 vector-registers=32 ")
    clang = [os.path.join(llvm, "clang"), "--target=aarch64-linux-gnu", "-O" + args.level]
    libraries = os.path.join(SYSROOT, "lib")
    start = [os.path.join(libraries, name) for name in ("crt1.o", "crti.o")]
    for command in (
            [os.path.join(os.environ["ROPE_BUILD"], "bin", "rope-opt"), stem + ".in.mlir", "--pass-pipeline=" + pipeline, "-o", stem + ".mlir"],
            [os.path.join(llvm, "mlir-translate"), "--mlir-to-llvmir", stem + ".mlir", "-o", stem + ".ll"],
            clang + ["-Wno-override-module", "-c", stem + ".ll", "-o", stem + ".o"],
            clang + ["-isystem", os.path.join(SYSROOT, "include"), "-c", stem + ".c", "-o", stem + ".main.o"],
            # Nothing of a compiler's own library is called.
            clang + ["-fuse-ld=lld", "-nostdlib", *start, stem + ".o", stem + ".main.o", "-L" + libraries, "-lm", "-lc",
                     os.path.join(libraries, "crtn.o"), "-o", stem],
            ["qemu-aarch64", "-L", SYSROOT, stem]):
        subprocess.run(command, check=True)
    for (element, rank), path, where in zip(results, raw, args.output):
        sizes = numpy.fromfile(path, numpy.int64, rank)
        numpy.save(where, numpy.fromfile(path, DTYPES[element], offset=8 * rank).reshape(sizes))


if __name__ == "__main__":
    main()
