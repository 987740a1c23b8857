"""JAX: jitted, with jax.nn.dot_product_attention."""

import jax
import jax.numpy as jnp
import numpy as np

VERSIONS = {"jax": jax.__version__}


def rotate(x, cos, sin):
    a, b = jnp.split(x, 2, axis=-1)
    cos, sin = cos[:, None], sin[:, None]
    return jnp.concatenate([a * cos - b * sin, a * sin + b * cos], axis=-1)


def make_function(work):
    """A function of arrays with a batch, and of tables."""
    if work.kind == "rope":
        return rotate

    def attend(q, k, v, cos, sin):
        k = k if work.is_step else rotate(k, cos, sin)
        return jax.nn.dot_product_attention(rotate(q, cos, sin), k, v, is_causal=work.causal)

    return attend


def add_batch(inputs):
    return [x[None] if x.ndim == 3 else x for x in inputs.values()]


def prepare(work, inputs):
    function = jax.jit(make_function(work))
    arrays = [jnp.asarray(x) for x in add_batch(inputs)]
    return lambda: np.asarray(function(*arrays).block_until_ready())[0]


def make_tables(positions, lanes, base):
    frequencies = 1.0 / base ** (jnp.arange(0, lanes, 2, dtype=jnp.float32) / lanes)
    angles = jnp.asarray(positions, jnp.float32)[:, None] * frequencies
    return np.asarray(jnp.cos(angles)), np.asarray(jnp.sin(angles))


CONTENDERS = {"JAX": prepare}
TABLES = {"JAX, f32": make_tables}
