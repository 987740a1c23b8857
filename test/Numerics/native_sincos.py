# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles rope.sincos through a pipeline of rope-opt to native code and calls it."""

import array
import ctypes
import math
import os
import struct
import subprocess
import tempfile
from collections import namedtuple
from decimal import Decimal, getcontext

getcontext().prec = 120


def _compute_turn():
    """2 pi by Machin's formula in integers."""
    one = 10**118

    def arctangent(inverse):
        total, power, j = 0, one // inverse, 1
        while power:
            total += power // j if j % 4 == 1 else -(power // j)
            power //= inverse * inverse
            j += 2
        return total
    return 2 * Decimal(16 * arctangent(5) - 4 * arctangent(239)) / one


TURN = _compute_turn()

# frequencies and accuracy in the syntax of the op, positions and tables by type; of an
# op with a length the first position is the start.
SinCos = namedtuple("SinCos", "frequencies dim positions tables accuracy has_length",
                    defaults=["i64", "f32", "exact", False])

_CODES = {"i8": "b", "i16": "h", "i32": "i", "i64": "q", "index": "q",
          "f16": "H", "bf16": "H", "f32": "f", "f64": "d"}
MANTISSA = {"f16": 10, "bf16": 7, "f32": 23, "f64": 52}
_MIN_EXPONENT = {"f16": -14, "bf16": -126, "f32": -126, "f64": -1022}


def _function(index, op, uses):
    p, t = f"tensor<?x{op.positions}>", f"tensor<?x{op.dim // 2}x{op.tables}>"
    if op.has_length:
        sincos = f"""%zero = arith.constant 0 : index
  %length = tensor.dim %p, %zero : {p}
  %start = tensor.extract %p[%zero] : {p}
  %c, %s = rope.sincos %start length %length frequencies<{op.frequencies}> accuracy<{op.accuracy}> : {op.positions} -> {t}"""
    else:
        sincos = f"%c, %s = rope.sincos %p frequencies<{op.frequencies}> accuracy<{op.accuracy}> : {p} -> {t}"
    return f"""
func.func @f{index}(%p: {p}) -> ({t}, {t}) attributes {{llvm.emit_c_interface}} {{
  {sincos}
  {uses.replace("TABLE", t) or f"return %c, %s : {t}, {t}"}
}}"""


def _memref(rank):
    class MemRef(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("data", ctypes.c_void_p), ("offset", ctypes.c_int64),
                    ("sizes", ctypes.c_int64 * rank), ("strides", ctypes.c_int64 * rank)]
    return MemRef


class _Tables(ctypes.Structure):
    _fields_ = [("cos", _memref(2)), ("sin", _memref(2))]


class Library:
    """The functions of several ops, lowered together by one pipeline. `uses` is what
    follows the op in a function if not the return of its tables, of type TABLE."""

    def __init__(self, tools, pipeline, ops, uses="", flags=("-O2",)):
        self.ops = ops
        self._dir = tempfile.TemporaryDirectory()
        source, llvm, shared = (os.path.join(self._dir.name, name) for name in ("f.mlir", "f.ll", "f.so"))
        with open(source, "w") as file:
            file.write("".join(_function(i, op, uses) for i, op in enumerate(ops)))
        lowered = subprocess.run([tools.rope_opt, source, pipeline], check=True, stdout=subprocess.PIPE)
        subprocess.run([tools.mlir_translate, "--mlir-to-llvmir", "-o", llvm], check=True, input=lowered.stdout)
        subprocess.run([tools.clang, *flags, "-march=native", "-Wno-override-module", "-fPIC", "-shared",
                        llvm, "-lm", "-o", shared], check=True)
        self._native = ctypes.CDLL(shared)
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = [ctypes.c_void_p]

    def call(self, index, positions):
        """The tables of the op at `index` as flat lists of floats."""
        op = self.ops[index]
        values = array.array(_CODES[op.positions], positions)
        address, size = values.buffer_info()
        argument = _memref(1)(address, address, 0, (size,), (1,))
        tables = _Tables()
        getattr(self._native, f"_mlir_ciface_f{index}")(ctypes.byref(tables), ctypes.byref(argument))
        return self._take(tables.cos, op.tables), self._take(tables.sin, op.tables)

    def _take(self, table, element):
        count = table.sizes[0] * table.sizes[1]
        data = array.array(_CODES[element])
        data.frombytes(ctypes.string_at(table.data, count * data.itemsize))
        self._free(table.base)
        if element == "f16":
            return list(struct.unpack(f"<{count}e", data.tobytes()))
        if element == "bf16":
            return [struct.unpack("<f", struct.pack("<I", bits << 16))[0] for bits in data]
        return data.tolist()


def distance_in_ulps(got, expected, element):
    """|got - expected| in units of the last place of `expected` as an `element`."""
    if got == expected:
        return 0.0
    if not math.isfinite(got):
        return math.inf
    exponent = math.frexp(expected)[1] - 1 if expected else _MIN_EXPONENT[element]
    return abs(got - expected) / math.ldexp(1.0, max(exponent, _MIN_EXPONENT[element]) - MANTISSA[element])


def add_tool_arguments(parser):
    parser.add_argument("--rope-opt", default="rope-opt")
    parser.add_argument("--mlir-translate", default="mlir-translate")
    parser.add_argument("--clang", default="clang")
