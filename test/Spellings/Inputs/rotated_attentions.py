# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention of rotated queries and keys, with what models put between the two: keys repeated
by heads, a rotary tail that heads share, in random ops.

Each is one rope.attention that rotates both and reads each head of the keys once; a mutation
takes the reason for that away, or the attention."""

from builder import amap, identity
from frontends import BATCH, LANES, ROWS, Frontend

HEADS, KV_HEADS, GROUPS, REST, VALUE_LANES = 4, 2, 2, 6, 3
# What a mutation leaves to find: (rotations that stay, heads of the keys, whether a tail).
MUTATIONS = {
    "repeated": ["none", "other_heads", "table_per_head", "values_differ"],
    "shared_tail": ["none", "tail_per_head", "orders_differ"],
}


class Attention(Frontend):
    def rotate(self, x, dim, tables, interleaved):
        """x[..., lanes], whose rows are dimension `dim`."""
        c, s = tables
        if interleaved:
            c, s = self.interleaved_twice(c), self.interleaved_twice(s)
        else:
            c, s = self.twice(c), self.twice(s)
        for _ in range(len(x.shape) - 2 - dim):
            c, s = (self.expand(t, 0, [t.shape[0], 1]) for t in (c, s))
        if interleaved:
            a, b = self.parities(x)
            turned = self.collapse(self.stack([self.neg(b), a], len(x.shape)), len(x.shape) - 1, 2)
        else:
            a, b = self.halves(x)
            turned = self.concat([self.neg(b), a], len(x.shape) - 1)
        return self.add(self.mul(x, c), self.mul(turned, s))

    def repeat(self, x, dim, alternate=False):
        """Each head GROUPS times; `alternate` takes the heads in turn instead."""
        shape, rank = x.shape[:dim] + (x.shape[dim] * GROUPS,) + x.shape[dim + 1:], len(x.shape)
        if self.rng.random() < 0.35:
            # A gather by computed heads.
            lines = ["%%x%d = linalg.index %d : index" % (i, i) for i in range(rank)]
            lines += ["%%g = arith.constant %d : index" % (x.shape[dim] if alternate else GROUPS),
                      "%%h = arith.%s %%x%d, %%g : index" % ("remui" if alternate else self.rng.choice(["divui", "floordivsi"]), dim),
                      "%%y = tensor.extract %s[%s] : %s" % (x.name, ", ".join("%h" if i == dim else "%%x%d" % i for i in range(rank)), x.type), "%y"]
            return self.generic([], [], shape, x.kind, lines)
        at = dim if alternate else dim + 1
        copy = self.generic([x], [amap(rank + 1, ["d%d" % (i + (i >= at)) for i in range(rank)])],
                            x.shape[:at] + (GROUPS,) + x.shape[at:], x.kind, ["%i0"])
        return self.collapse(copy, dim, 2)

    def share(self, x, dim):
        """The one head of dimension `dim` for all heads."""
        return self.broadcast(x, x.shape[:dim] + (HEADS,) + x.shape[dim + 1:])

    def product(self, a, b, a_dims, b_dims, dims, sizes):
        loops = dims + "".join(c for c in a_dims if c not in dims)
        at = lambda letters: amap(len(loops), ["d%d" % loops.index(c) for c in letters])
        shape = tuple(sizes[c] for c in dims)
        init = self.emit("linalg.fill ins(%%f0 : f32) outs(%s : %s) -> %s" % ((e := self.empty(shape, "f32")).name, e.type, e.type), shape, "f32")
        return self.generic([a, b], [at(a_dims), at(b_dims)], shape, "f32",
                            ["%p = arith.mulf %i0, %i1 : f32", "%s = arith.addf %out, %p : f32", "%s"],
                            ["parallel" if c in dims else "reduction" for c in loops], init, at(dims))

    def over_keys(self, x, op, init):
        shape = x.shape[:3]
        start, empty = self.scalar("arith.constant %s : f32" % init), self.empty(shape, "f32")
        filled = self.emit("linalg.fill ins(%s : f32) outs(%s : %s) -> %s" % (start, empty.name, empty.type, empty.type), shape, "f32")
        return self.generic([x], [identity(4)], shape, "f32", ["%%y = arith.%s %%out, %%i0 : f32" % op, "%y"],
                            ["parallel"] * 3 + ["reduction"], filled, amap(4, ["d0", "d1", "d2"]))

    def attend(self, q, k, v, dims):
        """`dims`: the letters of q; heads are all heads."""
        sizes = dict(zip("bhsd", (BATCH, HEADS, ROWS, q.shape[-1])), n=ROWS, e=v.shape[-1])
        key_dims = dims.replace("s", "n")
        x = self.product(q, k, dims, key_dims, "bhsn", sizes)
        x = self.mul(x, self.splat(0.4, x))
        w = self.apply("exp", self.sub(x, self.expand(self.over_keys(x, "maximumf", "0xFF800000"), 2, [ROWS, 1])))
        w = self.elementwise("arith.divf", w, self.expand(self.over_keys(w, "addf", "0.0"), 2, [ROWS, 1]))
        return self.product(w, v, "bhsn", key_dims.replace("d", "e"), dims.replace("d", "e"), sizes)


def repeated(f, mutation):
    """Llama, Qwen, Mistral: repeat_kv, before or after the rotation or between transposes."""
    tables = f.tables()
    rows_first = f.rng.random() < 0.5
    dims, heads, rows = ("bshd", 2, 1) if rows_first else ("bhsd", 1, 2)
    shape = lambda h, d: (BATCH, ROWS, h, d) if rows_first else (BATCH, h, ROWS, d)
    interleaved = f.rng.random() < 0.4
    q, k, v = f.source(shape(HEADS, LANES)), f.source(shape(KV_HEADS, LANES)), f.source(shape(KV_HEADS, VALUE_LANES))
    v = f.repeat(v, heads, alternate=mutation in ("values_differ", "other_heads"))
    repeat_first = f.rng.random() < 0.6
    alternate = mutation == "other_heads"
    if repeat_first:
        k = f.repeat(k, heads, alternate)
    if f.rng.random() < 0.4:
        # Rotated in one order and used in the other.
        order = [0, 2, 1, 3]
        q, k, v = (f.transpose(t, order) for t in (q, k, v))
        dims, heads, rows = (dims[0] + dims[2] + dims[1] + dims[3]), rows, heads
    if mutation == "table_per_head":
        if not repeat_first:
            k = f.repeat(k, heads)
        factor = f.argument([HEADS], "f32")
        maps = [identity(4), amap(4, ["d%d" % heads])]
        k = f.generic([k, factor], maps, k.shape, "f32", ["%y = arith.mulf %i0, %i1 : f32", "%y"])
        repeat_first = True
    q, k = f.rotate(q, rows, tables, interleaved), f.rotate(k, rows, tables, interleaved)
    if f.rng.random() < 0.3:
        order = [0, 2, 1, 3]
        q, k, v = (f.transpose(t, order) for t in (q, k, v))
        dims, heads = (dims[0] + dims[2] + dims[1] + dims[3]), rows
    if not repeat_first:
        k = f.repeat(k, heads, alternate)
    return f.attend(q, k, v, dims)


def shared_tail(f, mutation):
    """DeepSeek V2 and V3 (MLA): some lanes of each head, and rotary lanes that heads share."""
    tables, interleaved = f.tables(), f.rng.random() < 0.5
    last = f.rng.random() < 0.6
    join = lambda rest, rotary, last: f.concat([rest, rotary] if last else [rotary, rest], 3)
    whole = f.source((BATCH, HEADS, ROWS, REST + LANES))
    start, pe = (0, REST) if last else (LANES, 0)
    q_rest, q_rotary = f.slice(whole, 3, start, REST), f.slice(whole, 3, pe, LANES)
    k_rest = f.source((BATCH, HEADS, ROWS, REST))
    per_head = mutation == "tail_per_head"
    k_rotary = f.source((BATCH, HEADS if per_head else 1, ROWS, LANES))
    v = f.source((BATCH, HEADS, ROWS, VALUE_LANES))
    share_first = not per_head and f.rng.random() < 0.3
    if share_first:
        k_rotary = f.share(k_rotary, 1)
    q_rotary, k_rotary = f.rotate(q_rotary, 2, tables, interleaved), f.rotate(k_rotary, 2, tables, interleaved)
    if not per_head and not share_first:
        k_rotary = f.share(k_rotary, 1)
    q = join(q_rest, q_rotary, last)
    # Of one width the other way round is another product of the same lanes.
    k = join(k_rest, k_rotary, last != (mutation == "orders_differ"))
    return f.attend(q, k, v, "bhsd")


SPELLINGS = {"repeated": repeated, "shared_tail": shared_tail}


class Program:
    def __init__(self, rng, name, spelling, mutation):
        f = Attention(rng, name, True)
        f.lines.append("  %f0 = arith.constant 0.0 : f32")
        y = SPELLINGS[spelling](f, None if mutation == "none" else mutation)
        self.name, self.text, self.kind = name, f.text([y]), y.kind
        self.spelling, self.mutation = spelling, mutation
