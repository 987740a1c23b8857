# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random spellings of softmax attention as linalg on tensors, and what is none.

A program is a list of choices; `emit` writes it. Dimensions have letters: batch b, heads h
of keys, groups g of query heads, queries i, keys r, lanes d, lanes of values e.
"""

import random

MUTATIONS = {
    "other_sum": "the sum over the queries divides",
    "other_weights": "the sum of other weights divides",
    "late_mask": "a mask clears weights after the softmax",
    "relative_key": "a second product has a key of each query",
    "early_bias": "a bias is added before the softcap",
    "low_score": "excluded scores are -100",
    "key_scale": "the scores are multiplied by a number of the key",
    "value_of_query": "the values depend on the query",
    "wrong_guard": "the sum is replaced where it is not zero",
    "other_logarithm": "the logarithm of the sum is of another base",
    "inserted_score": "a column is written over the last score",
}


def choose(rng):
    """A program that is an attention."""
    sizes = {"b": rng.choice([1, 2, 3]), "h": rng.choice([1, 2]), "g": rng.choice([1, 1, 2, 3]), "i": rng.choice([1, 4, 7]),
             "d": rng.choice([4, 8]), "e": rng.choice([3, 4, 8])}
    # One key has no softmax.
    sizes["r"] = sizes["i"] if sizes["i"] > 1 and rng.random() < 0.6 else rng.choice([5, 9])
    program = {
        "sizes": sizes,
        "dynamic": rng.random() < 0.25,
        "query": rng.choice(["bhgid", "bihgd", "bi(hg)d", "b(hg)id"]),
        "key": rng.choice(["bhrd", "brhd", "bhdr"]),
        "value": rng.choice(["bhre", "brhe", "bher"]),
        "scores": rng.choice(["bhgir", "bhgri", "bihgr"]),
        "scale": rng.choice(["query", "scores", "divide", "both", "none"]),
        "softcap": rng.random() < 0.2,
        "temperature": rng.choice(["none", "none", "none", "heads", "queries", "clamped", "logarithm"]),
        "divides": rng.random() < 0.5,
        "second": rng.choice(["none", "none", "none", "shared", "heads"]),
        "mask": rng.choice(["none", "none", "causal", "causal_low", "window", "boolean", "bias", "bias_heads", "bias_and_causal", "boolean_and_low"]),
        "sink": rng.random() < 0.2,
        "inserts": rng.random() < 0.5,
        "constant": rng.random() < 0.2,
        "guard_sum": rng.random() < 0.2,
        "maximum": rng.random() < 0.8,
        "power": rng.choice(["exp", "exp", "exp2"]),
        "divide": rng.choice(["weights", "out", "reciprocal", "logarithm"]),
        "absolute": rng.random() < 0.3,
        "guard": rng.random() < 0.2,
        "out": rng.choice(["bhgie", "bihge", "bhgei"]),
        "mutation": None,
    }
    # Added to the scores alone it does not cancel.
    program["constant"] = program["constant"] and not program["sink"]
    return program


def mutate(rng, program):
    program = dict(program, mutation=rng.choice(sorted(MUTATIONS)))
    sizes = dict(program["sizes"])
    sizes["i"] = max(sizes["i"], 4)
    sizes["r"] = max(sizes["r"], 5)
    if program["mutation"] in ("other_sum", "value_of_query"):
        sizes["r"] = sizes["i"]
    program["sizes"] = sizes
    if program["mutation"] == "early_bias":
        program["softcap"] = True
    if program["mutation"] in ("other_sum", "other_weights"):
        program.update(divide="weights", sink=False)
    if program["mutation"] == "late_mask":
        program.update(guard=False, divide="weights", sink=False)
    if program["mutation"] == "low_score":
        program["mask"] = "none"
    if program["mutation"] == "other_logarithm":
        program["divide"] = "logarithm"
    if program["mutation"] == "inserted_score":
        program.update(sink=True, inserts=True, constant=False)
    return program


class Writer:
    def __init__(self, program):
        self.program, self.sizes = program, program["sizes"]
        self.dynamic = {"i", "r"} if program["dynamic"] and self.sizes["i"] > 1 else set()
        self.lines, self.arguments, self.inputs, self.count = [], [], [], 0

    def name(self):
        self.count += 1
        return "%%v%d" % self.count

    def type(self, dims, element="f32"):
        return "tensor<%s%s>" % ("".join(("?" if c in self.dynamic else str(self.sizes[c])) + "x" for c in dims), element)

    def line(self, text):
        self.lines.append("    " + text)

    def argument(self, dims, element="f32", positive=False):
        """An argument; parentheses join two dimensions that are then split."""
        joined = "(hg)" in dims
        letters = dims.replace("(hg)", "H")
        self.sizes["H"] = self.sizes["h"] * self.sizes["g"]
        name = "%%arg%d" % len(self.arguments)
        self.arguments.append("%s: %s" % (name, self.type(letters, element)))
        self.inputs.append(("positive" if positive else element, [self.sizes[c] for c in letters]))
        if not joined:
            return name, dims
        split = letters.replace("H", "hg")
        groups, at = [], 0
        for letter in letters:
            width = 2 if letter == "H" else 1
            groups.append("[%s]" % ", ".join(str(at + k) for k in range(width)))
            at += width
        result = self.name()
        shape = ", ".join(self.extents[c] if c in self.dynamic else str(self.sizes[c]) for c in split)
        self.pending.append("%s = tensor.expand_shape %s [%s] output_shape [%s] : %s into %s" % (
            result, name, ", ".join(groups), shape, self.type(letters, element), self.type(split, element)))
        return result, split

    def empty(self, dims, element="f32"):
        result = self.name()
        sizes = ", ".join(self.extents[c] for c in dims if c in self.dynamic)
        self.line("%s = tensor.empty(%s) : %s" % (result, sizes, self.type(dims, element)))
        return result

    def fill(self, dims, value, element="f32"):
        constant, empty, result = self.name(), self.empty(dims, element), self.name()
        self.line("%s = arith.constant %s" % (constant, value if element == "i1" else value + " : " + element))
        self.line("%s = linalg.fill ins(%s : %s) outs(%s : %s) -> %s" % (
            result, constant, element, empty, self.type(dims, element), self.type(dims, element)))
        return result

    def generic(self, inputs, out, dims, body, element="f32", loops=None, reduction=""):
        """inputs: (value, dims, element); body(names) gives lines and the yielded value."""
        loops = loops or "".join(c for c in dims) + reduction
        position = {c: "d%d" % k for k, c in enumerate(loops)}
        maps = ["affine_map<(%s) -> (%s)>" % (", ".join(position[c] for c in loops), ", ".join(position[c] for c in d))
                for _, d, _ in inputs] + ["affine_map<(%s) -> (%s)>" % (", ".join(position[c] for c in loops), ", ".join(position[c] for c in dims))]
        kinds = ", ".join('"reduction"' if c in reduction else '"parallel"' for c in loops)
        result = self.name()
        names = [self.name() for _ in inputs] + [self.name()]
        ins = "ins(%s : %s) " % (", ".join(v for v, _, _ in inputs), ", ".join(self.type(d, e) for _, d, e in inputs)) if inputs else ""
        self.line("%s = linalg.generic {indexing_maps = [%s], iterator_types = [%s]} %souts(%s : %s) {" % (
            result, ", ".join(maps), kinds, ins, out, self.type(dims, element)))
        self.line("^bb0(%s):" % ", ".join("%s: %s" % (n, e) for n, e in zip(names, [e for _, _, e in inputs] + [element])))
        text, value = body(names, {c: loops.index(c) for c in loops})
        for each in text:
            self.line("  " + each)
        self.line("  linalg.yield %s : %s" % (value, element))
        self.line("} -> %s" % self.type(dims, element))
        return result

    def elementwise(self, inputs, dims, op, extra=None):
        """op of one or two tensors, or of one and a constant."""
        def body(names, _):
            text, operands = [], names[:len(inputs)]
            if extra is not None:
                constant = self.name()
                text.append("%s = arith.constant %s : f32" % (constant, extra))
                operands = operands + [constant]
            result = self.name()
            text.append("%s = %s %s : f32" % (result, op, ", ".join(operands)))
            return text, result
        return self.generic([(v, d, "f32") for v, d in inputs], self.empty(dims), dims, body)

    def reduce(self, value, dims, over, op, init):
        rest = dims.replace(over, "")

        def body(names, _):
            result = self.name()
            return ["%s = %s %s, %s : f32" % (result, op, names[0], names[1])], result
        return self.generic([(value, dims, "f32")], self.fill(rest, init), rest, body, reduction=over), rest

    def product(self, a, a_dims, b, b_dims, dims, over):
        def body(names, _):
            product, total = self.name(), self.name()
            return ["%s = arith.mulf %s, %s : f32" % (product, names[0], names[1]),
                    "%s = arith.addf %s, %s : f32" % (total, names[2], product)], total
        return self.generic([(a, a_dims, "f32"), (b, b_dims, "f32")], self.fill(dims, "0.0"), dims, body, reduction=over)

    def select_by_position(self, value, dims, otherwise, window):
        """Keeps r <= i, and r > i - 3 in a window."""
        def body(names, at):
            i, r, low, holds, out, constant = (self.name() for _ in range(6))
            text = ["%s = linalg.index %d : index" % (i, at["i"]), "%s = linalg.index %d : index" % (r, at["r"]),
                    "%s = arith.cmpi sle, %s, %s : index" % (holds, r, i)]
            if window:
                three, start, above, both = (self.name() for _ in range(4))
                text += ["%s = arith.constant 3 : index" % three, "%s = arith.subi %s, %s : index" % (start, i, three),
                         "%s = arith.cmpi sgt, %s, %s : index" % (above, r, start), "%s = arith.andi %s, %s : i1" % (both, holds, above)]
                holds = both
            text += ["%s = arith.constant %s : f32" % (constant, otherwise), "%s = arith.select %s, %s, %s : f32" % (out, holds, names[0], constant)]
            return text, out
        return self.generic([(value, dims, "f32")], self.empty(dims), dims, body)


def emit(program):
    """The text of @main, its inputs as (element, shape) and the shape of its result."""
    w = Writer(program)
    w.pending, w.extents = [], {}
    mutation, sizes = program["mutation"], w.sizes
    # Queries and keys first: they have the dynamic sizes.
    for letter, argument in (("i", 0), ("r", 1)):
        if letter in w.dynamic:
            w.extents[letter] = "%size_" + letter
    q, q_dims = w.argument(program["query"])
    k, k_dims = w.argument(program["key"])
    v_letters = program["value"].replace("r", "i") if mutation == "value_of_query" else program["value"]
    v, v_dims = w.argument(program["value"])
    for letter, name, dims in (("i", "%arg0", program["query"].replace("(hg)", "H")), ("r", "%arg1", k_dims)):
        if letter in w.dynamic:
            w.line("%%c_%s = arith.constant %d : index" % (letter, dims.index(letter)))
            w.line("%%size_%s = tensor.dim %s, %%c_%s : %s" % (letter, name, letter, w.type(dims)))
    for text in w.pending:
        w.line(text)
    s = program["scores"]
    if program["scale"] in ("query", "both"):
        q = w.elementwise([(q, q_dims)], q_dims, "arith.mulf", "0.5")
    x = w.product(q, q_dims, k, k_dims, s, "d")
    second = "rbi" if mutation == "relative_key" else {"none": "", "shared": "br", "heads": "hbr"}[program["second"]]
    if second:
        sizes["t"] = 3
        p, p_dims = w.argument("bhgit")
        if program["scale"] in ("query", "both"):
            p = w.elementwise([(p, p_dims)], p_dims, "arith.mulf", "0.5")
        l, l_dims = w.argument(second + "t")
        x = w.elementwise([(w.product(p, p_dims, l, l_dims, s, "t"), s), (x, s)], s, "arith.addf")
    if program["temperature"] != "none":
        factor, factor_dims = temperature(w, program["temperature"])
        x = w.elementwise([(x, s), (factor, factor_dims)], s, "arith.divf" if program["divides"] else "arith.mulf")
    if program["scale"] in ("scores", "both"):
        x = w.elementwise([(x, s)], s, "arith.mulf", "0.25")
    if program["scale"] == "divide":
        x = w.elementwise([(x, s)], s, "arith.divf", "3.0")
    if mutation == "key_scale":
        factor, factor_dims = w.argument("br")
        x = w.elementwise([(x, s), (factor, factor_dims)], s, "arith.mulf")
    if mutation == "early_bias":
        bias, bias_dims = w.argument("ir")
        x = w.elementwise([(x, s), (bias, bias_dims)], s, "arith.addf")
    if program["softcap"]:
        x = w.elementwise([(x, s)], s, "arith.divf", "2.0")
        x = w.elementwise([(x, s)], s, "math.tanh")
        x = w.elementwise([(x, s)], s, "arith.mulf", "2.0")
    mask = program["mask"]
    if mutation == "low_score":
        x = w.select_by_position(x, s, "-100.0", False)
    if program["constant"]:
        x = w.elementwise([(x, s)], s, "arith.addf", "0.75")
    if mask in ("causal", "bias_and_causal"):
        x = w.select_by_position(x, s, "0xFF800000", False)
    if mask in ("causal_low", "boolean_and_low"):
        x = w.select_by_position(x, s, "-1.0e30", False)
    if mask == "window":
        x = w.select_by_position(x, s, "0xFF800000", True)
    if mask in ("bias", "bias_and_causal", "bias_heads"):
        bias, bias_dims = w.argument("bhgir" if mask == "bias_heads" else "ir")
        x = w.elementwise([(x, s), (bias, bias_dims)], s, "arith.addf")
    if mask in ("boolean", "boolean_and_low"):
        allowed, allowed_dims = w.argument("br", "i1")

        def body(names, _):
            constant, out = w.name(), w.name()
            return ["%s = arith.constant 0xFF800000 : f32" % constant,
                    "%s = arith.select %s, %s, %s : f32" % (out, names[1], names[0], constant)], out
        x = w.generic([(x, s, "f32"), (allowed, allowed_dims, "i1")], w.empty(s), s, body)
    scores, row = x, s
    if program["sink"]:
        sink, sink_dims = w.argument("hg")
        sizes["1"], sizes["R"] = 1, sizes["r"] + 1
        # The column stands last.
        last = s.replace("r", "") + "r"
        if s != last:
            def move(names, _):
                return [], names[0]
            x = w.generic([(x, s, "f32")], w.empty(last), last, move, loops=last)
        column_dims, row = last[:-1] + "1", last[:-1] + "R"
        column = w.generic([(sink, sink_dims, "f32")], w.empty(column_dims), column_dims, lambda names, _: ([], names[0]), loops=column_dims)
        wide = w.name()
        if "r" in w.dynamic:
            w.dynamic.add("R")
            one = w.name()
            w.line("%s = arith.constant 1 : index" % one)
            w.line("%%size_R = arith.addi %%size_r, %s : index" % one)
            w.extents["R"] = "%size_R"
        if program["inserts"]:
            insert(w, wide, row, [(x, last, "0"), (column, column_dims, last_row(w, mutation == "inserted_score"))])
        else:
            w.line("%s = tensor.concat dim(%d) %s, %s : (%s, %s) -> %s" % (
                wide, len(row) - 1, x, column, w.type(last), w.type(column_dims), w.type(row)))
        x, s = wide, last
    over = "R" if program["sink"] else "r"
    shifted = x
    if program["maximum"]:
        maximum, maximum_dims = w.reduce(x, row, over, "arith.maximumf", "0xFF800000")
        shifted = w.elementwise([(x, row), (maximum, maximum_dims)], row, "arith.subf")
    if program["power"] == "exp2":
        shifted = w.elementwise([(shifted, row)], row, "arith.mulf", "1.44269504")
    weights = w.elementwise([(shifted, row)], row, "math." + program["power"])
    summed = weights
    if mutation == "other_weights":
        half = w.elementwise([(shifted, row)], row, "arith.mulf", "0.5")
        summed = w.elementwise([(half, row)], row, "math." + program["power"])
    total, total_dims = w.reduce(summed, row, "i" if mutation == "other_sum" else over, "arith.addf", "0.0")
    if program["guard_sum"] or mutation == "wrong_guard":
        total = guard_sum(w, total, total_dims, "ogt" if mutation == "wrong_guard" else "oeq")
    if program["divide"] == "logarithm":
        # exp(x - log(sum)), as of a log-sum-exp.
        if program["absolute"]:
            total = w.elementwise([(total, total_dims)], total_dims, "math.absf")
        bases = ["math.log", "math.log2"]
        if (program["power"] == "exp2") != (mutation == "other_logarithm"):
            bases.reverse()
        logarithm = w.elementwise([(total, total_dims)], total_dims, bases[0])
        exponent = shifted
        if program["maximum"] and program["power"] == "exp":
            logarithm = w.elementwise([(logarithm, total_dims), (maximum, maximum_dims)], total_dims, "arith.addf")
            exponent = x
        weights = w.elementwise([(w.elementwise([(exponent, row), (logarithm, total_dims)], row, "arith.subf"), row)], row, "math." + program["power"])
    if program["divide"] == "weights":
        weights = w.elementwise([(weights, row), (total, total_dims)], row, "arith.divf")
    if program["divide"] == "reciprocal":
        inverse = w.generic([(total, total_dims, "f32")], w.empty(total_dims), total_dims, lambda names, _: (
            ["%one_of_all = arith.constant 1.0 : f32", "%inverse = arith.divf %one_of_all, " + names[0] + " : f32"], "%inverse"))
        weights = w.elementwise([(weights, row), (inverse, total_dims)], row, "arith.mulf")
    if program["sink"]:
        cut = w.name()
        extents = ", ".join(w.extents[c] if c in w.dynamic else str(sizes[c]) for c in s)
        w.line("%s = tensor.extract_slice %s[%s] [%s] [%s] : %s to %s" % (
            cut, weights, ", ".join("0" for _ in s), extents, ", ".join("1" for _ in s), w.type(row), w.type(s)))
        weights = cut
    if mutation == "late_mask":
        weights = w.select_by_position(weights, s, "0.0", False)
    if program["guard"] and program["divide"] == "weights" and not program["sink"]:
        weights = guard(w, weights, scores, s)
    out_dims = program["out"]
    if mutation == "value_of_query":
        v_dims = v_letters
    out = w.product(weights, s, v, v_dims, out_dims, "r")
    if program["divide"] == "out":
        out = w.elementwise([(out, out_dims), (total, total_dims)], out_dims, "arith.divf")
    text = "func.func @main(%s) -> %s {\n%s\n    return %s : %s\n  }\n" % (
        ", ".join(w.arguments), w.type(out_dims), "\n".join(w.lines), out, w.type(out_dims))
    return "module {\n  " + text + "}\n", w.inputs, [sizes[c] for c in out_dims]


def temperature(w, kind):
    """A positive number of each head or query, as models learn or compute it."""
    if kind == "heads":
        return w.argument("hg", positive=True)
    if kind == "queries":
        return w.argument("bi", positive=True)
    if kind == "clamped":
        # Swin v2: exp(min(t, log 100)) of a learned t.
        learned, dims = w.argument("hg")
        low = w.elementwise([(learned, dims)], dims, "arith.minimumf", "0.7")
        return w.elementwise([(low, dims)], dims, "math.exp"), dims

    def body(names, at):
        # The logarithm of how many keys a causal query sees.
        index, one, count, number, logarithm = (w.name() for _ in range(5))
        return ["%s = linalg.index %d : index" % (index, at["i"]), "%s = arith.constant 2 : index" % one, "%s = arith.addi %s, %s : index" % (count, index, one),
                "%s_i = arith.index_cast %s : index to i64" % (number, count), "%s = arith.sitofp %s_i : i64 to f32" % (number, number),
                "%s = math.log %s : f32" % (logarithm, number)], logarithm
    return w.generic([], w.empty("i"), "i", body), "i"


def last_row(w, overlaps):
    """Where a column behind the scores stands, or the last of them."""
    if "r" not in w.dynamic:
        return str(w.sizes["r"] - overlaps)
    if not overlaps:
        return "%size_r"
    w.line("%before_last = arith.constant 1 : index")
    w.line("%last_score = arith.subi %size_r, %before_last : index")
    return "%last_score"


def insert(w, result, dims, parts):
    """Parts that follow each other in the last dimension."""
    into = w.empty(dims)
    if parts[1][2] not in (str(w.sizes["r"]), "%size_r"):
        into = w.fill(dims, "0.25")  # what no part writes
    for number, (part, part_dims, offset) in enumerate(parts):
        name = result if number else w.name()
        size = lambda c: w.extents[c] if c in w.dynamic else str(w.sizes[c])
        w.line("%s = tensor.insert_slice %s into %s[%s] [%s] [%s] : %s into %s" % (
            name, part, into, ", ".join(["0"] * (len(dims) - 1) + [offset]), ", ".join(size(c) for c in part_dims),
            ", ".join("1" for _ in dims), w.type(part_dims), w.type(dims)))
        into = name


def guard_sum(w, total, dims, predicate):
    """One where the comparison with zero holds."""
    def body(names, _):
        zero, one, holds, out = (w.name() for _ in range(4))
        return ["%s = arith.constant 0.0 : f32" % zero, "%s = arith.constant 1.0 : f32" % one,
                "%s = arith.cmpf %s, %s, %s : f32" % (holds, predicate, names[0], zero),
                "%s = arith.select %s, %s, %s : f32" % (out, holds, one, names[0])], out
    return w.generic([(total, dims, "f32")], w.empty(dims), dims, body)


def guard(w, weights, scores, dims):
    """Zero where all scores of a row are -inf."""
    def is_taken(names, _):
        infinity, taken = w.name(), w.name()
        return ["%s = arith.constant 0xFF800000 : f32" % infinity, "%s = arith.cmpf une, %s, %s : f32" % (taken, names[0], infinity)], taken
    taken = w.generic([(scores, dims, "f32")], w.empty(dims, "i1"), dims, is_taken, element="i1")
    rest = dims.replace("r", "")

    def either(names, _):
        result = w.name()
        return ["%s = arith.ori %s, %s : i1" % (result, names[0], names[1])], result
    some = w.generic([(taken, dims, "i1")], w.fill(rest, "false", "i1"), rest, either, element="i1", reduction="r")

    def keep(names, _):
        zero, out = w.name(), w.name()
        return ["%s = arith.constant 0.0 : f32" % zero, "%s = arith.select %s, %s, %s : f32" % (out, names[1], names[0], zero)], out
    return w.generic([(weights, dims, "f32"), (some, rest, "i1")], w.empty(dims), dims, keep)


if __name__ == "__main__":
    import sys
    generator = random.Random(int(sys.argv[1]))
    chosen = choose(generator)
    print(emit(mutate(generator, chosen) if len(sys.argv) > 2 else chosen)[0])
