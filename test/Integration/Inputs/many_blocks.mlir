!long = tensor<70000x1x2xf32>
!batches = tensor<70000x1x1x2xf32>
!nested = tensor<70000x2x1x1x2xf32>

func.func @main(%long: !long, %batches: !batches, %nested: !nested, %cos: tensor<70000x1xf32>, %sin: tensor<70000x1xf32>,
                %one_cos: tensor<1x1xf32>, %one_sin: tensor<1x1xf32>) -> (!long, !batches, !nested) {
  %0 = rope.rotate %long by %cos, %sin along [0] : !long, tensor<70000x1xf32>
  %1 = rope.rotate %batches by %one_cos, %one_sin along [1] : !batches, tensor<1x1xf32>
  %2 = rope.rotate %nested by %one_cos, %one_sin along [2] : !nested, tensor<1x1xf32>
  return %0, %1, %2 : !long, !batches, !nested
}
