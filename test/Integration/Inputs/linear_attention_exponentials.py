"""exp(k) of rope.linear_attention where it is near the ends of f32, by the state of one key:
within (1.7e-7 + 1.4e-8 |k|) exp(k), and 2^-125 where it is below that, where it may be 0."""

import argparse
import sys

import numpy

from run_arrays import run

LANES = 40
TEXT = """func.func @main(%x: tensor<1x1x1x40xf32>, %v: tensor<1x1x1x1xf32>) -> tensor<1x1x40x1xf32> {
  %r, %s = rope.linear_attention %x, %x, %v features<exp> returning_state : tensor<1x1x1x40xf32>, tensor<1x1x1x40xf32>, tensor<1x1x1x1xf32>
  return %s : tensor<1x1x40x1xf32>
}
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    args = parser.parse_args()
    # The first 32 are in vectors, the others in single lanes.
    ends = [88.7228, 88.7, 88.4, 88.1, 88.73, 89.5, 200, 3e38, numpy.inf, -87.0, -87.4, -120, -3e38, -numpy.inf, numpy.nan, 0]
    x = numpy.resize(numpy.float32(ends), LANES)
    got = run(args.rope_run, args.work, "exponentials", TEXT, [("f32", x.reshape(1, 1, 1, LANES)), ("f32", numpy.ones((1, 1, 1, 1)))],
              ["f32"], "cpu")[0].reshape(LANES)
    with numpy.errstate(over="ignore", invalid="ignore"):
        expected = numpy.exp(x.astype(numpy.float64))
        rounded = expected.astype(numpy.float32)
        same = (got == rounded) | (numpy.isnan(got) & numpy.isnan(expected))
        near = abs(got - expected) <= (1.7e-7 + 1.4e-8 * abs(x)) * expected + 2.0**-125
        wrong = ~(same | (near & numpy.isfinite(rounded) & numpy.isfinite(got)))
    for lane in numpy.flatnonzero(wrong):
        print("FAIL lane %d: exp(%r) is %r, not %r" % (lane, x[lane], got[lane], expected[lane]))
    print("%d lanes, %d wrong" % (LANES, wrong.sum()))
    return bool(wrong.any())


if __name__ == "__main__":
    sys.exit(main())
