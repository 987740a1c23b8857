"""What is measured: rotations and attentions of given sizes, on random numbers."""

import dataclasses

import numpy as np


def make_tables(positions, pairs, base=10000.0):
    """cos and sin of [positions, pairs], f32, from angles in f64."""
    angles = np.arange(positions)[:, None] * base ** (-np.arange(pairs) / pairs)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def rotate(x, cos, sin):
    """R x of [position, head, lane], in halves, in the type of x."""
    cos, sin = cos[:, None, :].astype(x.dtype), sin[:, None, :].astype(x.dtype)
    a, b = np.split(x, 2, axis=-1)
    return np.concatenate([a * cos - b * sin, a * sin + b * cos], axis=-1)


@dataclasses.dataclass
class Rotation:
    """y = R x of [positions, heads, lanes] f32, pairs in halves."""

    name: str
    positions: int
    heads: int
    lanes: int
    series: bool = False  # a point of the plot over positions

    kind = "rope"
    unit = "ns/element"
    tolerance = 1e-5

    @property
    def size(self):
        return self.positions

    def make_inputs(self):
        random = np.random.default_rng(1)
        x = random.standard_normal((self.positions, self.heads, self.lanes), dtype=np.float32)
        return {"x": x, **dict(zip(("cos", "sin"), make_tables(self.positions, self.lanes // 2)))}

    def get_figure(self, seconds):
        return 1e9 * seconds / (self.positions * self.heads * self.lanes)

    def get_error(self, inputs, out):
        want = rotate(inputs["x"].astype(np.float64), inputs["cos"], inputs["sin"])
        return float(np.abs(out - want).max())


@dataclasses.dataclass
class Attention:
    """softmax(R q (R k)^T / sqrt(lanes)) v, f32, of q and out [queries, heads, lanes], k and v
    [keys, kv_heads, lanes]. The keys of a decoder's step (one query) are rotated before."""

    name: str
    queries: int
    keys: int
    heads: int
    kv_heads: int
    lanes: int
    causal: bool = False
    series: bool = False

    kind = "attention"
    unit = "GF/s"
    tolerance = 2e-5

    @property
    def size(self):
        return self.queries

    @property
    def is_step(self):
        return self.queries == 1

    def make_inputs(self):
        random = np.random.default_rng(1)
        q = random.standard_normal((self.queries, self.heads, self.lanes), dtype=np.float32)
        k, v = random.standard_normal((2, self.keys, self.kv_heads, self.lanes), dtype=np.float32)
        return {"q": q, "k": k, "v": v, **dict(zip(("cos", "sin"), make_tables(self.queries, self.lanes // 2)))}

    def get_figure(self, seconds):
        pairs = self.queries * (self.queries + 1) / 2 if self.causal else self.queries * self.keys
        return 4e-9 * pairs * self.heads * self.lanes / seconds

    def get_error(self, inputs, out):
        """Of some 16 queries of each head, to the equation in f64."""
        rows = np.unique(np.linspace(0, self.queries - 1, 16).astype(int))
        q, k, v = (inputs[name].astype(np.float64) for name in "qkv")
        q = rotate(q[rows], inputs["cos"][rows], inputs["sin"][rows])
        k = k if self.is_step else rotate(k, inputs["cos"], inputs["sin"])
        worst = 0.0
        for head in range(self.heads):
            kv_head = head // (self.heads // self.kv_heads)
            scores = q[:, head] @ k[:, kv_head].T / np.sqrt(self.lanes)
            if self.causal:
                scores[np.arange(self.keys) > rows[:, None]] = -np.inf
            weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
            want = weights @ v[:, kv_head] / weights.sum(axis=-1, keepdims=True)
            worst = np.maximum(worst, np.abs(out[rows, head] - want).max())  # keeps what is not a number
        return float(worst)


WORKS = [
    Rotation("rope (a)", 2048, 32, 128),
    Rotation("rope (c)", 8192, 8, 64),
    Rotation("rope (d)", 512, 12, 64),
    Attention("attention (d)", 512, 512, 12, 12, 64),
    Attention("attention (d causal)", 512, 512, 12, 12, 64, causal=True),
    Attention("attention (e)", 2048, 2048, 32, 8, 128, causal=True),
    Attention("decode (f)", 1, 4096, 32, 8, 128),
    *(Rotation(f"rope {n}", n, 8, 128, series=True) for n in (128, 512, 2048, 8192, 32768)),
    *(Attention(f"attention {n}", n, n, 8, 2, 64, causal=True, series=True) for n in (128, 256, 512, 1024, 2048)),
]

SMALL_WORKS = [
    Rotation("rope (small)", 8, 2, 64),
    Attention("attention (small)", 48, 48, 4, 2, 64, causal=True),
    Attention("decode (small)", 1, 64, 4, 2, 64),
    *(Rotation(f"rope {n}", n, 2, 64, series=True) for n in (4, 16)),
    *(Attention(f"attention {n}", n, n, 2, 2, 64, series=True) for n in (16, 32)),
]
