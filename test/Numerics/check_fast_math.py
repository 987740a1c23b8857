# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares tables beside fast-math code with tables alone, bit for bit.

In the same function the tables are used by arithmetic that allows every transformation,
and the backend is told to take the whole module for such code.
"""

import argparse
import sys

from native_sincos import Library, SinCos, add_tool_arguments

FAST = """
  %a = arith.mulf %c, %s fastmath<fast> : TABLE
  %b = arith.addf %a, %s fastmath<fast> : TABLE
  %d = arith.subf %b, %c fastmath<fast> : TABLE
  %e = arith.divf %d, %c fastmath<fast> : TABLE
  return %TABLE_RESULT, %e : TABLE, TABLE"""
FLAGS = ("-O3", "-ffast-math", "-ffp-contract=fast")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_tool_arguments(parser)
    arguments = parser.parse_args()
    positions = [sign * p for p in range(0, 2**31, 2**31 // 997) for sign in (1, -1)] + list(range(1000))
    ops = [SinCos("dim = 64, base = 5.000000e+05", 64, "i64", tables, accuracy)
           for tables in ("f32", "f64") for accuracy in ("exact", "f32_angle", "f32_quotient")]
    failures = 0
    for pipeline in ("--rope-cpu-pipeline", "--rope-cpu-pipeline=tight=true"):
        alone = Library(arguments, pipeline, ops)
        beside = [Library(arguments, pipeline, ops, FAST.replace("%TABLE_RESULT", table), FLAGS)
                  for table in ("%c", "%s")]
        for index, op in enumerate(ops):
            want = alone.call(index, positions)
            for table, number in (("cos", 0), ("sin", 1)):
                got, used = beside[number].call(index, positions)
                assert len(got) == len(want[number]) and used != got
                wrong = sum(g != w for g, w in zip(got, want[number]))
                failures += wrong
                print(f"{pipeline} {op.tables} {op.accuracy} {table}: {len(got)} entries, {wrong} differ")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
