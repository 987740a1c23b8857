"""NumPy: the equations by its operations on whole arrays, f32."""

import numpy as np

from peers.work import rotate

VERSIONS = {"numpy": np.__version__}


def attend(work, q, k, v, cos, sin):
    q = rotate(q, cos, sin) / np.sqrt(np.float32(work.lanes))
    k = k if work.is_step else rotate(k, cos, sin)
    group = work.heads // work.kv_heads
    q = q.transpose(1, 0, 2).reshape(work.kv_heads, group, work.queries, work.lanes)
    scores = q @ k.transpose(1, 2, 0)[:, None]
    if work.causal:
        scores[..., np.triu(np.ones((work.queries, work.keys), bool), 1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    out = weights @ v.transpose(1, 0, 2)[:, None] / weights.sum(axis=-1, keepdims=True)
    return out.reshape(work.heads, work.queries, work.lanes).transpose(1, 0, 2)


def prepare(work, inputs):
    if work.kind == "rope":
        return lambda: rotate(**inputs)
    return lambda: attend(work, **inputs)


def make_tables(positions, lanes, base):
    """As models do in f32: positions times frequencies, then cos and sin."""
    frequencies = np.float32(1) / np.float32(base) ** (np.arange(0, lanes, 2, dtype=np.float32) / np.float32(lanes))
    angles = positions.astype(np.float32)[:, None] * frequencies
    return np.cos(angles), np.sin(angles)


CONTENDERS = {"NumPy": prepare}
TABLES = {"NumPy, f32": make_tables}
