# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads and writes the .npy files of cases without numpy."""

import array
import ast
import struct

# Letter of the array module by numpy's name; halves stay bit patterns.
LETTERS = {"f8": "d", "f4": "f", "f2": "H", "u2": "H", "i8": "q", "i4": "i", "i2": "h", "i1": "b", "b1": "b"}


def read(path):
    """numpy's type name, the shape and the flat values of an array in C order."""
    with open(path, "rb") as file:
        content = file.read()
    long_header = content[6] > 1
    start = 12 if long_header else 10
    (length,) = struct.unpack_from("<I" if long_header else "<H", content, 8)
    header = ast.literal_eval(content[start:start + length].decode("latin1"))
    name = header["descr"][1:]
    values = array.array("f" if name == "c8" else LETTERS[name])
    values.frombytes(content[start + length:])
    return name, header["shape"], values


def write(path, name, shape, values):
    """An array of the same values as `read` gives."""
    descr = ("|" if name in ("b1", "i1") else "<") + name
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, repr(tuple(shape)))
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode("latin1") + values.tobytes())


def to_floats(kind, values):
    """Numbers of f64, f32, f16 or (as u2) bf16."""
    if kind == "f2":
        return struct.unpack("<%de" % len(values), values.tobytes())
    if kind == "u2":
        return struct.unpack("<%df" % len(values), struct.pack("<%dI" % len(values), *(v << 16 for v in values)))
    return values
