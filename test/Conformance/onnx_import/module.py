"""A function that grows op by op, and the node that it is made from."""

from typing import NamedTuple, Tuple

ELEMENTS = {"float16": "f16", "bfloat16": "bf16", "float32": "f32", "float64": "f64", "bool": "i1",
            "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64",
            "uint8": "i8", "uint16": "i16", "uint32": "i32", "uint64": "i64"}


class Refused(Exception):
    """The node is outside of what is supported; the message says why."""


class Value(NamedTuple):
    name: str
    shape: Tuple[int, ...]
    element: str

    @property
    def type(self):
        return "tensor<%s%s>" % ("".join("%dx" % size for size in self.shape), self.element)


class Module:
    def __init__(self):
        self.arguments, self.lines, self.count = [], [], 0

    def value(self, shape, element):
        self.count += 1
        return Value("%%%d" % (self.count - 1), tuple(shape), element)

    def argument(self, shape, element):
        self.arguments.append(Value("%%arg%d" % len(self.arguments), tuple(shape), element))
        return self.arguments[-1]

    def op(self, shape, element, text, *operands):
        """Adds an op with one result; {0}, {1} are names and {0.type} types of operands."""
        result = self.value(shape, element)
        self.lines.append("%s = %s" % (result.name, text.format(*operands, result=result)))
        return result

    def finish(self, results):
        return "func.func @main(%s) -> (%s) {\n  %s\n}\n" % (
            ", ".join("%s: %s" % (value.name, value.type) for value in self.arguments),
            ", ".join(value.type for value in results),
            "\n  ".join(self.lines + ["return %s : %s" % (", ".join(value.name for value in results),
                                                         ", ".join(value.type for value in results))]))

    def index(self, number):
        self.count += 1
        name = "%%%d" % (self.count - 1)
        self.lines.append("%s = arith.constant %d : index" % (name, number))
        return name

    def split_heads(self, x, heads):
        """[B, S, heads * lanes] as [B, S, heads, lanes]."""
        if heads <= 0 or x.shape[2] % heads:
            raise Refused("%d lanes do not divide into %d heads" % (x.shape[2], heads))
        shape = (*x.shape[:2], heads, x.shape[2] // heads)
        return self.op(shape, x.element, "tensor.expand_shape {0.name} [[0], [1], [2, 3]] output_shape %s : {0.type} into {result.type}"
                       % list(shape), x)

    def join_heads(self, x):
        """[B, S, heads, lanes] as [B, S, heads * lanes]."""
        return self.op((*x.shape[:2], x.shape[2] * x.shape[3]), x.element,
                       "tensor.collapse_shape {0.name} [[0], [1], [2, 3]] : {0.type} into {result.type}", x)

    def swap_heads(self, x):
        """[B, S, heads, lanes] as [B, heads, S, lanes], or back."""
        shape = (x.shape[0], x.shape[2], x.shape[1], x.shape[3])
        empty = self.op(shape, x.element, "tensor.empty() : {result.type}")
        return self.op(shape, x.element, "linalg.transpose ins({0.name} : {0.type}) outs({1.name} : {1.type}) permutation = [0, 2, 1, 3]",
                       x, empty)

    def concatenate(self, first, second, dim):
        shape = list(first.shape)
        shape[dim] += second.shape[dim]
        return self.op(shape, first.element, "tensor.concat dim(%d) {0.name}, {1.name} : ({0.type}, {1.type}) -> {result.type}" % dim,
                       first, second)


class Node:
    """What node.json says; inputs become arguments in the order of their positions."""

    def __init__(self, description, module):
        self.opset = description["opset"]
        self.attributes = description["attributes"]
        self.names, self.dtypes = description["inputs"], {}
        self.inputs = {}
        for position in sorted(map(int, description["files"]["inputs"])):
            name = description["inputs"][position]
            dtype = description["dtypes"][name]
            if dtype not in ELEMENTS:
                raise Refused("elements of type %s" % dtype)
            self.inputs[position] = module.argument(description["shapes"][name], ELEMENTS[dtype])
            self.dtypes[position] = dtype
        self.outputs = sorted(map(int, description["files"]["outputs"]))

    def input(self, position):
        """The value of an input, None where it is left out."""
        return self.inputs.get(position)

    def attribute(self, name, default):
        return self.attributes.get(name, default)
