"""The kernels of this project: compiled to a shared object, called through ctypes."""

import ctypes
import os
import subprocess

import numpy as np


def make_type(array):
    element = {"float32": "f32", "int32": "i32"}[array.dtype.name]
    return "memref<" + "".join(f"{size}x" for size in array.shape) + element + ">"


def make_descriptor(array):
    """A pointer to the memref of a contiguous array, and what keeps it alive."""
    assert array.flags.c_contiguous
    words = [array.ctypes.data, array.ctypes.data, 0, *array.shape, *(s // array.itemsize for s in array.strides)]
    return (ctypes.c_int64 * len(words))(*words)


def write_rotation(arrays, target="y"):
    types = {name: make_type(array) for name, array in arrays.items()}
    return f"""
func.func @main(%x: {types['x']}, %cos: {types['cos']}, %sin: {types['sin']}, %y: {types['y']}) {{
  rope.rotate %x into %{target} by %cos, %sin along [0] pairing<half>
    : {types['x']} into {types['y']}, {types['cos']}
  return
}}"""


def write_attention(work, arrays):
    types = {name: make_type(array) for name, array in arrays.items()}
    table = types["cos"]
    keys = "" if work.is_step else f"rotate_key(%cos, %sin : {table})"
    return f"""
func.func @main(%q: {types['q']}, %k: {types['k']}, %v: {types['v']}, %cos: {table}, %sin: {table}, %y: {types['y']}) {{
  rope.attention %q, %k, %v into %y layout<bshd> {'causal' if work.causal else ''}
    rotate_query(%cos, %sin : {table}) {keys}
    : {types['q']}, {types['k']}, {types['v']} into {types['y']}
  return
}}"""


class Compiler:
    def __init__(self, build, llvm, folder):
        self.rope_compile = os.path.join(build, "bin", "rope-compile")
        self.clang, self.folder, self.count = os.path.join(llvm, "clang"), folder, 0
        self.version = subprocess.run([self.clang, "--version"], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout.split("\n")[0]
        os.makedirs(folder, exist_ok=True)

    def compile(self, text):
        """The function `main` of a module."""
        path = os.path.join(self.folder, f"kernel{self.count}")
        self.count += 1
        with open(path + ".mlir", "w") as file:
            file.write(text)
        tools = [[self.rope_compile, path + ".mlir", "--emit=object", "-O3", "-o", path + ".o"],
                 [self.clang, "-shared", path + ".o", "-o", path + ".so"]]
        for tool in tools:
            subprocess.run(tool, check=True)
        return getattr(ctypes.CDLL(path + ".so"), "_mlir_ciface_main")

    def bind(self, text, arrays):
        """A call on these arrays, which returns the last of them."""
        function = self.compile(text)
        pointers = [ctypes.byref(make_descriptor(array)) for array in arrays]

        def run(_=arrays):
            function(*pointers)
            return arrays[-1]

        return run

    def prepare(self, work, inputs):
        if work.kind == "rope":
            inputs = {**inputs, "y": np.full_like(inputs["x"], np.nan)}
            return self.bind(write_rotation(inputs), list(inputs.values()))
        # Tensors have a batch.
        arrays = {name: inputs[name][None] for name in "qkv"}
        arrays.update(cos=inputs["cos"], sin=inputs["sin"], y=np.full_like(arrays["q"], np.nan))
        run = self.bind(write_attention(work, arrays), list(arrays.values()))
        return lambda: run()[0]

    def make_tables(self, positions, lanes, base):
        """cos and sin of positions, by rope.sincos."""
        positions = positions.astype(np.int32)
        table = np.full((len(positions), lanes // 2), np.nan, np.float32)
        tables = [table, table.copy()]
        text = f"""
func.func @main(%p: {make_type(positions)}, %cos: {make_type(table)}, %sin: {make_type(table)}) {{
  rope.sincos %p into %cos, %sin frequencies<dim = {lanes}, base = {base!r}>
    : {make_type(positions)} -> {make_type(table)}, {make_type(table)}
  return
}}"""
        self.bind(text, [positions, *tables])()
        return tables
