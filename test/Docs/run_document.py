#!/usr/bin/env python3
"""run_document.py DOCUMENT SOURCE BUILD SCRATCH: does what a document says.

The fenced blocks of DOCUMENT run in order in SCRATCH, which looks like the root
of the repository after a build:

  ```sh            runs, and must succeed
  ```X output      is what the last sh block printed
  ```X file=PATH   is an excerpt of that file
  ```mlir          parses and verifies (rope-opt)

In an output or an excerpt a line `...` stands for lines left out, and `…` within a
line for what is left out there.
"""

import os
import re
import subprocess
import sys

FENCE = re.compile(r"^( *)```(\S*) ?([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def make_scratch(source, build, scratch):
    os.makedirs(scratch)
    for entry in os.listdir(source):
        if not entry.startswith((".git", "build")):
            os.symlink(os.path.join(source, entry), os.path.join(scratch, entry))
    os.symlink(build, os.path.join(scratch, "build"))


def is_excerpt(excerpt, text):
    """Whether runs of lines between `...` lines appear in text in this order."""
    text = [line.rstrip() for line in text.splitlines()]
    runs, at = [[]], 0
    for line in excerpt.splitlines():
        if line.strip() == "...":
            runs.append([])
        else:
            runs[-1].append(re.compile(re.escape(line.rstrip()).replace("…", ".*")))
    for run in runs:
        while not all(pattern.fullmatch(line) for pattern, line in zip(run, text[at:])):
            at += 1
        at += len(run)
        if at > len(text):
            return f"not found: {[pattern.pattern for pattern in run]}"
    return None


def check_block(language, info, block, scratch, last_output):
    if language in ("sh", "bash"):
        environment = dict(os.environ, ROPE_SKIP_BUILD="1", ROPE_BUILD_DIR="build",
                           LIT_FILTER="Dialect/Rope/ops.mlir")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=scratch, env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            return done.stdout + done.stderr + f"exit {done.returncode}", last_output
        return None, done.stdout
    if info == "output":
        problem = is_excerpt(block, last_output)
        return problem and f"{problem}\nin the output:\n{last_output}", last_output
    if info.startswith("file="):
        with open(os.path.join(scratch, info[len("file="):])) as file:
            return is_excerpt(block, file.read()), last_output
    if language == "mlir":
        done = subprocess.run(["build/bin/rope-opt", "-", "-o", os.devnull], cwd=scratch, input=block,
                              stderr=subprocess.PIPE, text=True)
        return (done.stderr if done.returncode else None), last_output
    return None, last_output


def main():
    document, source, build, scratch = sys.argv[1:]
    make_scratch(source, build, scratch)
    with open(os.path.join(source, document)) as file:
        text = file.read()
    last_output = ""
    for number, match in enumerate(FENCE.finditer(text)):
        indent, language, info, block = match.groups()
        block = re.sub(f"^{indent}", "", block, flags=re.MULTILINE)
        problem, last_output = check_block(language, info, block, scratch, last_output)
        line = text.count("\n", 0, match.start()) + 1
        if problem:
            print(f"{document}:{line}: {language} block {info}\n{block}\n{problem}", file=sys.stderr)
            return 1
        print(f"{document}:{line}: {language} {info} ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
