# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads f64 arrays from .npy files without numpy."""

import array
import ast
import struct


def read(path):
    """The shape and the flat list of values of a little-endian f64 array in C order."""
    with open(path, "rb") as file:
        content = file.read()
    if content[:6] != b"\x93NUMPY":
        raise ValueError(f"{path}: not an .npy file")
    long_header = content[6] > 1
    start = 12 if long_header else 10
    (length,) = struct.unpack_from("<I" if long_header else "<H", content, 8)
    header = ast.literal_eval(content[start:start + length].decode("latin1"))
    if header["descr"] != "<f8" or header["fortran_order"]:
        raise ValueError(f"{path}: not little-endian f64 in C order")
    values = array.array("d")
    values.frombytes(content[start + length:])
    return header["shape"], values.tolist()
