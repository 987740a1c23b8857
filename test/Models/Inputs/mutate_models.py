# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mutants of real modules: one or two small changes of the text, of the kind that
turns a rotation into something that only looks like one."""

import os
import random
import re

NAME = r"%[A-Za-z0-9_#]+"
SAME_TYPE_OPS = [("arith.addf", "arith.subf"), ("arith.subf", "arith.addf"), ("arith.mulf", "arith.addf"),
                 ("arith.addf", "arith.mulf"), ("arith.mulf", "arith.subf"), ("math.cos", "math.sin"),
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
    """A permutation, or two results of an indexing map."""
    places = [i for i, line in enumerate(lines)
              if "permutation = [" in line or "generic" in line and "affine_map<" in line and not reads_by_index(lines, i)]
    if not places:
        return False
    i = rng.choice(places)
    if "permutation" in lines[i]:
        numbers = re.search(r"permutation = \[([\d, ]+)\]", lines[i])
    else:
        numbers = rng.choice(list(re.finditer(r"-> \(([d\d, ]*)\)", lines[i])) or [None])
    if not numbers:
        return False
    parts = numbers[1].split(", ")
    if len(parts) < 2:
        return False
    a, b = rng.sample(range(len(parts)), 2)
    parts[a], parts[b] = parts[b], parts[a]
    lines[i] = lines[i][:numbers.start(1)] + ", ".join(parts) + lines[i][numbers.end(1):]
    return True


def change_map(rng, lines, types):
    """One operand of a structured op is read through the map of another."""
    places = [i for i, line in enumerate(lines) if "indexing_maps = [#" in line and not reads_by_index(lines, i)]
    aliases = [re.match(r"(#map\w*) = affine_map<\(([^)]*)\)", line).groups() for line in lines if line.startswith("#map")]
    if not places:
        return False
    i = rng.choice(places)
    used = re.search(r"indexing_maps = \[([^\]]*)\]", lines[i])
    maps = used[1].split(", ")
    position = rng.randrange(len(maps))
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


MUTATIONS = [change_op, change_op, drop_sign, add_sign, scale, drop_term, shift_number, copy_slice, swap_operands,
             permute, change_map, change_constant, replace_use, replace_use, replace_use]


def mutate(rng, text):
    """One or two changes, or None where none applies."""
    lines = text.splitlines()
    types = collect_types(lines)
    changed = 0
    for _ in range(rng.choice([1, 1, 1, 2])):
        for _ in range(8):
            if rng.choice(MUTATIONS)(rng, lines, types):
                changed += 1
                break
    return "\n".join(lines) if changed else None
