// The sinusoidal embedding of the Transformer, as a frontend writes it: a table of
// sines and cosines of position * 10000^(-2i/32), added to the tokens. It has the
// angles of a rotary embedding, but is no rotation: recognition leaves it alone.

#id = affine_map<(b, s, m) -> (b, s, m)>
#position = affine_map<(b, s, m) -> (s)>

func.func @main(%x: tensor<2x?x32xf32>, %positions: tensor<?xi64>) -> tensor<2x?x32xf32> {
  %y = linalg.generic {indexing_maps = [#position, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%positions : tensor<?xi64>) outs(%x : tensor<2x?x32xf32>) {
  ^bb0(%p: i64, %value: f32):
    %lane = linalg.index 2 : index
    %one = arith.constant 1 : index
    %two = arith.constant 2 : index
    %pair = arith.divui %lane, %two : index
    %parity = arith.remui %lane, %two : index
    %number = arith.index_cast %pair : index to i64
    %number32 = arith.sitofp %number : i64 to f32
    // -2 ln(10000) / 32
    %step = arith.constant -0.575646273 : f32
    %exponent = arith.mulf %number32, %step : f32
    %frequency = math.exp %exponent : f32
    %position32 = arith.sitofp %p : i64 to f32
    %angle = arith.mulf %position32, %frequency : f32
    %sin = math.sin %angle : f32
    %cos = math.cos %angle : f32
    %isOdd = arith.cmpi eq, %parity, %one : index
    %entry = arith.select %isOdd, %cos, %sin : f32
    %sum = arith.addf %value, %entry : f32
    linalg.yield %sum : f32
  } -> tensor<2x?x32xf32>
  return %y : tensor<2x?x32xf32>
}
