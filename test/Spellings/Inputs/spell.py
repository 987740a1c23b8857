# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random spellings of random rotations, and of programs that are none.

Every spelling computes y_a = c1 a1 - s1 b1, y_b = s2 a2 + c2 b2 of lanes (a, b) of
x. It is a rotation where c1 = c2, s1 = s2, a1 = a2 and b1 = b2; a mutation makes one
of the eight another value."""

from builder import Function, amap, identity

MUTATIONS = ["sign", "lane_sign", "factor", "lane_factor", "other_angle", "shifted_table", "other_source", "shifted_source",
             "rounded_source", "swapped_source", "overwritten", "product"]
# Where the values of the pair are rotated before the mutation, which is then no
# reason not to raise that.
KEEPS_A_ROTATION = {"overwritten"}


class Spelling:
    def __init__(self, rng, name, mutation=None):
        self.rng, self.mutation = rng, mutation
        self.f = Function(rng, name)
        self.build()

    def build(self):
        f, rng = self.f, self.rng
        self.kind = rng.choice(["f32", "f32", "f32", "f64", "bf16", "f16"])
        # Tables of narrow programs are narrow, or the program computes in f32.
        self.upcast = self.kind in ("bf16", "f16") and rng.random() < 0.5
        self.work = "f32" if self.upcast else self.kind
        self.pairs = rng.choice([2, 3, 4, 4, 5, 8])
        self.interleaved = rng.random() < 0.5
        self.before, self.after = rng.choice([(0, 0), (0, 0), (0, 4), (3, 0), (2, 5)])
        # Leading dimensions: batch, heads and sequence, in any order.
        sizes = {"b": rng.choice([1, 2]), "h": rng.choice([1, 2, 3]), "s": rng.choice([3, 5, 7])}
        self.dims = rng.sample(sorted(sizes), rng.choice([1, 2, 3, 3]))
        if "s" not in self.dims:
            self.dims[rng.randrange(len(self.dims))] = "s"
        self.lead = tuple(sizes[d] for d in self.dims)
        # Whether tables have dimensions of one element before the sequence.
        self.leads = rng.random() < 0.5
        x = self.make_source(self.lead + (self.before + 2 * self.pairs + self.after,))
        self.c, self.s = self.make_tables(self.pairs)
        y = self.rotate(self.noop(x))
        if self.upcast and y.kind != self.kind:
            y = f.convert(y, self.kind)
        self.text = f.text([self.noop(y)])

    # What x is.

    def make_source(self, shape):
        f, rng = self.f, self.rng
        way = rng.randrange(6)
        if way == 0 and len(shape) > 1:
            x = f.argument(shape[:-2] + (shape[-2] * shape[-1],), self.kind)
            x = f.expand(x, len(shape) - 2, shape[-2:])
        elif way == 1:
            # One of q, k, v.
            x = f.argument(shape[:-1] + (3 * shape[-1],), self.kind)
            x = f.slice(x, len(shape) - 1, rng.randrange(3) * shape[-1], shape[-1])
        elif way == 2 and len(shape) > 2:
            x = f.argument((shape[1], shape[0]) + shape[2:], self.kind)
            x = f.transpose(x, [1, 0] + list(range(2, len(shape))))
        else:
            x = f.argument(shape, self.kind)
        if rng.random() < 0.2:
            x = f.add(x, f.argument(shape[-1:], self.kind))
        if rng.random() < 0.2:
            x = f.mul(x, f.splat(rng.choice([0.5, -0.25, 3.0]), x))
        if rng.random() < 0.1:
            x = f.mul(x, f.constant([0.5 + 0.25 * (i % 5) for i in range(shape[-1])], shape[-1:], self.kind))
        return f.convert(x, "f32") if self.upcast else x

    def noop(self, x):
        """Ops that change nothing."""
        f, rng = self.f, self.rng
        for _ in range(rng.choice([0, 0, 1, 2])):
            rank, way = len(x.shape), rng.randrange(7)
            if way == 0 and rank > 1:
                order = list(range(rank))
                i, j = rng.sample(range(rank - 1), 2) if rank > 2 else (0, 0)
                order[i], order[j] = order[j], order[i]
                x = f.transpose(f.transpose(x, order), order)
            elif way == 1 and rank > 1:
                x = f.expand(f.collapse(x, rank - 2, 2), rank - 2, x.shape[-2:])
            elif way == 2:
                x = f.mul(x, f.splat(1.0, x))
            elif way == 3:
                x = f.neg(f.neg(x))
            elif way == 4:
                x = f.slice(x, rank - 1, 0, x.shape[-1])
            elif way == 5:
                x = f.generic([x], [identity(rank)], x.shape, x.kind, ["%i0"])
            else:
                x = f.concat([f.slice(x, rank - 1, 0, 1), f.slice(x, rank - 1, 1, x.shape[-1] - 1)], rank - 1)
        return x

    # What the tables are: [s, pairs], broadcast to x.

    def make_angles(self, pairs):
        """Positions times frequencies, or divided by timescales, of f32."""
        f, rng = self.f, self.rng
        length = self.lead[self.dims.index("s")]
        base = rng.choice([100.0, 10000.0, 500000.0])
        operation, sign = rng.choice([("mulf", -1), ("mulf", -1), ("divf", 1)])
        w = f.constant([float("%.9g" % base ** (sign * i / pairs)) for i in range(pairs)], [pairs], "f32")
        position = amap(2, ["d0"])
        kind = rng.choice(["given", "given", "counted", "axes"])
        if kind == "given":
            integer = rng.choice(["i32", "i64"])
            positions = f.argument([length], integer)
            lines = ["%%p = arith.sitofp %%i0 : %s to f32" % integer]
        elif kind == "counted":
            positions = f.constant(list(range(length)), [length], "i64")
            lines = ["%p = arith.sitofp %i0 : i64 to f32"]
        else:
            # Each frequency takes its position from one of several axes.
            axes = rng.choice([2, 3])
            pattern = rng.choice([[i * axes // pairs for i in range(pairs)], [i % axes for i in range(pairs)],
                                  [rng.randrange(axes) for _ in range(pairs)]])
            given = f.argument([axes, length], "i64")
            positions = f.constant(pattern, [pairs], "i64")
            position = amap(2, ["d1"])
            lines = ["%row = linalg.index 0 : index", "%axis = arith.index_cast %i0 : i64 to index",
                     "%%id = tensor.extract %s[%%axis, %%row] : %s" % (given.name, given.type),
                     "%p = arith.sitofp %id : i64 to f32"]
        return f.generic([positions, w], [position, amap(2, ["d1"])], [length, pairs], "f32",
                         lines + ["%%a = arith.%s %%p, %%i1 : f32" % operation, "%a"])

    def make_tables(self, pairs):
        f, rng = self.f, self.rng
        length = self.lead[self.dims.index("s")]
        self.given = rng.random() < 0.3
        if self.given:
            c, s = f.argument([length, pairs], self.work), f.argument([length, pairs], self.work)
        else:
            self.angles = self.make_angles(pairs)
            c, s = (f.convert(f.generic([self.angles], [identity(2)], [length, pairs], "f32", ["%%y = math.%s %%i0 : f32" % name, "%y"]), self.work)
                    for name in ("cos", "sin"))
        if rng.random() < 0.2:
            s = f.neg(s)
        if rng.random() < 0.15:
            c, s = (f.mul(t, f.splat(1.25, t)) for t in (c, s))
        return c, s

    def place(self, table):
        """The table with dimensions of one element where x has others."""
        f, position = self.f, self.dims.index("s")
        after = len(self.dims) - position - 1
        if after:
            table = f.expand(table, 0, [table.shape[0]] + [1] * after)
        if position and self.leads:
            table = f.expand(table, 0, [1] * position + [table.shape[0]])
        return table

    # The rotation.

    def values(self, x):
        """a1, b1, a2, b2 and c1, s1, s2, c2, one of which the mutation changes."""
        f, rng, lane = self.f, self.rng, len(self.lead)
        if self.interleaved:
            take = lambda t, k, shift=0: f.slice(t, lane, self.before + k + shift, self.pairs, 2)
        else:
            take = lambda t, k, shift=0: f.slice(t, lane, self.before + k * self.pairs + shift, self.pairs)
        once = rng.random() < 0.5
        a1, b1 = take(x, 0), take(x, 1)
        a2, b2 = (a1, b1) if once else (take(x, 0), take(x, 1))
        v = {"a1": a1, "b1": b1, "a2": a2, "b2": b2}
        c, s = self.c, self.s
        t = {"c1": c, "s1": s, "s2": s, "c2": c}
        m, source, table = self.mutation, rng.choice(sorted(v)), rng.choice(sorted(t))
        one_lane = lambda value: f.constant([value if i == rng_lane else 1.0 for i in range(self.pairs)], [self.pairs], self.work)
        rng_lane = rng.randrange(self.pairs)
        if m == "sign":
            t[table] = f.neg(t[table])
        elif m == "lane_sign":
            t[table] = f.mul(t[table], one_lane(-1.0))
        elif m == "factor":
            t[table] = f.mul(t[table], f.splat(2.0, t[table]))
        elif m == "lane_factor":
            t[table] = f.mul(t[table], one_lane(1.5))
        elif m == "other_angle":
            other = f.convert(f.generic([self.make_angles(self.pairs)], [identity(2)], self.c.shape, "f32",
                                        ["%two = arith.constant 2.0 : f32", "%m = arith.mulf %i0, %two : f32",
                                         "%%y = math.%s %%m : f32" % ("cos" if table[0] == "c" else "sin"), "%y"]), self.work)
            t[table] = other
        elif m == "shifted_table":
            whole = t[table]
            t[table] = f.concat([f.slice(whole, 1, 1, self.pairs - 1), f.slice(whole, 1, 0, 1)], 1)
        elif m == "other_source":
            v[source] = f.argument(v[source].shape, self.work)
        elif m == "shifted_source":
            v[source] = f.concat([f.slice(v[source], lane, 1, self.pairs - 1), f.slice(v[source], lane, 0, 1)], lane)
        elif m == "swapped_source":
            v[source] = v[{"a1": "b1", "b1": "a1", "a2": "b2", "b2": "a2"}[source]]
        elif m == "rounded_source":
            narrow = "bf16" if self.work in ("f32", "f64") and not self.upcast else None
            v[source] = f.convert(f.convert(v[source], narrow), self.work) if narrow else f.mul(v[source], f.splat(0.5, v[source]))
        t = {key: self.place(value) for key, value in t.items()}
        return v, t

    def assemble(self, first, second):
        """Lanes of the rotary range from its halves."""
        f, rng, lane = self.f, self.rng, len(self.lead)
        if not self.interleaved:
            return f.concat([first, second], lane)
        if rng.random() < 0.3:
            y = f.empty(self.lead + (2 * self.pairs,), first.kind)
            return f.insert(second, f.insert(first, y, lane, 0, 2), lane, 1, 2)
        return f.collapse(f.stack([first, second], lane + 1), lane, 2)

    def spread(self, first, second):
        """A table of one entry a lane from those of both lanes."""
        f, rng = self.f, self.rng
        rank = len(first.shape)
        if not self.interleaved:
            return f.concat([first, second], rank - 1)
        if first is second and rng.random() < 0.5:
            # repeat_interleave
            copy = f.generic([first], [amap(rank + 1, ["d%d" % i for i in range(rank)])], first.shape + (2,), first.kind, ["%i0"])
            return f.collapse(copy, rank - 1, 2)
        return f.collapse(f.stack([first, second], rank), rank - 1, 2)

    def rotate(self, x):
        f, rng, lane = self.f, self.rng, len(self.lead)
        v, t = self.values(x)
        if self.mutation == "product":
            # c1 a1 (s1 b1) instead of a difference.
            first = f.mul(f.mul(v["a1"], t["c1"]), f.mul(v["b1"], t["s1"]))
            second = f.add(f.mul(v["b2"], t["c2"]), f.mul(v["a2"], t["s2"]))
            y = self.assemble(first, second)
        else:
            ways = [self.by_halves, self.by_halves, self.by_lanes, self.by_lanes, self.by_blocks]
            plain = self.mutation in (None, "overwritten")
            if plain:
                ways += [self.by_index, self.by_sign]
                if self.work in ("f32", "f64"):
                    ways += [self.by_complex]
                if not self.before and not self.after:
                    ways += [self.by_matrix]
            y = rng.choice(ways)(x, v, t)
        if self.mutation == "overwritten":
            source = f.slice(y, lane, rng.randrange(1, 2 * self.pairs), 1)
            y = f.insert(f.mul(source, f.splat(rng.choice([1.0, 2.0]), source)), y, lane, 0)
        return self.widen(x, y)

    def widen(self, x, y):
        """Puts the rotary range back between the lanes that pass through."""
        f, rng, lane = self.f, self.rng, len(self.lead)
        if not self.before and not self.after:
            return y
        if rng.random() < 0.3:
            return f.insert(y, x, lane, self.before)
        parts = [f.slice(x, lane, 0, self.before)] if self.before else []
        parts.append(y)
        if self.after:
            parts.append(f.slice(x, lane, self.before + 2 * self.pairs, self.after))
        return f.concat(parts, lane)

    def by_halves(self, x, v, t):
        f = self.f
        first = f.sub(f.mul(v["a1"], t["c1"]), f.mul(v["b1"], t["s1"]))
        second = f.add(f.mul(v["b2"], t["c2"]), f.mul(v["a2"], t["s2"]))
        if self.upcast and self.rng.random() < 0.3 and not self.before and not self.after:
            first, second = f.convert(first, self.kind), f.convert(second, self.kind)
        return self.assemble(first, second)

    def by_lanes(self, x, v, t):
        """x cos + turned sin, tables of one entry a lane."""
        f = self.f
        own = self.assemble(v["a1"], v["b2"])
        turned = self.assemble(f.neg(v["b1"]), v["a2"])
        return f.add(f.mul(own, self.spread(t["c1"], t["c2"])), f.mul(turned, self.spread(t["s1"], t["s2"])))

    def rotary_range(self, x):
        lane = len(self.lead)
        return x if not self.before and not self.after else self.f.slice(x, lane, self.before, 2 * self.pairs)

    def by_index(self, x, v, t):
        """Lanes by a constant list of indices, signs by a constant."""
        f, lane, width = self.f, len(self.lead), 2 * self.pairs
        r = self.rotary_range(x)
        partner = [i ^ 1 if self.interleaved else (i + self.pairs) % width for i in range(width)]
        sign = [-1.0 if (i % 2 == 0 if self.interleaved else i < self.pairs) else 1.0 for i in range(width)]
        index = f.constant(partner, [width], "index")
        rank = lane + 1
        last = amap(rank, ["d%d" % lane])
        at = ", ".join(["%%x%d" % i for i in range(lane)] + ["%i0"])
        turned = f.generic([index, f.constant(sign, [width], r.kind)], [last, last], r.shape, r.kind,
                           ["%%x%d = linalg.index %d : index" % (i, i) for i in range(lane)] +
                           ["%%e = tensor.extract %s[%s] : %s" % (r.name, at, r.type), "%%y = arith.mulf %%e, %%i1 : %s" % r.kind, "%y"])
        return f.add(f.mul(r, self.spread(t["c1"], t["c1"])), f.mul(turned, self.spread(t["s1"], t["s1"])))

    def by_sign(self, x, v, t):
        """A roll, or exchanged neighbours, with the sign in the table."""
        f, lane, width = self.f, len(self.lead), 2 * self.pairs
        r = self.rotary_range(x)
        if self.interleaved:
            pairs = f.expand(r, lane, [self.pairs, 2])
            swapped = f.concat([f.slice(pairs, lane + 1, 1, 1), f.slice(pairs, lane + 1, 0, 1)], lane + 1)
            turned = f.collapse(swapped, lane, 2)
        else:
            turned = f.concat([f.slice(r, lane, self.pairs, self.pairs), f.slice(r, lane, 0, self.pairs)], lane)
        sines = self.spread(f.neg(t["s1"]), t["s1"])
        return f.add(f.mul(r, self.spread(t["c1"], t["c1"])), f.mul(turned, sines))

    def by_blocks(self, x, v, t):
        """[[c, -s], [s, c]] times (a, b), summed over a dimension of two."""
        f, lane = self.f, len(self.lead)
        rank = lane + 1
        if self.work not in ("f32", "f64"):
            return self.by_halves(x, v, t)
        full = lambda table: f.broadcast(table, (1,) * (rank - len(table.shape)) + table.shape)
        one = f.stack([full(t["c1"]), f.neg(full(t["s1"]))], rank)
        two = f.stack([full(t["s2"]), full(t["c2"])], rank)
        zero = f.splat(0.0, v["a1"])
        rows = []
        for weights, sources in ((one, (v["a1"], v["b1"])), (two, (v["a2"], v["b2"]))):
            both = f.stack(list(sources), rank)
            maps = [amap(rank + 1, ["d%d" % i for i in range(rank + 1)]),
                    amap(rank + 1, ["0" if i < lane and size != self.lead[i] else "d%d" % i for i, size in enumerate(weights.shape)])]
            rows.append(f.generic([both, weights], maps, self.lead + (self.pairs,), self.work,
                                  ["%%p = arith.mulf %%i0, %%i1 : %s" % self.work, "%%y = arith.addf %%out, %%p : %s" % self.work, "%y"],
                                  iterators=["parallel"] * rank + ["reduction"], init=zero, out_map=amap(rank + 1, ["d%d" % i for i in range(rank)])))
        return self.assemble(*rows)

    def by_complex(self, x, v, t):
        """(a + ib) (c + is)"""
        f, lane, kind = self.f, len(self.lead), self.work
        shape = self.lead + (self.pairs,)
        inputs = [v["a1"], v["b1"], t["c1"], t["s1"]]
        maps = [f.broadcast_map(operand, shape) for operand in inputs]
        product = f.generic(inputs, maps, shape, "complex<%s>" % kind,
                            ["%%z = complex.create %%i0, %%i1 : complex<%s>" % kind, "%%w = complex.create %%i2, %%i3 : complex<%s>" % kind,
                             "%%y = complex.mul %%z, %%w : complex<%s>" % kind, "%y"])
        parts = [f.generic([product], [identity(lane + 1)], shape, kind, ["%%y = complex.%s %%i0 : complex<%s>" % (part, kind), "%y"])
                 for part in ("re", "im")]
        return self.assemble(*parts)

    def by_matrix(self, x, v, t):
        """x cos + (x J) sin with the constant J."""
        f, lane, width = self.f, len(self.lead), 2 * self.pairs
        if self.work not in ("f32", "f64"):
            return self.by_lanes(x, v, t)
        partner = lambda i: i ^ 1 if self.interleaved else (i + self.pairs) % width
        sign = lambda j: -1.0 if (j % 2 == 0 if self.interleaved else j < self.pairs) else 1.0
        j = f.constant([sign(col) if partner(col) == row else 0.0 for row in range(width) for col in range(width)], [width, width], self.work)
        rank = lane + 1
        lead = ["d%d" % i for i in range(lane)]
        turned = f.generic([x, j], [amap(rank + 1, lead + ["d%d" % rank]), amap(rank + 1, ["d%d" % rank, "d%d" % lane])], x.shape, self.work,
                           ["%%p = arith.mulf %%i0, %%i1 : %s" % self.work, "%%y = arith.addf %%out, %%p : %s" % self.work, "%y"],
                           iterators=["parallel"] * rank + ["reduction"], init=f.splat(0.0, x), out_map=amap(rank + 1, lead + ["d%d" % lane]))
        return f.add(f.mul(x, self.spread(t["c1"], t["c1"])), f.mul(turned, self.spread(t["s1"], t["s1"])))
