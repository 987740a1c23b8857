"""Makes and checks .npy files from numpy expressions.

npy.py make PATH EXPRESSION [PATH EXPRESSION ...]
npy.py check PATH EXPRESSION    # same dtype, shape and bits
npy.py bytes PATH EXPRESSION    # a file of exactly these bytes

Expressions see numpy as np, and bf16(array): the uint16 bits of float32 values,
which must be exact in bf16.
"""

import io
import os
import sys

import numpy as np


def bf16(values):
    bits = np.asarray(values, np.float32).view(np.uint32)
    assert not np.any(bits & 0xFFFF), "not exact in bf16"
    return (bits >> 16).astype(np.uint16)


def npy(array):
    """The bytes of the array's file."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def main(command, *arguments):
    for path, expression in zip(arguments[::2], arguments[1::2]):
        value = eval(expression)
        if command == "check":
            array = np.load(path)
            assert array.dtype == value.dtype, (array.dtype, value.dtype)
            assert array.shape == value.shape, (array.shape, value.shape)
            assert array.tobytes() == value.tobytes(), (array, value)
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(value if command == "bytes" else npy(value))


main(*sys.argv[1:])
