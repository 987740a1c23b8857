#!/usr/bin/env python3
"""plot.py ROPE_RUN OUT.svg: draws how q . k falls with distance.

Runs decay.mlir, beside this file, for the distances 0 to 255 and a query and a key of
ones, and draws the mean of |S_j| (the paper's figure 2) and the product itself, both
in units of what they are at distance 0.
"""

import os
import subprocess
import sys
import tempfile

import numpy

WIDTH, HEIGHT, MARGIN = 640, 360, 48


def compute(rope_run, distances, query, key):
    """(products, means of |S_j|) by our own ops."""
    module = os.path.join(os.path.dirname(os.path.abspath(__file__)), "decay.mlir")
    with tempfile.TemporaryDirectory() as scratch:
        command = [rope_run, module]
        for number, array in enumerate([distances, query, key]):
            numpy.save("%s/in%d.npy" % (scratch, number), array)
            command.append("--input=%s/in%d.npy" % (scratch, number))
        command += ["--output=%s/out%d.npy" % (scratch, number) for number in range(2)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return [numpy.load("%s/out%d.npy" % (scratch, number)) for number in range(2)]


def draw(curves, path):
    """An SVG with one polyline a curve; values are in [-1, 1] of the first one's range."""
    low = min(0.0, *(values.min() for _, _, values in curves))

    def place(index, value, count):
        x = MARGIN + (WIDTH - 2 * MARGIN) * index / (count - 1)
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - low) / (1.0 - low)
        return "%.1f,%.1f" % (x, y)

    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">' % (WIDTH, HEIGHT),
             '<rect width="100%" height="100%" fill="white"/>']
    count = len(curves[0][2])
    for value in numpy.arange(numpy.ceil(low * 4) / 4, 1.01, 0.25):
        left, right = place(0, value, count), place(count - 1, value, count)
        lines.append('<polyline points="%s %s" stroke="#ddd" fill="none"/>' % (left, right))
        lines.append('<text x="%d" y="%s" text-anchor="end">%.2f</text>' % (MARGIN - 6, left.split(",")[1], value))
    for distance in range(0, count, 64):
        x = place(distance, low, count).split(",")[0]
        lines.append('<text x="%s" y="%d" text-anchor="middle">%d</text>' % (x, HEIGHT - MARGIN + 18, distance))
    for row, (name, colour, values) in enumerate(curves):
        points = " ".join(place(index, value, count) for index, value in enumerate(values))
        lines.append('<polyline points="%s" stroke="%s" stroke-width="1.5" fill="none"/>' % (points, colour))
        lines.append('<text x="%d" y="%d" fill="%s">%s</text>' % (WIDTH // 2, MARGIN + 18 * row, colour, name))
    lines.append('<text x="%d" y="%d" text-anchor="middle">distance of positions</text></svg>' % (WIDTH // 2, HEIGHT - 8))
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ones = numpy.ones(128, numpy.float32)
    products, means = compute(sys.argv[1], numpy.arange(256), ones, ones)
    draw([("mean of |S_j|", "#1f5fbf", means / means[0]), ("q . k", "#bf5f1f", products / products[0])], sys.argv[2])


if __name__ == "__main__":
    main()
