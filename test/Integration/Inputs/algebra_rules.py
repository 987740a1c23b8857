"""Random left sides of the rules of the algebra (docs/Algebra.md).

Each function adds one instance of the rule of its name to a Program. EXACT rules
keep every number (the sign of a zero aside), the others are compared within a
few units of the last place.
"""

import struct

from rope_program import FLOATS, Layout, product

MODEL_FLOATS = ["f32", "f32", "f64", "bf16", "f16"]


def tables(p, layout, leading, element):
    """Given tables, one entry a pair or one a lane."""
    width = layout.rotary_dim // p.rng.choice([1, 2])
    return [p.argument(leading + [width], element) for _ in range(2)]


def some_dims(p, rank, always=()):
    return [d for d in range(rank) if d in always or p.rng.random() < 0.5]


def SliceOfRotation(p):
    layout, element = Layout(p.rng), p.rng.choice(MODEL_FLOATS)
    shape = [p.rng.choice([2, 3, 5]) for _ in range(3)] + [layout.head_dim]
    along = some_dims(p, 3)
    x = p.argument(shape, element, static=True)
    cos, sin = tables(p, layout, [shape[d] for d in along], p.rng.choice(["f32", element]))
    y = p.rotate(x, cos, sin, along, layout.text())
    offsets, sizes, strides, dropped = [], [], [], []
    for d, size in enumerate(shape[:-1]):
        stride = p.rng.choice([1, 1, 2]) if size > 2 else 1
        length = p.rng.randrange(1, (size - 1) // stride + 1)
        offsets.append(p.rng.randrange(0, size - (length - 1) * stride))
        sizes.append(length)
        # memref.subview crashes upstream where a dropped dimension has a stride.
        strides.append(stride if length > 1 else 1)
        if length == 1 and p.rng.random() < 0.5:
            dropped.append(d)
    return p.slice(y, offsets + [0], sizes + [layout.head_dim], strides + [1], dropped)


def RotationBySlicedTables(p):
    layout, element = Layout(p.rng), p.rng.choice(MODEL_FLOATS)
    rows, total = p.rng.choice([1, 3, 5]), p.rng.choice([8, 17])
    positions = p.argument([total], p.rng.choice(["i32", "i64", "index"]), 0, 10000, static=True)
    both = p.sincos(positions, layout.frequencies(p.rng), layout.rotary_dim, "f32")
    begin = p.rng.randrange(0, total - rows)
    cos, sin = (p.slice(t, [begin, 0], [rows, layout.rotary_dim // 2], [1, 1]) for t in both)
    x = p.argument([2, rows, layout.head_dim], element)
    return p.rotate(x, cos, sin, [1], layout.text())


def RotationOfRepetition(p):
    layout, element = Layout(p.rng), p.rng.choice(MODEL_FLOATS)
    batch, heads, rows, group = (p.rng.choice([1, 2, 3, 5]) for _ in range(4))
    group += 1
    x = p.argument([batch, heads, rows, layout.head_dim], element)
    along = p.rng.choice([[2], [0, 2], [0], []])
    repeated = p.broadcast(x, [(2, group)])
    if p.rng.random() < 0.6:
        y = p.collapse(repeated, [[0], [1, 2], [3], [4]])
        target = along
    else:
        y, target = repeated, [d + (d >= 2) for d in along]
    cos, sin = tables(p, layout, [x.shape[d] for d in along], "f32")
    return p.rotate(y, cos, sin, target, layout.text())


def TransposeOfRotationOfTranspose(p):
    layout, element = Layout(p.rng), p.rng.choice(MODEL_FLOATS)
    x = p.argument([p.rng.choice([1, 2, 3]), p.rng.choice([1, 5]), 3, layout.head_dim], element)
    turned = p.transpose(x, [0, 2, 1, 3])
    along = p.rng.choice([[2], [0, 2], [1], []])
    cos, sin = tables(p, layout, [turned.shape[d] for d in along], "f32")
    y = p.rotate(turned, cos, sin, along, layout.text())
    return p.transpose(y, p.rng.choice([[0, 2, 1, 3], [0, 1, 3, 2], [2, 0, 1, 3], [3, 2, 1, 0]]))


def ExpansionOfRotationOfCollapse(p):
    layout, element = Layout(p.rng), p.rng.choice(MODEL_FLOATS)
    x = p.argument([2, p.rng.choice([1, 3]), 5, p.rng.choice([1, 2]), layout.head_dim], element, static=True)
    groups = p.rng.choice([[[0, 1], [2], [3], [4]], [[0], [1, 2, 3], [4]], [[0, 1], [2, 3], [4]]])
    y = p.collapse(x, groups)
    along = [d for d in some_dims(p, len(groups) - 1) if len(groups[d]) == 1]
    cos, sin = tables(p, layout, [y.shape[d] for d in along], "f32")
    return p.expand(p.rotate(y, cos, sin, along, layout.text()), x, groups)


def ConcatOfRotatedHeads(p):
    layout, element = Layout(p.rng), p.rng.choice(MODEL_FLOATS)
    parts = [p.argument([2, heads, 5, layout.head_dim], element) for heads in p.rng.sample([1, 2, 3, 4], p.rng.choice([2, 3]))]
    cos, sin = tables(p, layout, [5], "f32")
    return p.concat([p.rotate(x, cos, sin, [2], layout.text()) for x in parts], 1)


def ConcatOfRotatedPositions(p):
    layout, element = Layout(p.rng), p.rng.choice(MODEL_FLOATS)
    frequencies, kind = layout.frequencies(p.rng), p.rng.choice(["i32", "i64", "index"])
    along = p.rng.choice([[2], [0, 2]])
    accuracy = p.rng.choice(["exact", "f32_angle", "f32_quotient"])
    parts = []
    for rows in (p.rng.choice([1, 3, 7]), p.rng.choice([1, 2])):
        x = p.argument([2, 3, rows, layout.head_dim], element)
        positions = p.argument([x.shape[d] for d in along], kind, 0, 5000)
        cos, sin = p.sincos(positions, frequencies, layout.rotary_dim, "f32", accuracy)
        parts.append(p.rotate(x, cos, sin, along, layout.text()))
    return p.concat(parts, 2)


def contraction(p, matrix, x_shape, element, batch, init=None):
    """matrix [batch.., r, r], transposed or not, from either side, times x."""
    r = matrix.shape[-1]
    letters = "bcd"[:batch]
    row, column = p.rng.choice([("n", "k"), ("k", "n")])
    free = "ij"[:len(x_shape)]
    x_dims = list(letters) + list(free)
    x_dims.insert(p.rng.randrange(batch, len(x_dims) + 1), "k")
    out_dims = list(letters) + list(free)
    out_dims.insert(p.rng.randrange(batch, len(out_dims) + 1), "n")
    sizes = dict(zip(letters, matrix.shape), n=r, k=r, **dict(zip(free, x_shape)))
    x = p.argument([sizes[d] for d in x_dims], element, static=True)
    out = p.constant([sizes[d] for d in out_dims], element, "0.0") if init is None else p.argument(
        [sizes[d] for d in out_dims], element, static=True)
    loops = sorted(sizes, key=lambda d: d == "k")
    maps = ["affine_map<(%s) -> (%s)>" % (", ".join(loops), ", ".join(dims))
            for dims in (x_dims, list(letters) + [row, column], out_dims)]
    operands = [x, matrix]
    if p.rng.random() < 0.5:
        operands.reverse()
        maps[:2] = maps[1::-1]
    ins = "ins(%s : %s)" % (", ".join(v.name for v in operands), ", ".join(v.type for v in operands))
    if p.rng.random() < 0.5:
        text = "linalg.contract indexing_maps = [%s] %s outs(%s : {type}) -> {type}" % (", ".join(maps), ins, out.name)
    else:
        kinds = ", ".join('"reduction"' if d == "k" else '"parallel"' for d in loops)
        text = ("linalg.generic {indexing_maps = [%s], iterator_types = [%s]} %s outs(%s : {type}) {\n"
                "  ^bb0(%%a: %s, %%b: %s, %%out: %s):\n    %%p = arith.mulf %%a, %%b : %s\n    %%s = arith.addf %%out, %%p : %s\n"
                "    linalg.yield %%s : %s\n  } -> {type}") % (", ".join(maps), kinds, ins, out.name, *[element] * 6)
    return p.op(out.shape, element, out.dynamic, text)


def matrix_shape(p):
    batch = p.rng.choice([[], [], [2], [3, 2]])
    return batch, [p.rng.choice([1, 4, 7]) for _ in range(p.rng.choice([1, 1, 2]))]


def ContractionWithMatrix(p, init=None):
    element, pairs = p.rng.choice(["f32", "f64"]), p.rng.choice([2, 4, 9])
    batch, free = matrix_shape(p)
    cos, sin = (p.argument(batch + [pairs], element, static=True) for _ in range(2))
    matrix = p.rotation_matrix(cos, sin)
    return contraction(p, matrix, free, element, len(batch), init)


def ContractionWithConstantMatrix(p, init=None):
    element = p.rng.choice(["f32", "f64"])
    layout = Layout(p.rng, moves_lanes=False)
    layout.rotary_dim = max(layout.rotary_dim, 4)
    n = layout.offset + layout.rotary_dim + p.rng.choice([0, 3])
    batch, free = matrix_shape(p)
    batch = batch[:1]
    scale = p.rng.choice([1.0, 1.0, 0.5, 3.0])
    numbers = []
    for _ in range(batch[0] if batch else 1):
        m = [[float(i == j) for j in range(n)] for i in range(n)]
        for i in range(layout.rotary_dim // 2):
            half = layout.rotary_dim // 2
            a, b = (i, i + half) if layout.pairing == "half" else (2 * i, 2 * i + 1)
            a, b = a + layout.offset, b + layout.offset
            c, s = (struct.unpack("f", struct.pack("f", scale * p.rng.uniform(-1, 1)))[0] for _ in range(2))
            m[a][a], m[a][b], m[b][a], m[b][b] = c, -s, s, c
        numbers += [number for row in m for number in row]
    matrix = p.constant(batch + [n, n], element, numbers)
    return contraction(p, matrix, free, element, len(batch), init)


def AccumulatedContraction(p):
    return p.rng.choice([ContractionWithMatrix, ContractionWithConstantMatrix])(p, init=True)


def ProductOfMatrices(p):
    element, pairs = p.rng.choice(["f32", "f64"]), p.rng.choice([2, 5])
    batch = p.rng.choice([[], [3]])
    pairing = p.rng.choice(["half", "interleaved"])
    matrices = [p.rotation_matrix(*(p.argument(batch + [pairs], element, static=True) for _ in range(2)), pairing) for _ in range(2)]
    left = p.rng.choice(["nk", "kn"])
    right = p.rng.choice(["mk", "km"])
    out = p.rng.choice(["nm", "mn"])
    letters = "b" * len(batch)
    loops = list(letters + "nmk")
    maps = ["affine_map<(%s) -> (%s)>" % (", ".join(loops), ", ".join(letters + dims)) for dims in (left, right, out)]
    zero = p.constant(batch + [2 * pairs] * 2, element, "0.0")
    return p.op(zero.shape, element, zero.dynamic, "linalg.contract indexing_maps = [%s] ins(%s, %s : %s, %s) outs(%s : {type}) -> {type}" % (
        ", ".join(maps), *[m.name for m in matrices], *[m.type for m in matrices], zero.name))


def TransposeOfMatrix(p):
    element, pairs = p.rng.choice(FLOATS), p.rng.choice([1, 3, 8])
    batch = p.rng.choice([[], [3]])
    matrix = p.rotation_matrix(*(p.argument(batch + [pairs], element) for _ in range(2)))
    rank = len(matrix.shape)
    return p.transpose(matrix, list(range(rank - 2)) + [rank - 1, rank - 2])


def two_rotations(p, same_tables):
    """Both layouts of a rotation of a rotation of the same pairs."""
    inner, outer = Layout(p.rng, moves_lanes=False), Layout(p.rng, moves_lanes=False)
    for field in ("pairing", "result_pairing", "rotary_dim", "offset", "head_dim"):
        setattr(outer, field, getattr(inner, field))
    outer.inverse = not inner.inverse if same_tables else p.rng.random() < 0.4
    return inner, outer


def ComposePositions(p):
    inner, outer = two_rotations(p, same_tables=False)
    element, frequencies = p.rng.choice(MODEL_FLOATS), inner.frequencies(p.rng)
    table = "f64" if element == "f64" else "f32"
    shape = [2, 17, 5, inner.head_dim]
    y = p.argument(shape, element)
    for layout in (inner, outer):
        along = p.rng.choice([[2], [0, 2], [0], []])
        kind = p.rng.choice(["i16", "i32", "i64", "index"])
        positions = p.argument([shape[d] for d in along], kind, -2000, 30000)
        cos, sin = p.sincos(positions, frequencies, layout.rotary_dim, table)
        y = p.rotate(y, cos, sin, along, layout.text())
    return y


def ComposeTables(p):
    inner, outer = two_rotations(p, same_tables=False)
    element = p.rng.choice(MODEL_FLOATS)
    table = "f64" if element == "f64" else "f32"
    shape = [2, 17, 5, inner.head_dim]
    y = p.argument(shape, element, static=True)
    along = p.rng.choice([[2], [0, 2], [0], []])
    for layout in (inner, outer):
        cos, sin = (p.argument([shape[d] for d in along] + [layout.rotary_dim // 2], table, static=True) for _ in range(2))
        y = p.rotate(y, cos, sin, along, layout.text())
    return y


def CancelInverseRotations(p):
    inner, outer = two_rotations(p, same_tables=True)
    element = p.rng.choice(MODEL_FLOATS)
    table = "f64" if element == "f64" else "f32"
    x = p.argument([2, 3, 5, inner.head_dim], element)
    positions = p.argument([5], "i64", 0, 100000)
    cos, sin = p.sincos(positions, inner.frequencies(p.rng), inner.rotary_dim, table, p.rng.choice(["exact", "f32_angle", "f32_quotient"]))
    return p.rotate(p.rotate(x, cos, sin, [2], inner.text()), cos, sin, [2], outer.text())


def scores(p, q, k, transposes):
    """q k^T over the last dimension, batch dimensions first."""
    batch = len(q.shape) - 2
    letters = ["b%d" % d for d in range(batch)]
    dims = [letters + ["i", "k"], letters + (["k", "j"] if transposes else ["j", "k"]), letters + ["i", "j"]]
    loops = letters + ["i", "j", "k"]
    if transposes:
        k = p.transpose(k, list(range(batch)) + [batch + 1, batch])
    out = p.zeros_like(p.empty(q, range(batch + 1), [(batch + 1, k.shape[-1 if transposes else -2])]))
    maps = ", ".join("affine_map<(%s) -> (%s)>" % (", ".join(loops), ", ".join(d)) for d in dims)
    return p.op(out.shape, out.element, out.dynamic, "linalg.contract indexing_maps = [%s] ins(%s, %s : %s, %s) outs(%s : {type}) -> {type}" % (
        maps, q.name, k.name, q.type, k.type, out.name))


def DropCommonPermutation(p):
    layout, element = Layout(p.rng, moves_lanes=True), p.rng.choice(["f32", "f64"])
    rows = []
    for length in (3, 5):
        x = p.argument([2, 4, length, layout.head_dim], element, static=True)
        cos, sin = (p.argument([length, layout.rotary_dim // 2], element, static=True) for _ in range(2))
        rows.append(p.rotate(x, cos, sin, [2], layout.text(inverse=p.rng.random() < 0.5)))
    return scores(p, *rows, transposes=p.rng.random() < 0.5)


def DropCommonRotation(p):
    layout, element = Layout(p.rng), p.rng.choice(["f32", "f64"])
    along, shape = p.rng.choice([([], []), ([0], [2])])
    positions = p.argument(shape, "i64", 0, 100000, static=True)
    cos, sin = p.sincos(positions, layout.frequencies(p.rng), layout.rotary_dim, element)
    q, k = (p.rotate(p.argument([2, 4, length, layout.head_dim], element, static=True), cos, sin, along, layout.text()) for length in (3, 5))
    return scores(p, q, k, transposes=p.rng.random() < 0.5)


def DropCommonOffset(p):
    layout, element = Layout(p.rng), p.rng.choice(["f32", "f64"])
    frequencies, offset = layout.frequencies(p.rng), p.argument([], "i64", 0, 50000)
    rows = []
    for length in (3, 5):
        positions = p.argument([length], "i64", 0, 50000, static=True)
        empty = p.op([length], "i64", [False], "tensor.empty() : {type}")
        spread = p.op([length], "i64", [False], "linalg.broadcast ins(%s : %s) outs(%s : {type}) dimensions = [0]".replace("{type}", empty.type) % (
            offset.name, offset.type, empty.name))
        operands = [positions.name, spread.name]
        p.rng.shuffle(operands)
        total = p.op([length], "i64", [False], "arith.addi %s, %s : {type}" % tuple(operands))
        cos, sin = p.sincos(total, frequencies, layout.rotary_dim, element)
        rows.append(p.rotate(p.argument([2, 4, length, layout.head_dim], element, static=True), cos, sin, [2], layout.text()))
    return scores(p, *rows, transposes=p.rng.random() < 0.5)


def AbsorbNegatedSine(p):
    layout, element = Layout(p.rng), p.rng.choice(MODEL_FLOATS)
    x = p.argument([2, 5, layout.head_dim], element)
    cos, sin = (p.argument([5, layout.rotary_dim // 2], "f32") for _ in range(2))
    minus = p.op(sin.shape, "f32", sin.dynamic, "arith.negf %s : {type}" % sin.name)
    return p.rotate(x, cos, minus, [1], layout.text())


def ScaleByConstant(p):
    layout, element = Layout(p.rng, moves_lanes=False), p.rng.choice(MODEL_FLOATS)
    layout.offset, layout.head_dim = 0, layout.rotary_dim
    x = p.argument([2, 5, layout.head_dim], element, static=True)
    cos = p.constant([5, layout.rotary_dim // 2], element, p.rng.choice(["2.5", "-0.3", "1.1"]))
    return p.rotate(x, cos, p.constant(cos.shape, element, "0.0"), [1], layout.text())


def PassThroughPairs(p):
    layout, element = Layout(p.rng, moves_lanes=False), p.rng.choice(MODEL_FLOATS)
    layout.pairing = layout.result_pairing = "interleaved"
    layout.rotary_dim, layout.head_dim = 12, layout.offset + 14
    kind = p.rng.choice(["f32", "f64"])
    values = [0.0] * p.rng.choice([0, 2]) + [p.rng.uniform(0, 1) for _ in range(6)]
    values = values[:5] + [0.0]
    frequencies = "<dim = 12, scaling = #rope.table<dense<%s> : tensor<6x%s>>>" % (values, kind)
    positions = p.argument([5], "i64", -100, 100000)
    cos, sin = p.sincos(positions, frequencies, 12, "f32", p.rng.choice(["exact", "f32_angle", "f32_quotient"]))
    return p.rotate(p.argument([2, 5, layout.head_dim], element), cos, sin, [1], layout.text())


def RotateOfConstant(p):
    layout, element = Layout(p.rng), p.rng.choice(MODEL_FLOATS)
    shape = [2, 3, layout.head_dim]
    along = some_dims(p, 2)
    width = p.rng.choice([layout.rotary_dim, layout.rotary_dim // 2])
    numbers = lambda shape: [round(p.rng.uniform(-1, 1), 4) for _ in range(product(shape))]
    table = [shape[d] for d in along] + [width]
    kind = p.rng.choice([element, "f32"])
    cos, sin = (p.constant(table, kind, numbers(table)) for _ in range(2))
    return p.rotate(p.constant(shape, element, numbers(shape)), cos, sin, along, layout.text())


EXACT = [SliceOfRotation, RotationBySlicedTables, RotationOfRepetition, TransposeOfRotationOfTranspose,
         ExpansionOfRotationOfCollapse, ConcatOfRotatedHeads, ConcatOfRotatedPositions, ContractionWithMatrix,
         ContractionWithConstantMatrix, ProductOfMatrices, TransposeOfMatrix, AbsorbNegatedSine,
         ScaleByConstant, PassThroughPairs, RotateOfConstant]
ROUNDED = [AccumulatedContraction, DropCommonPermutation]
ALGEBRAIC = [ComposePositions, ComposeTables, CancelInverseRotations, DropCommonRotation, DropCommonOffset]
