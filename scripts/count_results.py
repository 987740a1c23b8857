#!/usr/bin/env python3
"""Prints `N passed, N failed[, N skipped]` for a result file of lit (-o FILE).

Exits non-zero when a test failed or when none passed.
"""

import collections
import json
import sys

PASSED = {"PASS", "FLAKYPASS", "XFAIL"}
SKIPPED = {"UNSUPPORTED", "SKIPPED"}


def main() -> int:
    try:
        with open(sys.argv[1]) as file:
            tests = json.load(file)["tests"]
    except ValueError:
        tests = []  # lit did not get as far as running a test.
    codes = collections.Counter(test["code"] for test in tests if test["code"] != "EXCLUDED")
    passed = sum(codes[code] for code in PASSED)
    skipped = sum(codes[code] for code in SKIPPED)
    failed = sum(codes.values()) - passed - skipped
    line = f"{passed} passed, {failed} failed"
    print(line + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
