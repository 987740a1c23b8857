"""Runs the kernels of random rope.rotate ops on a Vulkan device, against the reference.

For |x|, |cos|, |sin| <= 1 the results differ by at most 8 u, where u is the unit
roundoff of the computation, and by one rounding to the element type; a kernel fuses a
product and a sum into one rounding. What lies between the rows of a strided buffer stays
as it was. NaN and infinity come out where they do in the reference.

--mutate gives the kernels other tables than the reference: then cases must fail.
"""

import numpy

from gpu_driver import main
from memrefs import contiguous
from rotate_cases import Case, text_type
from run_arrays import SMALLEST, UNIT, round_to, run


def make_case(number, seed):
    """A case that is no tile of another loop."""
    while True:
        case = Case(number, seed)
        seed += 7919
        if case.form != "tiled":
            return case


def extent(shape, strides):
    return 0 if 0 in shape else 1 + sum((size - 1) * stride for size, stride in zip(shape, strides))


def module(case):
    attributes = "along %s%s" % (case.along, case.attributes())
    if case.form == "tensor":
        return case.function().replace(case.name, "main")
    kinds = [(case.shape, case.strides, case.element), (case.shape, case.out_strides, case.element),
             (case.table_shape, case.table_strides, case.table_element), (case.table_shape, case.table_strides, case.table_element)]
    lines, types = [], []
    for name, (shape, strides, element) in zip("xycs", kinds):
        view = "memref<%s%s, strided<[%s]>>" % ("".join("%dx" % s for s in shape), element, ", ".join(map(str, strides)))
        if strides == contiguous(shape):
            view = text_type("memref", shape, strides, element, [False] * len(shape))
        types.append(("memref<%dx%s>" % (extent(shape, strides), element), view))
        lines.append("  %%%sv = memref.reinterpret_cast %%%s to offset: [0], sizes: [%s], strides: [%s] : %s to %s" % (
            name, name, ", ".join(map(str, shape)), ", ".join(map(str, strides)), *types[-1]))
    output = "%xv" if case.form == "in_place" else "%yv"
    view = types[0][1] if case.form == "in_place" else types[1][1]
    lines.append("  rope.rotate %%xv into %s by %%cv, %%sv %s : %s into %s, %s" % (output, attributes, types[0][1], view, types[2][1]))
    # A copy: what a function returns is not an argument.
    result = types[0][0] if case.form == "in_place" else types[1][0]
    lines.append("  %%copy = memref.alloc() : %s" % result)
    lines.append("  memref.copy %s, %%copy : %s to %s" % (output[:2], result, result))
    lines.append("  return %%copy : %s" % result)
    arguments = ", ".join("%%%s: %s" % (name, flat) for name, (flat, _) in zip("xycs", types))
    return "func.func @main(%s) -> %s {\n%s\n}\n" % (arguments, result, "\n".join(lines))


def data(rng, element, shape):
    values = rng.uniform(-1, 1, shape)
    special = rng.random(shape) < 0.02
    choices = numpy.array([0.0, -0.0, numpy.inf, -numpy.inf, numpy.nan, 1e-40, 6.1e-8])
    return element, round_to(element, numpy.where(special, rng.choice(choices, shape), values))


def check(args, number):
    case = make_case(number, args.seed + number)
    rng = numpy.random.default_rng(args.seed + number)
    if case.form == "tensor":
        shapes = [case.shape, case.table_shape, case.table_shape]
        elements = [case.element, case.table_element, case.table_element]
    else:
        shapes = [[extent(case.shape, case.strides)], [extent(case.shape, case.out_strides)]] + [[extent(case.table_shape, case.table_strides)]] * 2
        elements = [case.element, case.element, case.table_element, case.table_element]
    inputs = [data(rng, element, shape) for element, shape in zip(elements, shapes)]
    text = module(case)
    wanted, = run(args.rope_run, args.work, case.name + ".cpu", text, inputs, [case.element], "reference")
    if args.mutate:
        inputs[-1] = (inputs[-1][0], round_to(inputs[-1][0], -inputs[-1][1]))
    got, = run(args.rope_run, args.work, case.name + ".gpu", text, inputs, [case.element], "vulkan", "vulkan")
    wide = "f64" if "f64" in (case.element, case.table_element) else "f32"
    with numpy.errstate(invalid="ignore"):
        bound = 8 * UNIT[wide] + 2 * UNIT[case.element] * abs(wanted) + 2 * SMALLEST[case.element]
        agree = (wanted == got) | (numpy.isnan(wanted) & numpy.isnan(got)) | (abs(wanted - got) <= bound)
    if agree.all():
        return True
    place = tuple(numpy.argwhere(~agree)[0])
    print("%s: %s at %s: got %r, expected %r\n%s" % (case.name, case.element, place, got[place], wanted[place], text))
    return False


main(check)
