# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The rotation as named frontends, papers and hand-written kernels spell it, one function
each: f writes ops, x is [batch, heads, rows, LANES], the result is the rotated x.

`f.minus` is the one negation that makes a spelling a rotation; programs that are none go
without it."""

from builder import Function, Tensor, amap, identity

BATCH, HEADS, ROWS, LANES = 2, 3, 5, 8
HALF = LANES // 2
SHAPE = (BATCH, HEADS, ROWS, LANES)


class Frontend(Function):
    def __init__(self, rng, name, is_rotation):
        super().__init__(rng, name)
        self.is_rotation = is_rotation

    def minus(self, value):
        return self.neg(value) if self.is_rotation else value

    def source(self, shape=SHAPE, kind="f32"):
        return self.argument(shape, kind)

    def angles(self, pairs=HALF, sign=1.0):
        """[rows, pairs]"""
        w = self.constant([sign * float("%.9g" % 10000.0**(-i / pairs)) for i in range(pairs)], [pairs], "f32")
        p = self.argument([ROWS], "i64")
        return self.generic([p, w], [amap(2, ["d0"]), amap(2, ["d1"])], [ROWS, pairs], "f32",
                            ["%p = arith.sitofp %i0 : i64 to f32", "%a = arith.mulf %p, %i1 : f32", "%a"])

    def apply(self, name, value):
        return self.generic([value], [identity(len(value.shape))], value.shape, value.kind,
                            ["%%y = math.%s %%i0 : %s" % (name, value.kind), "%y"])

    def tables(self, pairs=HALF):
        angles = self.angles(pairs)
        return self.apply("cos", angles), self.apply("sin", angles)

    def twice(self, table):
        return self.concat([table, table], len(table.shape) - 1)

    def interleaved_twice(self, table):
        rank = len(table.shape)
        copy = self.generic([table], [amap(rank + 1, ["d%d" % i for i in range(rank)])], table.shape + (2,), table.kind, ["%i0"])
        return self.collapse(copy, rank - 1, 2)

    def halves(self, x, dim=None):
        dim = len(x.shape) - 1 if dim is None else dim
        half = x.shape[dim] // 2
        return self.slice(x, dim, 0, half), self.slice(x, dim, half, half)

    def parities(self, x):
        last = len(x.shape) - 1
        return self.slice(x, last, 0, x.shape[-1] // 2, 2), self.slice(x, last, 1, x.shape[-1] // 2, 2)

    def rotate_halves(self, x, cos, sin):
        a, b = self.halves(x)
        turned = self.concat([self.minus(b), a], len(x.shape) - 1)
        return self.add(self.mul(x, cos), self.mul(turned, sin))


def rotate_half(f):
    """Transformers: Llama, GPT-NeoX, Qwen."""
    c, s = f.tables()
    return f.rotate_halves(f.source(), f.twice(c), f.twice(s))


def rotate_every_two(f):
    """GPT-J, Cohere, CodeGen: stack([-x2, x1], -1)."""
    x, (c, s) = f.source(), f.tables()
    a, b = f.parities(x)
    turned = f.collapse(f.stack([f.minus(b), a], 4), 3, 2)
    return f.add(f.mul(x, f.interleaved_twice(c)), f.mul(turned, f.interleaved_twice(s)))


def keras(f):
    """KerasHub: stack((-x2, x1), axis=-2), reshaped."""
    x, (c, s) = f.source(), f.tables()
    a, b = f.halves(x)
    turned = f.collapse(f.stack([f.minus(b), a], 3), 3, 2)
    return f.add(f.mul(x, f.twice(c)), f.mul(turned, f.twice(s)))


def flux(f):
    """Flux, Hunyuan: 2x2 matrices [rows, pairs, 2, 2] times pairs, written out."""
    x, (c, s) = f.source(), f.tables()
    rows = [f.stack([c, f.minus(s)], 2), f.stack([s, c], 2)]
    matrix = f.stack(rows, 2)
    pairs = f.expand(x, 3, [HALF, 2])
    shape = (BATCH, HEADS, ROWS, HALF, 2)
    column = lambda k: f.generic([matrix], [amap(5, ["d2", "d3", "d4", str(k)])], shape, "f32", ["%i0"])
    lane = lambda k: f.generic([pairs], [amap(5, ["d0", "d1", "d2", "d3", str(k)])], shape, "f32", ["%i0"])
    return f.collapse(f.add(f.mul(column(0), lane(0)), f.mul(column(1), lane(1))), 3, 2)


def deepseek(f):
    """DeepSeek V2, V3: neighbours are moved to halves, then rotate_half."""
    x, (c, s) = f.source(), f.tables()
    moved = f.collapse(f.transpose(f.expand(x, 3, [HALF, 2]), [0, 1, 2, 4, 3]), 3, 2)
    return f.rotate_halves(moved, f.twice(c), f.twice(s))


def latent_key(f):
    """MLA: the last lanes are rotated and put behind the others."""
    x, (c, s) = f.source((BATCH, HEADS, ROWS, 12 + LANES)), f.tables()
    rest, rotary = f.slice(x, 3, 0, 12), f.slice(x, 3, 12, LANES)
    return f.concat([rest, f.rotate_halves(rotary, f.twice(c), f.twice(s))], 3)


def glm(f):
    """GLM: the first lanes in pairs of neighbours, the rest passes through."""
    x, (c, s) = f.source((BATCH, HEADS, ROWS, 2 * LANES)), f.tables()
    pairs = f.expand(f.slice(x, 3, 0, LANES), 3, [HALF, 2])
    take = lambda k: f.collapse(f.slice(pairs, 4, k, 1), 3, 2)
    a, b = take(0), take(1)
    first = f.add(f.mul(a, c), f.minus(f.mul(b, s)))
    second = f.add(f.mul(b, c), f.mul(a, s))
    return f.concat([f.collapse(f.stack([first, second], 4), 3, 2), f.slice(x, 3, LANES, LANES)], 3)


def megatron(f):
    """Megatron: [rows, batch, heads, lanes], tables [rows, 1, 1, lanes]."""
    x, (c, s) = f.source((ROWS, BATCH, HEADS, LANES)), f.tables()
    wide = lambda t: f.expand(f.expand(f.twice(t), 0, [ROWS, 1]), 1, [1, 1])
    return f.rotate_halves(x, wide(c), wide(s))


def selected(f):
    """A mask chooses the sign: cos x + where(lane < half, -1, 1) sin roll(x)."""
    x, (c, s) = f.source(), f.tables()
    a, b = f.halves(x)
    rolled = f.concat([b, a], 3)
    negative = "-1.0" if f.is_rotation else "1.0"
    signed = f.generic([rolled], [identity(4)], SHAPE, "f32", [
        "%%n = arith.constant %s : f32" % negative, "%o = arith.constant 1.0 : f32", "%l = linalg.index 3 : index",
        "%%h = arith.constant %d : index" % HALF, "%b = arith.cmpi slt, %l, %h : index", "%g = arith.select %b, %n, %o : f32",
        "%y = arith.mulf %g, %i0 : f32", "%y"])
    return f.add(f.mul(x, f.twice(c)), f.mul(signed, f.twice(s)))


def masked(f):
    """Two rolls, each masked by zeros and ones."""
    x, (c, s) = f.source(), f.tables()
    a, b = f.halves(x)
    rolled = f.concat([b, a], 3)
    low = f.constant([1.0] * HALF + [0.0] * HALF, [LANES], "f32")
    high = f.constant([0.0] * HALF + [1.0] * HALF, [LANES], "f32")
    turned = f.add(f.mul(f.minus(rolled), low), f.mul(rolled, high))
    return f.add(f.mul(x, f.twice(c)), f.mul(turned, f.twice(s)))


def padded(f):
    """Halves that are padded with zeros and added, as vector-Jacobian products write them."""
    x, (c, s) = f.source(), f.tables()
    a, b = f.halves(x)
    first = f.add(f.mul(a, c), f.minus(f.mul(b, s)))
    second = f.add(f.mul(b, c), f.mul(a, s))
    zero = f.scalar("arith.constant 0.0 : f32")
    pad = lambda t, low, high: f.emit("tensor.pad %s low[0, 0, 0, %d] high[0, 0, 0, %d] {\n  ^bb0(%%a: index, %%b: index, %%c: index, %%d: index):\n"
                                      "    tensor.yield %s : f32\n  } : %s to %s" % (t.name, low, high, zero, t.type, x.type), SHAPE, "f32")
    return f.add(pad(first, 0, HALF), pad(second, HALF, 0))


def xpos(f):
    """A scale of each row and pair beside cosine and sine."""
    x, (c, s) = f.source(), f.tables()
    scale = f.argument([ROWS, HALF], "f32")
    return f.rotate_halves(x, f.twice(f.mul(c, scale)), f.twice(f.mul(s, scale)))


def attention_factor(f):
    """YaRN: tables times a constant."""
    x, (c, s) = f.source(), f.tables()
    return f.rotate_halves(x, f.twice(f.mul(c, f.splat(1.1386294, c))), f.twice(f.mul(s, f.splat(1.1386294, s))))


def upcast(f):
    """x of bf16 is rotated in f32 and rounded."""
    x, (c, s) = f.source(kind="bf16"), f.tables()
    return f.convert(f.rotate_halves(f.convert(x, "f32"), f.twice(c), f.twice(s)), "bf16")


def upcast_f64(f):
    """The whole rotation in f64."""
    x, (c, s) = f.source(), f.tables()
    wide = f.rotate_halves(f.convert(x, "f64"), f.twice(f.convert(c, "f64")), f.twice(f.convert(s, "f64")))
    return f.convert(wide, "f32")


def inverse_by_angle(f):
    """The inverse as the rotation by the negative angle."""
    x, a = f.source(), f.angles(sign=-1.0)
    return f.rotate_halves(x, f.twice(f.apply("cos", a)), f.twice(f.apply("sin", a)))


def backward(f):
    """The transposed rotation: dy cos + rotate_half^T(dy sin)."""
    g, (c, s) = f.source(), f.tables()
    a, b = f.halves(f.mul(g, f.twice(s)))
    return f.add(f.mul(g, f.twice(c)), f.concat([b, f.minus(a)], 3))


def in_place(f):
    """x[..., 0::2], x[..., 1::2] = ..."""
    x, (c, s) = f.source(), f.tables()
    a, b = f.parities(x)
    first = f.add(f.mul(a, c), f.minus(f.mul(b, s)))
    second = f.add(f.mul(b, c), f.mul(a, s))
    return f.insert(second, f.insert(first, x, 3, 0, 2), 3, 1, 2)


def matrix_of_blocks(f):
    """einsum('...ij,...j->...i') of 2x2 blocks."""
    x, (c, s) = f.source(), f.tables()
    blocks = f.stack([f.stack([c, f.minus(s)], 2), f.stack([s, c], 2)], 2)
    pairs = f.expand(x, 3, [HALF, 2])
    shape = (BATCH, HEADS, ROWS, HALF, 2)
    maps = [amap(6, ["d2", "d3", "d4", "d5"]), amap(6, ["d0", "d1", "d2", "d3", "d5"])]
    y = f.generic([blocks, pairs], maps, shape, "f32", ["%p = arith.mulf %i0, %i1 : f32", "%y = arith.addf %out, %p : f32", "%y"],
                  iterators=["parallel"] * 5 + ["reduction"], init=f.splat(0.0, Tensor("", shape, "f32")),
                  out_map=amap(6, ["d%d" % i for i in range(5)]))
    return f.collapse(y, 3, 2)


def query_and_key(f):
    """q and k in one tensor are rotated at once."""
    q, k, (c, s) = f.source(), f.source((BATCH, 1, ROWS, LANES)), f.tables()
    return f.rotate_halves(f.concat([q, k], 1), f.twice(c), f.twice(s))


def lanes_in_loop(f):
    """One row; a loop over pairs reads and writes scalars."""
    x = f.source((LANES,))
    c, s = f.argument((HALF,), "f32"), f.argument((HALF,), "f32")
    empty = f.empty((LANES,), "f32")
    combine = "arith.subf" if f.is_rotation else "arith.addf"
    return f.emit("""scf.for %%i = %%zero to %%half step %%one iter_args(%%y = %s) -> %s {
    %%j = arith.addi %%i, %%half : index
    %%a = tensor.extract %s[%%i] : %s
    %%b = tensor.extract %s[%%j] : %s
    %%c = tensor.extract %s[%%i] : %s
    %%s = tensor.extract %s[%%i] : %s
    %%ac = arith.mulf %%a, %%c : f32
    %%bs = arith.mulf %%b, %%s : f32
    %%first = %s %%ac, %%bs : f32
    %%bc = arith.mulf %%b, %%c : f32
    %%as = arith.mulf %%a, %%s : f32
    %%second = arith.addf %%bc, %%as : f32
    %%y1 = tensor.insert %%first into %%y[%%i] : %s
    %%y2 = tensor.insert %%second into %%y1[%%j] : %s
    scf.yield %%y2 : %s
  }""" % (empty.name, x.type, x.name, x.type, x.name, x.type, c.name, c.type, s.name, s.type, combine, x.type, x.type, x.type), x.shape, "f32")


def rows_and_lanes_in_loops(f):
    """Loops over rows and pairs of neighbours, in place."""
    x = f.source((ROWS, LANES))
    c, s = f.argument((ROWS, HALF), "f32"), f.argument((ROWS, HALF), "f32")
    combine = "arith.subf" if f.is_rotation else "arith.addf"
    return f.emit("""scf.for %%r = %%zero to %%rows step %%one iter_args(%%z = %s) -> %s {
    %%all = scf.for %%i = %%zero to %%lanes step %%two iter_args(%%y = %%z) -> %s {
      %%j = arith.addi %%i, %%one : index
      %%h = arith.divui %%i, %%two : index
      %%a = tensor.extract %%y[%%r, %%i] : %s
      %%b = tensor.extract %%y[%%r, %%j] : %s
      %%c = tensor.extract %s[%%r, %%h] : %s
      %%s = tensor.extract %s[%%r, %%h] : %s
      %%ac = arith.mulf %%a, %%c : f32
      %%bs = arith.mulf %%b, %%s : f32
      %%first = %s %%ac, %%bs : f32
      %%bc = arith.mulf %%b, %%c : f32
      %%as = arith.mulf %%a, %%s : f32
      %%second = arith.addf %%bc, %%as : f32
      %%y1 = tensor.insert %%first into %%y[%%r, %%i] : %s
      %%y2 = tensor.insert %%second into %%y1[%%r, %%j] : %s
      scf.yield %%y2 : %s
    }
    scf.yield %%all : %s
  }""" % ((x.name,) + (x.type,) * 4 + (c.name, c.type, s.name, s.type, combine) + (x.type,) * 4), x.shape, "f32")


def rotated_row(f, x, c, s):
    """The ops by which row %r of three tensors is rotated, as its halves %first and %second."""
    combine = "arith.subf" if f.is_rotation else "arith.addf"
    lines = []
    for name, tensor, lanes, lane in (("a", x, LANES, 0), ("b", x, LANES, HALF), ("c", c, HALF, 0), ("s", s, HALF, 0)):
        lines.append("%%%s = tensor.extract_slice %s[%%r, %d] [1, %d] [1, 1] : tensor<%dx%dxf32> to tensor<%dxf32>" % (name, tensor, lane, HALF, ROWS, lanes, HALF))
    for name, op, left, right in (("ac", "arith.mulf", "a", "c"), ("bs", "arith.mulf", "b", "s"), ("first", combine, "ac", "bs"),
                                  ("bc", "arith.mulf", "b", "c"), ("as", "arith.mulf", "a", "s"), ("second", "arith.addf", "bc", "as")):
        lines.append("%%%s = %s %%%s, %%%s : tensor<%dxf32>" % (name, op, left, right, HALF))
    return "\n    ".join(lines)


def inserted_row():
    """The ops that insert both halves of row %r into %z."""
    half, whole = "tensor<%dxf32>" % HALF, "tensor<%dx%dxf32>" % (ROWS, LANES)
    place = lambda part, into, lane: "tensor.insert_slice %%%s into %%%s[%%r, %d] [1, %d] [1, 1] : %s into %s" % (part, into, lane, HALF, half, whole)
    return "%%z1 = %s\n    %%z2 = %s" % (place("first", "z", 0), place("second", "z1", HALF))


def rows_in_loop(f):
    """A loop over rows, each rotated as a vector."""
    x = f.source((ROWS, LANES))
    c, s = f.argument((ROWS, HALF), "f32"), f.argument((ROWS, HALF), "f32")
    return f.emit("""scf.for %%r = %%zero to %%rows step %%one iter_args(%%z = %s) -> %s {
    %s
    %s
    scf.yield %%z2 : %s
  }""" % (f.empty(x.shape, "f32").name, x.type, rotated_row(f, x.name, c.name, s.name), inserted_row(), x.type), x.shape, "f32")


def scan(f):
    """A loop that tests its number, which it carries beside its operands and the rows."""
    x = f.source((ROWS, LANES))
    c, s = f.argument((ROWS, HALF), "f32"), f.argument((ROWS, HALF), "f32")
    kinds = ", ".join([x.type, c.type, s.type, x.type, "tensor<i32>"])
    start = f.scalar("arith.constant dense<0> : tensor<i32>")
    step = f.scalar("arith.constant dense<1> : tensor<i32>")
    bound = f.scalar("arith.constant %d : i32" % ROWS)
    return f.emit("""scf.while (%%x0 = %s, %%c0 = %s, %%s0 = %s, %%z = %s, %%t = %s) : (%s) -> (%s) {
    %%i = tensor.extract %%t[] : tensor<i32>
    %%more = arith.cmpi slt, %%i, %s : i32
    scf.condition(%%more) %%x0, %%c0, %%s0, %%z, %%t : %s
  } do {
  ^bb0(%%x0: %s, %%c0: %s, %%s0: %s, %%z: %s, %%t: tensor<i32>):
    %%i = tensor.extract %%t[] : tensor<i32>
    %%r = arith.index_cast %%i : i32 to index
    %s
    %s
    %%t1 = arith.addi %%t, %s : tensor<i32>
    scf.yield %%x0, %%c0, %%s0, %%z2, %%t1 : %s
  }""" % (x.name, c.name, s.name, f.empty(x.shape, "f32").name, start, kinds, kinds, bound, kinds, x.type, c.type, s.type, x.type,
          rotated_row(f, "%x0", "%c0", "%s0"), inserted_row(), step, kinds), x.shape, "f32", results=5, number=3)


def rows_in_parallel(f):
    """Rows that are written in parallel, each by its own number."""
    x = f.source((ROWS, LANES))
    c, s = f.argument((ROWS, HALF), "f32"), f.argument((ROWS, HALF), "f32")
    return f.emit("""scf.forall (%%r) in (%d) shared_outs(%%z = %s) -> (%s) {
    %s
    scf.forall.in_parallel {
      %s
    }
  }""" % (ROWS, f.empty(x.shape, "f32").name, x.type, rotated_row(f, x.name, c.name, s.name),
          "\n      ".join("tensor.parallel_insert_slice %%%s into %%z[%%r, %d] [1, %d] [1, 1] : tensor<%dxf32> into %s" % (part, lane, HALF, HALF, x.type)
                          for part, lane in (("first", 0), ("second", HALF)))), x.shape, "f32")


def shifted_sine(f):
    """One function for both tables: cos(x) = sin(x + pi/2)."""
    x, angles = f.source(), f.angles()
    shifted = f.add(angles, f.splat(1.57079637, angles))
    return f.rotate_halves(x, f.twice(f.apply("sin", shifted)), f.twice(f.apply("sin", angles)))


def shifted_sine_f16(f):
    """The same in f16, whose quarter turn is far from one: its numbers stay the tables."""
    x, angles = f.source(kind="f16"), f.convert(f.angles(), "f16")
    shifted = f.add(angles, f.splat(1.5703125, angles))
    return f.rotate_halves(x, f.twice(f.apply("sin", shifted)), f.twice(f.apply("sin", angles)))


def shifted_sine_f64(f):
    """The same in f64, rounded to f32 afterwards, at angles of a million turns."""
    x, angles = f.source(), f.convert(f.angles(), "f64")
    angles = f.mul(angles, f.splat(8192.0, angles))
    shifted = f.add(angles, f.splat(1.5707963267948966, angles))
    return f.rotate_halves(x, *(f.twice(f.convert(f.apply("sin", a), "f32")) for a in (shifted, angles)))


def guarded_exponential(f):
    """The parts of exp(i a), of which compilers set the imaginary one where a is zero."""
    x, angles = f.source(), f.angles()
    sine = f.generic([angles], [identity(2)], angles.shape, "f32",
                     ["%none = arith.constant 0.0 : f32", "%is = arith.cmpf oeq, %i0, %none : f32", "%s = math.sin %i0 : f32",
                      "%y = arith.select %is, %none, %s : f32", "%y"])
    return f.rotate_halves(x, f.twice(f.apply("cos", angles)), f.twice(sine))


def inserted_columns(f):
    """Rows, by ids, of a table whose halves are insertions."""
    x, context = f.source(), 32
    c, s = (f.argument((context, HALF), "f32") for _ in range(2))
    ids = f.argument([ROWS], "i64")

    def gather(table):
        twice = f.insert(table, f.insert(table, f.empty((context, LANES), "f32"), 1, 0), 1, HALF)
        return f.generic([ids], [amap(2, ["d0"])], [ROWS, LANES], "f32",
                         ["%last = arith.constant {} : i64".format(context - 1), "%none = arith.constant 0 : i64",
                          "%low = arith.maxsi %i0, %none : i64", "%id = arith.minsi %low, %last : i64",
                          "%row = arith.index_cast %id : i64 to index", "%lane = linalg.index 1 : index",
                          "%%y = tensor.extract %s[%%row, %%lane] : %s" % (twice.name, twice.type), "%y"])
    return f.rotate_halves(x, gather(c), gather(s))


def phases(f):
    """sin(x + phase), the phase of lanes that hold cosines being pi/2."""
    x = f.source()
    angles = f.twice(f.angles())
    phase = f.constant([1.57079637] * HALF + [0.0] * HALF, [LANES], "f32")
    both = f.generic([angles, phase], [amap(2, ["d0", "d1"]), amap(2, ["d1"])], angles.shape, "f32",
                     ["%p = arith.addf %i0, %i1 : f32", "%y = math.sin %p : f32", "%y"])
    c, s = f.halves(both)
    return f.rotate_halves(x, f.twice(c), f.twice(s))


def three_products(f):
    """Gauss' product of complex numbers: c (a + b), a (s - c), b (c + s)."""
    x, (c, s) = f.source(), f.tables()
    a, b = f.halves(x)
    k1, k2, k3 = f.mul(c, f.add(a, b)), f.mul(a, f.add(s, f.neg(c))), f.mul(b, f.add(c, s))
    return f.concat([f.add(k1, f.minus(k3)), f.add(k1, k2)], 3)


def difference_added(f):
    """x + ((c - 1) x + s turned)"""
    x, (c, s) = f.source(), f.tables()
    a, b = f.halves(x)
    less = f.sub(c, f.splat(1.0, c))
    first = f.add(a, f.add(f.mul(less, a), f.minus(f.mul(s, b))))
    return f.concat([first, f.add(b, f.add(f.mul(less, b), f.mul(s, a)))], 3)


# Rotations only after products are distributed over sums.
ALGEBRAIC = [three_products, difference_added]
SPELLINGS = [rotate_half, rotate_every_two, keras, flux, deepseek, latent_key, glm, megatron, selected, masked, padded, xpos, attention_factor,
             upcast, upcast_f64, inverse_by_angle, backward, in_place, matrix_of_blocks, query_and_key, lanes_in_loop, rows_and_lanes_in_loops,
             rows_in_loop, scan, rows_in_parallel, shifted_sine, shifted_sine_f16, shifted_sine_f64, phases,
             guarded_exponential, inserted_columns] + ALGEBRAIC


class Program:
    """One spelling in random ops; a mutation is the negation that is left out."""

    def __init__(self, rng, name, spelling, is_rotation):
        f = Frontend(rng, name, is_rotation)
        for constant, value in (("zero", 0), ("one", 1), ("two", 2), ("half", HALF), ("lanes", LANES), ("rows", ROWS)):
            f.lines.append("  %%%s = arith.constant %d : index" % (constant, value))
        y = spelling(f)
        self.name, self.text, self.kind = name, f.text([y]), y.kind
        self.spelling, self.mutation = spelling.__name__, None if is_rotation else "minus"
