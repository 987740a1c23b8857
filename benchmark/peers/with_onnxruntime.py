"""ONNX Runtime: RotaryEmbedding and Attention of ai.onnx 23, and its own
MultiHeadAttention and GroupQueryAttention."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

VERSIONS = {"onnxruntime": onnxruntime.__version__, "onnx": onnx.__version__}


def make_rotary(work, heads, x, y):
    return helper.make_node("RotaryEmbedding", [x, "cos", "sin", "positions"], [y], num_heads=heads)


def make_standard(work):
    nodes = [make_rotary(work, work.heads, "q", "rq")]
    if not work.is_step:
        nodes.append(make_rotary(work, work.kv_heads, "k", "rk"))
    nodes.append(helper.make_node("Attention", ["rq", "k" if work.is_step else "rk", "v"], ["y"], is_causal=int(work.causal),
                                  q_num_heads=work.heads, kv_num_heads=work.kv_heads))
    return nodes


def make_own(work):
    """None for what these operators do not have."""
    if work.is_step or work.heads != work.kv_heads and not work.causal:
        return None
    if work.causal:
        names = ["q", "k", "v", "", "", "last", "total", "cos", "sin"]
        return [helper.make_node("GroupQueryAttention", names, ["y", "", ""], domain="com.microsoft", do_rotary=1,
                                 num_heads=work.heads, kv_num_heads=work.kv_heads)]
    return [make_rotary(work, work.heads, "q", "rq"), make_rotary(work, work.heads, "k", "rk"),
            helper.make_node("MultiHeadAttention", ["rq", "rk", "v"], ["y"], domain="com.microsoft", num_heads=work.heads)]


def make_session(nodes, constants, inputs, shape):
    graph = helper.make_graph(
        nodes, "work", [helper.make_tensor_value_info(name, TensorProto.FLOAT, x.shape) for name, x in inputs.items()],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [onnx.numpy_helper.from_array(x, name) for name, x in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)],
                              ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def prepare_with(make_nodes):
    def prepare(work, inputs):
        flat = {name: np.ascontiguousarray(x.reshape(1, x.shape[0], -1)) for name, x in inputs.items() if x.ndim == 3}
        rows = inputs["cos"].shape[0]
        constants = {"cos": inputs["cos"], "sin": inputs["sin"], "positions": np.arange(rows)[None]}
        if work.kind == "rope":
            nodes = [make_rotary(work, work.heads, "x", "y")]
        else:
            nodes = make_nodes(work)
            constants.update(last=np.array([work.keys - 1], np.int32), total=np.array(work.keys, np.int32))
        if nodes is None or work.kind == "rope" and make_nodes is make_own:
            return None
        used = {name for node in nodes for name in node.input}
        first = inputs["x" if work.kind == "rope" else "q"]
        out = np.empty((1, first.shape[0], work.heads * work.lanes), np.float32)
        session = make_session(nodes, {name: x for name, x in constants.items() if name in used}, flat, out.shape)
        binding = session.io_binding()
        for name, x in flat.items():
            binding.bind_cpu_input(name, x)
        binding.bind_output("y", "cpu", 0, np.float32, out.shape, out.ctypes.data)

        def run():
            session.run_with_iobinding(binding)
            return out.reshape(first.shape)

        return run

    return prepare


CONTENDERS = {"ONNX Runtime": prepare_with(make_standard), "ONNX Runtime, own ops": prepare_with(make_own)}
TABLES = {}
