"""Reads vectors in the form of ONNX's own backend tests, by the `onnx` package.

A folder has model.onnx, of one node, and test_data_set_0 with input_*.pb and
output_*.pb in the order of the graph's inputs and outputs.
"""

import os

import numpy

from .module import Refused


def is_model(folder):
    return os.path.exists(os.path.join(folder, "model.onnx"))


def describe(folder, work):
    """What node.json would say, with its arrays as .npy files in `work`."""
    import onnx

    model = onnx.load(os.path.join(folder, "model.onnx"))
    if len(model.graph.node) != 1:
        raise Refused("a graph of %d nodes" % len(model.graph.node))
    node = model.graph.node[0]
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    description = {
        "op": node.op_type, "domain": node.domain, "opset": opsets[node.domain], "inputs": list(node.input), "outputs": list(node.output),
        "attributes": {attribute.name: plain(onnx.helper.get_attribute_value(attribute)) for attribute in node.attribute},
        "dtypes": {}, "shapes": {}, "files": {"inputs": {}, "outputs": {}}}
    for kind, values, names in (("input", model.graph.input, node.input), ("output", model.graph.output, node.output)):
        for number, value in enumerate(values):
            tensor = onnx.TensorProto()
            with open(os.path.join(folder, "test_data_set_0", "%s_%d.pb" % (kind, number)), "rb") as file:
                tensor.ParseFromString(file.read())
            array = onnx.numpy_helper.to_array(tensor)
            path = os.path.join(work, "%s%d.npy" % (kind, number))
            numpy.save(path, array.view(numpy.uint16) if array.dtype.name == "bfloat16" else array)
            description["dtypes"][value.name] = array.dtype.name
            description["shapes"][value.name] = list(array.shape)
            description["files"][kind + "s"][str(list(names).index(value.name))] = path
    return description


def plain(value):
    return value.decode() if isinstance(value, bytes) else value
