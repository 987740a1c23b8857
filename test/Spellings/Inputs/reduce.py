# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes a failing program smaller: values give way to earlier ones of their type as
long as the program fails in the same way, and what nothing uses goes."""

import copy
import re


def split_statements(text):
    """The head, the statements and the return of a function."""
    lines = text.rstrip().split("\n")
    statements = []
    for line in lines[1:-2]:
        if re.match(r"  %\w+ = ", line):
            statements.append(line)
        else:
            statements[-1] += "\n" + line
    return lines[0], statements, lines[-2]


def names_in(text):
    return set(re.findall(r"%(?:v\d+|arg\d+)\b", text))


def defined(statement):
    return re.match(r"  (%\w+) = ", statement)[1]


def type_of(statement):
    return re.findall(r"tensor<[^>]*(?:complex<\w+>)?>", statement.split("\n")[-1])[-1]


def drop_dead(statements, end):
    used, kept = names_in(end), []
    for statement in reversed(statements):
        if defined(statement) in used:
            kept.append(statement)
            used |= names_in(statement)
    return kept[::-1]


def reduce_program(program, still_fails):
    """Changes the text of the program in place."""
    head, statements, end = split_statements(program.text)
    statements = drop_dead(statements, end)
    position = len(statements) - 1
    while position >= 0:
        old, kind = defined(statements[position]), type_of(statements[position])
        earlier = [name for name, other in re.findall(r"(%arg\d+): (tensor<[^>]*>)", head) if other == kind]
        earlier += [defined(s) for s in statements[:position] if type_of(s) == kind]
        for name in earlier:
            replace = lambda text: re.sub(re.escape(old) + r"\b", name, text)
            new_end = replace(end)
            smaller = drop_dead(statements[:position] + [replace(s) for s in statements[position + 1:]], new_end)
            candidate = copy.copy(program)
            candidate.text = "\n".join([head, *smaller, new_end, "}"]) + "\n"
            if still_fails(candidate):
                program.text, statements, end = candidate.text, smaller, new_end
                position = len(statements)
                break
        position -= 1
    return program
