// Rotation together with the relative bias of T5: a learned number for each head and
// bucket of distances j - i, added to the scores, which T5 does not scale. There are
// 16 buckets for each direction: one a distance below 8, then
// 8 + log2(distance^2 / 64), two for each doubling.

#score = affine_map<(h, i, j) -> (h, i, j)>

func.func @main(%q: tensor<2x4x?x8xf32>, %k: tensor<2x4x?x8xf32>, %v: tensor<2x4x?x8xf32>, %positions: tensor<?xi64>,
                %learned: tensor<32x4xf32>) -> tensor<2x4x?x8xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<2x4x?x8xf32>
  %empty = tensor.empty(%n, %n) : tensor<4x?x?xf32>
  %bias = linalg.generic {indexing_maps = [#score], iterator_types = ["parallel", "parallel", "parallel"]}
      outs(%empty : tensor<4x?x?xf32>) {
  ^bb0(%out: f32):
    %head = linalg.index 0 : index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %zero = arith.constant 0 : index
    %eight = arith.constant 8 : index
    %fifteen = arith.constant 15 : index
    %sixteen = arith.constant 16 : index
    %ahead = arith.subi %j, %i : index
    %behind = arith.subi %i, %j : index
    %distance = arith.maxsi %ahead, %behind : index
    // The number of bits of distance^2, less one, is its logarithm.
    %square = arith.muli %distance, %distance : index
    %bits = arith.index_cast %square : index to i64
    %leading = math.ctlz %bits : i64
    %top = arith.constant 63 : i64
    %log = arith.subi %top, %leading : i64
    %exponent = arith.index_cast %log : i64 to index
    %two = arith.constant 2 : index
    %far = arith.addi %exponent, %two : index
    %last = arith.minsi %far, %fifteen : index
    %isNear = arith.cmpi slt, %distance, %eight : index
    %bucket = arith.select %isNear, %distance, %last : index
    %isAhead = arith.cmpi sgt, %ahead, %zero : index
    %side = arith.select %isAhead, %sixteen, %zero : index
    %row = arith.addi %bucket, %side : index
    %number = tensor.extract %learned[%row, %head] : tensor<32x4xf32>
    linalg.yield %number : f32
  } -> tensor<4x?x?xf32>
  %cos, %sin = rope.sincos %positions frequencies<dim = 8> : tensor<?xi64> -> tensor<?x4xf32>
  %out = rope.attention %q, %k, %v scale 1.0
    rotate_query(%cos, %sin : tensor<?x4xf32>) rotate_key(%cos, %sin : tensor<?x4xf32>)
    mask(%bias : tensor<4x?x?xf32>) : tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>
  return %out : tensor<2x4x?x8xf32>
}
