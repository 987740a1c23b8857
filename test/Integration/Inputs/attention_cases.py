"""Random uses of rope.attention."""

import random

import numpy

from run_arrays import round_to

ELEMENTS = ["f32", "f16", "bf16", "f64"]


class Case:
    """`elements` are those of operands and tables, and of the softmax."""

    def __init__(self, number, seed, is_large=False, elements=ELEMENTS, is_decoding=False, is_long=False):
        rng = self.rng = random.Random(seed)
        data = self.data = numpy.random.default_rng(seed)
        self.name = "attention%d" % number
        self.elements = elements

        def maybe(probability, choices):
            return rng.choice(choices) if rng.random() < probability else None

        self.q_element = elements[number % len(elements)]
        self.k_element = maybe(0.2, elements) or self.q_element
        self.v_element = maybe(0.2, elements) or self.k_element
        self.layout = rng.choice(["bhsd", "bshd"])
        self.causal = rng.random() < 0.4
        self.window = maybe(0.3, [(0, 0), (2, -1), (-1, 1), (1, 2), (-1, -1)])
        self.scale = maybe(0.3, [0.25, 1.0, 0.0625])
        self.softcap = maybe(0.25, [1.0, 30.0])
        self.precision = maybe(0.15, elements)
        self.scores = maybe(0.4, ["raw", "capped", "biased", "weights"])
        self.returns_lse = rng.random() < 0.4
        positions = rng.choice(["none", "none", "past", "lengths", "lengths", "starts"])

        batch = 1 if positions == "starts" else rng.choice([1, 1, 2, 3])
        kv_heads = rng.choice([1, 2, 3])
        self.heads, self.kv_heads = kv_heads * rng.choice([1, 1, 2, 3]), kv_heads
        queries, keys = rng.choice([1, 1, 3, 5, 7]), rng.choice([1, 4, 5, 9, 17])
        if rng.random() < 0.15:
            batch, queries, keys = rng.choice([(0, 3, 4), (batch, 0, 4), (batch, 3, 0)])
            batch = max(batch, 1) if positions == "starts" else batch
        lanes, value_lanes = rng.choice([2, 7, 8, 12, 33]), rng.choice([1, 4, 6, 16])
        if is_large:
            queries, keys = rng.choice([1, 2, 37, 97, 130]), rng.choice([1, 63, 130, 257, 300])
            lanes, value_lanes = rng.choice([8, 40, 64, 72, 80, 128]), rng.choice([8, 40, 64, 72, 90, 112])
        if is_decoding:
            queries, keys = rng.choice([1, 1, 1, 2, 3]), rng.choice([5, 255, 257, 600, 1100])
            lanes, value_lanes = rng.choice([(40, 40), (72, 72), (80, 90), (96, 96), (112, 112), (128, 128), (192, 128)])
        if is_long:
            queries, keys = rng.choice([18, 37, 64, 97]), rng.choice([513, 600, 1100, 1537])
            lanes, value_lanes = rng.choice([(40, 40), (64, 64), (72, 80), (128, 112)])
            batch = min(batch, 2)
        self.has_static_queries = is_decoding or is_long and number % 5 != 4
        tail_lanes = rng.choice([1, 2, 4]) if rng.random() < 0.2 and lanes > 4 else 0
        if is_decoding and tail_lanes:
            # Also where the lanes before the tail are whole vectors.
            tail_lanes = rng.choice([tail_lanes, lanes % 32 or 32])
        self.batch, self.queries, self.keys, self.lanes, self.value_lanes = batch, queries, keys, lanes, value_lanes
        self.own_lanes = lanes - tail_lanes

        self.query = self._random(self.q_element, self._shape(self.heads, queries, lanes))
        self.key = self._random(self.k_element, self._shape(kv_heads, keys, self.own_lanes))
        self.key_tail = self._random(self.k_element, self._shape(1, keys, tail_lanes)) if tail_lanes else None
        self.value = self._random(self.v_element, self._shape(kv_heads, keys, value_lanes))
        self.has_nan = False
        if is_large or is_decoding or is_long:
            self._spread_magnitudes(rng, data)
        self.past = rng.randrange(keys + 1) if positions == "past" else None
        self.lengths = data.integers(0, keys + 1, batch) if positions == "lengths" else None
        self.lengths_element = rng.choice(["i32", "i64"])
        self.starts = self._starts(rng, queries, keys) if positions == "starts" else None
        if self.lengths is not None and rng.random() < 0.5:
            self._poison_cache()
        self.sinks_element = rng.choice(ELEMENTS)
        self.sinks = self._random(self.sinks_element, [self.heads]) * 2 if rng.random() < 0.25 else None
        self._make_mask(rng, data)
        self.rotations = {}
        for role, length, width in (("query", queries, lanes), ("key", keys, lanes), ("value", keys, value_lanes), ("output", queries, value_lanes)):
            if rng.random() < 0.35:
                self._make_rotation(rng, role, length, width)

    def _shape(self, heads, sequence, lanes):
        return [self.batch, heads, sequence, lanes] if self.layout == "bhsd" else [self.batch, sequence, heads, lanes]

    def _random(self, element, shape):
        return round_to(element, self.data.uniform(-1, 1, shape))

    def _spread_magnitudes(self, rng, data):
        """Scores up to some 1e4, zeros of both signs and denormal numbers."""
        factor = rng.choice([1, 1, 30, 1000])
        self.query = round_to(self.q_element, self.query * factor)
        for element, x in ((self.q_element, self.query), (self.k_element, self.key), (self.v_element, self.value)):
            x[data.random(x.shape) < 0.1] = round_to(element, rng.choice([0.0, -0.0, 1e-40, -1e-7]))

        if self.causal and factor == 1:
            # A value that most rows must not take, among those that they do. Its weight
            # in the others must not vanish in one precision and not in another.
            rows = self.value if self.layout == "bshd" else self.value.swapaxes(1, 2)
            rows[:, -1, :, rng.randrange(rows.shape[3])] = numpy.nan
            self.has_nan = True

    def _starts(self, rng, queries, keys):
        """Pairs (s_g, t_g); the last sequences may be empty, and rows may be left over."""
        count = rng.randrange(1, 4)
        ends = [sorted(rng.randrange(size + 1) for _ in range(count + 1)) for size in (queries, keys)]
        return list(zip(*ends))

    def _poison_cache(self):
        """What is past the length of a batch must not matter."""
        for x in (self.key, self.value):
            for b, length in enumerate(self.lengths):
                rows = x[b] if self.layout == "bshd" else x[b].swapaxes(0, 1)
                rows[length:] = self.rng.choice([numpy.nan, numpy.inf, -numpy.inf])

    def _make_mask(self, rng, data):
        self.mask, self.mask_element = None, None
        if rng.random() < 0.5:
            return
        self.mask_element = rng.choice(["i1", "i1"] + ELEMENTS)
        rank = rng.randrange(1, 5)
        shape = [self.batch, self.heads, self.queries, self.keys]
        shape = [1 if rng.random() < 0.3 else size for size in shape[:3]] + [shape[3]]
        if rng.random() < 0.3:
            shape[3] = rng.randrange(self.keys + 1)
        shape = shape[4 - rank:]
        if self.mask_element == "i1":
            self.mask = data.random(shape) < 0.7
            return
        mask = round_to(self.mask_element, data.uniform(-3, 3, shape))
        mask = numpy.where(data.random(shape) < 0.2, -numpy.inf, mask)
        vanishes = self.has_nan and self.sinks is not None
        if rng.random() < 0.3 and self.mask_element != "f16" and not vanishes:
            # Rows of the lowest number are not rows without keys.
            mask = numpy.where(data.random(shape[:-1] + [1]) < 0.3, round_to(self.mask_element, -3e38), mask)
        self.mask = mask

    def _make_rotation(self, rng, role, length, width):
        first, last = 0, width
        if role == "key" and self.key_tail is not None:
            first, last = rng.choice([(0, self.own_lanes), (self.own_lanes, width)])
        if last - first < 2:
            return
        offset = first + rng.choice([0, 0, (last - first) % 2])
        rotary_dim = 2 * rng.randrange(1, (last - offset) // 2 + 1)
        element = rng.choice(self.elements)
        leading = [self.batch] if rng.random() < 0.4 else []
        shape = leading + [length, rotary_dim if rng.random() < 0.25 else rotary_dim // 2]
        self.rotations[role] = {
            "tables": (element, self._random(element, shape), self._random(element, shape)),
            "pairing": rng.choice(["half", "interleaved"]), "offset": offset, "rotary_dim": rotary_dim,
            "inverse": rng.random() < 0.4}

    def module(self):
        """The module and its inputs, (element, array) each."""
        arguments, inputs = [], []

        def ranked(shape, element, static):
            return "tensor<%s%s>" % ("".join("%sx" % (size if keep or self.rng.random() < 0.5 else "?")
                                             for size, keep in zip(shape, static)), element)

        def argument(name, element, array, static=None):
            array = numpy.asarray(array)
            kind = ranked(array.shape, element, static or [False] * array.ndim) if array.ndim else element
            arguments.append("%%%s: %s" % (name, kind))
            inputs.append((element, array))
            return kind

        head_dim = 1 if self.layout == "bhsd" else 2
        operand = [self.starts is not None, head_dim == 1, head_dim == 2, True]
        # Few rows and blocks are seen where the number of queries is known.
        few = [size or (self.has_static_queries and dim == 3 - head_dim) for dim, size in enumerate(operand)]
        q = argument("q", self.q_element, self.query, few)
        k = argument("k", self.k_element, self.key, operand)
        v = argument("v", self.v_element, self.value, operand)
        clauses = "" if self.layout == "bhsd" else " layout<bshd>"
        clauses += " causal" if self.causal else ""
        clauses += " window [%d, %d]" % self.window if self.window else ""
        clauses += " scale %e" % self.scale if self.scale else ""
        clauses += " softcap %e" % self.softcap if self.softcap else ""
        clauses += " softmax_precision %s" % self.precision if self.precision else ""
        if self.key_tail is not None:
            clauses += " key_tail(%%t : %s)" % argument("t", self.k_element, self.key_tail, operand)
        for role, rotation in self.rotations.items():
            element, cos, sin = rotation["tables"]
            static = [False] * (cos.ndim - 1) + [True]
            kinds = [argument(role + "_" + name, element, table, static) for name, table in (("c", cos), ("s", sin))]
            clauses += " rotate_{0}(%{0}_c, %{0}_s pairing<{1[pairing]}> offset {1[offset]} rotary_dim {1[rotary_dim]}{2} : {3})".format(
                role, rotation, " inverse" if rotation["inverse"] else "", ", ".join(kinds))
        if self.mask is not None:
            static = [size == 1 for size in self.mask.shape[:-1]] + [False]
            clauses += " mask(%%m : %s)" % argument("m", self.mask_element, self.mask, static)
        if self.past is not None:
            argument("p", "index", self.past)
            clauses += " past(%p)"
        if self.lengths is not None:
            clauses += " kv_lengths(%%n : %s)" % argument("n", self.lengths_element, self.lengths)
        if self.starts is not None:
            kinds = [argument(name, "i64", starts) for name, starts in zip(("qs", "ks"), zip(*self.starts))]
            clauses += " starts(%%qs, %%ks : %s)" % ", ".join(kinds)
        if self.sinks is not None:
            clauses += " sinks(%%x : %s)" % argument("x", self.sinks_element, self.sinks)
        clauses += " returning_lse" if self.returns_lse else ""
        clauses += " returning_scores<%s>" % self.scores if self.scores else ""

        def dims(kind):
            return kind[len("tensor<"):].split("x")[:-1]
        sizes, key_sizes = dims(q), dims(k)
        sequence_dim = 3 - head_dim
        results = ["tensor<%sx%s>" % ("x".join(sizes[:3] + [str(self.value_lanes)]), self.q_element)]
        self.result_elements = [self.q_element]
        if self.returns_lse:
            self.result_elements.append("f64" if "f64" in (self.q_element, self.k_element, self.v_element) else "f32")
            results.append("tensor<%sx%s>" % ("x".join(sizes[:3]), self.result_elements[-1]))
        if self.scores:
            self.result_elements.append(self.q_element)
            results.append("tensor<%sx%s>" % ("x".join([sizes[0], sizes[head_dim], sizes[sequence_dim], key_sizes[sequence_dim]]), self.q_element))
        names = ", ".join("%%r%d" % number for number in range(len(results)))
        text = "func.func @main(%s) -> (%s) {\n  %s = rope.attention %%q, %%k, %%v%s : %s, %s, %s\n  return %s : %s\n}\n" % (
            ", ".join(arguments), ", ".join(results), names, clauses, q, k, v, names, ", ".join(results))
        return text, inputs
