"""The share of tensor instructions in the main loop of a kernel, in PTX, in machine code or in AMD's assembly.

Usage: count_loop.py FILE KERNEL LIMIT [WARPS CYCLES]

FILE is PTX or, if its name ends in .cubin, machine code, which nvdisasm lists, or, if it ends
in .s, assembly of AMD. The main
loop is the shortest backward branch over tensor instructions. Instructions that a forward
branch inside of it jumps over are not counted: tiles at a boundary, corrections of sums,
values that are not finite. Fails if the share is below LIMIT percent.

Products of four warps take as long as their matrices are large: given the WARPS of a block and
the CYCLES of a multiprocessor's tensor cores for the products of a pass of the loop, the measure is
the cycles of its four schedulers for the instructions over those, which must be below LIMIT.
"""

import re
import subprocess
import sys

path, kernel, limit = sys.argv[1], sys.argv[2], float(sys.argv[3])
warps, cycles = (int(number) for number in sys.argv[4:] or (0, 0))
if path.endswith(".cubin"):
    text = subprocess.run(["nvdisasm", "-c", path], check=True, capture_output=True, text=True).stdout
    text = text.split(f".text.{kernel}:\n")[1].split("\n.text.")[0]
    label, code, tensor = r"\s*(\.L_x_\d+):", r"\s*/\*[0-9a-f]{4,}\*/\s+(.*?);", r"HG?MMA"
    branch = r"(@!?U?P\d+ )?BRA\b.*\((\.L_x_\d+)\)"
elif path.endswith(".s"):
    with open(path) as file:
        text = re.sub(r";.*", "", file.read()).split(f"\n{kernel}:")[1].split(".Lfunc_end")[0]
    label, code, tensor = r"(\.LBB\d+_\d+):", r"\s+([a-z]\w+( .*)?)$", r"v_mfma|v_wmma"
    branch = r"s_(c)?branch\w*\s+(\.LBB\d+_\d+)"
else:
    with open(path) as file:
        text = re.sub(r"//.*", "", file.read()).split(f".entry {kernel}(")[1].split(".entry")[0]
    # An instruction a line.
    text = re.sub(r"\s+", " ", text).replace(";", ";\n")
    text = re.sub(r"(\$L__BB\d+_\d+): ", r"\n\1:\n ", text)
    label, code, tensor = r"(\$L__BB\d+_\d+):", r"\s*((?:@!?%p\d+ )?[a-z].*);", r"mma\.sync|wgmma\.mma_async"
    branch = r"(@!?%p\d+ )?bra\S*\s+(\$L__BB\d+_\d+)"

instructions, labels = [], {}
for line in text.splitlines():
    if found := re.match(label, line):
        labels[found[1]] = len(instructions)
    elif found := re.match(code, line):
        instructions.append(found[1])
is_tensor = [bool(re.search(tensor, instruction)) for instruction in instructions]
branches = [(place, labels[found[2]], bool(found[1])) for place, instruction in enumerate(instructions)
            if (found := re.match(branch, instruction)) and found[2] in labels]
loops = [(place - target, target, place) for place, target, _ in branches if target <= place and any(is_tensor[target:place])]
_, first, last = min(loops)
skipped = set()
for place, target, is_conditional in branches:
    if is_conditional and first <= place < target <= last:
        skipped.update(range(place + 1, target))
counted = [place for place in range(first, last + 1) if place not in skipped]
tensors = sum(is_tensor[place] for place in counted)
if warps:
    ratio = warps * len(counted) / 4 / cycles
    print(f"{tensors} tensor instructions of {len(counted)}, issue/tensor {ratio:.2f}, limit {limit}; {len(skipped)} more are jumped over")
    sys.exit(ratio >= limit)
share = 100 * tensors / len(counted)
print(f"{tensors} tensor instructions of {len(counted)}, {share:.1f} %, limit {limit} %; {len(skipped)} more are jumped over")
sys.exit(share < limit)
