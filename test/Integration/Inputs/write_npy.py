"""write_npy.py FILE SHAPE SEED: random f32 numbers, SHAPE as in 3x5."""

import random
import struct
import sys

path, shape, seed = sys.argv[1], tuple(map(int, sys.argv[2].split("x"))), int(sys.argv[3])
count = 1
for size in shape:
    count *= size
header = ("{'descr': '<f4', 'fortran_order': False, 'shape': %r, }" % (shape,)).encode()
header += b" " * (-(len(header) + 11) % 64) + b"\n"
rng = random.Random(seed)
with open(path, "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    file.write(struct.pack("<%df" % count, *(rng.uniform(-1, 1) for _ in range(count))))
