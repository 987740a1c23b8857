"""Buffers for compiled functions: memref descriptors over memory that ends at a
page without access, so that a read or write past the end is a crash."""

import ctypes
import mmap
import struct

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

WIDTH = {"f16": 2, "bf16": 2, "f32": 4, "f64": 8}


def encode(element, value):
    """The bytes of a number, rounded to the element type."""
    if element == "bf16":
        bits = struct.unpack("<I", struct.pack("<f", value))[0]
        if value == value:
            bits += 0x7FFF + ((bits >> 16) & 1)
        return struct.pack("<H", (bits >> 16) & 0xFFFF)
    return struct.pack({"f16": "<e", "f32": "<f", "f64": "<d"}[element], value)


def decode(element, data):
    """The numbers that bytes stand for."""
    count = len(data) // WIDTH[element]
    if element == "bf16":
        words = struct.unpack("<%dH" % count, data)
        return struct.unpack("<%df" % count, struct.pack("<%dI" % count, *(word << 16 for word in words)))
    return struct.unpack("<%d%s" % (count, {"f16": "e", "f32": "f", "f64": "d"}[element]), data)


class Buffer:
    """A strided memref and the memory below it."""

    def __init__(self, shape, strides, element, data):
        self.shape, self.strides, self.size = shape, strides, len(data)
        pages = -(-len(data) // mmap.PAGESIZE) + 1
        self.mapped = pages * mmap.PAGESIZE
        self.base = libc.mmap(None, self.mapped, 3, 0x22, -1, 0)
        assert self.base not in (None, ctypes.c_void_p(-1).value), "mmap failed"
        guard = self.base + self.mapped - mmap.PAGESIZE
        assert libc.mprotect(guard, mmap.PAGESIZE, 0) == 0, "mprotect failed"
        self.address = guard - len(data)
        self.write(data)

    def write(self, data):
        ctypes.memmove(self.address, bytes(data), len(data))

    def read(self):
        return ctypes.string_at(self.address, self.size)

    def descriptor(self):
        words = [self.address, self.address, 0, *self.shape, *self.strides]
        return (ctypes.c_int64 * len(words))(*words)

    def release(self):
        libc.munmap(self.base, self.mapped)


def contiguous(shape):
    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step *= max(size, 1)
    return strides
