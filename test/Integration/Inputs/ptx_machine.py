"""Runs a kernel in PTX on NumPy arrays, the threads of a block at a time, and finds its hazards.

The instructions are those that kernels of attention have. Errors, besides accesses that are in no
buffer, are

- words of shared memory that a warp writes and another one reads or writes without a barrier
  between them, and those that are read before a `cp.async` to them was waited for;
- warps that do not reach a barrier, a shuffle or a product together;
- `wgmma` that reads words which whoever wrote them has not published by `fence.proxy.async`,
  words that are written and registers that are touched before it was waited for, and registers
  that were written behind the last `wgmma.fence`;
- descriptors that differ in a warpgroup, or have another swizzle than that of 128 bytes.

Products are sums of f64 that are rounded once.
"""

import re

import numpy

GLOBAL, SHARED = 1 << 32, 1024  # Where memory starts; the first KiB of shared memory is the system's.


def to_f32(bits):
    return bits.view(numpy.float32)


def widen(bits, element):
    """16 bits in f64."""
    if element == "f16":
        return bits.astype(numpy.uint16).view(numpy.float16).astype(numpy.float64)
    return (bits.astype(numpy.uint32) << 16).view(numpy.float32).astype(numpy.float64)


def narrow(values, element):
    """The bits of f32 rounded to 16 bits, in u32."""
    if element == "f16":
        return values.astype(numpy.float16).view(numpy.uint16).astype(numpy.uint32)
    bits = values.view(numpy.uint32).astype(numpy.uint64)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint32)
    return numpy.where(numpy.isnan(values), numpy.uint32(0x7FFF), rounded)


class Instruction:
    def __init__(self, text):
        guard = re.match(r"@(!?)(%?\w+)\s+(.*)", text, re.S)
        self.negated, self.guard, text = (bool(guard[1]), guard[2], guard[3]) if guard else (False, None, text)
        name, _, rest = text.partition(" ")
        name, tab, more = name.partition("\t")
        self.name, rest = name.strip(), (more + " " + rest if tab else rest)
        # Operands: names, numbers, [addresses] and {vectors}.
        self.operands = [part.strip() for part in re.findall(r"\{[^}]*\}|\[[^\]]*\]|[^,\s][^,]*", rest)]
        # A warp's own barrier, bar.warp, is no barrier of the block.
        self.parts = self.name.replace("bar.warp", "warp").split(".")
        self.registers = frozenset(re.findall(r"%[a-z]+\d+", text))
        writes = self.operands[:1] if self.parts[0] not in ("st", "bra", "bar", "cp", "fence", "ret") else []
        self.writes = frozenset(re.findall(r"%[a-z]+\d+", " ".join(writes)))


def parse(text, entry):
    """The parameters, instructions, labels and variables in shared memory of a kernel."""
    text = re.sub(r"//.*", "", text)
    head, body = text.split(".entry %s(" % entry)[1].split("{", 1)
    body = body.split(".entry")[0]
    parameters = re.findall(r"(%s_param_\d+)" % re.escape(entry), head)
    variables = re.findall(r"(?<!extern )\.shared \.align (\d+) \.(\w+) (\S+?)(?:\[(\d+)\])?;", body)
    external = re.findall(r"\.extern \.shared \.align (\d+) \.b8 (\S+)\[\];", text)
    instructions, labels = [], {}
    for statement in body.split(";"):
        statement = re.sub(r"^[\s{}]+", "", statement)
        while found := re.match(r"(\$\w+):\s*", statement):
            labels[found[1]] = len(instructions)
            statement = statement[found.end():]
        if statement and not statement.startswith("."):
            instructions.append(Instruction(statement.strip()))
    return parameters, instructions, labels, variables, external


class Memory:
    """Global memory: buffers far from each other."""

    def __init__(self, arrays):
        self.buffers, self.addresses, address = [], [], GLOBAL
        for array in arrays:
            data = numpy.frombuffer(bytearray(array.tobytes()), dtype=numpy.uint8)
            self.buffers.append(data)
            self.addresses.append(address)
            address += (data.size + 4095) // 4096 * 4096 + 4096

    def find(self, addresses, size):
        first = int(addresses.min())
        for start, data in zip(self.addresses, self.buffers):
            if start <= first and int(addresses.max()) + size <= start + data.size:
                return data, (addresses - numpy.uint64(start)).astype(numpy.int64)
        # Lanes in several buffers are not an access of one memref.
        raise RuntimeError("access of %d bytes from %#x on in no buffer" % (size, first))

    def load(self, addresses, size):
        data, places = self.find(addresses, size)
        assert not (places % size).any(), "unaligned access"
        return data[places[:, None] + numpy.arange(size)]

    def store(self, addresses, values):
        data, places = self.find(addresses, values.shape[1])
        assert not (places % values.shape[1]).any(), "unaligned access"
        data[places[:, None] + numpy.arange(values.shape[1])] = values


class Shared:
    """The shared memory of a block, with who touched its words since when."""

    # The threads that never need to wait for each other.
    group = 32

    def __init__(self, size):
        self.data = numpy.zeros(SHARED + size, dtype=numpy.uint8)
        words = self.data.size // 4 + 1
        self.epoch = 1
        self.writer, self.written = numpy.full(words, -1), numpy.zeros(words, dtype=int)
        self.readers, self.read = numpy.zeros(words, dtype=int), numpy.zeros(words, dtype=int)
        self.landing, self.reading = numpy.zeros(words, dtype=bool), numpy.zeros(words, dtype=int)
        self.hidden = numpy.zeros(words, dtype=bool)

    def get_words(self, addresses, size):
        places = addresses.astype(numpy.int64)
        if places.min() < SHARED or places.max() + size > self.data.size:
            raise RuntimeError("access of %d bytes at %d in %d of shared memory" % (size, places.min(), self.data.size))
        assert not (places % size).any(), "unaligned access"
        return places, (places[:, None] + numpy.arange(0, size, min(size, 4))).ravel() // 4

    def check_read(self, words, warps):
        if self.landing[words].any():
            raise RuntimeError("a word is read before its copy was waited for")
        if ((self.written[words] == self.epoch) & (self.writer[words] // self.group != warps)).any():
            raise RuntimeError("a word is read without a barrier behind its write")

    def mark_read(self, words, warps):
        self.readers[words[self.read[words] != self.epoch]] = 0
        numpy.bitwise_or.at(self.readers, words, 1 << warps)
        self.read[words] = self.epoch

    def load(self, addresses, size, threads):
        places, words = self.get_words(addresses, size)
        warps = numpy.repeat(threads // self.group, words.size // threads.size)
        self.check_read(words, warps)
        self.mark_read(words, warps)
        return self.data[places[:, None] + numpy.arange(size)]

    def check_write(self, words, warps):
        if self.landing[words].any() or self.reading[words].any():
            raise RuntimeError("a word is written while a copy or a product is at work on it")
        if ((self.read[words] == self.epoch) & (self.readers[words] & ~(1 << warps) != 0)).any():
            raise RuntimeError("a word is written without a barrier behind a read")

    def store(self, addresses, values, threads):
        places, words = self.get_words(addresses, values.shape[1])
        owners = numpy.repeat(threads, words.size // threads.size)
        self.check_write(words, owners // self.group)
        others = (self.written[words] == self.epoch) & (self.writer[words] // self.group != owners // self.group)
        at = places[:, None] + numpy.arange(values.shape[1])
        was = self.data[at]
        self.data[at] = values
        # The same by two warps is no conflict.
        if others.any() and (was != values).any() or (self.data[at] != values).any():
            raise RuntimeError("a word is written twice without a barrier between")
        self.writer[words], self.written[words], self.hidden[words] = owners, self.epoch, True

    def start_copy(self, addresses, threads):
        _, words = self.get_words(addresses, 16)
        self.check_write(words, numpy.repeat(threads // self.group, 4))
        self.landing[words] = True

    def land(self, addresses, values, threads):
        _, words = self.get_words(addresses, 16)
        self.landing[words] = False
        self.store(addresses, values, threads)

    def publish(self, threads):
        self.hidden[numpy.isin(self.writer, threads)] = False

    def start_product(self, addresses, warp):
        """The 16 bits at each address, which a product reads until it is waited for."""
        if addresses.min() < SHARED or addresses.max() + 2 > self.data.size:
            raise RuntimeError("a descriptor leaves shared memory")
        words = numpy.unique(addresses // 4)
        self.check_read(words, warp)
        if (self.written[words] == self.epoch).any():
            raise RuntimeError("a product reads a word without a barrier behind its write")
        if self.hidden[words].any():
            raise RuntimeError("a product reads a word that was not published")
        self.reading[words] |= 1 << warp
        return self.data[addresses].astype(numpy.uint32) | self.data[addresses + 1].astype(numpy.uint32) << 8, words

    def end_product(self, words, warp):
        self.reading[words] &= ~(1 << warp)
        self.mark_read(words, numpy.full(words.size, warp))
