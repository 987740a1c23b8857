"""Runs the kernels of random rope.attention ops on a Vulkan device, against the reference.

Inputs are within [-1, 1]; a result may differ by ATOL of its element type and that of the
operands, since the reference rounds a rotated operand and the kernel does not. It is -inf
only where the reference's is.

--mutate turns the keys of the kernels the other way: then cases must fail.
"""

import random

import numpy

from gpu_driver import main
from run_arrays import round_to, run

ELEMENTS = ["f32", "f16", "bf16"]
ATOL = {"f32": 2e-5, "f16": 2.0**-10, "bf16": 2.0**-7}


def ranked(sizes, dynamic, element):
    return "tensor<%s%s>" % ("".join("%sx" % ("?" if d else s) for s, d in zip(sizes, dynamic)), element)


class Case:
    def __init__(self, number, seed):
        rng, data = random.Random(seed), numpy.random.default_rng(seed)
        self.element = ELEMENTS[number % 3]
        layout = rng.choice(["bhsd", "bshd"])
        batches, kv_heads, group = rng.choice([1, 2, 3]), rng.choice([1, 2]), rng.choice([1, 1, 2, 3])
        queries, keys = rng.choice([1, 1, 2, 5, 9]), rng.choice([0, 1, 3, 17, 64, 65, 150])
        dim, value_dim = rng.choice([2, 6, 8, 16, 40, 64, 128]), rng.choice([1, 8, 16, 64, 70, 130])
        order = (lambda h, s: [h, s]) if layout == "bhsd" else (lambda h, s: [s, h])
        where = rng.random() < 0.5
        sequence = [False, False, where, False] if layout == "bhsd" else [False, where, False, False]
        self.operands, self.inputs = [], []

        def add(name, sizes, dynamic, element, values):
            self.operands.append("%%%s: %s" % (name, ranked(sizes, dynamic, element)))
            self.inputs.append((element, values if element in ("i32", "i64") else round_to(element, values)))
            return ranked(sizes, dynamic, element)

        def floats(name, sizes, dynamic, element):
            return add(name, sizes, dynamic, element, data.uniform(-1, 1, sizes))
        q = floats("q", [batches] + order(kv_heads * group, queries) + [dim], sequence, self.element)
        k = floats("k", [batches] + order(kv_heads, keys) + [dim], sequence, self.element)
        v = floats("v", [batches] + order(kv_heads, keys) + [value_dim], sequence, self.element)
        clauses = " layout<bshd>" if layout == "bshd" else ""
        clauses += " causal" if rng.random() < 0.5 else ""
        if rng.random() < 0.3:
            clauses += " window [%d, %d]" % (rng.choice([-1, 0, 3, 70]), rng.choice([-1, 0, 2]))
        clauses += " scale 0.7" if rng.random() < 0.3 else ""
        clauses += " softcap 1.5" if rng.random() < 0.3 else ""
        for name, rows in (("query", queries), ("key", keys)):
            if rng.random() < 0.6:
                offset = rng.choice([0, 0, 2]) if dim > 4 else 0
                rotary = rng.choice([dim - offset, 2 * ((dim - offset) // 4) or 2])
                width = rotary // 2 if rng.random() < 0.8 else rotary
                shape = ([batches] if rng.random() < 0.3 else []) + [rows, width]
                element = rng.choice(["f32", self.element])
                t = floats(name[0] + "c", shape, [False] * 3, element)
                floats(name[0] + "s", shape, [False] * 3, element)
                clauses += " rotate_%s(%%%sc, %%%ss pairing<%s> offset %d rotary_dim %d%s : %s)" % (
                    name, name[0], name[0], rng.choice(["half", "interleaved"]), offset, rotary, rng.choice(["", " inverse"]), t)
        kind = rng.choice(["nothing", "past", "kv_lengths"])
        if kind == "past":
            past = rng.randrange(max(keys - queries, 0) + 1)
            self.operands.append("%past: index")
            self.inputs.append(("index", numpy.int64(past)))
            clauses += " past(%past)"
        elif kind == "kv_lengths":
            t = add("n", [batches], [False], rng.choice(["i32", "i64"]), data.integers(0, keys + 1, [batches]))
            clauses += " kv_lengths(%%n : %s)" % t
        if rng.random() < 0.25:
            t = floats("sinks", [kv_heads * group], [False], "f32")
            clauses += " sinks(%%sinks : %s)" % t
        self.outputs = [self.element]
        out = ranked([batches] + order(kv_heads * group, queries) + [value_dim], sequence, self.element)
        results = [out]
        if rng.random() < 0.5:
            clauses += " returning_lse"
            self.outputs.append("f32")
            results.append(ranked([batches] + order(kv_heads * group, queries), sequence, "f32"))
        self.clauses = clauses
        names = ", ".join("%%r#%d" % i for i in range(len(results)))
        self.text = """func.func @main(%s) -> (%s) {
  %%r:%d = rope.attention %%q, %%k, %%v%s : %s, %s, %s
  return %s : %s
}
""" % (", ".join(self.operands), ", ".join(results), len(results), clauses, q, k, v, names, ", ".join(results))


def check(args, number):
    case = Case(number, args.seed + number)
    name = "attention%d" % number
    wanted = run(args.rope_run, args.work, name + ".cpu", case.text, case.inputs, case.outputs, "reference")
    if args.mutate:
        case.inputs[1] = (case.inputs[1][0], round_to(case.element, -case.inputs[1][1]))
    got = run(args.rope_run, args.work, name + ".gpu", case.text, case.inputs, case.outputs, "vulkan", "vulkan")
    for element, w, g in zip(case.outputs, wanted, got):
        with numpy.errstate(invalid="ignore"):
            agree = (w == g) | (abs(w - g) <= max(ATOL[element], ATOL[case.element]) * (1 + abs(w)))
        if not agree.all():
            place = tuple(numpy.argwhere(~agree)[0])
            print("%s: %s at %s: got %r, expected %r (%d of %d)\n%s" % (name, element, place, g[place], w[place], (~agree).sum(), agree.size, case.text))
            return False
    return True


main(check)
