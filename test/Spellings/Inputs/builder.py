# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes functions on static tensors op by op, each op in one of the ways in which
frontends write it, chosen at random."""

import math


class Tensor:
    def __init__(self, name, shape, kind):
        self.name, self.shape, self.kind = name, tuple(shape), kind

    @property
    def type(self):
        return "tensor<%s%s>" % ("".join("%dx" % size for size in self.shape), self.kind)


def amap(rank, exprs):
    return "affine_map<(%s) -> (%s)>" % (", ".join("d%d" % i for i in range(rank)), ", ".join(exprs))


def identity(rank):
    return amap(rank, ["d%d" % i for i in range(rank)])


class Function:
    def __init__(self, rng, name):
        self.rng, self.name = rng, name
        self.lines, self.arguments, self.count = [], [], 0

    def fresh(self):
        self.count += 1
        return "%%v%d" % self.count

    def emit(self, text, shape, kind, results=1, number=0):
        """Result `number` of an op that has so many."""
        name = self.fresh()
        self.lines.append("  %s%s = %s" % (name, ":%d" % results if results > 1 else "", text))
        return Tensor(name + "#%d" % number if results > 1 else name, shape, kind)

    def argument(self, shape, kind):
        value = Tensor("%%arg%d" % len(self.arguments), shape, kind)
        self.arguments.append(value)
        return value

    def scalar(self, text):
        name = self.fresh()
        self.lines.append("  %s = %s" % (name, text))
        return name

    def constant(self, values, shape, kind):
        def nest(flat, dims):
            if len(dims) == 1:
                return "[%s]" % ", ".join(flat)
            step = len(flat) // dims[0]
            return "[%s]" % ", ".join(nest(flat[i * step:(i + 1) * step], dims[1:]) for i in range(dims[0]))
        text = [("%r" % v if "e" in "%r" % v else "%.9e" % v) if kind[0] in "fb" else "%d" % v for v in values]
        value = Tensor("", shape, kind)
        return self.emit("arith.constant dense<%s> : %s" % (nest(text, shape), value.type), shape, kind)

    def empty(self, shape, kind):
        return self.emit("tensor.empty() : %s" % Tensor("", shape, kind).type, shape, kind)

    def generic(self, inputs, maps, shape, kind, body, iterators=None, init=None, out_map=None):
        """`body` lists lines over %i0, %i1, ... and ends with the name it yields."""
        rank = len(iterators) if iterators else len(shape)
        init = init or self.empty(shape, kind)
        out_map = out_map or identity(rank)
        arguments = ", ".join(["%%i%d: %s" % (i, t.kind) for i, t in enumerate(inputs)] + ["%%out: %s" % kind])
        *lines, yielded = body
        ins = "ins(%s : %s) " % (", ".join(t.name for t in inputs), ", ".join(t.type for t in inputs)) if inputs else ""
        text = "linalg.generic {indexing_maps = [%s], iterator_types = [%s]} %souts(%s : %s) {\n  ^bb0(%s):\n" % (
            ", ".join(list(maps) + [out_map]), ", ".join('"%s"' % it for it in iterators or ["parallel"] * rank), ins, init.name, init.type, arguments)
        text += "".join("    %s\n" % line for line in lines)
        text += "    linalg.yield %s : %s\n  } -> %s" % (yielded, kind, init.type)
        return self.emit(text, shape, kind)

    # Elementwise ops with numpy's broadcasting.

    def broadcast_map(self, operand, shape):
        rank, skip = len(shape), len(shape) - len(operand.shape)
        return amap(rank, ["0" if size == 1 and shape[skip + i] != 1 else "d%d" % (skip + i) for i, size in enumerate(operand.shape)])

    def broadcast(self, operand, shape):
        """A copy with all dimensions."""
        return self.generic([operand], [self.broadcast_map(operand, shape)], shape, operand.kind, ["%i0"])

    def elementwise(self, op, *operands):
        rank = max(len(t.shape) for t in operands)
        padded = [(1,) * (rank - len(t.shape)) + t.shape for t in operands]
        shape = tuple(max(sizes) for sizes in zip(*padded))
        kind = operands[0].kind
        assert all(t.kind == kind for t in operands), [t.type for t in operands]
        if self.rng.random() < 0.15:
            operands = [t if t.shape == shape else self.broadcast(t, shape) for t in operands]
        same = all(t.shape == shape for t in operands)
        if same and self.rng.random() < 0.4:
            return self.emit("%s %s : %s" % (op, ", ".join(t.name for t in operands), Tensor("", shape, kind).type), shape, kind)
        named = {"arith.addf": "add", "arith.subf": "sub", "arith.mulf": "mul"}.get(op)
        if same and named and self.rng.random() < 0.2:
            init = self.empty(shape, kind)
            return self.emit("linalg.%s ins(%s : %s) outs(%s : %s) -> %s" % (
                named, ", ".join(t.name for t in operands), ", ".join(t.type for t in operands), init.name, init.type, init.type), shape, kind)
        return self.generic(operands, [self.broadcast_map(t, shape) for t in operands], shape, kind,
                            ["%%y = %s %s : %s" % (op, ", ".join("%%i%d" % i for i in range(len(operands))), kind), "%y"])

    def add(self, a, b):
        return self.elementwise("arith.addf", *self.rng.sample([a, b], 2))

    def sub(self, a, b):
        return self.add(a, self.neg(b)) if self.rng.random() < 0.2 else self.elementwise("arith.subf", a, b)

    def mul(self, a, b):
        return self.elementwise("arith.mulf", *self.rng.sample([a, b], 2))

    def splat(self, value, like):
        number = ("%.17e" if like.kind == "f64" else "%.9e") % value
        return self.emit("arith.constant dense<%s> : %s" % (number, like.type), like.shape, like.kind)

    def neg(self, a):
        way = self.rng.randrange(4)
        if way == 0:
            return self.mul(a, self.splat(-1.0, a))
        if way == 1:
            return self.elementwise("arith.subf", self.splat(0.0, a), a)
        return self.elementwise("arith.negf", a)

    def convert(self, a, kind):
        width = {"f16": 16, "bf16": 16, "f32": 32, "f64": 64}
        if a.kind == kind:
            return a
        op = "arith.extf" if width[a.kind] < width[kind] else "arith.truncf"
        return self.generic([a], [identity(len(a.shape))], a.shape, kind, ["%%y = %s %%i0 : %s to %s" % (op, a.kind, kind), "%y"])

    # Movement.

    def slice(self, a, dim, offset, size, stride=1):
        rank = len(a.shape)
        shape = a.shape[:dim] + (size,) + a.shape[dim + 1:]
        if self.rng.random() < 0.12:
            lines = ["%%x%d = linalg.index %d : index" % (i, i) for i in range(rank)]
            lines += ["%%s = arith.constant %d : index" % stride, "%%o = arith.constant %d : index" % offset,
                      "%%m = arith.muli %%x%d, %%s : index" % dim, "%at = arith.addi %m, %o : index",
                      "%%y = tensor.extract %s[%s] : %s" % (a.name, ", ".join("%at" if i == dim else "%%x%d" % i for i in range(rank)), a.type), "%y"]
            return self.generic([], [], shape, a.kind, lines)
        offsets = [offset if i == dim else 0 for i in range(rank)]
        strides = [stride if i == dim else 1 for i in range(rank)]
        return self.emit("tensor.extract_slice %s%s %s %s : %s to %s" % (a.name, offsets, list(shape), strides, a.type, Tensor("", shape, a.kind).type), shape, a.kind)

    def insert(self, part, whole, dim, offset, stride=1):
        rank = len(whole.shape)
        offsets = [offset if i == dim else 0 for i in range(rank)]
        strides = [stride if i == dim else 1 for i in range(rank)]
        return self.emit("tensor.insert_slice %s into %s%s %s %s : %s into %s" % (
            part.name, whole.name, offsets, list(part.shape), strides, part.type, whole.type), whole.shape, whole.kind)

    def concat(self, parts, dim):
        parts = [p for p in parts if p.shape[dim]]
        if len(parts) == 1:
            return parts[0]
        total = sum(p.shape[dim] for p in parts)
        shape = parts[0].shape[:dim] + (total,) + parts[0].shape[dim + 1:]
        kind, way = parts[0].kind, self.rng.randrange(6)
        if way == 0 or way == 1:
            whole, offset = self.empty(shape, kind), 0
            order = []
            for part in parts:
                order.append((part, offset))
                offset += part.shape[dim]
            self.rng.shuffle(order)
            for part, offset in order:
                whole = self.insert(part, whole, dim, offset)
            return whole
        if way == 2 and len(parts) == 2:
            lines = ["%%x%d = linalg.index %d : index" % (i, i) for i in range(len(shape))]
            at = lambda lane: ", ".join(lane if i == dim else "%%x%d" % i for i in range(len(shape)))
            split = parts[0].shape[dim]
            lines += ["%%c = arith.constant %d : index" % split, "%%first = arith.cmpi ult, %%x%d, %%c : index" % dim,
                      "%%y = scf.if %%first -> (%s) {" % kind, "  %%p = tensor.extract %s[%s] : %s" % (parts[0].name, at("%%x%d" % dim), parts[0].type),
                      "  scf.yield %%p : %s" % kind, "} else {", "  %%l = arith.subi %%x%d, %%c : index" % dim,
                      "  %%q = tensor.extract %s[%s] : %s" % (parts[1].name, at("%l"), parts[1].type), "  scf.yield %%q : %s" % kind, "}", "%y"]
            return self.generic([], [], shape, kind, lines)
        return self.emit("tensor.concat dim(%d) %s : (%s) -> %s" % (
            dim, ", ".join(p.name for p in parts), ", ".join(p.type for p in parts), Tensor("", shape, kind).type), shape, kind)

    def transpose(self, a, order):
        shape = tuple(a.shape[i] for i in order)
        if self.rng.random() < 0.5:
            init = self.empty(shape, a.kind)
            return self.emit("linalg.transpose ins(%s : %s) outs(%s : %s) permutation = %s" % (a.name, a.type, init.name, init.type, list(order)), shape, a.kind)
        exprs = [""] * len(order)
        for position, source in enumerate(order):
            exprs[source] = "d%d" % position
        return self.generic([a], [amap(len(order), exprs)], shape, a.kind, ["%i0"])

    def expand(self, a, dim, sizes):
        """Splits one dimension."""
        assert math.prod(sizes) == a.shape[dim]
        shape = a.shape[:dim] + tuple(sizes) + a.shape[dim + 1:]
        groups = [[i] for i in range(dim)] + [list(range(dim, dim + len(sizes)))] + [[i + len(sizes) - 1] for i in range(dim + 1, len(a.shape))]
        return self.emit("tensor.expand_shape %s %s output_shape %s : %s into %s" % (
            a.name, groups, list(shape), a.type, Tensor("", shape, a.kind).type), shape, a.kind)

    def collapse(self, a, dim, count):
        """Merges `count` dimensions from `dim` on."""
        shape = a.shape[:dim] + (math.prod(a.shape[dim:dim + count]),) + a.shape[dim + count:]
        groups = [[i] for i in range(dim)] + [list(range(dim, dim + count))] + [[i] for i in range(dim + count, len(a.shape))]
        return self.emit("tensor.collapse_shape %s %s : %s into %s" % (a.name, groups, a.type, Tensor("", shape, a.kind).type), shape, a.kind)

    def stack(self, parts, dim):
        return self.concat([self.expand(p, dim, [1, p.shape[dim]]) if dim < len(p.shape) else self.expand(p, dim - 1, [p.shape[dim - 1], 1])
                            for p in parts], dim)

    def text(self, results):
        return "func.func @%s(%s) -> (%s) {\n%s\n  return %s : %s\n}\n" % (
            self.name, ", ".join("%s: %s" % (a.name, a.type) for a in self.arguments), ", ".join(r.type for r in results),
            "\n".join(self.lines), ", ".join(r.name for r in results), ", ".join(r.type for r in results))
