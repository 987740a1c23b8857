"""OpenVINO: its graphs, with ScaledDotProductAttention, in f32 on one thread."""

import numpy as np
import openvino
from openvino import opset13 as ops

VERSIONS = {"openvino": openvino.__version__}


def rotate(x, cos, sin, lanes):
    a, b = ops.variadic_split(x, -1, [lanes // 2, lanes // 2]).outputs()
    return ops.concat([ops.subtract(ops.multiply(a, cos), ops.multiply(b, sin)),
                       ops.add(ops.multiply(a, sin), ops.multiply(b, cos))], -1)


def put_heads_first(x):
    return ops.transpose(x, [0, 2, 1, 3])


def repeat_heads(x, work):
    """[1, kv head, key, lane] -> [1, head, key, lane]."""
    group = work.heads // work.kv_heads
    if group == 1:
        return x
    x = ops.broadcast(ops.unsqueeze(x, 2), [1, work.kv_heads, group, work.keys, work.lanes])
    return ops.reshape(x, [1, work.heads, work.keys, work.lanes], False)


def make_graph(work, parameters, tables):
    if work.kind == "rope":
        return rotate(*parameters, *tables, work.lanes)
    q, k, v = parameters
    q = rotate(q, *tables, work.lanes)
    k = k if work.is_step else rotate(k, *tables, work.lanes)
    q, k, v = put_heads_first(q), *(repeat_heads(put_heads_first(x), work) for x in (k, v))
    return put_heads_first(ops.scaled_dot_product_attention(q, k, v, causal=work.causal))


def prepare(work, inputs):
    arrays = {name: x[None] for name, x in inputs.items() if x.ndim == 3}
    parameters = [ops.parameter(x.shape, np.float32, name) for name, x in arrays.items()]
    tables = [ops.constant(inputs[name][:, None]) for name in ("cos", "sin")]
    model = openvino.Model([make_graph(work, parameters, tables)], parameters)
    compiled = openvino.Core().compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    for i, x in enumerate(arrays.values()):
        request.set_input_tensor(i, openvino.Tensor(np.ascontiguousarray(x)))

    def run():
        request.infer()
        return request.get_output_tensor(0).data[0]

    return run


CONTENDERS = {"OpenVINO": prepare}
TABLES = {}
