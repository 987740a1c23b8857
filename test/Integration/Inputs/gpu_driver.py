"""The command line of the checks that run the kernels of random ops on a Vulkan device.

--mutate asks for kernels with other inputs than the reference: then cases must fail.
"""

import argparse
import sys


def main(check):
    """Calls `check(arguments, number)`, which says whether that case agrees, for each case."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-run", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--mutate", action="store_true")
    arguments = parser.parse_args()
    failed = sum(not check(arguments, number) for number in range(arguments.cases))
    print("%d of %d cases failed" % (failed, arguments.cases))
    sys.exit(failed != 0)
