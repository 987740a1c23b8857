"""Translates one node of an ONNX model to a module with a function @main.

Each operator is a file of this package with a function build(node, module) that
returns the results which the vector has, in order, or raises Refused.
"""

from . import attention, linear_attention, rotary_embedding
from .module import Module, Node, Refused

OPERATORS = {
    "Attention": attention.build,
    "LinearAttention": linear_attention.build,
    "RotaryEmbedding": rotary_embedding.build,
}


def translate(description):
    """The text of the module for a vector's node.json."""
    operator = description["op"]
    if description.get("domain") or operator not in OPERATORS:
        raise Refused("there is no importer for the operator %s" % operator)
    module = Module()
    node = Node(description, module)
    return module.finish(OPERATORS[operator](node, module))
