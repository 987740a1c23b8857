#!/usr/bin/env python3
"""needle.py ROPE_RUN: a needle at position 10^6, with exact angles and with f32 angles.

One decoding step of a sharp head: a query, and 65 keys at and before its position, of which
one, the needle, fits best and another almost as well. Rotary attention depends on
distances only, so the weights must be the same wherever the text stands. They are
computed near the start and at positions 10^6 and 10^7, once with exact angles and once with
the f32 angles of frameworks. Fails where exact angles change the attention, or f32 angles do
not.
"""

import os
import subprocess
import sys
import tempfile

import numpy

DIM, BASE, KEYS = 128, 5e5, 65
SCORES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scores.mlir")


def make_head():
    """Keys whose pairs of lanes have random phases; fast pairs weigh most."""
    strength = numpy.where(numpy.arange(DIM // 2) < 16, 4.0, 0.25)
    phase = numpy.random.default_rng(4).uniform(0, 2 * numpy.pi, (KEYS, DIM // 2))
    size = numpy.sqrt(strength)
    query = numpy.concatenate([size, 0 * size])[None]
    keys = numpy.concatenate([size * numpy.cos(phase), -size * numpy.sin(phase)], axis=1)
    return query.astype("f4"), keys.astype("f4")


def attend(rope_run, folder, entry, position):
    """The attention weights of the keys, by their distance to a query at `position`."""
    arguments = [*make_head(), numpy.array([position]), position - numpy.arange(KEYS)]
    command = [rope_run, SCORES, f"--entry-point={entry}", f"--output={folder}/scores.npy"]
    for number, argument in enumerate(arguments):
        numpy.save(f"{folder}/{number}.npy", argument)
        command.append(f"--input={folder}/{number}.npy")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    scores = numpy.load(f"{folder}/scores.npy")[0].astype("f8")
    weights = numpy.exp(scores - scores.max())
    return weights / weights.sum()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    change, found = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        start = attend(sys.argv[1], folder, "exact", 100)
        needle = start.argmax()
        print(f"{'angles':<12}{'position':>10}{'weight of the needle':>23}{'largest change':>17}{'best key':>12}")
        for entry in ("exact", "f32_angle"):
            for position in (100, 10**6, 10**7):
                weights = attend(sys.argv[1], folder, entry, position)
                change[entry, position] = abs(weights - start).max()
                found[entry, position] = weights.argmax() == needle
                print(f"{entry:<12}{position:>10}{weights[needle]:>23.4f}{change[entry, position]:>17.1e}"
                      f"{'needle' if found[entry, position] else 'another':>12}")
    if max(change["exact", 10**6], change["exact", 10**7]) > 1e-4:
        sys.exit("error: exact angles changed the attention")
    if change["f32_angle", 10**6] < 1e-2 or found["f32_angle", 10**7]:
        sys.exit("error: f32 angles did not change the attention: not an example of it")


if __name__ == "__main__":
    main()
