"""Writes random programs on rope ops, for the differential tests."""

import random

FLOATS = ["f16", "bf16", "f32", "f64"]


class Program:
    """One function; every rule adds some lines, arguments and results."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.lines, self.arguments, self.results, self.rules = [], [], [], []
        self.count = 0

    # Names and types.

    def name(self):
        self.count += 1
        return "%%v%d" % self.count

    def emit(self, text, *values, **names):
        name = self.name()
        self.lines.append("  %s = %s" % (name, text.format(*values, **names)))
        return name

    def argument(self, shape, element, low=None, high=None, static=False):
        """An argument; integers lie in [low, high]. Some sizes are known at run
        time only, but never the number of lanes."""
        dynamic = [not static and self.rng.random() < 0.4 for _ in shape]
        if low is None and shape:
            dynamic[-1] = False
        value = Value("%%a%d" % len(self.arguments), shape, element, dynamic)
        self.arguments.append((value, low, high))
        return value

    def op(self, shape, element, dynamic, text):
        value = Value(self.name(), shape, element, dynamic)
        self.lines.append("  %s = %s" % (value.name, text.replace("{type}", value.type)))
        return value

    def result(self, rule, value, tolerance):
        self.results.append(value)
        self.rules.append((rule, tolerance))

    def text(self):
        arguments = ", ".join("%s: %s" % (a.name, a.type) for a, _, _ in self.arguments)
        types = ", ".join(r.type for r in self.results)
        names = ", ".join(r.name for r in self.results)
        return "func.func @main(%s) -> (%s) {\n%s\n  return %s : %s\n}\n" % (
            arguments, types, "\n".join(self.lines), names, types)

    # Ops.

    def constant(self, shape, element, numbers):
        text = numbers if isinstance(numbers, str) else nested(shape, numbers)
        return self.op(shape, element, [False] * len(shape), "arith.constant dense<%s> : {type}" % text)

    def zeros_like(self, value):
        """A tensor of zeros, sizes of which are those of `value`."""
        if not any(value.dynamic):
            return self.constant(value.shape, value.element, "0.0")
        zero = self.emit("arith.constant 0.0 : %s" % value.element)
        empty = self.empty(value, range(len(value.shape)))
        return self.op(value.shape, value.element, value.dynamic,
                       "linalg.fill ins(%s : %s) outs(%s : {type}) -> {type}" % (zero, value.element, empty.name))

    def size(self, value, dim):
        index = self.emit("arith.constant %d : index" % dim)
        return self.emit("tensor.dim %s, %s : %s" % (value.name, index, value.type))

    def empty(self, value, order, added=()):
        """tensor.empty of dimensions of `value` in some order; `added` are (position, size)."""
        sizes = [(value.shape[d], value.dynamic[d], d) for d in order]
        for position, size in added:
            sizes.insert(position, (size, False, None))
        dynamic = ", ".join(self.size(value, d) for _, is_dynamic, d in sizes if is_dynamic)
        return self.op([s for s, _, _ in sizes], value.element, [d for _, d, _ in sizes], "tensor.empty(%s) : {type}" % dynamic)

    def transpose(self, value, order):
        empty = self.empty(value, order)
        if self.rng.random() < 0.5:
            return self.op(empty.shape, value.element, empty.dynamic,
                           "linalg.transpose ins(%s : %s) outs(%s : %s) permutation = %s" % (
                               value.name, value.type, empty.name, empty.type, list(order)))
        maps = "affine_map<(%s) -> (%%s)>" % ", ".join("d%d" % d for d in range(len(order)))
        source = ", ".join("d%d" % list(order).index(d) for d in range(len(order)))
        return self.generic_copy(value, empty, maps % source)

    def broadcast(self, value, added):
        """New dimensions, by (position in the result, size)."""
        empty = self.empty(value, range(len(value.shape)), added)
        positions = [position for position, _ in added]
        kept = [d for d in range(len(empty.shape)) if d not in positions]
        if self.rng.random() < 0.5:
            return self.op(empty.shape, value.element, empty.dynamic,
                           "linalg.broadcast ins(%s : %s) outs(%s : %s) dimensions = %s" % (
                               value.name, value.type, empty.name, empty.type, positions))
        loops = ", ".join("d%d" % d for d in range(len(empty.shape)))
        return self.generic_copy(value, empty, "affine_map<(%s) -> (%s)>" % (loops, ", ".join("d%d" % d for d in kept)))

    def generic_copy(self, value, empty, source_map):
        loops = ", ".join("d%d" % d for d in range(len(empty.shape)))
        kinds = ", ".join(['"parallel"'] * len(empty.shape))
        return self.op(empty.shape, value.element, empty.dynamic,
                       "linalg.generic {indexing_maps = [%s, affine_map<(%s) -> (%s)>], iterator_types = [%s]} ins(%s : %s) outs(%s : {type}) {\n"
                       "  ^bb0(%%in: %s, %%out: %s):\n    linalg.yield %%in : %s\n  } -> {type}" % (
                           source_map, loops, loops, kinds, value.name, value.type, empty.name, *[value.element] * 3))

    def slice(self, value, offsets, sizes, strides, dropped=()):
        kept = [d for d in range(len(sizes)) if d not in dropped]
        return self.op([sizes[d] for d in kept], value.element, [False] * len(kept),
                       "tensor.extract_slice %s%s %s %s : %s to {type}" % (value.name, offsets, sizes, strides, value.type))

    def collapse(self, value, groups):
        sizes = [[value.shape[d] for d in group] for group in groups]
        return self.op([product(size) for size in sizes], value.element, [any(value.dynamic[d] for d in group) for group in groups],
                       "tensor.collapse_shape %s %s : %s into {type}" % (value.name, groups, value.type))

    def expand(self, value, target, groups):
        """Of static sizes, those of `target`."""
        return self.op(target.shape, value.element, target.dynamic, "tensor.expand_shape %s %s output_shape %s : %s into {type}" % (
            value.name, groups, target.shape, value.type))

    def rotation_matrix(self, cos, sin, pairing=None):
        pairing = pairing or self.rng.choice(["half", "interleaved"])
        r = 2 * cos.shape[-1]
        types = cos.type if cos.type == sin.type else "%s, %s" % (cos.type, sin.type)
        return self.op(cos.shape[:-1] + [r, r], cos.element, cos.dynamic[:-1] + [False, False],
                       "rope.rotation_matrix %s, %s pairing<%s> : %s" % (cos.name, sin.name, pairing, types))

    def concat(self, values, dim):
        shape = list(values[0].shape)
        shape[dim] = sum(v.shape[dim] for v in values)
        dynamic = [any(v.dynamic[d] for v in values) if d == dim else all(v.dynamic[d] for v in values) for d in range(len(shape))]
        return self.op(shape, values[0].element, dynamic, "tensor.concat dim(%d) %s : (%s) -> {type}" % (
            dim, ", ".join(v.name for v in values), ", ".join(v.type for v in values)))

    def rotate(self, x, cos, sin, along, layout):
        return self.op(x.shape, x.element, x.dynamic, "rope.rotate %s by %s, %s along %s%s : %s, %s%s" % (
            x.name, cos.name, sin.name, list(along), layout, x.type, cos.type, "" if cos.type == sin.type else ", " + sin.type))

    def sincos(self, positions, frequencies, dim, element, accuracy="exact"):
        shape = list(positions.shape) + [dim // 2]
        cos = Value(self.name(), shape, element, positions.dynamic + [False])
        sin = Value(self.name(), shape, element, cos.dynamic)
        self.lines.append("  %s, %s = rope.sincos %s frequencies%s accuracy<%s> : %s -> %s" % (
            cos.name, sin.name, positions.name, frequencies, accuracy, positions.type, cos.type))
        return cos, sin


class Value:
    def __init__(self, name, shape, element, dynamic):
        self.name, self.shape, self.element, self.dynamic = name, list(shape), element, list(dynamic)

    @property
    def type(self):
        return "tensor<%s%s>" % ("".join("%sx" % ("?" if d else s) for s, d in zip(self.shape, self.dynamic)), self.element)


def product(numbers):
    result = 1
    for number in numbers:
        result *= number
    return result


def nested(shape, numbers):
    """Numbers in row-major order as nested lists."""
    numbers = list(numbers)
    for size in reversed(shape):
        numbers = [numbers[i:i + size] for i in range(0, len(numbers), size)]
    return str(numbers[0])


class Layout:
    """A random rotary range; its text is the attributes of rope.rotate."""

    def __init__(self, rng, moves_lanes=None):
        self.pairing = rng.choice(["half", "interleaved"])
        other = "interleaved" if self.pairing == "half" else "half"
        moves = rng.random() < 0.2 if moves_lanes is None else moves_lanes
        self.result_pairing = other if moves else self.pairing
        self.rotary_dim = 2 * rng.choice([1, 2, 3, 8, 16, 17])
        self.offset = rng.choice([0, 0, 1, 4])
        self.head_dim = self.offset + self.rotary_dim + rng.choice([0, 0, 3])
        self.inverse = rng.random() < 0.3

    def text(self, inverse=None):
        inverse = self.inverse if inverse is None else inverse
        return " pairing<%s>%s offset %d rotary_dim %d%s" % (
            self.pairing, " result_pairing<%s>" % self.result_pairing if self.result_pairing != self.pairing else "",
            self.offset, self.rotary_dim, " inverse" if inverse else "")

    def frequencies(self, rng):
        base = rng.choice(["1.0e+04", "5.0e+05"])
        scaling = rng.choice(["", "", ", scaling = #rope.linear<factor = 4.0>"])
        return "<dim = %d, base = %s%s>" % (self.rotary_dim, base, scaling)
