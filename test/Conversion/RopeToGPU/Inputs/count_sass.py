"""Checks the instructions of straight-line kernels in NVIDIA machine code.

Usage: count_sass.py CUBIN PAIRS KERNEL=LIMIT...

PAIRS is what a thread rotates; LIMIT the instructions a pair that KERNEL may
take. Fails too where a global access is narrower than 128 bits.
"""

import re
import subprocess
import sys

cubin, pairs, *limits = sys.argv[1:]
listing = subprocess.run(["nvdisasm", "-c", cubin], check=True, capture_output=True, text=True).stdout
kernels = {}
for line in listing.splitlines():
    if section := re.match(r"\s*\.text\.(\w+):", line):
        instructions = kernels.setdefault(section[1], [])
    elif code := re.match(r"\s*/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z0-9_.]+)", line):
        instructions.append(code[1])

failed = False
for name, limit in (argument.split("=") for argument in limits):
    instructions = kernels[name]
    # What follows the exit is padding.
    count = instructions.index("EXIT") + 1
    narrow = [i for i in instructions if re.match("(LDG|STG)", i) and ".128" not in i]
    per_pair = count / int(pairs)
    failed |= per_pair > float(limit) or bool(narrow)
    print(f"{name}: {count} instructions, {per_pair:.2f} a pair, limit {limit}, narrow accesses {narrow}")
sys.exit(failed)
