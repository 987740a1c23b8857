"""The threads of a block that run PTX together: what each instruction does (ptx_machine.py)."""

import re

import numpy

from ptx_machine import narrow, to_f32, widen

U16, U32, U64, F32 = numpy.uint16, numpy.uint32, numpy.uint64, numpy.float32
KINDS = {"b8": numpy.uint8, "b16": U16, "u16": U16, "s16": numpy.int16, "b32": U32, "u32": U32, "s32": numpy.int32, "f16": numpy.float16, "f32": F32, "f64": numpy.float64,
         "b64": U64, "u64": U64, "s64": numpy.int64, "pred": numpy.bool_}
WIDER = {U16: U32, U32: U64, numpy.int16: numpy.int32, numpy.int32: numpy.int64}
COMPARE = {"eq": numpy.equal, "ne": numpy.not_equal, "lt": numpy.less, "le": numpy.less_equal, "gt": numpy.greater, "ge": numpy.greater_equal}
TOGETHER = ("bar", "warp", "shfl", "wgmma", "mma", "ldmatrix")
ROW, PAIR = numpy.arange(32) // 4, numpy.arange(32) % 4


def compare(how, x, y):
    """setp: with `u` at the end of a comparison of floats, true of a NaN."""
    if how in COMPARE and not (how == "ne" and x.dtype == F32):
        return COMPARE[how](x, y)
    is_nan = numpy.isnan(x) | numpy.isnan(y)
    if how in ("num", "nan"):
        return is_nan == (how == "nan")
    return COMPARE[how.rstrip("u") or how](x, y) & ~is_nan | (is_nan if how.endswith("u") else False)


def fused(x, y, z):
    return (x.astype(numpy.float64) * y + z).astype(F32)


def arithmetic(parts, operands):
    """The result of an instruction on registers, of the type that it names."""
    op = parts[0]
    if op in ("add", "sub", "mul", "div", "min", "max"):
        x, y = operands[:2]
        if "wide" in parts:
            return x.astype(WIDER[x.dtype.type]) * y.astype(WIDER[x.dtype.type])
        if "hi" in parts:
            product = x.astype(object) * y.astype(object)
            return numpy.array([int(p) >> 8 * x.dtype.itemsize for p in product]).astype(x.dtype)
        if op == "div" and x.dtype != F32:
            return x // y
        return {"add": numpy.add, "sub": numpy.subtract, "mul": numpy.multiply, "div": numpy.divide,
                "min": numpy.minimum if "NaN" in parts or x.dtype != F32 else numpy.fmin,
                "max": numpy.maximum if "NaN" in parts or x.dtype != F32 else numpy.fmax}[op](x, y)
    if op == "rem":
        return operands[0] % operands[1]
    if op == "mad":
        return operands[0] * operands[1] + operands[2]
    if op == "fma":
        return fused(*operands)
    if op == "bfe":
        x, first, count = operands
        return (x >> first.astype(x.dtype)) & ((x.dtype.type(1) << count.astype(x.dtype)) - x.dtype.type(1))
    if op in ("and", "or", "xor"):
        return {"and": numpy.bitwise_and, "or": numpy.bitwise_or, "xor": numpy.bitwise_xor}[op](*operands)
    if op == "not":
        return ~operands[0]
    if op == "neg":
        return -operands[0]
    if op == "abs":
        return abs(operands[0])
    if op in ("shl", "shr"):
        x, bits = operands[0], 8 * operands[0].dtype.itemsize
        by = numpy.minimum(operands[1], bits - 1).astype(x.dtype)
        moved = x << by if op == "shl" else x >> by
        return numpy.where(operands[1] < bits, moved, x.dtype.type(0))
    if op == "rcp":
        return F32(1) / operands[0]
    if op == "ex2":
        return numpy.exp2(operands[0])
    if op == "lg2":
        return numpy.log2(operands[0])
    raise NotImplementedError(".".join(parts))


class Block:
    """Threads, those that are behind first."""

    def __init__(self, program, number, threads, arguments, memory, shared, symbols):
        self.instructions, self.labels = program
        self.memory, self.shared, self.symbols, self.arguments = memory, shared, symbols, arguments
        self.count, self.threads = threads, numpy.arange(threads)
        self.registers, self.constants = {}, {}
        self.special = {"%tid.x": self.threads.astype(U32)}
        self.special.update({"%%ctaid.%s" % axis: numpy.full(threads, index, dtype=U32) for axis, index in zip("xyz", number)})
        self.place = numpy.zeros(threads, dtype=int)
        self.copies, self.pending, self.products = [], [], []
        self.touched, self.busy = set(), set()

    def choose(self):
        """The next instruction and the threads that do it: what all threads of a warp, of
        four or, at a barrier, of the block do together waits for them."""
        end = len(self.instructions)
        first = self.place[0]
        if first < end and (self.place == first).all():
            self.mask, self.all = numpy.ones(self.count, dtype=bool), True
            return first
        for first in numpy.unique(self.place[self.place < end]):
            self.mask, self.all = self.place == first, False
            op = self.instructions[first].parts[0]
            if op == "bar":
                continue
            if op in TOGETHER:
                size = 128 if op == "wgmma" else 32
                self.mask &= numpy.repeat(self.mask.reshape(-1, size).all(axis=1), size)
            if self.mask.any():
                return first
        if (self.place < end).any():
            raise RuntimeError("threads wait for others that do not come: " + self.instructions[self.place.min()].name)
        return None

    def run(self):
        while (place := self.choose()) is not None:
            instruction = self.instructions[place]
            taken = True
            if instruction.guard in self.registers:
                taken = self.registers[instruction.guard] != instruction.negated
            op = instruction.parts[0]
            if self.busy and op != "wgmma" and not self.busy.isdisjoint(instruction.registers):
                raise RuntimeError("a register is touched while a product is at work: " + instruction.name)
            self.place[self.mask] = place + 1
            if op == "bra":
                self.place[self.mask & taken] = self.labels[instruction.operands[0]]
            elif op == "ret":
                self.place[self.mask & taken] = len(self.instructions)
            elif op == "bar":
                self.shared.epoch += 1
            else:
                if taken is not True:
                    self.mask = self.mask & taken
                    self.all = self.mask.all()
                if self.all or self.mask.any():
                    self.execute(instruction)

    def read(self, name, kind):
        if name.startswith("%"):
            value = self.registers[name] if name in self.registers else self.special[name]
            if value.dtype != kind:
                value = value.view(kind) if value.dtype.itemsize == numpy.dtype(kind).itemsize else value.astype(kind)
            return value
        constant = self.constants.get((name, kind))
        if constant is None:
            constant = self.constants[name, kind] = self.make_constant(name, kind)
        return constant

    def make_constant(self, name, kind):
        if name.startswith("0f"):
            return numpy.full(self.count, int(name[2:], 16), dtype=U32).view(F32).view(kind)
        if name in self.symbols:
            return numpy.full(self.count, self.symbols[name], dtype=kind)
        if kind == numpy.bool_:
            return numpy.full(self.count, int(name) != 0)
        return numpy.full(self.count, int(name, 0) % (1 << 8 * numpy.dtype(kind).itemsize), dtype=U64).astype(kind)

    def write(self, name, value):
        if value.dtype == numpy.uint8:
            value = value.astype(U16)
        elif value.dtype.kind in "if":
            value = value.view({2: U16, 4: U32, 8: U64}[value.dtype.itemsize])
        if not self.all and name in self.registers:
            value = numpy.where(self.mask, value, self.registers[name])
        self.registers[name] = value
        self.touched.add(name)

    def address(self, operand):
        base, _, offset = operand.strip("[]").partition("+")
        return self.read(base, U64) + U64(int(offset or "0") % (1 << 64))

    def execute(self, instruction):
        parts, operands = instruction.parts, instruction.operands
        op, kind = parts[0], KINDS.get(parts[-1])
        if op == "warp":
            return None
        if op == "mov":
            return self.move(operands, kind)
        if op == "ld" and parts[1] == "param":
            return self.write(operands[0], numpy.full(self.count, self.arguments[operands[1].strip("[]")], dtype=U64))
        if op in ("ld", "st"):
            return self.access(op, parts, operands, kind)
        if op == "setp":
            if not kind:
                raise NotImplementedError(instruction.name)
            x, y = (self.read(name, kind) for name in operands[1:3])
            return self.write(operands[0], compare(parts[1], x, y))
        if op == "selp":
            return self.write(operands[0], numpy.where(self.read(operands[3], numpy.bool_), self.read(operands[1], kind), self.read(operands[2], kind)))
        if op in ("cvt", "cvta"):
            return self.convert(parts, operands)
        if op == "shfl":
            other = self.threads ^ int(operands[2])
            return self.write(operands[0].split("|")[0], self.read(operands[1], U32)[other])
        if op == "cp":
            return self.copy(parts, operands)
        if op == "fence":
            return self.shared.publish(self.threads[self.mask])
        if op == "wgmma":
            return self.multiply_groups(instruction)
        if op == "mma":
            return self.multiply(parts, operands)
        if op == "ldmatrix":
            return self.load_matrices(parts, operands)
        kinds = [kind] * (len(operands) - 1)
        if op in ("shl", "shr", "bfe"):
            kinds[1:] = [U32] * (len(kinds) - 1)
        with numpy.errstate(all="ignore"):
            self.write(operands[0], arithmetic(parts, [self.read(name, of) for name, of in zip(operands[1:], kinds)]))

    def names(self, vector):
        return [name.strip() for name in vector.strip("{}").split(",")]

    def move(self, operands, kind):
        if operands[1].startswith("{"):
            low, high = (self.read(name, U16).astype(U32) for name in self.names(operands[1]))
            return self.write(operands[0], low | high << U32(16))
        if operands[0].startswith("{"):
            word = self.read(operands[1], U32)
            for name, half in zip(self.names(operands[0]), (word & U32(0xFFFF), word >> U32(16))):
                if name != "_":
                    self.write(name, half.astype(U16))
            return None
        return self.write(operands[0], self.read(operands[1], kind).copy())

    def access(self, op, parts, operands, kind):
        size = numpy.dtype(kind).itemsize
        at, of = (0, 1) if op == "st" else (1, 0)
        names = self.names(operands[of])
        addresses = self.address(operands[at])[self.mask]
        is_shared = parts[1] == "shared"
        if op == "st":
            values = numpy.stack([self.read(name, kind)[self.mask] for name in names], axis=1)
            values = numpy.ascontiguousarray(values).view(numpy.uint8).reshape(addresses.size, -1)
            if is_shared:
                return self.shared.store(addresses, values, self.threads[self.mask])
            return self.memory.store(addresses, values)
        count = size * len(names)
        values = self.shared.load(addresses, count, self.threads[self.mask]) if is_shared else self.memory.load(addresses, count)
        values = numpy.ascontiguousarray(values).view(KINDS["b%d" % (8 * size)])
        for column, name in enumerate(names):
            full = numpy.zeros(self.count, dtype=values.dtype)
            full[self.mask] = values[:, column]
            self.write(name, full)
        return None

    def convert(self, parts, operands):
        target, source = parts[-2:]
        if parts[0] == "cvta":
            return self.write(operands[0], self.read(operands[1], U64))
        with numpy.errstate(over="ignore"):
            if target in ("bf16x2", "f16x2"):
                high, low = (narrow(self.read(name, F32), target[:-2]) for name in operands[1:3])
                return self.write(operands[0], high << U32(16) | low)
            if target in ("bf16", "f16"):
                return self.write(operands[0], narrow(self.read(operands[1], F32), target).astype(U16))
        if source == "f64":
            return self.write(operands[0], self.read(operands[1], numpy.float64).astype(F32))
        if target == "f32":
            return self.write(operands[0], widen(self.read(operands[1], U16), source).astype(F32))
        return self.write(operands[0], self.read(operands[1], KINDS[source]).astype(KINDS[target]))

    def copy(self, parts, operands):
        if parts[2] == "commit_group":
            self.pending.append(self.copies)
            self.copies = []
        elif parts[2] == "wait_group":
            left = int(operands[0])
            for group in self.pending[:len(self.pending) - left]:
                for target, values, threads in group:
                    self.shared.land(target, values, threads)
            self.pending = self.pending[len(self.pending) - left:]
        else:
            sizes = self.read(operands[3], U32)[self.mask]
            target, source = (self.address(operand)[self.mask] for operand in operands[:2])
            values = numpy.zeros((target.size, 16), dtype=numpy.uint8)
            if (sizes > 0).any():
                values[sizes > 0] = self.memory.load(source[sizes > 0], 16)
            self.shared.start_copy(target, self.threads[self.mask])
            self.copies.append((target, values, self.threads[self.mask]))

    # Products of warps: of those that are here, W of them.

    def warps(self):
        return numpy.flatnonzero(self.mask.reshape(-1, 32)[:, 0])

    def words(self, name):
        """[W, 32]"""
        return self.read(name, U32).reshape(-1, 32)[self.warps()]

    def fragment(self, names, element):
        """[W, 16, 16] of four words: rows and then lanes 8 further on."""
        matrix = numpy.zeros((len(self.warps()), 16, 16))
        for number, name in enumerate(names):
            rows, columns, word = ROW + 8 * (number % 2), 2 * PAIR + 8 * (number // 2), self.words(name)
            matrix[:, rows, columns] = widen(word & U32(0xFFFF), element)
            matrix[:, rows, columns + 1] = widen(word >> U32(16), element)
        return matrix

    def add_product(self, names, product, before=None):
        """Writes fragments of 8 columns each, rows and rows 8 further on, of [W, 16, N]."""
        for number, name in enumerate(names):
            entry = product[:, ROW + 8 * (number // 2 % 2), 8 * (number // 4) + 2 * PAIR + number % 2]
            if before is not None:
                entry = entry + to_f32(self.words(before[number]))
            full = self.registers.get(name, numpy.zeros(self.count, dtype=U32)).copy()
            full[self.mask] = entry.astype(F32).view(U32).ravel()
            self.registers[name] = full

    def multiply(self, parts, operands):
        element = parts[-3]
        d, a, b, c = (self.names(operand) for operand in operands)
        right = numpy.zeros((len(self.warps()), 16, 8))
        for number, name in enumerate(b):
            word = self.words(name)
            right[:, 2 * PAIR + 8 * number, ROW] = widen(word & U32(0xFFFF), element)
            right[:, 2 * PAIR + 8 * number + 1, ROW] = widen(word >> U32(16), element)
        with numpy.errstate(all="ignore"):
            self.add_product(d, self.fragment(a, element) @ right, c)

    def load_matrices(self, parts, operands):
        # Eight threads give the rows of a matrix; what the others have is not read.
        names = self.names(operands[0])
        gives = self.mask & (self.threads % 32 < 8 * len(names))
        rows = self.shared.load(self.address(operands[1])[gives], 16, self.threads[gives]).view(U16)
        rows = rows.reshape(-1, 8 * len(names), 8).astype(U32)
        for number, name in enumerate(names):
            matrix = rows[:, 8 * number:8 * number + 8]
            matrix = matrix.swapaxes(1, 2) if "trans" in parts else matrix
            full = numpy.zeros(self.count, dtype=U32)
            full[self.mask] = (matrix[:, ROW, 2 * PAIR] | matrix[:, ROW, 2 * PAIR + 1] << U32(16)).ravel()
            self.write(name, full)

    # Products of four warps.

    def multiply_groups(self, instruction):
        what = instruction.parts[1]
        if what == "fence":
            self.touched = set()
        elif what == "wait_group":
            for words, warp in self.products:
                self.shared.end_product(words, warp)
            self.products, self.busy = [], set()
        elif what == "mma_async":
            operands = instruction.operands
            sums, element = self.names(operands[0]), instruction.parts[-1]
            columns = int(re.match(r"m64n(\d+)k16", instruction.parts[4])[1])
            trans = [int(operand) for operand in operands[6:]]
            adds = self.registers[operands[3]][0]
            used = set(sums if adds else []) | set(self.names(operands[1]) if operands[1].startswith("{") else [])
            if used & self.touched:
                raise RuntimeError("a product takes a register that was written behind the last wgmma.fence")
            if operands[1].startswith("{"):
                a = self.fragment(self.names(operands[1]), element)
            else:
                a = self.load_descriptor(operands[1], lambda warp: 16 * (warp % 4) + numpy.arange(16), trans[0], element)
            b = self.load_descriptor(operands[2], lambda warp: numpy.arange(columns), trans[-1], element).swapaxes(1, 2)
            with numpy.errstate(all="ignore"):
                self.add_product(sums, a @ b, sums if adds else None)
            self.busy |= used | set(sums)
        elif what != "commit_group":
            raise NotImplementedError(instruction.name)

    def load_descriptor(self, operand, get_lines, is_transposed, element):
        """[W, lines, 16] of the matrix that a descriptor has in shared memory."""
        matrices = []
        descriptors = self.read(operand, U64).reshape(-1, 128)
        for warp in self.warps():
            of_group = descriptors[warp // 4]
            descriptor = int(of_group[0])
            if (of_group != of_group[0]).any() or descriptor >> 62 != 1 or descriptor >> 46 & 0xFFFF:
                raise RuntimeError("descriptor %#x" % descriptor)
            start, leading, stride = (16 * (descriptor >> at & 0x3FFF) for at in (0, 16, 32))
            line, k = get_lines(warp)[:, None], numpy.arange(16)[None]
            if is_transposed:
                places = line // 64 * leading + 2 * (line % 64) + k // 8 * stride + k % 8 * 128
            else:
                places = line // 8 * stride + line % 8 * 128 + 2 * k
            places = places + start
            places ^= (places >> 7 & 7) << 4
            bits, words = self.shared.start_product(places.ravel(), warp)
            self.products.append((words, warp))
            matrices.append(widen(bits, element).reshape(places.shape))
        return numpy.stack(matrices)
