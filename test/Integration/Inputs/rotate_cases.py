"""Random uses of rope.rotate: shapes, strides, element types and attributes."""

import random
from memrefs import contiguous

ELEMENTS = ["f16", "bf16", "f32", "f64"]


def text_type(kind, shape, strides, element, dynamic):
    dims = "".join(("?" if d else str(s)) + "x" for s, d in zip(shape, dynamic))
    if kind == "tensor" or strides == contiguous(shape):
        return "%s<%s%s>" % (kind, dims, element)
    # A stride of a dimension inside of a dynamic one is known all the same.
    return "memref<%s%s, strided<[%s]>>" % (dims, element, ", ".join(map(str, strides)))


class Case:
    def __init__(self, number, seed):
        rng = self.rng = random.Random(seed)
        self.name = "case%d" % number
        # All pairs of element types come up.
        self.element = ELEMENTS[number % 4]
        self.table_element = ELEMENTS[number // 4 % 4] if rng.random() < 0.5 else "f32"
        self.pairing = rng.choice(["half", "interleaved"])
        self.result_pairing = rng.choice(["half", "interleaved"]) if rng.random() < 0.25 else self.pairing
        self.inverse = rng.random() < 0.3
        self.per_lane = rng.random() < 0.25
        self.form = rng.choice(["in_place", "out_of_place", "tensor", "tiled"])
        if self.form == "in_place":
            self.result_pairing = self.pairing

        if rng.random() < 0.5:
            self.rotary = 2 * rng.choice([1, 2, 3, 4, 5, 7, 8, 13, 15, 16, 17, 24, 31, 32])
        else:
            self.rotary = rng.choice([64, 80, 96, 112, 128, 160, 256, 260, 526])
        self.offset = rng.choice([0, 0, 0, 1, 3, 16])
        self.head_dim = self.offset + self.rotary + rng.choice([0, 0, 0, 1, 5, 64])

        sizes = [0, 1, 1, 2, 3, 5, 17, 35] if rng.random() < 0.15 else [1, 2, 3, 5, 17, 35]
        layout = rng.choice(["bshd", "bhsd", "any", "any"])
        rank = 3 if layout != "any" else rng.randrange(0, 4)
        if self.form == "tiled":
            rank = max(rank, 1)
        leading = [rng.choice(sizes) for _ in range(rank)]
        if self.form == "tiled":
            leading = [max(size, 1) for size in leading]
        while self.head_dim * max(1, _product(leading)) > 12000:
            leading[rng.randrange(rank)] = 1 + rng.randrange(3)
        if layout == "bshd":
            self.along = [1]
        elif layout == "bhsd":
            self.along = [2]
        else:
            self.along = [dim for dim in range(rank) if rng.random() < 0.6]
        if self.form == "tiled" and 0 not in self.along:
            self.along.insert(0, 0)
        self.shape = leading + [self.head_dim]
        width = self.rotary if self.per_lane else self.rotary // 2
        self.table_shape = [leading[dim] for dim in self.along] + [width]
        self.dynamic = [rng.random() < 0.5 for _ in leading] + [False]
        self.table_dynamic = [self.dynamic[dim] if rng.random() < 0.7 else rng.random() < 0.5 for dim in self.along] + [False]

        strided = self.form in ("in_place", "out_of_place")
        self.strides = self._strides(self.shape, strided)
        self.out_strides = self.strides if self.form == "in_place" else self._strides(self.shape, strided)
        self.table_strides = self._strides(self.table_shape, strided)

    def _strides(self, shape, strided):
        rng = self.rng
        if not strided or rng.random() < 0.5 or 0 in shape:
            return contiguous(shape)
        step = 2 if rng.random() < 0.2 else 1
        strides = []
        for size in reversed(shape):
            strides.insert(0, step)
            step = step * size + rng.choice([0, 1, 8])
        return strides

    def attributes(self):
        text = " pairing<%s>" % self.pairing
        if self.result_pairing != self.pairing:
            text += " result_pairing<%s>" % self.result_pairing
        return text + " offset %d rotary_dim %d%s" % (self.offset, self.rotary, " inverse" if self.inverse else "")

    def function(self):
        kind = "tensor" if self.form == "tensor" else "memref"
        x = text_type(kind, self.shape, self.strides, self.element, self.dynamic)
        y = text_type(kind, self.shape, self.out_strides, self.element, self.dynamic)
        t = text_type(kind, self.table_shape, self.table_strides, self.table_element, self.table_dynamic)
        attributes = "along %s%s" % (self.along, self.attributes())
        if self.form == "tensor":
            return """func.func @{0}(%x: {1}, %c: {2}, %s: {2}) -> {1} {{
  %y = rope.rotate %x by %c, %s {3} : {1}, {2}
  return %y : {1}
}}
""".format(self.name, x, t, attributes)
        if self.form == "in_place":
            return """func.func @{0}(%x: {1}, %c: {2}, %s: {2}) {{
  rope.rotate %x into %x by %c, %s {3} : {1} into {1}, {2}
  return
}}
""".format(self.name, x, t, attributes)
        if self.form == "out_of_place":
            return """func.func @{0}(%x: {1}, %y: {4}, %c: {2}, %s: {2}) {{
  rope.rotate %x into %y by %c, %s {3} : {1} into {4}, {2}
  return
}}
""".format(self.name, x, t, attributes, y)
        return self.tiled_function()

    def tiled_function(self):
        """Tiles of run-time size inside of a loop that is not affine."""
        def views(shape):
            ranked = [False] * len(shape)
            whole = text_type("memref", shape, contiguous(shape), "{e}", ranked)
            rest = shape[1:]
            tile = "memref<?x%s{e}, strided<[%s], offset: ?>>" % (
                "".join("%dx" % size for size in rest), ", ".join(map(str, contiguous(shape))))
            zeros, ones = ", 0" * len(rest), ", 1" * len(rest)
            slice_text = "[%%i%s] [%%n%s] [1%s]" % (zeros, "".join(", %d" % s for s in rest), ones)
            return whole, tile, slice_text
        x, xt, xs = (text.replace("{e}", self.element) for text in views(self.shape))
        t, tt, ts = (text.replace("{e}", self.table_element) for text in views(self.table_shape))
        return """func.func @{0}(%x: {x}, %y: {x}, %c: {t}, %s: {t}) {{
  %zero = arith.constant 0 : index
  %step = arith.constant 4 : index
  %size = arith.constant {size} : index
  scf.for %i = %zero to %size step %step {{
    %left = arith.subi %size, %i : index
    %n = arith.minsi %left, %step : index
    %xt = memref.subview %x{xs} : {x} to {xt}
    %yt = memref.subview %y{xs} : {x} to {xt}
    %ct = memref.subview %c{ts} : {t} to {tt}
    %st = memref.subview %s{ts} : {t} to {tt}
    rope.rotate %xt into %yt by %ct, %st along {along}{attributes} : {xt} into {xt}, {tt}
  }}
  return
}}
""".format(self.name, size=self.shape[0], along=self.along, attributes=self.attributes(), **locals())


def _product(sizes):
    result = 1
    for size in sizes:
        result *= size
    return result
