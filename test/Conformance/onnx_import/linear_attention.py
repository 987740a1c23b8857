"""LinearAttention, opset 27."""

from .module import Refused

# What each rule takes: decay, beta.
RULES = {"linear": (False, False), "gated": (True, False), "delta": (False, True), "gated_delta": (True, True)}


def check_shapes(query, key, value, heads, kv_heads):
    if kv_heads <= 0 or heads % kv_heads:
        raise Refused("%d query heads do not divide into groups of %d key heads" % (heads, kv_heads))
    if query.shape[3] != key.shape[3]:
        raise Refused("queries of %d lanes and keys of %d" % (query.shape[3], key.shape[3]))
    if query.shape[:2] != key.shape[:2] or key.shape[:3] != value.shape[:3]:
        raise Refused("query, key and value do not agree")


def import_gates(node, module, key):
    """decay and beta as clauses of rope.linear_attention."""
    rule = node.attribute("update_rule", "gated_delta")
    if rule not in RULES:
        raise Refused("update_rule %s" % rule)
    decay, beta = node.input(4), node.input(5)
    for name, gate, is_needed in zip(("decay", "beta"), (decay, beta), RULES[rule]):
        if is_needed != (gate is not None):
            raise Refused("update_rule %s %s" % (rule, "needs " + name if is_needed else "has no use for " + name))
    clauses, (heads, lanes) = "", key.shape[2:]
    if decay is not None:
        if decay.shape != (*key.shape[:2], heads):
            if decay.shape != (*key.shape[:2], heads * lanes):
                raise Refused("decay of shape %s" % list(decay.shape))
            decay = module.split_heads(decay, heads)
        clauses += " log_decay(%s : %s)" % (decay.name, decay.type)
    if beta is not None:
        if beta.shape not in ((*key.shape[:2], heads), (*key.shape[:2], 1)):
            raise Refused("beta of shape %s" % list(beta.shape))
        clauses += " beta(%s : %s)" % (beta.name, beta.type)
    return clauses


def build(node, module):
    query, key, value, past = (node.input(position) for position in range(4))
    if node.input(6) is not None:
        raise Refused("erase_gate, which opset 27 does not have")
    heads, kv_heads = node.attribute("q_num_heads", 0), node.attribute("kv_num_heads", 0)
    query, key, value = (module.split_heads(x, n) for x, n in ((query, heads), (key, kv_heads), (value, kv_heads)))
    check_shapes(query, key, value, heads, kv_heads)
    scale = node.attribute("scale", 0.0) or query.shape[3] ** -0.5
    clauses = " layout<bshd> causal scale %.17e" % scale + import_gates(node, module, key)
    state_shape = (key.shape[0], kv_heads, key.shape[3], value.shape[3])
    if past is not None:
        if past.shape != state_shape:
            raise Refused("past_state of shape %s" % list(past.shape))
        clauses += " past(%s : %s)" % (past.name, past.type)
    out = module.value((*query.shape[:3], value.shape[3]), query.element)
    state = module.value(state_shape, past.element if past is not None else query.element)
    module.lines.append("%s, %s = rope.linear_attention %s, %s, %s%s returning_state : %s, %s, %s" % (
        out.name, state.name, query.name, key.name, value.name, clauses, query.type, key.type, value.type))
    return [module.join_heads(out) if position == 0 else state for position in node.outputs]
