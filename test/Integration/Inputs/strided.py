"""Operands as slices of larger tensors, so that kernels meet any strides and offsets."""

import re

import numpy

from run_arrays import WIDE


def fill(element):
    """What no kernel may take for an entry."""
    if element == "i1":
        return True
    return numpy.nan if element in ("bf16", "f16", "f32", "f64") else 2**30


def slice_operands(text, inputs, rng):
    """@main with its tensors cut out of larger ones by tensor.extract_slice, and the larger arrays."""
    header, parameters = re.search(r"(func\.func @main\((.*?)\)) ->", text, re.DOTALL).groups()
    parameters = re.findall(r"(%\w+): (tensor<[^>]*>|\w+)", parameters)
    assert len(parameters) == len(inputs)
    written, lines, arrays = [], [], []
    for (name, type), (element, array) in zip(parameters, inputs):
        array = numpy.asarray(array)
        # Upstream takes slices of nothing to start past its end.
        if not array.size or not array.ndim:
            written.append("%s: %s" % (name, type))
            arrays.append((element, array))
            continue
        steps = [rng.choice([1, 1, 2, 3]) for _ in array.shape]
        offsets = [rng.choice([0, 0, 1, 2]) for _ in array.shape]
        sizes = [offset + size * step + rng.choice([0, 1]) for offset, size, step in zip(offsets, array.shape, steps)]
        whole = numpy.full(sizes, fill(element), dtype=array.dtype if element != "bf16" else numpy.float64)
        whole[tuple(slice(offset, offset + size * step, step) for offset, size, step in zip(offsets, array.shape, steps))] = array
        arrays.append((element, whole))
        large, exact = ("tensor<%s%s>" % ("".join("%dx" % size for size in shape), element) for shape in (sizes, array.shape))
        written.append("%s_all: %s" % (name, large))
        target = name if exact == type else name + "_part"
        lines.append("  %s = tensor.extract_slice %s_all%s %s %s : %s to %s" % (
            target, name, offsets, list(array.shape), steps, large, exact))
        if target != name:
            lines.append("  %s = tensor.cast %s : %s to %s" % (name, target, exact, type))
    text = text.replace(header, "func.func @main(%s)" % ", ".join(written))
    brace = text.index("{\n", text.index(") ->")) + 2
    return text[:brace] + "\n".join(lines) + "\n" + text[brace:], arrays
