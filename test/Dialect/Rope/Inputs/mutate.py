#!/usr/bin/env python3
"""mutate.py COUNT FILE: prints COUNT damaged variants of the functions in FILE.

A variant replaces, drops, doubles or swaps a few tokens of one function; numbers
become edge cases. The variants are separated for --split-input-file, and the
same for every run.
"""

import random
import re
import sys

TOKEN = re.compile(r"[%@#^]?[\w.]+|->|\s+|.", re.DOTALL)
EDGES = ["-1", "0", "1", "3", "?", "9223372036854775807", "-9223372036854775808", "1.0e400", "[]", "<>"]


def mutate(tokens, vocabulary, rng):
    tokens = list(tokens)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(tokens))
        kind = rng.randrange(5)
        if kind == 0:
            del tokens[at]
        elif kind == 1:
            tokens.insert(at, tokens[at])
        elif kind == 2:
            other = rng.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind == 3:
            tokens[at] = rng.choice(vocabulary)
        else:
            numbers = [i for i, token in enumerate(tokens) if token.isdigit()]
            tokens[rng.choice(numbers or [at])] = rng.choice(EDGES)
    return "".join(tokens)


def main():
    count, path = int(sys.argv[1]), sys.argv[2]
    with open(path) as file:
        text = re.sub(r"//.*", "", file.read())
    functions = [TOKEN.findall(part) for part in re.split(r"^(?=\s*\"?func\.func)", text, flags=re.M)]
    functions = [tokens for tokens in functions if len(tokens) > 20]
    vocabulary = [token for tokens in functions for token in tokens if not token.isspace()]
    rng = random.Random(2104_09864)
    print("\n// -----\n".join(mutate(rng.choice(functions), vocabulary, rng) for _ in range(count)))


if __name__ == "__main__":
    main()
