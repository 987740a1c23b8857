"""check_rules.py SOURCE: docs/Algebra.md names every rule with its equation.

A rule is a pattern in lib/Dialect/Rope/IR or Transforms; its equation is the
comment above it. The differential test has an instance of each, but for rules on
types, sizes or memory, which have tests of their own.
"""

import glob
import os
import re
import sys

PATTERN = re.compile(r"((?:^/// .*\n)+)^struct (\w+) final\s*:\s*Op(?:Interface)?RewritePattern<", re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| (.*) \| ([\w-]+) \|$", re.MULTILINE)
NOT_RUN = re.compile(r"OfCast|SinCosOfConstants|SelectBySequenceLength|NarrowTables|RotateOfCopy")


def main():
    source = sys.argv[1]
    rules = {}
    for path in glob.glob(os.path.join(source, "lib/Dialect/Rope/IR/*.cpp")) + glob.glob(os.path.join(source, "lib/Dialect/Rope/Transforms/*.cpp")):
        with open(path) as file:
            for comment, name in PATTERN.findall(file.read()):
                rules[name] = " ".join(line[4:] for line in comment.splitlines())
    with open(os.path.join(source, "docs/Algebra.md")) as file:
        rows = {name: equation for name, equation, _ in ROW.findall(file.read())}
    instances = set()
    for name in ("algebra_rules.py", "algebra_attention.py"):
        with open(os.path.join(source, "test/Integration/Inputs", name)) as file:
            instances.update(re.findall(r"^def (\w+)\(p", file.read(), re.MULTILINE))
    problems = ["%s: %r in the source, %r in the document" % (name, rules.get(name), rows.get(name))
                for name in sorted(rules.keys() | rows.keys()) if rules.get(name) != rows.get(name)]
    problems += ["%s: no instance in the differential test" % name for name in sorted(rules) if name not in instances and not NOT_RUN.search(name)]
    print("\n".join(problems) or "%d rules ok" % len(rules))
    return bool(problems) or not rules


if __name__ == "__main__":
    sys.exit(main())
