# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random instances of the rules that fold rotations into rope.attention."""

from rope_program import Layout

MODEL_FLOATS = ["f32", "f32", "f64", "f16", "bf16"]


class Attention:
    """Sizes and features of one rope.attention, but for its rotations."""

    def __init__(self, p):
        rng = p.rng
        self.p, self.layout = p, Layout(rng, moves_lanes=False)
        self.element = rng.choice(MODEL_FLOATS)
        self.sequence_first = rng.random() < 0.4
        self.batch, self.kv_heads = rng.choice([1, 2]), rng.choice([1, 2])
        self.heads = self.kv_heads * rng.choice([1, 1, 3])
        self.queries, self.keys = rng.choice([1, 4, 7]), rng.choice([3, 7, 9])
        self.lanes = {"query": rng.choice([4, 8, 10]), "value": rng.choice([3, 8]), "tail": 0}

    def shape(self, role):
        """Of query, key, tail, value or output; the rotated one has the lanes of the layout."""
        heads = 1 if role == "tail" else self.heads if role in ("query", "output") else self.kv_heads
        rows = self.queries if role in ("query", "output") else self.keys
        middle = [rows, heads] if self.sequence_first else [heads, rows]
        lanes = {"key": self.lanes["query"] - self.lanes["tail"], "output": self.lanes["value"]}
        return [self.batch, *middle, lanes.get(role) or self.lanes[role]]

    def rotate(self, x, role):
        """The rotation of x by tables of its positions."""
        p, sequence = self.p, 1 if self.sequence_first else 2
        along = p.rng.choice([[sequence], [0, sequence]])
        width = p.rng.choice([self.layout.rotary_dim, self.layout.rotary_dim // 2])
        table = "f64" if self.element == "f64" else p.rng.choice([self.element, "f32"])
        shape = [self.shape(role)[d] for d in along] + [width]
        cos, sin = (p.argument(shape, table, static=True) for _ in range(2))
        return p.rotate(x, cos, sin, along, self.layout.text())

    def features(self, tail):
        p = self.p
        chance = lambda probability: p.rng.random() < probability
        text = " layout<bshd>" if self.sequence_first else ""
        text += " causal" if chance(0.4) else ""
        text += " window [%d, %d]" % (p.rng.randrange(0, 4), p.rng.choice([-1, 0, 2])) if chance(0.2) else ""
        text += " scale %s" % p.rng.choice(["0.25", "1.0"]) if chance(0.5) else ""
        text += " softcap 4.0" if chance(0.2) else ""
        clauses = " key_tail(%s : %s)" % (tail.name, tail.type) if tail else ""
        if chance(0.3):
            mask = p.argument(p.rng.choice([[self.queries, self.keys], [self.batch, 1, 1, self.keys]]), self.element, static=True)
            clauses += " mask(%s : %s)" % (mask.name, mask.type)
        kind = p.rng.choice(["none", "none", "past", "lengths"])
        if kind == "past":
            past = p.emit("arith.constant %d : index" % p.rng.randrange(3))
            clauses += " past(%s)" % past
        if kind == "lengths":
            lengths = p.argument([self.batch], "i64", 1, self.keys, static=True)
            clauses += " kv_lengths(%s : %s)" % (lengths.name, lengths.type)
        if chance(0.2):
            sinks = p.argument([self.heads], self.element, static=True)
            clauses += " sinks(%s : %s)" % (sinks.name, sinks.type)
        return text + clauses

    def attend(self, **rotated):
        p = self.p
        operands = [rotated.get(role) or p.argument(self.shape(role), self.element, static=True) for role in ("query", "key", "value")]
        return p.op(self.shape("output"), self.element, [False] * 4, "rope.attention %s%s : %s" % (
            ", ".join(o.name for o in operands), self.features(rotated.get("tail")), ", ".join(o.type for o in operands)))


def fold_operand(p, role):
    attention = Attention(p)
    attention.lanes["value" if role == "value" else "query"] = attention.layout.head_dim
    x = p.argument(attention.shape(role), attention.element, static=True)
    return attention.attend(**{role: attention.rotate(x, role)})


def FoldRotatedQuery(p):
    return fold_operand(p, "query")


def FoldRotatedKey(p):
    return fold_operand(p, "key")


def FoldRotatedKeyTail(p):
    attention = Attention(p)
    attention.lanes["tail"] = attention.layout.head_dim
    attention.lanes["query"] = attention.layout.head_dim + p.rng.choice([3, 4, 8])
    x = p.argument(attention.shape("tail"), attention.element, static=True)
    return attention.attend(tail=attention.rotate(x, "tail"))


def FoldRotatedValue(p):
    return fold_operand(p, "value")


def FoldRotatedOutput(p):
    attention = Attention(p)
    attention.lanes["value"] = attention.layout.head_dim
    # The tables stand before the attention, being arguments.
    return attention.rotate(attention.attend(), "output")


def ScaleByTableFactors(p):
    """Tables of both times a constant each, which the rotations of all lanes share."""
    attention = Attention(p)
    attention.element = p.rng.choice(["f32", "f64"])
    attention.layout.offset, attention.layout.head_dim = 0, attention.layout.rotary_dim
    attention.lanes["query"] = attention.layout.rotary_dim
    factors = {role: p.rng.choice(["1.25", "0.75"]) for role in ("query", "key")}
    rotated = {}
    for role in p.rng.choice([["query"], ["key"], ["query", "key"]]):
        sequence = 1 if attention.sequence_first else 2
        shape = [attention.shape(role)[sequence], attention.layout.rotary_dim // 2]
        tables = []
        for _ in range(2):
            table = p.argument(shape, attention.element, static=True)
            factor = p.constant(shape, attention.element, factors[role])
            tables.append(p.op(shape, attention.element, table.dynamic, "arith.mulf %s, %s : {type}" % (table.name, factor.name)))
        x = p.argument(attention.shape(role), attention.element, static=True)
        rotated[role] = p.rotate(x, *tables, [sequence], attention.layout.text())
    return attention.attend(**rotated)


EXACT = [FoldRotatedQuery, FoldRotatedKey, FoldRotatedKeyTail, FoldRotatedValue, FoldRotatedOutput]
ALGEBRAIC = [ScaleByTableFactors]
