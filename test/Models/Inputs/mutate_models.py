# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mutants of real modules: one or two small changes of the text, of the kind that
turns a rotation into something that only looks like one."""

import re

NAME = r"%[A-Za-z0-9_#]+"
SAME_TYPE_OPS = [("arith.addf", "arith.subf"), ("arith.subf", "arith.addf"), ("arith.mulf", "arith.addf"),
                 ("arith.addf", "arith.mulf"), ("arith.mulf", "arith.subf"), ("arith.subf", "arith.mulf"), ("math.cos", "math.sin"),
                 ("math.sin", "math.cos"), ("complex.mul", "complex.add"), ("complex.re", "complex.im"),
                 ("complex.im", "complex.re"), ("arith.cmpi eq", "arith.cmpi ne"), ("arith.cmpi slt", "arith.cmpi sle"),
                 ("arith.cmpi sge", "arith.cmpi sgt"), ("arith.negf", "math.absf")]


def read_module(path):
    """The text with its resources inlined, so that it can be pasted."""
    with open(path) as file:
        text = file.read()
    body, _, tail = text.partition("{-#")
    blobs = dict(re.findall(r'([\w.]+): "0x[0-9A-F]{8}([0-9A-F]*)"', tail))
    return re.sub(r"dense_resource<([\w.]+)>", lambda m: 'dense<"0x%s">' % blobs[m[1]], body)


def replace_use(rng, lines, types):
    """An operand of a structured op or a concat becomes another value of its type."""
    places = [i for i, line in enumerate(lines) if " ins(" in line or "tensor.concat" in line or "extract_slice" in line]
    if not places:
        return False
    i = rng.choice(places)
    head, equals, rest = lines[i].partition(" = ")
    used = [name for name in re.findall(NAME, rest) if name in types]
    if not used:
        return False
    name = rng.choice(used)
    known = [other for other, (kind, at) in types.items() if at < i and kind == types[name][0] and other != name]
    if not known:
        return False
    lines[i] = head + equals + re.sub(re.escape(name) + r"(?![\w#])", rng.choice(known), rest, count=1)
    return True


def collect_types(lines):
    """Where and with what type every tensor of the function is defined."""
    types, pending = {}, []
    for i, line in enumerate(lines):
        if "func.func" in line:
            for name, kind in re.findall(r"(%arg\d+): (tensor<[^>]*(?:complex<f32>)?>)", line):
                types[name] = (kind, i)
        defined = re.match(r"\s*(%s) = (?:linalg|tensor|arith|math|complex)\." % NAME, line)
        found = re.search(r"(?:-> |to |into |: )(tensor<(?:[^<>]|<[^<>]*>)*>)\s*$", line)
        if defined and line.rstrip().endswith("{"):
            pending.append(defined[1])
        elif defined and found and "tensor.empty" not in line:
            types[defined[1]] = (found[1], i)
        elif line.strip().startswith("} ->") and pending and found:
            types[pending.pop()] = (found[1], i)
    return types


def change_op(rng, lines, types):
    rules = [(i, old, new) for i, line in enumerate(lines) for old, new in SAME_TYPE_OPS if old + " " in line]
    if not rules:
        return False
    i, old, new = rng.choice(rules)
    lines[i] = lines[i].replace(old + " ", new + " ", 1)
    return True


def drop_sign(rng, lines, types):
    places = [i for i, line in enumerate(lines) if "arith.negf" in line]
    if not places:
        return False
    i = rng.choice(places)
    name, operand = re.match(r"\s*(%s) = arith.negf (%s)" % (NAME, NAME), lines[i]).groups()
    lines[i] = ""
    for j in range(i + 1, len(lines)):
        lines[j] = re.sub(re.escape(name) + r"(?!\w)", operand, lines[j])
        if lines[j].strip().startswith("}"):
            break
    return True


def add_sign(rng, lines, types):
    places = [i for i, line in enumerate(lines) if re.match(r"\s*linalg.yield %\S+ : (f32|f16|bf16|f64)", line)]
    if not places:
        return False
    i = rng.choice(places)
    value, kind = re.match(r"\s*linalg.yield (%\S+) : (\S+)", lines[i]).groups()
    lines[i] = "%%mut = arith.negf %s : %s\nlinalg.yield %%mut : %s" % (value, kind, kind)
    return True


def scale(rng, lines, types):
    places = [i for i, line in enumerate(lines) if re.match(r"\s*linalg.yield %\S+ : (f32|f64)", line)]
    if not places:
        return False
    i = rng.choice(places)
    value, kind = re.match(r"\s*linalg.yield (%\S+) : (\S+)", lines[i]).groups()
    op = rng.choice(["mulf", "addf", "mulf"])
    lines[i] = "%%muc = arith.constant %s : %s\n%%mut = arith.%s %s, %%muc : %s\nlinalg.yield %%mut : %s" % (
        rng.choice(["2.0", "0.5", "-1.0", "-0.5", "0.0", "1.0"]), kind, op, value, kind, kind)
    return True


def drop_term(rng, lines, types):
    places = [i for i, line in enumerate(lines) if re.match(r"\s*%\S+ = arith.(add|sub|mul)f ", line)]
    if not places:
        return False
    i = rng.choice(places)
    name, left, right = re.match(r"\s*(%s) = arith.\w+ (%s), (%s)" % (NAME, NAME, NAME), lines[i]).groups()
    kept = rng.choice([left, right])
    lines[i] = ""
    for j in range(i + 1, len(lines)):
        lines[j] = re.sub(re.escape(name) + r"(?!\w)", kept, lines[j])
        if lines[j].strip().startswith("}"):
            break
    return True


def shift_number(rng, lines, types):
    """An offset, size or stride of a slice, or an index constant."""
    places = [i for i, line in enumerate(lines)
              if "_slice" in line or "tensor.pad" in line or re.search(r"arith.constant -?\d+ : (index|i\d+)", line)]
    if not places:
        return False
    i = rng.choice(places)
    if "arith.constant" in lines[i]:
        lines[i] = re.sub(r"constant (-?\d+)", lambda m: "constant %d" % (int(m[1]) + rng.choice([-1, 1])), lines[i])
        return True
    numbers = [m for m in re.finditer(r"(?<=[\[ ,])\d+(?=[,\]])", lines[i].split(":")[0])]
    if not numbers:
        return False
    chosen = rng.choice(numbers)
    value = int(chosen[0]) + rng.choice([-1, 1, 2, -2, 8, -8])
    lines[i] = lines[i][:chosen.start()] + str(max(value, 0)) + lines[i][chosen.end():]
    return True


def copy_slice(rng, lines, types):
    """A slice takes the offsets and strides of another of the same types."""
    slices = {}
    for i, line in enumerate(lines):
        if "extract_slice" in line or "insert_slice" in line:
            slices.setdefault(re.sub(r".*?(:.*)", r"\1", line), []).append(i)
    groups = [group for group in slices.values() if len(group) > 1]
    if not groups:
        return False
    a, b = rng.sample(rng.choice(groups), 2)
    numbers = re.search(r"\[.*\]", lines[b].split(":")[0])
    mine = re.search(r"\[.*\]", lines[a].split(":")[0])
    if not numbers or not mine:
        return False
    lines[a] = lines[a].replace(mine[0], numbers[0], 1)
    return True


def exchange_slices(rng, lines, types):
    """Two slices of the same types exchange their offsets and strides."""
    slices = {}
    for i, line in enumerate(lines):
        if "extract_slice" in line or "insert_slice" in line:
            slices.setdefault(re.sub(r".*?(:.*)", r"\1", line), []).append(i)
    numbers = lambda i: re.search(r"\[.*\]", lines[i].split(":")[0])[0]
    pairs = [(a, b) for group in slices.values() for a in group for b in group if a < b and numbers(a) != numbers(b)]
    if not pairs:
        return False
    a, b = rng.choice(pairs)
    of_a, of_b = numbers(a), numbers(b)
    lines[a], lines[b] = lines[a].replace(of_a, of_b, 1), lines[b].replace(of_b, of_a, 1)
    return True


SLICE = (r"(\s*)(%\w+) = tensor\.(extract|insert)_slice (%\w+)(?: into (%\w+))?\[([^\]]*)\] \[([^\]]*)\] \[([^\]]*)\]"
         r" : tensor<([^<>]*)> (?:in)?to tensor<([^<>]*)>")


def resize_slice(rng, lines, types):
    """A slice takes one lane less at either end; one that is read has a zero there."""
    places = []
    for i, line in enumerate(lines):
        found = re.fullmatch(SLICE, line)
        if found and "%" not in "".join(found.group(6, 7, 8)) and found[9].count("x") == found[10].count("x"):
            places += [(i, found, dim) for dim, size in enumerate(found[7].split(", ")) if int(size) > 1]
    if not places:
        return False
    i, found, dim = rng.choice(places)
    indent, name, way, source, into = found.group(1, 2, 3, 4, 5)
    offsets, sizes, strides = ([int(n) for n in found[k].split(", ")] for k in (6, 7, 8))
    at_start = rng.random() < 0.5
    if at_start:
        offsets[dim] += strides[dim]
    sizes[dim] -= 1
    element = found[9].split("x")[-1]
    kind = "tensor<%s>" % "x".join([str(n) for n in sizes] + [element])
    zeros, ones = [0] * len(sizes), [1] * len(sizes)
    edge = [int(k == dim) for k in range(len(sizes))]
    if way == "insert":
        lines[i] = "%s%%mus = tensor.extract_slice %s%s %s %s : tensor<%s> to %s\n" % (
            indent, source, edge if at_start else zeros, sizes, ones, found[9], kind)
        lines[i] += "%s%s = tensor.insert_slice %%mus into %s%s %s %s : %s into tensor<%s>" % (
            indent, name, into, offsets, sizes, strides, kind, found[10])
    else:
        lines[i] = "%s%%mus = tensor.extract_slice %s%s %s %s : tensor<%s> to %s\n" % (indent, source, offsets, sizes, strides, found[9], kind)
        lines[i] += "%s%%muz = arith.constant dense<%s> : tensor<%s>\n" % (indent, "0.0" if "f" in element else "0", found[10])
        lines[i] += "%s%s = tensor.insert_slice %%mus into %%muz%s %s %s : %s into tensor<%s>" % (
            indent, name, edge if at_start else zeros, sizes, ones, kind, found[10])
    return True


def exchange_concatenated(rng, lines, types):
    """Two operands of a concatenation exchange their places."""
    places = []
    for i, line in enumerate(lines):
        found = re.match(r"(.* = tensor\.concat dim\(\d+\) )([^:]*) : \((.*)\) (-> .*)", line)
        if found and len(set(found[2].split(", "))) > 1:
            places.append((i, found))
    if not places:
        return False
    i, found = rng.choice(places)
    names, kinds = found[2].split(", "), found[3].split(", ")
    a, b = rng.choice([(a, b) for a in range(len(names)) for b in range(a) if names[a] != names[b]])
    names[a], names[b], kinds[a], kinds[b] = names[b], names[a], kinds[b], kinds[a]
    lines[i] = "%s%s : (%s) %s" % (found[1], ", ".join(names), ", ".join(kinds), found[4])
    return True


def change_lane(rng, lines, types):
    """One lane or row of an elementwise op is negated, doubled or zero."""
    places = []
    for i, line in enumerate(lines):
        value = re.match(r"\s*linalg\.yield (%\S+) : (f32|f64|f16|bf16)$", line)
        head = next((j for j in range(i, -1, -1) if "linalg.generic" in lines[j]), None) if value else None
        iterators = re.search(r"iterator_types = \[([^\]]*)\]", lines[head])[1] if value else ""
        if iterators and "reduction" not in iterators:
            places.append((i, value, iterators.count(",") + 1))
    if not places:
        return False
    i, value, rank = rng.choice(places)
    kind = value[2]
    lines[i] = """%%muf = arith.constant %s : %s
%%mui = linalg.index %d : index
%%muk = arith.constant %d : index
%%mub = arith.cmpi eq, %%mui, %%muk : index
%%mup = arith.mulf %s, %%muf : %s
%%muo = arith.select %%mub, %%mup, %s : %s
linalg.yield %%muo : %s""" % (rng.choice(["-1.0", "2.0", "0.0"]), kind, max(rng.randrange(rank), rng.randrange(rank)), rng.randrange(4),
                             value[1], kind, value[1], kind, kind)
    return True


def swap_operands(rng, lines, types):
    places = []
    for i, line in enumerate(lines):
        if re.match(r"\s*%\S+ = (arith.(sub|div)f|math.powf|complex.(create|sub)|tensor.concat|linalg.(batch_)?matmul|linalg.generic|arith.select)", line):
            pairs = re.findall(r"(%s), (%s)" % (NAME, NAME), line)
            if pairs:
                places.append((i, rng.choice(pairs)))
    if not places:
        return False
    i, (a, b) = rng.choice(places)
    lines[i] = lines[i].replace("%s, %s" % (a, b), "%s, %s" % (b, a), 1)
    return True


def reads_by_index(lines, i):
    """Whether the body at line i may read out of bounds under another map."""
    end = next((j for j in range(i, len(lines)) if lines[j].strip().startswith("}")), i)
    return any("linalg.index" in line for line in lines[i:end])


def permute(rng, lines, types):
    """Two dimensions of one size exchange their places in a transposition or in an indexing map."""
    aliases = dict(re.match(r"(#map\w*) = (affine_map<.*>)", line).groups() for line in lines if line.startswith("#map"))
    places = []
    for i, line in enumerate(lines):
        # A dynamic size, 0, is the same as no other.
        shapes = [[int(n.replace("?", "0")) for n in re.findall(r"(\d+|\?)x", kind)] for kind in re.findall(r"tensor<([^<>]*)>", line)]
        pairs = lambda shape: [(a, b) for a in range(len(shape)) for b in range(a) if shape[a] == shape[b] > 1]
        found = re.search(r"permutation = \[([\d, ]+)\]", line)
        if found and shapes:
            order = found[1].split(", ")
            for a, b in pairs([shapes[0][int(n)] for n in order]):
                places.append((i, found, ", ".join(order[b if k == a else a if k == b else k] for k in range(len(order)))))
        found = re.search(r"indexing_maps = \[([^\]]*)\]", line)
        if not found or reads_by_index(lines, i):
            continue
        if "affine_map" in found[1]:
            continue
        maps = found[1].split(", ")
        for number, (name, shape) in enumerate(zip(maps, shapes)):
            head, results = re.fullmatch(r"(affine_map<.*-> )\((.*)\)>", aliases[name]).groups()
            results = results.split(", ")
            for a, b in pairs(shape) if len(shape) == len(results) else []:
                swapped = [results[b if k == a else a if k == b else k] for k in range(len(results))]
                changed = maps[:number] + ["%s(%s)>" % (head, ", ".join(swapped))] + maps[number + 1:]
                places.append((i, found, ", ".join(changed)))
    if not places:
        return False
    i, found, text = rng.choice(places)
    lines[i] = lines[i][:found.start(1)] + text + lines[i][found.end(1):]
    return True


def change_map(rng, lines, types):
    """One input of a structured op is read through the map of another. What the result's
    map does not reach nobody writes."""
    places = [i for i, line in enumerate(lines) if re.search(r"indexing_maps = \[#\w+, #", line) and not reads_by_index(lines, i)]
    aliases = [re.match(r"(#map\w*) = affine_map<\(([^)]*)\)", line).groups() for line in lines if line.startswith("#map")]
    if not places:
        return False
    i = rng.choice(places)
    used = re.search(r"indexing_maps = \[([^\]]*)\]", lines[i])
    maps = used[1].split(", ")
    if "affine_map" in used[1]:
        return False
    position = rng.randrange(len(maps) - 1)
    dims = dict(aliases)[maps[position]]
    maps[position] = rng.choice([name for name, other in aliases if other == dims])
    lines[i] = lines[i][:used.start(1)] + ", ".join(maps) + lines[i][used.end(1):]
    return True


def change_constant(rng, lines, types):
    """A float constant, or one number of a constant table."""
    places = [i for i, line in enumerate(lines) if "arith.constant" in line and re.search(r"tensor<.*f32>|: f32", line)]
    if not places:
        return False
    i = rng.choice(places)
    table = re.search(r'"0x([0-9A-F]*)"', lines[i])
    if table:
        digits = table[1]
        at = 8 * rng.randrange(len(digits) // 8)
        other = 8 * rng.randrange(len(digits) // 8)
        new = rng.choice(["0000803F", "00000000", digits[other:other + 8],
                          digits[at:at + 6] + "%02X" % (int(digits[at + 6:at + 8], 16) ^ 0x80)])
        lines[i] = lines[i].replace(digits, digits[:at] + new + digits[at + 8:])
        return True
    lines[i] = re.sub(r"-?\d\.\d+e[+-]\d+", rng.choice(["1.0", "-1.0", "0.0", "2.0", "0.5"]), lines[i], count=1)
    return True


# Flipped signs, shifted and resized slices, exchanged operands and parts, other ops, other
# constants. The frequent ones stand twice.
MUTATIONS = [change_op, change_op, drop_sign, add_sign, scale, drop_term, change_lane, shift_number, copy_slice, exchange_slices,
             resize_slice, exchange_concatenated, swap_operands, permute, change_map, change_constant, replace_use, replace_use,
             replace_use]


def mutate(rng, text):
    """One or two changes and the names of their kinds, or None where none applies."""
    lines = text.splitlines()
    types = collect_types(lines)
    kinds = []
    for _ in range(rng.choice([1, 1, 1, 2])):
        for _ in range(8):
            mutation = rng.choice(MUTATIONS)
            if mutation(rng, lines, types):
                kinds.append(mutation.__name__)
                # Each change names its values alike.
                lines = "\n".join(lines).replace("%mu", "%%x%d_mu" % len(kinds)).splitlines()
                break
    return ("\n".join(lines), kinds) if kinds else None
