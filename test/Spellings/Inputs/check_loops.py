# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random loops that rotate rows, through rope-raise: what it makes of them computes what
they did.

Every third loop goes over tiles of a number of rows that only run time knows, with a smaller
last one or without. Another loop is an scf.for, scf.while or scf.forall, alone or in another one; it counts from
somewhere in some steps, reads rows of x or of what it writes, and writes as many rows, at
offsets that are mostly, not always, those of tiles. Prints how many loops became one
rotation of all rows, how many have rotations in them, and what went wrong.
"""

import os
import random
import sys

sys.path.insert(0, os.path.dirname(__file__))
from run_programs import make_parser, raise_programs, run_programs

ROWS = 12
TOLERANCE = 1e-6
X, T = "tensor<%dx8xf32>" % ROWS, "tensor<%dx4xf32>" % ROWS


class Loop:
    """lower, lower + step, ... as often as `count` says."""

    def __init__(self, rng, form):
        self.form = form
        self.lower = rng.choice([0, 0, 0, 0, 1, 2])
        self.step = rng.choice([1, 1, 1, 2, 3])
        self.count = rng.randint(1, ROWS)

    def numbers(self):
        return [self.lower + self.step * t for t in range(self.count)]

    @property
    def upper(self):
        return self.lower + self.step * self.count


class Offset:
    """A row number of the numbers i and j of the loops, perhaps clamped."""

    def __init__(self, rng, width):
        self.i, self.j = rng.choice([1, 1, 1, width, 2, 3, 0]), rng.choice([1, 1, 1, width, 2, 0])
        self.add = rng.choice([0, 0, 0, 0, 1, 2, -1])
        self.width, self.clamps = width, rng.random() < 0.2

    def at(self, i, j):
        row = self.i * i + self.j * j + self.add
        return min(max(row, 0), ROWS - self.width) if self.clamps else row

    def lines(self, name, has_inner):
        lines = ["%%%s_m = arith.constant %d : index" % (name, self.i), "%%%s_i = arith.muli %%i, %%%s_m : index" % (name, name),
                 "%%%s_a = arith.constant %d : index" % (name, self.add)]
        total = "%%%s_i" % name
        if has_inner:
            lines += ["%%%s_n = arith.constant %d : index" % (name, self.j), "%%%s_j = arith.muli %%j, %%%s_n : index" % (name, name),
                      "%%%s_s = arith.addi %s, %%%s_j : index" % (name, total, name)]
            total = "%%%s_s" % name
        last = "%%%s_r" % name if self.clamps else "%%%s" % name
        lines.append("%s = arith.addi %s, %%%s_a : index" % (last, total, name))
        if self.clamps:
            lines += ["%%%s_z = arith.constant 0 : index" % name, "%%%s_l = arith.constant %d : index" % (name, ROWS - self.width),
                      "%%%s_x = arith.maxsi %s, %%%s_z : index" % (name, last, name), "%%%s = arith.minsi %%%s_x, %%%s_l : index" % (name, name, name)]
        return lines


class Program:
    def __init__(self, rng, name):
        while not self.draw(rng):
            pass
        self.name = name
        self.text = self.write(name)

    def draw(self, rng):
        """Whether the loops read and write inside of their tensors, and in parallel each element once."""
        self.width = rng.choice([1, 1, 2, 3])
        self.loops = [Loop(rng, rng.choice(["for", "while", "forall"]))]
        if rng.random() < 0.4:
            self.loops.append(Loop(rng, rng.choice(["for", "while"])))
        self.target = Offset(rng, self.width)
        other = lambda: Offset(rng, self.width) if rng.random() < 0.15 else self.target
        self.source, self.table = other(), other()
        self.second = Offset(rng, self.width) if rng.random() < 0.1 and self.loops[0].form != "forall" else None
        self.reads_written = rng.random() < 0.4
        self.start = rng.choice(["%x", "%u"])
        self.whole_rows = rng.random() < 0.7
        if rng.random() < 0.7:
            self.cover(rng)
        pairs = [(i, j) for i in self.loops[0].numbers() for j in (self.loops[1].numbers() if len(self.loops) > 1 else [0])]
        offsets = [o for o in (self.target, self.source, self.table, self.second) if o]
        if not all(0 <= o.at(i, j) <= ROWS - self.width for o in offsets for i, j in pairs):
            return False
        if self.loops[0].form == "forall":
            # Iterations may not meet. Run in place, they would read what others wrote.
            if self.reads_written and self.source is not self.target:
                return False
            written = {}
            for i, j in pairs:
                for row in range(self.target.at(i, j), self.target.at(i, j) + self.width):
                    if written.setdefault(row, i) != i:
                        return False
            if len(self.loops) > 1:
                # Rows of one iteration are put together in a tile that is inserted as a whole.
                return False
        return True

    def cover(self, rng):
        """Makes tiles of all rows, mostly."""
        inner = rng.choice([1, 2, ROWS // self.width]) if len(self.loops) > 1 and ROWS % (2 * self.width) == 0 else 1
        tile = self.width * inner
        self.target.add = 0
        for name, loop, width, count in zip("ij", self.loops, (tile, self.width), (ROWS // tile, inner)):
            loop.count, loop.step = count, rng.choice([n for n in range(1, width + 1) if width % n == 0])
            setattr(self.target, name, width // loop.step)
            self.target.add -= width // loop.step * loop.lower
        if rng.random() < 0.3:
            change = rng.choice(["add", "i", "j", "count"])
            if change == "count":
                self.loops[-1].count += rng.choice([-1, 1])
            else:
                setattr(self.target, change, getattr(self.target, change) + rng.choice([-1, 1]))

    def rotation(self, source):
        n, kind = self.width, "tensor<%dx4xf32>" % self.width
        lines = self.target.lines("to", len(self.loops) > 1) + self.source.lines("from", len(self.loops) > 1) + self.table.lines("row", len(self.loops) > 1)
        for name, tensor, of, row, lane in (("a", source, X, "from", 0), ("b", source, X, "from", 4), ("c", "%cos", T, "row", 0), ("s", "%sin", T, "row", 0)):
            lines.append("%%%s = tensor.extract_slice %s[%%%s, %d] [%d, 4] [1, 1] : %s to %s" % (name, tensor, row, lane, n, of, kind))
        for name, op, left, right in (("ac", "mulf", "a", "c"), ("bs", "mulf", "b", "s"), ("first", "subf", "ac", "bs"),
                                      ("bc", "mulf", "b", "c"), ("as", "mulf", "a", "s"), ("second", "addf", "bc", "as")):
            lines.append("%%%s = arith.%s %%%s, %%%s : %s" % (name, op, left, right, kind))
        lines.append("%%rows = tensor.concat dim(1) %%first, %%second : (%s, %s) -> tensor<%dx8xf32>" % (kind, kind, n))
        return lines

    def insertions(self, into):
        n, lines = self.width, []
        if self.whole_rows:
            lines.append("%%z1 = tensor.insert_slice %%rows into %s[%%to, 0] [%d, 8] [1, 1] : tensor<%dx8xf32> into %s" % (into, n, n, X))
        else:
            lines += ["%%z0 = tensor.insert_slice %%second into %s[%%to, 4] [%d, 4] [1, 1] : tensor<%dx4xf32> into %s" % (into, n, n, X),
                      "%%z1 = tensor.insert_slice %%first into %%z0[%%to, 0] [%d, 4] [1, 1] : tensor<%dx4xf32> into %s" % (n, n, X)]
        if not self.second:
            return lines, "%z1"
        lines += self.second.lines("also", len(self.loops) > 1)
        lines.append("%%z2 = tensor.insert_slice %%rows into %%z1[%%also, 0] [%d, 8] [1, 1] : tensor<%dx8xf32> into %s" % (n, n, X))
        return lines, "%z2"

    def nest(self, depth, start):
        """The lines of a loop that starts from `start`; its result is %y and its depth."""
        loop, number, carried = self.loops[depth], "ij"[depth], "%%w%d" % depth
        bounds = ["%%%s_lower = arith.constant %d : index" % (number, loop.lower), "%%%s_upper = arith.constant %d : index" % (number, loop.upper),
                  "%%%s_step = arith.constant %d : index" % (number, loop.step)]
        if depth + 1 < len(self.loops):
            body, result = self.nest(depth + 1, carried), "%%y%d" % (depth + 1)
        else:
            body = self.rotation(carried if self.reads_written else "%x")
            if loop.form != "forall":
                more, result = self.insertions(carried)
                body = body + more
        place = "%%y%d" % depth
        if loop.form == "for":
            return bounds + ["%s = scf.for %%%s = %%%s_lower to %%%s_upper step %%%s_step iter_args(%s = %s) -> (%s) {" % (
                place, number, number, number, number, carried, start, X)] + body + ["scf.yield %s : %s" % (result, X), "}"]
        if loop.form == "while":
            kinds = "index, %s" % X
            return bounds + ["%s_n, %s = scf.while (%%%s = %%%s_lower, %s = %s) : (%s) -> (%s) {" % (place, place, number, number, carried, start, kinds, kinds),
                             "%%%s_more = arith.cmpi slt, %%%s, %%%s_upper : index" % (number, number, number),
                             "scf.condition(%%%s_more) %%%s, %s : %s" % (number, number, carried, kinds), "} do {",
                             "^bb0(%%%s: index, %s: %s):" % (number, carried, X)] + body + [
                             "%%%s_next = arith.addi %%%s, %%%s_step : index" % (number, number, number),
                             "scf.yield %%%s_next, %s : %s" % (number, result, kinds), "}"]
        return bounds + ["%s = scf.forall (%%%s) = (%d) to (%d) step (%d) shared_outs(%s = %s) -> (%s) {" % (
            place, number, loop.lower, loop.upper, loop.step, carried, start, X)] + body + [
            "scf.forall.in_parallel {", "tensor.parallel_insert_slice %%rows into %s[%%to, 0] [%d, 8] [1, 1] : tensor<%dx8xf32> into %s" % (
                carried, self.width, self.width, X), "}", "}"]

    def write(self, name):
        lines = self.nest(0, self.start) + ["return %%y0 : %s" % X]
        return "  func.func @%s(%%x: %s, %%cos: %s, %%sin: %s, %%u: %s) -> %s {\n    %s\n  }\n" % (name, X, T, T, X, X, "\n    ".join(lines))


class DynamicProgram:
    """Tiles of the first n rows, of which the compiler does not know how many they are; the last
    may be smaller."""

    def __init__(self, rng, name):
        self.name = name
        self.form = rng.choice(["for", "for", "forall", "while"])
        self.ragged = rng.random() < 0.5
        self.width = rng.choice([2, 3, 4, 5, 7] if self.ragged else [1, 2, 3, 4, 6])
        self.rows = rng.choice([5, 7, 11, 12]) if self.ragged else ROWS
        self.step = rng.choice([n for n in range(1, self.width + 1) if self.width % n == 0]) if rng.random() < 0.4 else self.width
        # Offsets are multiples of the number that the loop counts to.
        self.multiple = self.width // self.step
        self.mutation = rng.choice(["none"] * 4 + ["skips_first", "skips_last", "overlaps", "reads_other", "odd_table"])
        if self.form == "forall" and self.mutation == "overlaps":
            self.mutation = "skips_last"
        self.reads_written = rng.random() < 0.4 and self.mutation != "reads_other"
        self.minimum = rng.choice(["affine", "minsi", "cmpi"])
        self.text = self.write()

    def write(self):
        rows, width, t = "tensor<?x8xf32>", self.width, "tensor<?x4xf32>"
        tile = "?" if self.ragged else str(width)
        size = "%size" if self.ragged else str(width)
        half, whole = "tensor<%sx4xf32>" % tile, "tensor<%sx8xf32>" % tile
        # The loop counts to n / multiple, rounded up.
        lines = ["%c0 = arith.constant 0 : index", "%n = tensor.dim %u, %c0 : " + rows, "%%m = arith.constant %d : index" % self.multiple, "%end = arith.ceildivsi %n, %m : index" if self.multiple > 1 else "%end = arith.addi %n, %c0 : index",
                 "%%step = arith.constant %d : index" % (self.step if self.mutation != "overlaps" else max(1, self.step // 2)),
                 "%%first = arith.constant %d : index" % (self.step if self.mutation == "skips_first" else 0),
                 "%%less = arith.constant %d : index" % (self.step if self.mutation == "skips_last" else 0), "%upper = arith.subi %end, %less : index"]
        body = ["%to = arith.muli %i, %m : index"]
        if self.mutation == "overlaps" and not self.ragged:
            # Not beyond the end.
            body = ["%at = arith.muli %i, %m : index", "%w = arith.constant " + str(width) + " : index", "%last = arith.subi %n, %w : index", "%to = arith.minsi %at, %last : index"]
        if self.ragged:
            body += ["%w = arith.constant " + str(width) + " : index", "%left = arith.subi %n, %to : index"]
            body += {"affine": ["%%size = affine.min affine_map<(d0, d1) -> (%d, d0 - d1)>(%%n, %%to)" % width],
                     "minsi": ["%size = arith.minsi %w, %left : index"],
                     "cmpi": ["%is = arith.cmpi slt, %left, %w : index", "%size = arith.select %is, %left, %w : index"]}[self.minimum]
        source = "%w0" if self.reads_written else "%x"
        frm = "%c0" if self.mutation == "reads_other" else "%to"
        row = "%c0" if self.mutation == "odd_table" else "%to"
        for name, tensor, kind, at, lane in (("a", source, rows, frm, 0), ("b", source, rows, frm, 4), ("c", "%cos", t, row, 0), ("s", "%sin", t, row, 0)):
            body.append("%%%s = tensor.extract_slice %s[%s, %d] [%s, 4] [1, 1] : %s to %s" % (name, tensor, at, lane, size, kind, half))
        for name, op, left, right in (("ac", "mulf", "a", "c"), ("bs", "mulf", "b", "s"), ("f", "subf", "ac", "bs"),
                                      ("bc", "mulf", "b", "c"), ("as", "mulf", "a", "s"), ("g", "addf", "bc", "as")):
            body.append("%%%s = arith.%s %%%s, %%%s : %s" % (name, op, left, right, half))
        body.append("%%rows = tensor.concat dim(1) %%f, %%g : (%s, %s) -> %s" % (half, half, whole))
        place = "[%to, 0] [" + size + ", 8] [1, 1]"
        insert = "%%z = tensor.insert_slice %%rows into %%w0%s : %s into %s" % (place, whole, rows)
        if self.form == "for":
            loop = ["%%y = scf.for %%i = %%first to %%upper step %%step iter_args(%%w0 = %%u) -> (%s) {" % rows] + body + [insert, "scf.yield %z : " + rows, "}"]
        elif self.form == "forall":
            loop = ["%%y = scf.forall (%%i) = (%%first) to (%%upper) step (%%step) shared_outs(%%w0 = %%u) -> (%s) {" % rows] + body + [
                "scf.forall.in_parallel {", "tensor.parallel_insert_slice %%rows into %%w0%s : %s into %s" % (place, whole, rows), "}", "}"]
        else:
            kinds = "index, " + rows
            loop = ["%%k, %%y = scf.while (%%i = %%first, %%w0 = %%u) : (%s) -> (%s) {" % (kinds, kinds), "%more = arith.cmpi slt, %i, %upper : index",
                    "scf.condition(%%more) %%i, %%w0 : %s" % kinds, "} do {", "^bb0(%%i: index, %%w0: %s):" % rows] + body + [
                    insert, "%next = arith.addi %i, %step : index", "scf.yield %%next, %%z : %s" % kinds, "}"]
        lines += loop + ["return %y : " + rows]
        return "  // ? = %d\n  func.func @%s(%%x: %s, %%cos: %s, %%sin: %s, %%u: %s) -> %s {\n    %s\n  }\n" % (
            self.rows, self.name, rows, t, t, rows, rows, "\n    ".join(lines))


def main():
    parser = make_parser(count=60)
    tools = parser.parse_args()
    os.makedirs(tools.work, exist_ok=True)
    failures, whole, parts = 0, 0, 0
    for first in range(0, tools.count, 60):
        # Every third is of an unknown number of rows.
        programs = [(DynamicProgram if number % 3 == 2 else Program)(random.Random("%d loop %d" % (tools.seed, number)), "l%d" % number)
                    for number in range(first, min(first + 60, tools.count))]
        texts = {program.name: program.text for program in programs}
        raised = raise_programs(tools, texts)
        found = raised if isinstance(raised, str) else run_programs(tools, texts, raised)
        if isinstance(found, str):
            print("BROKEN: %s\n%s" % (found, "".join(texts.values())))
            return 1
        for name, (difference, largest) in found.items():
            whole += "scf." not in raised[name]
            parts += "scf." in raised[name] and "rope.rotate" in raised[name]
            # Written so that NaN is wrong.
            if not difference <= TOLERANCE * largest:
                failures += 1
                print("UNSOUND: off by %g of %g\n%s\n%s" % (difference, largest, texts[name], raised[name]))
    print("%d loops, %d became one rotation, %d have rotations in them, %d failures" % (tools.count, whole, parts, failures))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
