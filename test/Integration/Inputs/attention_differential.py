"""rope.attention against attention_model.py on random cases, through the pipelines.

With u the unit roundoff of the computation, u_p that of softmax_precision, u_r of a
result, X the largest score or sum of |q_l k_l| and D lanes, a score is off by no more
than e = (D + 8) u X, a weight by the factor exp(2 e'), e' = e + 2 u_p max(X, 1), and

    |lse - model|     <= e' + (N + 8) u (X + 1)
    |weights - model| <= 4 e' + (N + 8) u + u_r
    |out - model|     <= V (4 e' + 2 (N + 8) u + 2 u_r) (2 where it is rotated)

for values of magnitude V <= 2, since rotations are rounded alike on both sides. With
products of pairs of bf16 a weight is rounded to bf16, so that out is off by u_w V more,
with u_w = 2^-8: half an ulp of bf16 of the largest value. Scores and lse are as without.

Kernels of a GPU do not round what they rotate, which moves a score by 2 u_o X with u_o of
the operand, and a value by 2 u_o V. Vulkan's exp2(x) is within (3 + 2 |x|) u, its log2
within 3 u or 2^-21.
"""

import argparse
import random
import sys

import numpy

from attention_cases import ELEMENTS, Case
from attention_model import attention, rotated
from run_arrays import SMALLEST, UNIT, round_to, run
from strided import slice_operands

PIPELINES = {"reference": "reference", "cpu": "builtin.module(rope-cpu-pipeline{contract=false})",
             "narrow": "builtin.module(rope-cpu-pipeline{contract=false vector-bits=256})",
             "parallel": "builtin.module(rope-cpu-pipeline{contract=false parallel})",
             "tiles": "builtin.module(rope-cpu-pipeline{contract=false bf16-products=tiles emulate-pair-products})",
             "dots": "builtin.module(rope-cpu-pipeline{contract=false bf16-products=dots emulate-pair-products})",
             "native-tiles": "builtin.module(rope-cpu-pipeline{contract=false bf16-products=tiles})",
             "native-dots": "builtin.module(rope-cpu-pipeline{contract=false bf16-products=dots})",
             "narrow-dots": "builtin.module(rope-cpu-pipeline{contract=false vector-bits=128 bf16-products=dots emulate-pair-products})",
             "parallel-tiles": "builtin.module(rope-cpu-pipeline{contract=false parallel bf16-products=tiles emulate-pair-products})",
             "parallel-parts": "builtin.module(rope-cpu-pipeline{contract=false parallel key-parts=5})",
             "tiles-parts": "builtin.module(rope-cpu-pipeline{contract=false key-parts=3 bf16-products=tiles emulate-pair-products})",
             "dots-parts": "builtin.module(rope-cpu-pipeline{contract=false key-parts=3 bf16-products=dots emulate-pair-products})",
             "parts": "builtin.module(rope-cpu-pipeline{contract=false key-parts=3})", "vulkan": "vulkan",
             "vulkan-parts": "builtin.module(rope-gpu-pipeline{target=vulkan key-parts=3})"}


def to_layout(case, x):
    """Heads first to the layout of the case; scores stay."""
    return x if case.layout == "bhsd" else x.swapaxes(1, 2)


def expected_and_bounds(case, device, has_pairs=False):
    """(name, array, bound) of each result."""
    out, lse, scores, largest, largest_of_all = attention(case)
    is_double = "f64" in (case.q_element, case.k_element, case.v_element)
    unit, result_unit = UNIT["f64" if is_double else "f32"], UNIT[case.q_element] + SMALLEST[case.q_element]
    precision = UNIT[case.precision] if case.precision else 0.0
    score_error = (case.lanes + 8) * unit * max(largest, 1.0)
    vulkan = 1.0 if device == "vulkan" else 0.0
    for role, element in (("query", case.q_element), ("key", case.k_element)):
        if role in case.rotations:
            score_error += vulkan * 2 * UNIT[element] * max(largest, 1.0)
    exponent_error = score_error + 2 * precision * max(largest, 1.0)
    exponent_error += vulkan * (3 + 4 * largest) * unit
    sum_error = (case.keys + 8) * unit
    value_error = vulkan * 2 * UNIT[case.v_element] * ("value" in case.rotations)
    weight_error = UNIT["bf16"] if has_pairs and (case.q_element, case.k_element, case.v_element) == ("bf16",) * 3 else 0.0
    factor = 2.0
    if "output" in case.rotations:
        out = rotated(case, "output", round_to(case.q_element, out), case.q_element)
        factor = 8.0
    results = [("out", to_layout(case, out), factor * (4 * exponent_error + 2 * sum_error + 2 * precision + 2 * result_unit + value_error + weight_error))]
    if case.returns_lse:
        results.append(("lse", to_layout(case, lse), exponent_error + sum_error * (largest + 1) + vulkan * 2.0**-20))
    if case.scores == "weights":
        results.append(("weights", scores["weights"], 4 * exponent_error + sum_error + 2 * precision + result_unit))
    elif case.scores:
        # Raw and capped scores are also those of keys that are not taken.
        reach = 1.0 if case.scores == "biased" else max(1.0, largest_of_all / max(largest, 1.0))
        results.append((case.scores, scores[case.scores],
                        reach * (score_error + 2 * result_unit * max(largest, 1.0))))
    return results


def is_within(expected, got, bound, element):
    if expected.shape != got.shape:
        return False
    expected = round_to(element, expected)
    with numpy.errstate(invalid="ignore"):
        same = (expected == got) | (numpy.isnan(expected) & numpy.isnan(got))
        # The mask may hold numbers of any size.
        return bool((same | (abs(expected - got) <= bound + 4 * UNIT[element] * abs(expected))).all())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--cases", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--large", action="store_true", help="sizes of several tiles, and scores of any size")
    parser.add_argument("--decoding", action="store_true", help="few queries and many keys")
    parser.add_argument("--long", action="store_true", help="tens of queries and many keys")
    parser.add_argument("--strided", action="store_true", help="operands with any strides")
    parser.add_argument("--elements", help="of operands, instead of all")
    parser.add_argument("--pipelines", default="reference,cpu", help="of " + ", ".join(PIPELINES))
    args = parser.parse_args()
    pipelines = args.pipelines.split(",")
    elements = [element for element in ELEMENTS if element != "f64"] if "vulkan" in args.pipelines else ELEMENTS
    if args.elements:
        elements = args.elements.split(",")
    failures = 0
    for number in range(args.first, args.first + args.cases):
        case = Case(number, args.seed * 1000 + number, args.large, elements, args.decoding, args.long)
        text, inputs = case.module()
        if args.strided:
            text, inputs = slice_operands(text, inputs, random.Random(number))
        for pipeline in pipelines:
            textual, device = PIPELINES[pipeline], "vulkan" if "vulkan" in pipeline else "cpu"
            results = expected_and_bounds(case, device, "bf16-products" in textual)
            name = "%s.%s" % (case.name, pipeline)
            got = run(args.rope_run, args.work, name, text, inputs, case.result_elements, textual, device)
            for (what, expected, bound), array, element in zip(results, got, case.result_elements):
                if not is_within(expected, array, bound, element):
                    with numpy.errstate(invalid="ignore"):
                        off = numpy.nanmax(abs(expected - array), initial=0.0) if expected.shape == array.shape else numpy.nan
                    print("FAIL %s: %s %s off by %g, bound %g" % (name, what, expected.shape, off, bound))
                    failures += 1
    print("%d cases, %d failures" % (args.cases, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
