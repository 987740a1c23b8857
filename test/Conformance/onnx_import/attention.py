"""Attention, opsets 23 to 25."""

from .module import Refused

PRECISIONS = {1: "f32", 10: "f16", 11: "f64", 16: "bf16"}
SCORES = ["raw", "capped", "biased", "weights"]
FLOATS = ("f16", "bf16", "f32", "f64")


def clauses_of_attributes(node):
    """Attributes as clauses of rope.attention, in the order of its syntax."""
    text = ""
    if node.attribute("is_causal", 0):
        text += " causal"
    left, right = node.attribute("left_window_size", -1), node.attribute("right_window_size", -1)
    if left < -1 or right < -1:
        raise Refused("a window below -1")
    if (left, right) != (-1, -1):
        text += " window [%d, %d]" % (left, right)
    scale = node.attribute("scale", None)
    if scale is not None:
        if not scale > 0:
            raise Refused("scale %g is not positive: its square root has no meaning" % scale)
        text += " scale %.17e" % scale
    softcap = node.attribute("softcap", 0.0)
    if softcap < 0:
        raise Refused("softcap %g is negative: the reference ignores it, the function body applies it" % softcap)
    if softcap > 0:
        text += " softcap %.17e" % softcap
    precision = node.attribute("softmax_precision", None)
    if precision is not None:
        if precision not in PRECISIONS:
            raise Refused("softmax_precision %d" % precision)
        text += " softmax_precision %s" % PRECISIONS[precision]
    return text


def import_mask(node, module):
    """The mask as booleans or floats: integers are added as numbers."""
    mask = node.input(3)
    if mask is None or mask.element in FLOATS + ("i1",):
        return mask
    convert = "arith.uitofp" if node.dtypes[3].startswith("u") else "arith.sitofp"
    return module.op(mask.shape, "f64" if mask.element == "i64" else "f32", convert + " {0.name} : {0.type} to {result.type}", mask)


def build(node, module):
    query, key, value = (node.input(position) for position in range(3))
    past_key, past_value, lengths = node.input(4), node.input(5), node.input(6)
    if (past_key is None) != (past_value is None):
        raise Refused("one past without the other")
    if past_key is not None and lengths is not None:
        raise Refused("a past together with nonpad_kv_seqlen")
    is_packed = len(query.shape) == 3
    if is_packed:
        query_heads, kv_heads = node.attribute("q_num_heads", 0), node.attribute("kv_num_heads", 0)
        query = module.split_heads(query, query_heads)
        key, value = module.split_heads(key, kv_heads), module.split_heads(value, kv_heads)
    # Past and present have the heads first.
    wants_present = 1 in node.outputs or 2 in node.outputs
    heads_first = not is_packed or past_key is not None or wants_present
    if is_packed and heads_first:
        query, key, value = (module.swap_heads(x) for x in (query, key, value))

    clauses = "" if heads_first else " layout<bshd>"
    clauses += clauses_of_attributes(node)
    mask = import_mask(node, module)
    if mask is not None:
        clauses += " mask(%s : %s)" % (mask.name, mask.type)
    if past_key is not None:
        clauses += " past(%s)" % module.index(past_key.shape[2])
        key = module.concatenate(past_key, key, 2)
        value = module.concatenate(past_value, value, 2)
    if lengths is not None:
        clauses += " kv_lengths(%s : %s)" % (lengths.name, lengths.type)

    batch, sequence, heads = query.shape[0], query.shape[2 if heads_first else 1], query.shape[1 if heads_first else 2]
    out = module.value((*query.shape[:3], value.shape[3]), query.element)
    results, names = {0: out, 1: key, 2: value}, out.name
    if 3 in node.outputs:
        mode = node.attribute("qk_matmul_output_mode", 0)
        if mode not in range(4):
            raise Refused("qk_matmul_output_mode %d" % mode)
        clauses += " returning_scores<%s>" % SCORES[mode]
        results[3] = module.value((batch, heads, sequence, key.shape[2 if heads_first else 1]), query.element)
        names += ", " + results[3].name
    module.lines.append("%s = rope.attention %s, %s, %s%s : %s, %s, %s" % (
        names, query.name, key.name, value.name, clauses, query.type, key.type, value.type))
    if is_packed:
        results[0] = module.join_heads(module.swap_heads(out) if heads_first else out)
    return [results[position] for position in node.outputs]
