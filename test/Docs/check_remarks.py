"""check_remarks.py SOURCE [--write]: docs/Recognition.md lists every remark.

A remark has a name and a kind; what it says is a text of the source, with "…" for what
is filled in. --write renews the table.
"""

import glob
import os
import re
import sys

ROOMS = ("lib/Analysis", "lib/Dialect/Rope/Transforms", "lib/Conversion/RopeToAffine")
# The texts of a file belong to this remark.
REMARK_OF = {"RotationMatcher": "NotARotation", "RotationPairs": "NotARotation", "TableEntries": "NotARotation",
             "AttentionMatcher": "NotAnAttention", "AttentionScores": "NotAnAttention", "AttentionRaiser": "NotAnAttention", "AttentionLayout": "NotAnAttention",
             "AttentionMask": "NotAnAttention", "RotationRaiser": "NotRaised", "RaiseAngleTables": "KeptTables", "StrictRaising": "NotStrict",
             "ConstantRotation": "NotARotationMatrix", "FuseTables": "FuseTables"}
TEXT = re.compile(r"\b(?:miss|refuse)\(|\b(?:refusal|reason|disagreement|kept) = ")
RETURNED = {"StrictRaising", "FuseTables"}
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
BEGIN, END = "<!-- remarks -->\n", "<!-- end -->"


CHOICE = re.compile(r'\?\s*"([^"]*)"\s*:\s*"([^"]*)"')


def get_texts(statement):
    """The literals of a statement; what stands between two of them is filled in. A
    choice of two texts is both of them."""
    choice = CHOICE.search(statement)
    if choice and len(LITERAL.findall(statement)) == 2:
        return list(choice.groups())
    statement = re.sub(r'\?\s*"[^"]*"\s*:', "", CHOICE.sub("", statement)).replace('("%.2f"', "(").replace('("%.1f"', "(")
    text, end = "", 0
    for found in LITERAL.finditer(statement):
        between = statement[end:found.start()].strip()
        text += ("…" if text and between and not re.fullmatch(r"\)?\s*<<\s*\(?", between) else "") + found[1]
        end = found.end()
    if text and re.match(r"\s*(?:\+|<<\s*llvm::format)", statement[end:]):
        text += "…"
    return [re.sub(r"\{\d+\}", "…", text).replace("|", "\\|")] if text else []


def find_remarks(source):
    """Rows of name, kind and text."""
    rows = set()
    for room in ROOMS:
        for path in glob.glob(os.path.join(source, room, "*.cpp")):
            stem = os.path.basename(path)[:-4]
            with open(path) as file:
                code = re.sub(r"^\s*//.*\n", "", file.read(), flags=re.MULTILINE)
            texts = [code[found.end():code.index(";", found.end())] for found in TEXT.finditer(code)]
            if stem in RETURNED:
                texts += re.findall(r"return ([^;]*\"[^;]*);", code)
            # Other reasons are for those who debug patterns.
            if "notifyMatchFailure" not in code or stem in REMARK_OF:
                rows |= {(REMARK_OF.get(stem, "in " + stem), "missed", text) for each in texts for text in get_texts(each)}
            for found in re.finditer(r'missed\(candidate, "(\w+)",([^;]*);', code):
                rows |= {(found[1], "missed", text) for text in get_texts(found[2])}
            for found in re.finditer(r"remark::(passed|missed|analysis|failed)\(([^;]*);", code):
                name = re.search(r'(?:name|getRemarkOptions)\("(\w+)"|RemarkOpts::name\((rule)\)', found[2])
                said = found[2].split("<<", 1)[1].split("<< remark::")[0] if "<<" in found[2] else ""
                if said.strip() == "text":
                    said = re.search(r"raw_string_ostream\(text\)([^;]*(?:;[^;\"]*\"[^;]*)*?);\n", code)[1]
                if name:
                    rows |= {(name[1] or "the rule's name", found[1], text) for text in get_texts(said)}
            # Options that two remarks share.
            shared = re.search(r'options =\s*remark::RemarkOpts::name\("(\w+)"\)', code)
            for found in re.finditer(r"remark::(passed|missed)\(op\.getLoc\(\), options\)([^;]*);", code) if shared else ():
                rows |= {(shared[1], found[1], text) for text in get_texts(found[2])}
    return rows


def main():
    source = sys.argv[1]
    path = os.path.join(source, "docs/Recognition.md")
    rows = ["| `%s` | %s | %s |" % row for row in sorted(find_remarks(source))]
    with open(path) as file:
        document = file.read()
    begin, end = document.index(BEGIN) + len(BEGIN), document.index(END)
    table = "\n| remark | kind | what it says |\n|---|---|---|\n" + "\n".join(rows) + "\n\n"
    if "--write" in sys.argv:
        with open(path, "w") as file:
            file.write(document[:begin] + table + document[end:])
        return 0
    listed = re.findall(r"^\| `.*\|$", document[begin:end], re.MULTILINE)
    problems = ["only in the source: " + row for row in rows if row not in listed]
    problems += ["only in the document: " + row for row in listed if row not in rows]
    problems += ["belongs to no remark: " + row for row in rows if row.startswith("| `in ")]
    print("\n".join(problems) or "%d remarks ok" % len(rows))
    return bool(problems) or len(rows) < 40


if __name__ == "__main__":
    sys.exit(main())
