"""The PTX of an attention by tensor cores, run on NumPy arrays with its hazards, against attention_model.py.

Tiles, instructions, descriptors, fragments, barriers, copies and fences are what a GPU gets
(ptx_machine.py); ptxas, and what the hardware does with the instructions, are not in it. Bounds are
those of gpu_attention_tiles.py.
"""

import argparse
import re
import subprocess
import sys

import numpy

from attention_differential import is_within
from gpu_attention_tiles import LANES, WARPGROUP_LANES, TiledCase, expected_and_bounds
from ptx_block import Block
from ptx_machine import SHARED, Memory, Shared, parse
from run_arrays import decode, encode


# Of several tiles of 128 queries and 64 or 112 keys, too.
SIZES = [16, 70, 128, 150], [15, 64, 130, 260]


# What stands in the PTX, what is put there instead, and what must be found then.
BREAKS = [("bar.sync \t0;", "", "without a barrier"),
          ("cp.async.wait_group \t0;", "", "before its copy was waited for"),
          ("fence.proxy.async.shared::cta;", "", "was not published"),
          ("wgmma.wait_group.sync.aligned 0;", "", "touched while a product is at work"),
          ("wgmma.fence.sync.aligned;", "", "behind the last wgmma.fence"),
          ("adds, 1, 1, 1;", "adds, 1, 1, 0;", "off by")]


class Static:
    """All sizes of a module are static."""

    def random(self):
        return 0


def compile_case(rope_opt, text, chip, options):
    """The PTX, the entry that is launched, its grid, threads and bytes of dynamic shared memory."""
    pipeline = "builtin.module(rope-gpu-pipeline{target=nvptx chip=%s format=isa%s})" % (chip, options)
    run = subprocess.run([rope_opt, "-", "--pass-pipeline=" + pipeline], input=text.encode(), capture_output=True)
    if run.returncode != 0 or b"remark" in run.stderr:
        raise RuntimeError(run.stderr.decode()[:500])
    module = run.stdout.decode("latin1")
    escaped = re.search(r'assembly = "((?:[^"\\]|\\.)*)"', module)[1]
    ptx = re.sub(r"\\([0-9A-F]{2}|.)", lambda found: chr(int(found[1], 16)) if len(found[1]) == 2 else found[1], escaped)
    launches = re.findall(r"gpu\.launch_func\s+@\w+::@(\w+) blocks in \((.*?)\) threads in \((.*?)\)(?: : i64)?(?: dynamic_shared_memory_size (%\w+))?", module)
    constants = dict(re.findall(r"(%\w+) = llvm\.mlir\.constant\((-?\d+) : \w+\)", module))
    (entry, blocks, threads, shared), = launches
    numbers = [[int(constants[name]) for name in names.split(", ")] for names in (blocks, threads)]
    return ptx, entry, numbers[0], numbers[1][0], int(constants[shared]) if shared else 0


def run_kernel(ptx, entry, grid, threads, dynamic, arrays, scalars):
    parameters, instructions, labels, variables, external = parse(ptx, entry)
    memory = Memory(arrays)
    values = []
    for address, data in zip(memory.addresses, memory.buffers):
        values += [address, address, 0, data.size, 1]
    values += scalars
    assert len(values) == len(parameters), "%d arguments for %d parameters" % (len(values), len(parameters))
    symbols, size = {}, 0
    for alignment, kind, name, count in variables:
        size += -size % int(alignment)
        symbols[name] = SHARED + size
        size += int(re.sub(r"\D", "", kind)) // 8 * int(count or 1)
    for alignment, name in external:
        size += -size % int(alignment)
        symbols[name] = SHARED + size
    size += dynamic
    # Memory comes in units of 128 bytes, and LLVM reads whole vectors at the end of arrays.
    size += -size % 128
    for z in range(grid[2]):
        for y in range(grid[1]):
            for x in range(grid[0]):
                shared = Shared(size)
                arguments = dict(zip(parameters, values))
                Block((instructions, labels), (x, y, z), threads, arguments, memory, shared, symbols).run()
    return memory.buffers


def find_difference(what, element, expected, bound, data):
    """What is wrong with a result in the bytes that a kernel wrote, an empty text if nothing is."""
    array = decode(element, data.view(encode(element, 0).dtype).reshape(expected.shape))
    if is_within(expected, array, bound, element):
        return ""
    with numpy.errstate(invalid="ignore"):
        return "%s %s off by %g" % (what, expected.shape, numpy.nanmax(abs(expected - array), initial=0.0))


def check(case, args, edit=lambda ptx: ptx):
    """What is wrong with the results of a case, an empty text if nothing is."""
    case.rng = Static()
    if case.mask is not None and case.mask.size == 0:
        case.mask = None
    text, inputs = case.module()
    elements = list(case.result_elements)
    ptx, entry, grid, threads, dynamic = compile_case(args.rope_opt, text, args.chip, " key-rotation=blocks")
    results = expected_and_bounds(case)
    given = dict(zip(re.findall(r"%(\w+): ", text.split("->")[0]), inputs))
    for (what, expected, _), element in zip(results, elements):
        given[what] = element, numpy.zeros(expected.shape)
    # As the kernel asks for them.
    order = ["q", "query_c", "query_s", "k", "key_c", "key_s", "v", "out", "n", "lse", "x", "m"]
    names = [name for name in order if name in given]
    scalars = [int(given["p"][1])] if "p" in given else []
    try:
        buffers = run_kernel(edit(ptx), entry, grid, threads, dynamic, [encode(*given[name]) for name in names], scalars)
    except RuntimeError as error:
        return str(error)
    for (what, expected, bound), element in zip(results, elements):
        if wrong := find_difference(what, element, expected, bound, buffers[names.index(what)]):
            return wrong
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-opt", required=True)
    parser.add_argument("--chip", default="sm_90a")
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--break", action="store_true", dest="breaks", help="break the PTX of each case in every way that must be found")
    args = parser.parse_args()
    failures = 0
    for number in range(args.first, args.first + args.cases):
        def make():
            lanes = WARPGROUP_LANES if args.chip == "sm_90a" else LANES
            return TiledCase(number, args.seed * 3000 + number, None, 8, lanes, SIZES)
        if not args.breaks:
            if wrong := check(make(), args):
                print("FAIL ptx%d: %s" % (number, wrong))
                failures += 1
            continue
        for old, new, finding in BREAKS:
            if args.chip != "sm_90a" and "cp.async" not in old and "bar" not in old:
                continue

            def edit(ptx):
                assert old in ptx, old
                return ptx.replace(old, new)
            if finding not in (wrong := check(make(), args, edit)):
                print("FAIL ptx%d: '%s' for '%s' gives '%s', not '%s'" % (number, new, old, wrong, finding))
                failures += 1
    print("%d cases, %d failures" % (args.cases, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
