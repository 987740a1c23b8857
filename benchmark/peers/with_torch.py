"""PyTorch, eager and compiled: rotary embeddings as models write them, and
scaled_dot_product_attention."""

import numpy as np
import torch

torch.set_num_threads(1)
VERSIONS = {"torch": torch.__version__}


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), dim=-1) * sin


def attend(q, k, v, cos, sin, causal, is_step):
    q = rotate(q, cos, sin)
    k = k if is_step else rotate(k, cos, sin)
    out = torch.nn.functional.scaled_dot_product_attention(
        q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), is_causal=causal, enable_gqa=q.shape[2] != k.shape[2])
    return out.transpose(1, 2).contiguous()


def prepare_with(transform):
    def prepare(work, inputs):
        arrays = {name: torch.from_numpy(inputs[name])[None] for name in inputs if name not in ("cos", "sin")}
        # Of [position, 1, lane], for all lanes: made once a model.
        cos, sin = (torch.from_numpy(np.concatenate([inputs[name]] * 2, axis=-1))[:, None] for name in ("cos", "sin"))
        if work.kind == "rope":
            function = transform(rotate)
            call = lambda: function(arrays["x"], cos, sin)
        else:
            function = transform(lambda q, k, v: attend(q, k, v, cos, sin, work.causal, work.is_step))
            call = lambda: function(**arrays)

        def run():
            with torch.inference_mode():
                return call()[0].numpy()

        return run

    return prepare


def compile(function):
    torch._dynamo.reset()  # or too many shapes end in the interpreter
    return torch.compile(function, dynamic=False)


def make_tables(positions, lanes, base):
    frequencies = 1.0 / base ** (torch.arange(0, lanes, 2).float() / lanes)
    angles = torch.from_numpy(positions).float()[:, None] * frequencies
    return angles.cos().numpy(), angles.sin().numpy()


CONTENDERS = {"PyTorch eager": prepare_with(lambda function: function), "PyTorch compile": prepare_with(compile)}
TABLES = {"PyTorch, f32": make_tables}
