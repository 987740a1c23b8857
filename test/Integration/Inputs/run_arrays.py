"""Runs a module on NumPy arrays by rope-run, and narrow floats in NumPy."""

import os
import subprocess
import sys

import numpy

WIDE = {"f16": numpy.float16, "f32": numpy.float32, "f64": numpy.float64, "i1": numpy.bool_,
        "i32": numpy.int32, "i64": numpy.int64, "index": numpy.int64}
# The unit roundoff of an element type, and its least positive number.
UNIT = {"f16": 2.0**-11, "bf16": 2.0**-8, "f32": 2.0**-24, "f64": 2.0**-53}
SMALLEST = {"f16": 2.0**-24, "bf16": 2.0**-133, "f32": 2.0**-149, "f64": 2.0**-1074}


def round_to(element, array):
    """The nearest values of an element type, as f64."""
    array = numpy.asarray(array, dtype=numpy.float64)
    if element != "bf16":
        with numpy.errstate(over="ignore"):
            return array.astype(WIDE[element]).astype(numpy.float64)
    bits = array.astype(numpy.float32).view(numpy.uint32)
    nearest = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    return numpy.where(numpy.isnan(array), numpy.nan, nearest.astype(numpy.uint32).view(numpy.float32).astype(numpy.float64))


def encode(element, array):
    """What a .npy file holds: bf16 as the bits in uint16. The values must be of the type."""
    array = numpy.asarray(array, order="C")
    if element == "bf16":
        return (array.astype(numpy.float32).view(numpy.uint32) >> 16).astype(numpy.uint16)
    return array.astype(WIDE[element])


def decode(element, array):
    if element == "bf16":
        return (array.astype(numpy.uint32) << 16).view(numpy.float32).astype(numpy.float64)
    assert array.dtype == WIDE[element], (array.dtype, element)
    return array.astype(numpy.float64)


def run(rope_run, work, name, module, inputs, outputs, pipeline, device="cpu", refused=None):
    """The results of @main: `inputs` are (element, array), `outputs` elements; an error if `refused` is reported."""
    os.makedirs(work, exist_ok=True)
    path = os.path.join(work, name)
    with open(path + ".mlir", "w") as file:
        file.write(module)
    # Only what the loops for the CPU become is worth LLVM's time, not an emulation of them.
    level = "-O3" if "cpu" in pipeline and "emulate" not in pipeline else "-O0"
    command = [rope_run, path + ".mlir", level, "--pipeline=" + pipeline, "--device=" + device]
    for number, (element, array) in enumerate(inputs):
        numpy.save("%s.in%d.npy" % (path, number), encode(element, array))
        command.append("--input=%s.in%d.npy" % (path, number))
    command += ["--output=%s.out%d.npy" % (path, number) for number in range(len(outputs))]
    reported = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    sys.stderr.write(reported.stderr)
    if reported.returncode != 0 or refused and refused in reported.stderr:
        raise RuntimeError("%s: exit code %d" % (name, reported.returncode))
    return [decode(element, numpy.load("%s.out%d.npy" % (path, number))) for number, element in enumerate(outputs)]
