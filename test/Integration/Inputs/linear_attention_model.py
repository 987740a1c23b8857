"""rope.linear_attention in NumPy and f64. Not by the recurrence, where there is another
way: by sums over pairs of a query and a key, as equation (19) of RoFormer is written. Arrays are [batch, heads, sequence, lanes]; a rotation is (cos, sin, pairing,
offset, rotary dimension, inverse) with tables [positions or batch, positions, r/2]."""

import numpy


def rotate(x, rotation):
    if rotation is None:
        return x
    cos, sin, pairing, offset, rotary, inverse = rotation
    first = offset + (numpy.arange(rotary // 2) if pairing == "half" else 2 * numpy.arange(rotary // 2))
    second = first + (rotary // 2 if pairing == "half" else 1)
    # [positions, r/2] for all batches and heads, or one a batch.
    cos, sin = (table[:, None] if table.ndim == 3 else table for table in (cos, sin))
    sin = -sin if inverse else sin
    result = x.copy()
    result[..., first] = cos * x[..., first] - sin * x[..., second]
    result[..., second] = sin * x[..., first] + cos * x[..., second]
    return result


def features(kind, x, projection):
    if kind == "identity":
        return x
    if kind == "elu_plus_one":
        return numpy.where(x > 0, x + 1, numpy.exp(numpy.minimum(x, 0)))
    if kind == "relu":
        return numpy.maximum(x, 0)
    if kind == "exp":
        return numpy.exp(x)
    exponent = numpy.einsum("bhsd,fd->bhsf", x, projection) - (x**2).sum(-1, keepdims=True) / 2
    return numpy.exp(exponent) / numpy.sqrt(len(projection))


def sums(queries, keys, rotated_queries, rotated_keys, value, causal, normalize, scale, decay, past):
    """By pairs: the weight of key j for query i is q_i . exp(sum of decays from j+1 to i) k_j."""
    batch, heads, length, _ = queries.shape
    numbers = keys.shape[2]
    total = numpy.zeros((batch, heads, length, value.shape[3]))
    below = numpy.zeros((batch, heads, length))
    gates = numpy.zeros_like(keys) if decay is None else numpy.broadcast_to(decay, keys.shape)
    reach = numpy.cumsum(gates, axis=2)
    for i in range(length):
        for j in range(i + 1 if causal else numbers):
            fade = numpy.exp(reach[:, :, i] - reach[:, :, j]) if causal else 1.0
            weight = (rotated_queries[:, :, i] * fade * rotated_keys[:, :, j]).sum(-1)
            total[:, :, i] += weight[..., None] * value[:, :, j]
            below[:, :, i] += (queries[:, :, i] * fade * keys[:, :, j]).sum(-1)
        fade = numpy.exp(reach[:, :, i]) if causal else numpy.ones_like(queries[:, :, i])
        total[:, :, i] += numpy.einsum("bhf,bhfe->bhe", rotated_queries[:, :, i] * fade, past[0])
        below[:, :, i] += (queries[:, :, i] * fade * past[1]).sum(-1)
    last = reach[:, :, -1:] if numbers else reach.sum(axis=2, keepdims=True)
    fade = numpy.exp(last - reach)
    state = numpy.einsum("bhjf,bhje->bhfe", rotated_keys * fade, value) + numpy.exp(last[:, :, 0])[..., None] * past[0]
    normalizer = (keys * fade).sum(2) + numpy.exp(last[:, :, 0]) * past[1]
    out = scale * total
    if normalize:
        with numpy.errstate(invalid="ignore", divide="ignore"):
            out = numpy.where(below[..., None] == 0, 0.0, out / below[..., None])
    return out, state, normalizer


def delta_rule(queries, keys, value, scale, decay, beta, past):
    """Nothing but the recurrence defines it: each key overwrites what it recalls."""
    state, out = past.copy(), numpy.zeros(queries.shape[:3] + (value.shape[3],))
    for i in range(keys.shape[2]):
        if decay is not None:
            state = numpy.exp(numpy.broadcast_to(decay, keys.shape)[:, :, i])[..., None] * state
        recalled = (keys[:, :, i][..., None] * state).sum(2)
        update = numpy.broadcast_to(beta, keys.shape[:3] + (1,))[:, :, i] * (value[:, :, i] - recalled)
        state = state + keys[:, :, i][..., None] * update[:, :, None]
        out[:, :, i] = scale * (queries[:, :, i][..., None] * state).sum(2)
    return out, state


def linear_attention(query, key, value, kind="identity", projection=None, rotate_query=None, rotate_key=None,
                     causal=False, normalize=False, scale=1.0, decay=None, beta=None, past=None):
    """(out, state, normalizer) in f64; decay [B, Hk or 1, N, F or 1], beta [B, Hk or 1, N, 1]."""
    group = query.shape[1] // key.shape[1]
    queries, keys = (features(kind, x, projection) for x in (query, key))
    state = numpy.zeros(key.shape[:2] + (keys.shape[3], value.shape[3])) if past is None else past[0]
    normalizer = numpy.zeros(key.shape[:2] + keys.shape[3:]) if past is None or past[1] is None else past[1]

    def spread(gate):
        return gate if gate is None or gate.shape[1] == 1 else numpy.repeat(gate, group, axis=1)

    spread_keys, spread_value = numpy.repeat(keys, group, axis=1), numpy.repeat(value, group, axis=1)
    pasts = tuple(numpy.repeat(x, group, axis=1) for x in (state, normalizer))
    rotated_queries, rotated_keys = rotate(queries, rotate_query), rotate(spread_keys, rotate_key)
    if beta is None:
        out, state, normalizer = sums(queries, spread_keys, rotated_queries, rotated_keys, spread_value, causal,
                                      normalize, scale, spread(decay), pasts)
        return out, state[:, ::group], normalizer[:, ::group]
    out, state = delta_rule(rotated_queries, rotated_keys, spread_value, scale, spread(decay), spread(beta), pasts[0])
    return out, state[:, ::group], None
