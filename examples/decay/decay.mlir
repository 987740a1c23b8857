// How q . k falls with the distance of its positions (RoFormer, section 3.4.3).
//
// With the pairs of q and k* as complex numbers and h_i = q_i k_i*, summation by
// parts gives (equations 36 and 37)
//
//   |q_m . k_n| <= max_i |h_{i+1} - h_i| * sum_j |S_j|,
//   S_j = sum over the first j pairs of exp(i (m - n) w_i).
//
// The results, for every distance, are the product of a rotated query with a key,
// and the mean of |S_j| over j = 1..r/2, which the paper plots.

#pair = affine_map<(p, j, i) -> (p, i)>
#first = affine_map<(p, j, i) -> (p, j)>
#sum = affine_map<(p, j) -> (p, j)>
#distance = affine_map<(p, j) -> (p)>

func.func @main(%distances: tensor<?xi64>, %q: tensor<128xf32>, %k: tensor<128xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %distances, %c0 : tensor<?xi64>
  %cos, %sin = rope.sincos %distances frequencies<dim = 128> : tensor<?xi64> -> tensor<?x64xf32>

  // q at all distances from k, rotated and multiplied with it.
  %rows = tensor.empty(%n) : tensor<?x128xf32>
  %queries = linalg.broadcast ins(%q : tensor<128xf32>) outs(%rows : tensor<?x128xf32>) dimensions = [0]
  %rotated = rope.rotate %queries by %cos, %sin along [0] pairing<interleaved> : tensor<?x128xf32>, tensor<?x64xf32>
  %empty = tensor.empty(%n) : tensor<?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?xf32>) -> tensor<?xf32>
  %products = linalg.matvec ins(%rotated, %k : tensor<?x128xf32>, tensor<128xf32>) outs(%init : tensor<?xf32>) -> tensor<?xf32>

  // S_j, its real and its imaginary part: sums of cosines and sines.
  %shape = tensor.empty(%n) : tensor<?x64xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%shape : tensor<?x64xf32>) -> tensor<?x64xf32>
  %real, %imaginary = linalg.generic {indexing_maps = [#pair, #pair, #first, #first], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%cos, %sin : tensor<?x64xf32>, tensor<?x64xf32>) outs(%zeros, %zeros : tensor<?x64xf32>, tensor<?x64xf32>) {
  ^bb0(%c: f32, %s: f32, %re: f32, %im: f32):
    %j = linalg.index 1 : index
    %i = linalg.index 2 : index
    %isFirst = arith.cmpi ule, %i, %j : index
    %next_re = arith.addf %re, %c : f32
    %next_im = arith.addf %im, %s : f32
    %new_re = arith.select %isFirst, %next_re, %re : f32
    %new_im = arith.select %isFirst, %next_im, %im : f32
    linalg.yield %new_re, %new_im : f32, f32
  } -> (tensor<?x64xf32>, tensor<?x64xf32>)
  %means = linalg.generic {indexing_maps = [#sum, #sum, #distance], iterator_types = ["parallel", "reduction"]}
      ins(%real, %imaginary : tensor<?x64xf32>, tensor<?x64xf32>) outs(%init : tensor<?xf32>) {
  ^bb0(%re: f32, %im: f32, %mean: f32):
    %left = arith.mulf %re, %re : f32
    %right = arith.mulf %im, %im : f32
    %square = arith.addf %left, %right : f32
    %length = math.sqrt %square : f32
    %pairs = arith.constant 64.0 : f32
    %share = arith.divf %length, %pairs : f32
    %next = arith.addf %mean, %share : f32
    linalg.yield %next : f32
  } -> tensor<?xf32>
  return %products, %means : tensor<?xf32>, tensor<?xf32>
}
