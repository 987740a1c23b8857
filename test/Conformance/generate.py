#!/usr/bin/env python3
"""Writes the node tests of operators that come with the `onnx` package, for run.py.

Models whose node is expanded into the operator's function are left out.
"""

import argparse
import os
import warnings

import onnx


def write(case, folder):
    data = os.path.join(folder, "test_data_set_0")
    os.makedirs(data, exist_ok=True)
    onnx.save(case.model, os.path.join(folder, "model.onnx"))
    for kind, values, arrays in (("input", case.model.graph.input, case.data_sets[0][0]), ("output", case.model.graph.output, case.data_sets[0][1])):
        for number, (value, array) in enumerate(zip(values, arrays)):
            tensor = array if isinstance(array, onnx.TensorProto) else onnx.numpy_helper.from_array(array, value.name)
            with open(os.path.join(data, "%s_%d.pb" % (kind, number)), "wb") as file:
                file.write(tensor.SerializeToString())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", required=True, help="a folder for the vectors")
    parser.add_argument("operators", nargs="*", default=["Attention", "RotaryEmbedding", "LinearAttention"])
    args = parser.parse_args()
    with warnings.catch_warnings():
        # The data of all operators is computed, divisions by zero and all.
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases
        cases = collect_testcases(None)
    count = 0
    for case in cases:
        nodes = case.model.graph.node
        if len(nodes) == 1 and nodes[0].op_type in args.operators:
            write(case, os.path.join(args.output, case.name))
            count += 1
    print("%d vectors" % count)


if __name__ == "__main__":
    main()
