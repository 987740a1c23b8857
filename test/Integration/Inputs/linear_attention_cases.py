"""Random uses of rope.linear_attention: shapes, types, layouts, clauses."""

import random

import numpy

from run_arrays import UNIT, round_to

ELEMENTS = ["f16", "bf16", "f32", "f64"]
KINDS = ["identity", "elu_plus_one", "relu", "exp", "softmax_kernel"]


class Case:
    def __init__(self, number, seed, elements=ELEMENTS, is_large=False):
        rng = self.rng = random.Random(seed)
        self.data = numpy.random.default_rng(seed)
        self.name = "linear%d" % number
        self.element = elements[number % len(elements)]
        self.kind = KINDS[number % 5]
        self.layout = rng.choice(["bhsd", "bshd"])
        self.causal = rng.random() < 0.6
        self.normalize = self.kind != "identity" and rng.random() < 0.6
        self.gated = self.causal and rng.random() < 0.5
        self.delta = self.causal and not self.normalize and rng.random() < 0.5
        self.has_past = rng.random() < 0.5
        self.returning = rng.random() < 0.6
        self.scale = rng.choice([1.0, 0.125, 0.3])
        self.batch, self.kv_heads = rng.choice([1, 2, 3]), rng.choice([1, 2, 3])
        self.heads = self.kv_heads * rng.choice([1, 1, 2, 4])
        self.keys = rng.choice([0, 1, 2, 5, 13])
        self.queries = self.keys if self.causal else rng.choice([0, 1, 3, 7])
        self.width, self.value_width = rng.choice([2, 4, 7, 16]), rng.choice([1, 3, 8, 8, 130])
        if is_large:
            # Several chunks of tokens, panels of the state and passes over heads.
            self.heads = self.kv_heads * rng.choice([1, 2, 5])
            self.keys = rng.choice([1, 16, 17, 37, 64])
            self.queries = self.keys if self.causal else rng.choice([1, 15, 33])
            self.width, self.value_width = rng.choice([(7, 40), (40, 72), (64, 64), (72, 130), (128, 128)])
        self.features = rng.choice([2, 6, 9]) if self.kind == "softmax_kernel" else self.width
        self.dynamic = rng.random() < 0.5
        self.operands, self.clauses, self.model = [], "", {}
        self._build()

    def _operand(self, name, shape, values=None, element=None, dynamic=()):
        """Adds an argument, with values of its type."""
        element = element or self.element
        values = round_to(element, self.data.uniform(-1, 1, shape) if values is None else values)
        self.operands.append((name, self._type(shape, element, dynamic), element, values))
        return values

    def _tokens(self, name, shape, values=None, element=None):
        """An argument in the layout; `shape` is what the model sees, bhsd."""
        if self.layout == "bhsd":
            return self._operand(name, shape, values, element, [0, 2])
        if values is not None:
            values = numpy.swapaxes(values, 1, 2)
        return numpy.swapaxes(self._operand(name, [shape[0], shape[2], shape[1], *shape[3:]], values, element, [0, 1]), 1, 2)

    def _type(self, dims, element, dynamic):
        return "tensor<%s%s>" % ("".join("%sx" % ("?" if self.dynamic and i in dynamic else d) for i, d in enumerate(dims)), element)

    def _rotation(self, which, positions):
        rng, rotary = self.rng, 2 * self.rng.randint(1, self.features // 2)
        offset = rng.randint(0, self.features - rotary)
        pairing, inverse = rng.choice(["half", "interleaved"]), rng.random() < 0.2
        shape = ([self.batch] if rng.random() < 0.4 else []) + [positions, rotary // 2]
        angles, tables = self.data.uniform(-3, 3, shape), []
        wide, element = rng.random() < 0.2, rng.choice(["f32", self.element])
        for name, function in (("c", numpy.cos), ("s", numpy.sin)):
            table = round_to(element, function(angles))
            seen = table if not wide else numpy.concatenate([table] * 2, -1) if pairing == "half" else numpy.repeat(table, 2, -1)
            text = self._type(seen.shape, element, range(len(shape) - 1))
            self.operands.append((which[0] + name, text, element, seen))
            tables.append(table)
        self.clauses += " rotate_%s(%%%sc, %%%ss pairing<%s> offset %d rotary_dim %d%s : %s)" % (
            which, which[0], which[0], pairing, offset, rotary, " inverse" * inverse, text)
        return (*tables, pairing, offset, rotary, inverse)

    def _clause(self, clause, *names):
        types = {name: text for name, text, _, _ in self.operands}
        self.clauses += " %s(%s : %s)" % (clause, ", ".join("%" + name for name in names), ", ".join(types[name] for name in names))

    def _build(self):
        rng, model = self.rng, self.model
        other = rng.choice([self.element, self.element, "f32"])
        if self.delta:
            # Keys of length 1 at most: a correction that does not grow.
            values = self.data.uniform(-1, 1, [self.batch, self.kv_heads, self.keys, self.width]) / self.features
        else:
            values = None
        model["query"] = self._tokens("q", [self.batch, self.heads, self.queries, self.width])
        model["key"] = self._tokens("k", [self.batch, self.kv_heads, self.keys, self.width], values, other)
        model["value"] = self._tokens("v", [self.batch, self.kv_heads, self.keys, self.value_width], None, other)
        if self.kind == "softmax_kernel":
            model["projection"] = self._operand("w", [self.features, self.width])
            self._clause("projection", "w")
        if self.features > 1 and rng.random() < 0.8:
            model["rotate_query"] = self._rotation("query", self.queries)
            model["rotate_key"] = self._rotation("key", self.keys)
        if self.gated:
            heads, lanes = rng.choice([1, self.kv_heads]), rng.choice([0, self.features])
            shape = [self.batch, heads, self.keys] + [lanes] * (lanes > 0)
            decay = self._tokens("d", shape, self.data.uniform(-1, 0, shape), "f32")
            model["decay"] = decay if lanes else decay[..., None]
            self._clause("log_decay", "d")
        if self.delta:
            shape = [self.batch, rng.choice([1, self.kv_heads]), self.keys]
            model["beta"] = self._tokens("b", shape, self.data.uniform(0, 1, shape))[..., None]
            self._clause("beta", "b")
        self.state_element = self.element
        if self.has_past:
            self.state_element = rng.choice([self.element, "f32"])
            state = self._operand("s", [self.batch, self.kv_heads, self.features, self.value_width], None, self.state_element, [0])
            normalizer = None
            if self.normalize:
                shape = [self.batch, self.kv_heads, self.features]
                normalizer = self._operand("n", shape, self.data.uniform(0, 2, shape), self.state_element, [0])
            self._clause("past", "s", *(["n"] if self.normalize else []))
            model["past"] = state, normalizer
        self.computed = UNIT["f64" if any(element == "f64" for _, _, element, _ in self.operands) else "f32"]
        model.update(kind=self.kind, causal=self.causal, normalize=self.normalize, scale=self.scale)

    def module(self):
        arguments = ", ".join("%%%s: %s" % (name, text) for name, text, _, _ in self.operands)
        shape = [self.batch, self.heads, self.queries, self.value_width]
        if self.layout == "bshd":
            shape[1], shape[2] = shape[2], shape[1]
        results = [self._type(shape, self.element, [0, 1 if self.layout == "bshd" else 2])]
        self.results = [self.element]
        if self.returning:
            state = [self.batch, self.kv_heads, self.features, self.value_width]
            shapes = [state, state[:3]] if self.normalize else [state]
            results += [self._type(shape, self.state_element, [0]) for shape in shapes]
            self.results += [self.state_element] * len(shapes)
        text = "rope.linear_attention %%q, %%k, %%v layout<%s> features<%s>%s%s scale %r%s%s : %s" % (
            self.layout, self.kind, " causal" * self.causal, " normalize" * self.normalize, self.scale, self.clauses,
            " returning_state" * self.returning, ", ".join(text for _, text, _, _ in self.operands[:3]))
        names = ", ".join("%%r#%d" % i for i in range(len(results)))
        return "func.func @main(%s) -> (%s) {\n  %%r:%d = %s\n  return %s : %s\n}\n" % (
            arguments, ", ".join(results), len(results), text, names, ", ".join(results))
