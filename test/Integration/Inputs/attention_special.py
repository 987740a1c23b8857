"""rope.attention on special values: both pipelines give NaN and infinities in the same
places, and numbers within 1e-4 elsewhere. Scores of one row differ by thousands, so that
most weights are 0 or 1, or reach to the last number of f32; sinks do, too.

With --element=bf16 the operands are bf16: then a result is rounded to bf16, and where
products are of pairs each weight is, so that numbers agree within 3/256 of the largest
value, 1. Decoding has no such products, and one clause excludes keys. Kernels of a Vulkan
device are chosen by name: --pipelines."""

import argparse
import sys

import numpy

from run_arrays import round_to, run

PIPELINES = {"f32": {"cpu": "cpu", "parts": "builtin.module(rope-cpu-pipeline{key-parts=3})",
                     "parallel-parts": "builtin.module(rope-cpu-pipeline{parallel key-parts=3})",
                     "vulkan": "vulkan", "vulkan-parts": "builtin.module(rope-gpu-pipeline{target=vulkan key-parts=3})"},
             "bf16": {"tiles": "builtin.module(rope-cpu-pipeline{bf16-products=tiles emulate-pair-products})",
                      "dots": "builtin.module(rope-cpu-pipeline{bf16-products=dots emulate-pair-products})",
                      "vulkan-mma": "builtin.module(rope-gpu-pipeline{target=vulkan matrix-products=emulated})",
                      "vulkan-mfma": "builtin.module(rope-gpu-pipeline{target=vulkan matrix-products=emulated-mfma})",
                      "vulkan-wgmma": "builtin.module(rope-gpu-pipeline{target=vulkan matrix-products=emulated-wgmma})",
                      "vulkan-wmma": "builtin.module(rope-gpu-pipeline{target=vulkan matrix-products=emulated-wmma})"}}
TOLERANCE = {"f32": 1e-4, "bf16": 3 / 256}
SHAPES = {"prefill": (2, 2, 75, 75), "decode": (4, 1, 1, 700), "group": (8, 2, 2, 70),
          "blocks": (2, 1, 40, 1200), "two-blocks": (2, 1, 40, 120)}
# Where keys are cut into parts.
IN_PARTS = ("decode", "blocks")
ANYWHERE = ("query", "key", "value", "huge")
# In shapes of several blocks of keys.
IN_BLOCKS = ("limit", "sink", "growing", "unordered", "lowest", "parted")
LARGEST = float(numpy.finfo(numpy.float32).max)


def make_case(shape, special, clauses, element, lanes):
    heads, kv_heads, queries, keys = shape
    data = numpy.random.default_rng(1)
    q, k, v = (data.uniform(-1, 1, size).astype(numpy.float32) for size in
               ((1, heads, queries, lanes), (1, kv_heads, keys, lanes), (1, kv_heads, keys, lanes)))
    # The last key is excluded from all but the last query where it is causal.
    if special == "query":
        q[0, 0, 0, 0], q[0, 1, -1, 3] = numpy.nan, numpy.inf
    elif special == "key":
        k[0, 0, -1, :] = [numpy.nan, numpy.inf] * (lanes // 2)
        k[0, 0, 1, 2] = numpy.inf
    elif special == "value":
        v[0, 0, -1, :4] = [numpy.nan, numpy.inf, -numpy.inf, 1]
    elif special == "huge":
        q *= 1e4
    elif special == "limit":
        # One lane makes the score: up to 0.99 of the largest number, of both signs.
        q[...], k[..., 1:] = 0, 0
        q[..., 0] = numpy.where(numpy.arange(queries) % 2, -1, 1) * 2.0**63
        k[..., 0] *= LARGEST * 0.99 / 2.0**63
        clauses = clauses.replace(" causal", " causal scale 1.0") if clauses else " scale 1.0"
    elif special == "sink":
        clauses += " sinks(%%x : tensor<%dxf32>)" % heads
    elif special == "growing":
        # Weights of the first keys are 0 when the last are known, whatever their values.
        q[...] = 1
        k *= 0.1
        k[:, :, keys // 2:, :] += 100
        v[:, :, :keys // 4, :3] = [numpy.inf, -numpy.inf, numpy.nan]
    elif special == "unordered":
        # A score that is NaN, before others that leave no weight to all that came before.
        q[...] = 1
        k *= 0.1
        k[:, :, keys // 2:, :] += 100
        k[:, 0, 1, 0] = numpy.nan
    elif special == "lowest":
        # Scores of -inf: of some keys, and of all keys of the first head.
        q[..., 0] = 1
        k[:, :, ::3, 0] = -numpy.inf
        k[:, 0, :, 0] = -numpy.inf
    elif special == "parted":
        # Weights that are 0 only beside the maximum of another part, of NaN and infinities.
        q[...], k[...] = 1, 0
        k[:, :, 0, 0], k[:, :, -keys // 4, 0] = 120 * lanes**0.5, 60 * lanes**0.5
        v[:, :, 1 - keys // 4, :3] = [numpy.inf, -numpy.inf, numpy.nan]
    q, k, v = (round_to(element, x) for x in (q, k, v))
    kinds = ["tensor<1x%sx%sx%dx%s>" % (*x.shape[1:3], lanes, element) for x in (q, k, v)]
    arguments = ", %p: index" if "past" in clauses else ""
    if special == "sink":
        arguments += ", %%x: tensor<%dxf32>" % heads
    text = "func.func @main(%%q: %s, %%k: %s, %%v: %s%s) -> %s {\n" % (*kinds, arguments, kinds[0])
    text += "  %%r = rope.attention %%q, %%k, %%v%s : %s, %s, %s\n  return %%r : %s\n}\n" % (clauses, *kinds, kinds[0])
    inputs = [(element, x) for x in (q, k, v)]
    if "past" in clauses:
        inputs.append(("index", numpy.asarray(keys - queries)))
    if special == "sink":
        inputs.append(("f32", numpy.resize(numpy.float32([3e38, -3e38, LARGEST, -numpy.inf]), heads)))
    return text, inputs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--element", choices=list(PIPELINES), default="f32")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--lanes", type=int, default=16)
    parser.add_argument("--pipelines", help="beside the reference; by default those of the CPU")
    parser.add_argument("--specials", default=",".join(ANYWHERE + IN_BLOCKS))
    args = parser.parse_args()
    tolerance = TOLERANCE[args.element]
    chosen = {name: textual for name, textual in PIPELINES[args.element].items()
              if (name in args.pipelines.split(",") if args.pipelines else "vulkan" not in name)}
    failures = cases = 0
    for shape_name in args.shapes.split(","):
        shape = SHAPES[shape_name]
        specials = IN_BLOCKS if "blocks" in shape_name else ANYWHERE + IN_BLOCKS * (shape_name == "decode")
        for special in [special for special in specials if special in args.specials.split(",")]:
            for clauses in ("", " causal past(%p)", " causal") if special in ANYWHERE and args.element == "f32" else (" causal past(%p)",):
                name = "_".join([shape_name, special, clauses.replace("(%p)", "").replace(" ", "")])
                text, inputs = make_case(shape, special, clauses, args.element, args.lanes)
                in_parts = shape_name in IN_PARTS and clauses == " causal past(%p)"
                pipelines = {name: textual for name, textual in chosen.items() if "parts" not in name or in_parts}
                got = {pipeline: run(args.rope_run, args.work, "%s.%s" % (name, pipeline), text, inputs, [args.element], textual,
                                     "vulkan" if "vulkan" in pipeline else "cpu", refused="without products of matrices")[0]
                       for pipeline, textual in {"reference": "reference", **pipelines}.items()}
                for pipeline in pipelines:
                    cases += 1
                    wrong = ~numpy.isclose(got[pipeline], got["reference"], rtol=0, atol=tolerance, equal_nan=True)
                    if wrong.any():
                        print("FAIL %s.%s: %d of %d, first %s: %s, %s" % (
                            name, pipeline, wrong.sum(), wrong.size, numpy.argwhere(wrong)[0],
                            got[pipeline][wrong][0], got["reference"][wrong][0]))
                        failures += 1
    print("%d cases, %d failures" % (cases, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
