// What a query says to every key of a cache: both rotated by their positions, then
// multiplied. One head; q and all k come without rotation.

!cache = tensor<?x128xf32>
!tables = tensor<?x64xf32>

func.func @exact(%q: tensor<1x128xf32>, %k: !cache, %q_position: tensor<1xi64>, %k_positions: tensor<?xi64>) -> tensor<1x?xf32> {
  %qc, %qs = rope.sincos %q_position frequencies<dim = 128, base = 5.000000e+05> : tensor<1xi64> -> tensor<1x64xf32>
  %kc, %ks = rope.sincos %k_positions frequencies<dim = 128, base = 5.000000e+05> : tensor<?xi64> -> !tables
  %rq = rope.rotate %q by %qc, %qs along [0] : tensor<1x128xf32>, tensor<1x64xf32>
  %rk = rope.rotate %k by %kc, %ks along [0] : !cache, !tables
  %scores = func.call @multiply(%rq, %rk) : (tensor<1x128xf32>, !cache) -> tensor<1x?xf32>
  return %scores : tensor<1x?xf32>
}

// The angles of frameworks: position times frequency, rounded to f32.
func.func @f32_angle(%q: tensor<1x128xf32>, %k: !cache, %q_position: tensor<1xi64>, %k_positions: tensor<?xi64>) -> tensor<1x?xf32> {
  %qc, %qs = rope.sincos %q_position frequencies<dim = 128, base = 5.000000e+05> accuracy<f32_angle> : tensor<1xi64> -> tensor<1x64xf32>
  %kc, %ks = rope.sincos %k_positions frequencies<dim = 128, base = 5.000000e+05> accuracy<f32_angle> : tensor<?xi64> -> !tables
  %rq = rope.rotate %q by %qc, %qs along [0] : tensor<1x128xf32>, tensor<1x64xf32>
  %rk = rope.rotate %k by %kc, %ks along [0] : !cache, !tables
  %scores = func.call @multiply(%rq, %rk) : (tensor<1x128xf32>, !cache) -> tensor<1x?xf32>
  return %scores : tensor<1x?xf32>
}

// q k^T, summed in f64 so that only the angles differ.
func.func private @multiply(%q: tensor<1x128xf32>, %k: !cache) -> tensor<1x?xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f64
  %n = tensor.dim %k, %c0 : !cache
  %empty = tensor.empty(%n) : tensor<1x?xf64>
  %zeros = linalg.fill ins(%zero : f64) outs(%empty : tensor<1x?xf64>) -> tensor<1x?xf64>
  %sums = linalg.generic {
      indexing_maps = [affine_map<(i, j, d) -> (i, d)>, affine_map<(i, j, d) -> (j, d)>, affine_map<(i, j, d) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%q, %k : tensor<1x128xf32>, !cache) outs(%zeros : tensor<1x?xf64>) {
  ^bb0(%a: f32, %b: f32, %sum: f64):
    %wide_a = arith.extf %a : f32 to f64
    %wide_b = arith.extf %b : f32 to f64
    %product = arith.mulf %wide_a, %wide_b : f64
    %next = arith.addf %sum, %product : f64
    linalg.yield %next : f64
  } -> tensor<1x?xf64>
  %result_empty = tensor.empty(%n) : tensor<1x?xf32>
  %result = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%sums : tensor<1x?xf64>) outs(%result_empty : tensor<1x?xf32>) {
  ^bb0(%sum: f64, %out: f32):
    %narrow = arith.truncf %sum : f64 to f32
    linalg.yield %narrow : f32
  } -> tensor<1x?xf32>
  return %result : tensor<1x?xf32>
}
