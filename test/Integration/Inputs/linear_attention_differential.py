"""rope.linear_attention against NumPy in f64, through both pipelines or on a device.

Bounds: a result is rounded once to its type after at most C = 4 (N + F + D + 16)
roundings u of the computation, each relative to the largest sum that can arise, by the
lengths of queries, keys and values (a rotation leaves lengths as they are). The CPU
pipeline may fuse products and sums of a rotation, so that it differs from the reference
by as much.
"""

import argparse
import random
import sys

import numpy

from linear_attention_cases import ELEMENTS, Case
from linear_attention_model import features, linear_attention
from run_arrays import SMALLEST, UNIT, run
from strided import slice_operands

PIPELINES = {name: name for name in ("reference", "cpu", "vulkan")}
PIPELINES["narrow"] = "builtin.module(rope-cpu-pipeline{vector-bits=256})"
PIPELINES["parallel"] = "builtin.module(rope-cpu-pipeline{parallel})"


def bounds(case, expected):
    """The largest errors of out, state and normalizer."""
    model = case.model
    steps = 4 * (case.keys + case.features + case.width + 16) * case.computed
    queries, keys = (features(case.kind, model[name], model.get("projection")) for name in ("query", "key"))
    past, past_normalizer = model.get("past", (None, None))
    state = (numpy.linalg.norm(keys, axis=-1) * abs(model["value"]).max(axis=-1, initial=0)).sum(-1)
    if past is not None:
        state = state + numpy.sqrt((past**2).sum(axis=(2, 3)))
    group = case.heads // case.kv_heads
    out = abs(case.scale) * numpy.linalg.norm(queries, axis=-1) * numpy.repeat(state, group, axis=1)[..., None]
    if case.normalize:
        normalizer = keys.sum(axis=2)
        if past_normalizer is not None:
            normalizer = normalizer + past_normalizer
        below = case.below
        with numpy.errstate(divide="ignore", invalid="ignore"):
            relative = numpy.linalg.norm(queries, axis=-1) * numpy.repeat(numpy.linalg.norm(normalizer, axis=-1), group, axis=1)[..., None] / below
            out = numpy.where(below > 0, out / below + relative * abs(expected[0]).max(-1, initial=0), 0.0)
    sizes = [out[..., None], state[..., None, None]]
    if case.normalize:
        sizes.append(numpy.linalg.norm(normalizer, axis=-1)[..., None])
    elements = [case.element] + [case.state_element] * 2
    return [steps * size + UNIT[element] * abs(value) + SMALLEST[element]
            for size, value, element in zip(sizes, expected, elements)]


def denominators(case):
    """normalizer . phi(q), by the model itself: out over values of one, not normalized."""
    model = {name: value for name, value in case.model.items() if not name.startswith("rotate")}
    ones = numpy.ones(model["value"].shape[:3] + (1,))
    if "past" in model:
        model["past"] = model["past"][1][..., None], model["past"][1]
    model.update(value=ones, normalize=False, scale=1.0)
    return linear_attention(**model)[0][..., 0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--large", action="store_true", help="sizes of several tiles")
    parser.add_argument("--strided", action="store_true", help="operands with any strides")
    parser.add_argument("--pipelines", default="reference,cpu", help="of " + ", ".join(PIPELINES))
    parser.add_argument("--device", choices=["cpu", "vulkan"], default="cpu", help="vulkan: its kernels, without f64")
    args = parser.parse_args()
    failures, worst = 0, {}
    pipelines, elements = args.pipelines.split(","), ELEMENTS
    if args.device == "vulkan":
        pipelines, elements = ("vulkan",), [element for element in ELEMENTS if element != "f64"]
    for number in range(args.first, args.first + args.cases):
        case = Case(number, args.seed * 1000 + number, elements, args.large)
        expected = linear_attention(**case.model)
        if case.normalize:
            case.below = denominators(case)
        module = case.module()
        limits = bounds(case, expected)
        for pipeline in pipelines:
            name = "%s.%s" % (case.name, pipeline)
            inputs = [(element, values) for _, _, element, values in case.operands]
            text = module
            if args.strided:
                text, inputs = slice_operands(module, inputs, random.Random(number))
            got = run(args.rope_run, args.work, name, text, inputs, case.results, PIPELINES[pipeline], args.device)
            if case.layout == "bshd":
                got[0] = numpy.swapaxes(got[0], 1, 2)
            for result, (values, wanted, limit) in enumerate(zip(got, expected, limits)):
                error = abs(values - wanted)
                if values.shape != wanted.shape or not (error <= limit).all():
                    at = numpy.unravel_index(numpy.argmax(error - limit), error.shape)
                    print("FAIL %s result %d at %s: got %g, expected %g, bound %g" % (
                        name, result, at, values[at], wanted[at], numpy.broadcast_to(limit, error.shape)[at]))
                    failures += 1
                key = case.element, case.kind
                if result == 0 and error.size:
                    worst[key] = max(worst.get(key, 0.0), error.max() / max(1.0, abs(wanted).max()))
    for (element, kind), error in sorted(worst.items()):
        print("%s %s: out within %.2g" % (element, kind, error))
    print("%d cases, %d failures" % (args.cases, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
