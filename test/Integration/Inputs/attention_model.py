"""rope.attention in NumPy, read off the op's description one row at a time.

Everything is computed in f64 from the operands' values, except what the op rounds: a
rotation to the element type of what is rotated, the scores and weights to
softmax_precision, the output before its rotation.
"""

import numpy

from run_arrays import WIDE, round_to


def rotate(x, element, tables, along, pairing, offset, rotary_dim, inverse):
    """rope.rotate with tables = (element, cos, sin): products and sum each rounded to the wider type."""
    wide = numpy.float64 if "f64" in (element, tables[0]) else numpy.float32
    shape = [1] * x.ndim
    for dim, size in zip(along, tables[1].shape):
        shape[dim] = size
    pairs = rotary_dim // 2
    lanes = numpy.arange(pairs)
    first, second = (lanes, lanes + pairs) if pairing == "half" else (2 * lanes, 2 * lanes + 1)

    def entries(table, which):
        chosen = table[..., which] if table.shape[-1] == rotary_dim else table
        return chosen.reshape(shape[:-1] + [pairs]).astype(wide)

    a, b = x[..., offset + first].astype(wide), x[..., offset + second].astype(wide)
    sign = wide(-1 if inverse else 1)
    y = x.copy()
    with numpy.errstate(all="ignore"):
        y[..., offset + first] = round_to(element, entries(tables[1], first) * a - sign * (entries(tables[2], first) * b))
        y[..., offset + second] = round_to(element, sign * (entries(tables[2], second) * a) + entries(tables[1], second) * b)
    return y


def heads_first(case, x):
    return x if case.layout == "bhsd" else x.transpose(0, 2, 1, 3)


def rotated(case, role, x, element):
    rotation = case.rotations.get(role)
    if rotation is None:
        return x
    # In [B, H, S, lanes].
    along = [0, 2] if rotation["tables"][1].ndim == 3 else [2]
    return rotate(x, element, rotation["tables"], along + [3], rotation["pairing"], rotation["offset"],
                  rotation["rotary_dim"], rotation["inverse"])


def position_and_keys(case, batch, query, num_queries, num_keys):
    """p_i and the keys that lengths and starts leave."""
    if case.starts is not None:
        for (s, t), (next_s, next_t) in zip(case.starts, case.starts[1:]):
            if s <= query < next_s:
                return next_t - next_s + query, range(t, next_t)
        return 0, range(0)
    if case.lengths is not None:
        length = int(case.lengths[batch])
        return query + length - num_queries, range(length)
    return query + (case.past or 0), range(num_keys)


def is_taken(case, batch, head, query, key, position, keys):
    left, right = case.window or (-1, -1)
    if key not in keys or case.causal and key > position:
        return False
    if left >= 0 and key < position - left or right >= 0 and key > position + right:
        return False
    return True


def bias_of(case, batch, head, query, key):
    """The mask's summand: 0 or -inf of a boolean mask."""
    mask = case.mask
    if mask is None:
        return 0.0
    index = [batch, head, query, key][4 - mask.ndim:]
    if key >= mask.shape[-1]:
        return -numpy.inf
    index = tuple(0 if size == 1 and dim < mask.ndim - 1 else i for dim, (i, size) in enumerate(zip(index, mask.shape)))
    entry = mask[index]
    if case.mask_element == "i1":
        return 0.0 if entry else -numpy.inf
    return float(entry)


def attention(case):
    """out, lse, scores of every mode (heads first, not rounded), and the largest sum of |q_l k_l|: of
    keys that are taken, and of all, whose scores may be results."""
    query = rotated(case, "query", heads_first(case, case.query), case.q_element)
    key = heads_first(case, case.key)
    if case.key_tail is not None:
        tail = heads_first(case, case.key_tail)
        key = numpy.concatenate([key, numpy.broadcast_to(tail, (*key.shape[:3], tail.shape[3]))], axis=3)
    key = rotated(case, "key", key, case.k_element)
    value = rotated(case, "value", heads_first(case, case.value), case.v_element)
    batches, num_heads, num_queries, lanes = query.shape
    num_keys, group = key.shape[2], num_heads // key.shape[1]
    scale = case.scale if case.scale is not None else lanes ** -0.5
    out = numpy.zeros((batches, num_heads, num_queries, value.shape[3]))
    lse = numpy.full(out.shape[:3], -numpy.inf)
    scores = {mode: numpy.zeros((*out.shape[:3], num_keys)) for mode in ("raw", "capped", "biased", "weights")}
    magnitude = magnitude_of_all = 0.0
    for row in numpy.ndindex(*out.shape[:3]):
        b, h, i = row
        k, v = key[b, h // group], value[b, h // group]
        with numpy.errstate(all="ignore"):
            raw = scale * (k @ query[row])
            capped = raw if case.softcap is None else case.softcap * numpy.tanh(raw / case.softcap)
        position, keys = position_and_keys(case, b, i, num_queries, num_keys)
        bias = numpy.array([bias_of(case, b, h, i, j) if is_taken(case, b, h, i, j, position, keys) else -numpy.inf
                            for j in range(num_keys)]).reshape(num_keys)
        taken = bias > -numpy.inf
        biased = numpy.where(taken, capped + bias, -numpy.inf)
        magnitude = max(magnitude, scale * (abs(k[taken]) @ abs(query[row])).max(initial=0.0),
                        abs(biased[biased > -1e30]).max(initial=0.0))
        with numpy.errstate(all="ignore"):
            sums = scale * (abs(k) @ abs(query[row]))
        magnitude_of_all = max(magnitude_of_all, sums[numpy.isfinite(sums)].max(initial=0.0))
        x = biased if case.precision is None else round_to(case.precision, biased)
        sink = -numpy.inf if case.sinks is None else case.sinks[h]
        top = max(x.max(initial=-numpy.inf), sink)
        weights = numpy.zeros(num_keys)
        if top != -numpy.inf:  # NaN, too: a row with a score that is NaN is NaN.
            exponentials = numpy.exp(x - top)
            total = exponentials.sum() + numpy.exp(sink - top)
            weights, lse[row] = exponentials / total, top + numpy.log(total)
        if case.precision is not None:
            weights = round_to(case.precision, weights)
        out[row] = weights[taken] @ v[taken]
        for mode, x in (("raw", raw), ("capped", capped), ("biased", biased), ("weights", weights)):
            scores[mode][row] = x
    return out, lse, scores, magnitude, magnitude_of_all
