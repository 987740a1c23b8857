"""RotaryEmbedding, opset 23."""

from .module import Refused

GATHER = """linalg.generic {{
      indexing_maps = [affine_map<(b, s, i) -> (%(batch)s, s)>, affine_map<(b, s, i) -> (b, s, i)>],
      iterator_types = ["parallel", "parallel", "parallel"]}} ins({0.name} : {0.type}) outs({1.name} : {1.type}) {{
    ^bb0(%%id: i64, %%row: %(element)s):
      %%position = arith.index_cast %%id : i64 to index
      %%pair = linalg.index 2 : index
      %%entry = tensor.extract {2.name}[%%position, %%pair] : {2.type}
      linalg.yield %%entry : %(element)s
  }} -> {result.type}"""


def gather(module, table, ids, batch):
    """The rows of a table [positions, r/2] for ids [B or 1, S]."""
    shape = (batch, ids.shape[1], table.shape[1])
    empty = module.op(shape, table.element, "tensor.empty() : {result.type}")
    text = GATHER % {"batch": "b" if ids.shape[0] == batch else "0", "element": table.element}
    return module.op(shape, table.element, text, ids, empty, table)


def build(node, module):
    x, cos, sin, ids = (node.input(position) for position in range(4))
    is_packed = len(x.shape) == 3
    if is_packed:
        heads = node.attribute("num_heads", 0)
        if heads == 0:
            raise Refused("rank 3 without num_heads")
        x = module.split_heads(x, heads)
    batch, sequence_dim = x.shape[0], 1 if is_packed else 2
    rotary_dim = node.attribute("rotary_embedding_dim", 0) or x.shape[3]
    if rotary_dim < 0 or rotary_dim % 2 or rotary_dim > x.shape[3]:
        raise Refused("a rotary dimension of %d in %d lanes" % (rotary_dim, x.shape[3]))
    if cos.shape != sin.shape:
        raise Refused("cos and sin of different shapes")
    if len(cos.shape) != (3 if ids is None else 2):
        raise Refused("tables of rank %d %s position_ids" % (len(cos.shape), "without" if ids is None else "with"))
    if cos.shape[-1] != rotary_dim // 2:
        raise Refused("tables of width %d for a rotary dimension of %d" % (cos.shape[-1], rotary_dim))
    if ids is not None:
        if ids.shape[0] not in (1, batch) or ids.shape[1] != x.shape[sequence_dim]:
            raise Refused("position_ids do not fit the input")
        cos, sin = (gather(module, table, ids, batch) for table in (cos, sin))
    if cos.shape[0] != batch or cos.shape[1] != x.shape[sequence_dim]:
        raise Refused("tables do not fit the input: ORT refuses them, the reference broadcasts a batch of 1")
    text = "rope.rotate {0.name} by {1.name}, {2.name} along [0, %d]%s rotary_dim %d : {0.type}, {1.type}" % (
        sequence_dim, " pairing<interleaved>" if node.attribute("interleaved", 0) else "", rotary_dim)
    rotated = module.op(x.shape, x.element, text, x, cos, sin)
    return [module.join_heads(rotated) if is_packed else rotated]
