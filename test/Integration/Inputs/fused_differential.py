"""Compares rotations whose tables are made in their loop with the same rotations
by whole tables, bit for bit: layouts, run-time sizes, element types, parts of heads,
sequences with a start, tails, one row, no row."""

import argparse
import os
import random
import struct
import sys
from collections import namedtuple

sys.path.insert(0, os.path.dirname(__file__))
from memrefs import WIDTH, Buffer, contiguous, encode
from rotate_differential import compile_module

# Sizes behind `?` are known at run time only. `positions` are dimensions of x.
Case = namedtuple("Case", "shape along dynamic element table dim attributes in_place start",
                  defaults=[(), "f32", "f32", None, "", False, False])
CASES = [
    Case((37, 3, 16), (0,)),
    Case((37, 3, 16), (0,), (0, 1)),
    Case((64, 2, 128), (0,), (0,), in_place=True),
    Case((2, 3, 21, 8), (2,), (0, 1, 2)),
    Case((2, 3, 21, 8), (0, 2), (2,), in_place=True),
    Case((2, 33, 3, 8), (0, 1), (0, 1, 2)),
    Case((5, 4, 24), (0,), (0,), "bf16", "f32", 16, "offset 4 rotary_dim 16"),
    Case((50, 4, 24), (0,), (0,), "f16", "f16", 16, "pairing<interleaved> rotary_dim 16", True),
    Case((19, 2, 64), (0,), (0,), "bf16", "bf16", 64, "pairing<interleaved>"),
    Case((19, 2, 12), (0,), (0,), "f64", "f64", 12, "inverse"),
    Case((19, 40), (0,), (0,)),
    Case((1, 4, 16), (0,), (0,)),
    Case((0, 4, 16), (0,), (0,)),
    Case((130, 4, 16), (0,), (), in_place=True),
    Case((130, 4, 16), (0,), (0,), in_place=True, start=True),
    Case((3, 4, 70, 16), (0, 2), (0, 2), start=True),
]


def memref(shape, dynamic, element):
    return f"memref<{''.join(f'?x' if i in dynamic else f'{n}x' for i, n in enumerate(shape))}{element}>"


def write_function(number, case):
    dim = case.dim or case.shape[-1]
    along = case.along
    x = memref(case.shape, case.dynamic, case.element)
    table = memref([case.shape[d] for d in along] + [dim // 2], [i for i, d in enumerate(along) if d in case.dynamic],
                   case.table)
    position_dims = along[:-1] if case.start else along
    p = memref([case.shape[d] for d in position_dims],
               [i for i, d in enumerate(position_dims) if d in case.dynamic], "i64")
    sizes = [f"%n{d}" for d in along if d in case.dynamic]
    length = ""
    text = f"func.func @f{number}(%x: {x}, %y: {x}, %p: {p}) {{\n"
    for d in along:
        text += f"  %c{d} = arith.constant {d} : index\n  %n{d} = memref.dim %x, %c{d} : {x}\n"
    if case.start:
        length = f" length %n{along[-1]}"
    for name in ("cos", "sin"):
        text += f"  %{name} = memref.alloc({', '.join(sizes)}) : {table}\n"
    target = "%x" if case.in_place else "%y"
    text += f"  rope.sincos %p{length} into %cos, %sin frequencies<dim = {dim}> : {p} -> {table}, {table}\n"
    text += (f"  rope.rotate %x into {target} by %cos, %sin along {list(along)} {case.attributes}"
             f" : {x} into {x}, {table}\n")
    return text + "  return\n}\n"


def run(library, number, case, x_data, y_data, positions):
    strides = contiguous(case.shape)
    x = Buffer(case.shape, strides, case.element, x_data)
    y = Buffer(case.shape, strides, case.element, y_data)
    dims = case.along[:-1] if case.start else case.along
    shape = [case.shape[d] for d in dims]
    p = Buffer(shape, contiguous(shape), "i64", struct.pack(f"<{len(positions)}q", *positions))
    getattr(library, f"_mlir_ciface_f{number}")(x.descriptor(), y.descriptor(), p.descriptor())
    result = x.read() + y.read()
    for buffer in (x, y, p):
        buffer.release()
    return result


def count(shape):
    product = 1
    for size in shape:
        product *= size
    return product


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("rope-opt", "mlir-translate", "clang", "work"):
        parser.add_argument("--" + option, required=True)
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    text = "".join(write_function(number, case) for number, case in enumerate(CASES))
    base = "rope-cpu-pipeline{raise=false %s}"
    tables = compile_module(args, text, base % "angles=table", "table")
    failures = 0
    for options in ("angles=auto", "angles=on-the-fly vector-bits=256", "angles=on-the-fly parallel"):
        fused = compile_module(args, text, base % options, options.replace(" ", "_"))
        for number, case in enumerate(CASES):
            generator = random.Random(number)
            x_data = b"".join(encode(case.element, generator.uniform(-1, 1)) for _ in range(count(case.shape)))
            y_data = bytes(len(x_data))
            dims = case.along[:-1] if case.start else case.along
            positions = [generator.randint(-2**30, 2**30) for _ in range(count([case.shape[d] for d in dims]))]
            want = run(tables, number, case, x_data, y_data, positions)
            got = run(fused, number, case, x_data, y_data, positions)
            if want == x_data + y_data and count(case.shape):
                failures += 1
                print(f"case {number}: nothing was rotated")
            if got != want:
                failures += 1
                print(f"{options}: case {number} differs\n{write_function(number, case)}")
    print(f"{len(CASES)} cases, {failures} failures")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
