"""Runs compare.py of the folder that is the first argument, with NumPy's rotation turned backwards."""

import runpy
import sys

folder = sys.argv.pop(1)
sys.path.insert(0, folder)
from peers import with_numpy  # noqa: E402

right = with_numpy.rotate
with_numpy.rotate = lambda x, cos, sin: right(x, cos, -sin)
runpy.run_path(folder + "/compare.py", run_name="__main__")
