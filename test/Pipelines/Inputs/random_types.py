"""Random ops on random types: every pipeline makes code of them or refuses them by name.

Element types are mixed, sizes static or not and also 0 and 1, buffers strided in any way. Each
op is a module of its own in one file that the tool splits. What may be reported is an error of
rope at the location of an op; anything else, a crash, or a pipeline that lowers fewer than
`--least` of the modules is a failure.
"""

import argparse
import random
import re
import subprocess
import sys

ELEMENTS = ["f16", "bf16", "f32", "f32", "f64"]
REFUSAL = re.compile(r"error: 'rope\.\w+' op \S")


class Function:
    """A function around one op; `random` chooses among types and clauses."""

    def __init__(self, rng, on_buffers):
        self.rng, self.on_buffers, self.arguments = rng, on_buffers, []
        self.strides_vary = rng.random() < 0.6

    def chance(self, probability):
        return self.rng.random() < probability

    def size(self, *sizes):
        """One of these sizes, static or not."""
        return "?" if self.chance(0.35) else self.rng.choice(sizes)

    def element(self):
        return self.rng.choice(ELEMENTS)

    def type(self, sizes, element):
        shape = "".join("%sx" % size for size in sizes) + element
        if not self.on_buffers:
            return "tensor<%s>" % shape
        if not sizes or not self.strides_vary or self.chance(0.4):
            return "memref<%s>" % shape
        outer, last = self.rng.choice([("?", "1"), ("?", "?"), ("?", "2"), ("64", "1"), ("1", "7"), ("?", "-1"), ("0", "0")])
        strides = ", ".join([outer] * (len(sizes) - 1) + [last])
        return "memref<%s, strided<[%s]%s>>" % (shape, strides, self.rng.choice(["", ", offset: ?", ", offset: 3"]))

    def add(self, type):
        self.arguments.append(type)
        return "%%a%d" % (len(self.arguments) - 1)

    def operand(self, sizes, element):
        """A new argument and its type."""
        type = self.type(sizes, element)
        return self.add(type), type

    def clause(self, name, sizes, element):
        return " %s(%s : %s)" % (name, *self.operand(sizes, element))

    def tables(self, name, batch, positions, lanes):
        """A rotation of an operand's lanes, if there is a pair of them."""
        if lanes < 2:
            return ""
        width = self.rng.choice([lanes // 2 * 2, lanes // 2 * 2, 2 * self.rng.randint(1, lanes // 2)])
        per_lane = self.chance(0.25)
        sizes = [batch] * self.chance(0.25) + [positions, width if per_lane else width // 2]
        cos, type = self.operand(sizes, self.element())
        text = " %s(%s, %s" % (name, cos, self.add(type))
        text += self.rng.choice(["", " pairing<interleaved>"])
        if self.chance(0.3):
            text += " offset %d" % self.rng.randint(0, lanes - width)
        return text + " rotary_dim %d%s : %s)" % (width, " inverse" * self.chance(0.2), type)

    def write(self, op, operands, clauses, types, results, arrow=("into", "into")):
        """The text, with destinations on buffers. `arrow` stands before them and before their types."""
        result_types = [self.type(*result) for result in results]
        if self.on_buffers:
            destinations = " %s %s" % (arrow[0], ", ".join(self.add(type) for type in result_types))
            body = "  rope.%s %s%s%s : %s %s %s\n  return\n" % (
                op, operands, destinations, clauses, types, arrow[1], ", ".join(result_types))
            tail = ""
        else:
            shown = " -> " + ", ".join(result_types) if arrow[1] == "->" else ""
            body = "  %%r:%d = rope.%s %s%s : %s%s\n  return %s : %s\n" % (
                len(results), op, operands, clauses, types, shown, ", ".join("%%r#%d" % i for i in range(len(results))), ", ".join(result_types))
            tail = " -> (%s)" % ", ".join(result_types)
        arguments = ", ".join("%%a%d: %s" % pair for pair in enumerate(self.arguments))
        return "func.func @%s(%s)%s {\n%s}\n" % (op, arguments, tail, body)


def make_attention(f):
    rng, element = f.rng, f.element()
    batch, kv_heads = f.size(1, 2, 3), rng.choice([1, 2, 3])
    heads, queries, keys = kv_heads * rng.choice([1, 1, 2, 4]), f.size(0, 1, 2, 5, 33), f.size(0, 1, 4, 17, 64)
    lanes, value_lanes = rng.choice([1, 2, 8, 13, 40, 64, 96, 128]), rng.choice([1, 8, 40, 64])
    tail = rng.choice([0, 0, 0, 2]) if lanes > 4 else 0
    by_heads = f.chance(0.6)
    shape = (lambda *s: [batch, *s]) if by_heads else (lambda h, s, d: [batch, s, h, d])
    key_element = rng.choice([element, element, f.element()])
    value_element = rng.choice([element, element, f.element()])
    operands = [f.operand(shape(heads, queries, lanes), element), f.operand(shape(kv_heads, keys, lanes - tail), key_element),
                f.operand(shape(kv_heads, keys, value_lanes), value_element)]
    clauses = "" if by_heads else " layout<bshd>"
    clauses += " causal" * f.chance(0.4) + " window [%d, %d]" % (rng.choice([-1, 0, 3]), rng.choice([-1, 0, 5])) * f.chance(0.2)
    clauses += " scale 0.25" * f.chance(0.2) + " softcap 30.0" * f.chance(0.2)
    clauses += " softmax_precision %s" % f.element() * f.chance(0.1)
    if tail:
        clauses += f.clause("key_tail", shape(1, keys, tail), key_element)
    for name, probability, positions, width in (("rotate_query", 0.6, queries, lanes), ("rotate_key", 0.5 * (not tail), keys, lanes),
                                                ("rotate_value", 0.1, keys, value_lanes), ("rotate_output", 0.1, queries, value_lanes)):
        if f.chance(probability):
            clauses += f.tables(name, batch, positions, width)
    if f.chance(0.25):
        sizes = [batch, heads, queries, keys][4 - rng.randint(1, 4):]
        sizes = [rng.choice([1, size]) for size in sizes[:-1]] + sizes[-1:]
        clauses += f.clause("mask", sizes, rng.choice(["i1", f.element()]))
    placed = rng.choice(["", "", "past", "kv_lengths"])
    if placed == "past":
        clauses += " past(%s)" % f.add("index")
    elif placed:
        clauses += f.clause("kv_lengths", [batch], rng.choice(["i32", "i64", "index"]))
    if f.chance(0.15):
        clauses += f.clause("sinks", [heads], f.element())
    results = [(shape(heads, queries, value_lanes), element)]
    if f.chance(0.25):
        clauses += " returning_lse"
        results.append(([batch, heads, queries] if by_heads else [batch, queries, heads],
                        "f64" if "f64" in (element, key_element, value_element) else "f32"))
    if f.chance(0.15):
        clauses += " returning_scores<%s>" % rng.choice(["raw", "capped", "biased", "weights"])
        results.append(([batch, heads, queries, keys], element))
    names, types = zip(*operands)
    return f.write("attention", ", ".join(names), clauses, ", ".join(types), results)


def make_linear_attention(f):
    rng, element = f.rng, f.element()
    batch, kv_heads, is_causal = f.size(1, 2), rng.choice([1, 2]), f.chance(0.6)
    heads, queries = kv_heads * rng.choice([1, 2, 4]), f.size(0, 1, 5, 33)
    keys = queries if is_causal else f.size(1, 17)
    lanes, value_lanes = rng.choice([1, 8, 20, 64]), rng.choice([1, 8, 40])
    by_heads = f.chance(0.7)
    shape = (lambda h, s, *d: [batch, h, s, *d]) if by_heads else (lambda h, s, *d: [batch, s, h, *d])
    operands = [f.operand(shape(heads, queries, lanes), element), f.operand(shape(kv_heads, keys, lanes), f.element()),
                f.operand(shape(kv_heads, keys, value_lanes), element)]
    clauses = "" if by_heads else " layout<bshd>"
    clauses += rng.choice(["", " features<elu_plus_one>", " features<relu>", " features<exp>"]) + " causal" * is_causal
    is_normalized = f.chance(0.4)
    clauses += " normalize" * is_normalized + " scale 0.5" * f.chance(0.2)
    for name, positions in (("rotate_query", queries), ("rotate_key", keys)):
        if f.chance(0.4):
            clauses += f.tables(name, batch, positions, lanes)
    if is_causal and f.chance(0.4):
        clauses += f.clause("log_decay", shape(kv_heads, keys, *[lanes] * f.chance(0.5)), f.element())
    if is_causal and not is_normalized and f.chance(0.4):
        clauses += f.clause("beta", shape(kv_heads, keys), f.element())
    sums = [[batch, kv_heads, lanes, value_lanes]] + [[batch, kv_heads, lanes]] * is_normalized
    results, sum_element = [(shape(heads, queries, value_lanes), element)], element
    if f.chance(0.3):
        sum_element = f.element()
        names, types = zip(*[f.operand(sizes, sum_element) for sizes in sums])
        clauses += " past(%s : %s)" % (", ".join(names), ", ".join(types))
    if f.chance(0.4):
        clauses += " returning_state"
        results += [(sizes, sum_element) for sizes in sums]
    names, types = zip(*operands)
    return f.write("linear_attention", ", ".join(names), clauses, ", ".join(types), results)


def make_rotate(f):
    rng, lanes = f.rng, f.rng.choice([2, 3, 8, 40, 64, 128])
    sizes, element = [f.size(0, 1, 3, 7, 32) for _ in range(rng.randint(1, 4))] + [lanes], f.element()
    x, type = f.operand(sizes, element)
    along = sorted(rng.sample(range(len(sizes) - 1), min(rng.choice([1, 1, 2]), len(sizes) - 1)))
    width, per_lane = 2 * rng.randint(1, lanes // 2), f.chance(0.2)
    cos, table = f.operand([sizes[dim] for dim in along] + [width if per_lane else width // 2], f.element())
    in_place = f.chance(0.4)
    clauses = " by %s, %s along %s" % (cos, f.add(table), along)
    clauses += rng.choice(["", " pairing<half>", " pairing<interleaved>"]) + " result_pairing<half>" * (not in_place)
    clauses += " offset %d" % rng.randint(0, lanes - width) * f.chance(0.4)
    clauses += " rotary_dim %d" % width + " inverse" * f.chance(0.2)
    if not f.on_buffers:
        return f.write("rotate", x, clauses, "%s, %s" % (type, table), [(sizes, element)])
    y = x if in_place else f.operand(sizes, element)[0]
    op = "rope.rotate %s into %s%s : %s into %s, %s" % (x, y, clauses, type, f.arguments[int(y[2:])], table)
    arguments = ", ".join("%%a%d: %s" % pair for pair in enumerate(f.arguments))
    return "func.func @rotate(%s) {\n  %s\n  return\n}\n" % (arguments, op)


def make_sincos(f):
    rng, dim = f.rng, f.rng.choice([2, 4, 30, 64, 128])
    sizes = [f.size(0, 1, 5, 600) for _ in range(rng.randint(0, 2))]
    positions, type = f.operand(sizes, rng.choice(["i32", "i64", "index"]))
    scaling = rng.choice(["", "", ", scaling = #rope.linear<factor = 4.0>",
                          ", scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096>"])
    clauses = " frequencies<dim = %d%s>" % (dim, scaling) + rng.choice(["", " accuracy<f32_angle>", " accuracy<f32_quotient>"])
    return f.write("sincos", positions, clauses, type, [(sizes + [dim // 2], f.element())] * 2, ("into", "->"))


def make_merge(f):
    sizes, element, lse = [f.size(0, 1, 5, 64) for _ in range(f.rng.randint(0, 3))], f.element(), f.rng.choice(["f32", "f64", "f16"])
    partial = [sizes + [f.rng.choice([1, 8, 64, 72])], element]
    (a, a_type), (a_lse, a_lse_type) = f.operand(*partial), f.operand(sizes, lse)
    (b, b_type), (b_lse, b_lse_type) = f.operand(*partial), f.operand(sizes, lse)
    if a_type != b_type or a_lse_type != b_lse_type:
        f.arguments[2:] = [a_type, a_lse_type]
    return f.write("merge", "%s, %s and %s, %s" % (a, a_lse, b, b_lse), "", "%s, %s" % (a_type, a_lse_type),
                   [tuple(partial), (sizes, lse)])


MAKERS = [make_attention] * 5 + [make_linear_attention] * 2 + [make_rotate] * 3 + [make_sincos, make_merge]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-opt", required=True)
    parser.add_argument("--out", required=True, help="where the modules go")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--form", choices=["tensors", "buffers"], required=True)
    parser.add_argument("--least", type=float, required=True, help="the share of modules that must be lowered")
    parser.add_argument("pipelines", nargs="+")
    args = parser.parse_args()
    modules = []
    for number in range(args.count):
        rng = random.Random("%d %d" % (args.seed, number))
        modules.append(rng.choice(MAKERS)(Function(rng, args.form == "buffers")))
    with open(args.out, "w") as file:
        file.write("// -----\n".join(modules))
    failed = False
    for pipeline in args.pipelines:
        command = [args.rope_opt, args.out, "--split-input-file", "--pass-pipeline=builtin.module(%s)" % pipeline]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        errors = re.findall(r"^.*\berror: .*$", done.stderr, re.MULTILINE)
        strange = [error for error in errors if not REFUSAL.search(error)]
        print("%s: %d modules, %d refused" % (pipeline, args.count, len(errors)))
        for error in strange[:5]:
            print("FAIL %s: %s" % (pipeline, error))
        if done.returncode not in (0, 1):
            print("FAIL %s: exit code %d\n%s" % (pipeline, done.returncode, done.stderr[-2000:]))
        if len(errors) > (1 - args.least) * args.count:
            print("FAIL %s: too many are refused" % pipeline, *sorted(set(e.split("error: ")[1] for e in errors)), sep="\n")
        failed |= bool(strange) or done.returncode not in (0, 1) or len(errors) > (1 - args.least) * args.count
    return failed


if __name__ == "__main__":
    sys.exit(main())
