// RUN: rope-opt %s | rope-opt | FileCheck %s
// RUN: rope-opt %s --emit-bytecode | rope-opt | FileCheck %s

// Every scaling, written in full and without what is by default.

func.func private @f1() attributes {
  // CHECK: ntk = #rope.frequencies<dim = 8, base = 1.000000e+04, scaling = #rope.ntk<factor = 8.000000e+00>>
  ntk = #rope.frequencies<dim = 8, scaling = #rope.ntk<factor = 8.0>>,
  // CHECK-SAME: ntk_alpha = #rope.frequencies<dim = 8, base = 1.000000e+04, scaling = #rope.ntk_alpha<alpha = 1.000000e+03>>
  ntk_alpha = #rope.frequencies<dim = 8, scaling = #rope.ntk_alpha<alpha = 1.0e3>>
}
func.func private @f2() attributes {
  // CHECK: dynamic = #rope.frequencies<dim = 8, base = 1.000000e+04, scaling = #rope.dynamic_ntk<factor = 2.000000e+00, max_position_embeddings = 4096>>
  dynamic = #rope.frequencies<dim = 8, scaling = #rope.dynamic_ntk<max_position_embeddings = 4096, factor = 2.0>>,
  // CHECK-SAME: dynamic_at = #rope.frequencies<{{.*}}max_position_embeddings = 4096>, sequence_length = 8192>
  dynamic_at = #rope.frequencies<dim = 8, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>, sequence_length = 8192>
}
func.func private @f3() attributes {
  // CHECK: yarn = #rope.frequencies<dim = 8, base = 1.000000e+04, scaling = #rope.yarn<factor = 4.000000e+00, original_max_position_embeddings = 4096>>
  yarn = #rope.frequencies<dim = 8, scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096, beta_fast = 32.0, beta_slow = 1.0, truncate = true>>,
  // CHECK-SAME: yarn_all = #rope.frequencies<{{.*}}#rope.yarn<factor = 4.000000e+01, original_max_position_embeddings = 4096, beta_fast = 1.600000e+01, beta_slow = 2.000000e+00, truncate = false, mscale = 1.000000e+00, mscale_all_dim = 7.070000e-01, attention_factor = 1.250000e+00>>
  yarn_all = #rope.frequencies<dim = 8, scaling = #rope.yarn<factor = 40.0, original_max_position_embeddings = 4096, beta_fast = 16.0, beta_slow = 2.0, truncate = false, mscale = 1.0, mscale_all_dim = 0.707, attention_factor = 1.25>>
}
func.func private @f4() attributes {
  // CHECK: longrope = #rope.frequencies<dim = 4, base = 1.000000e+04, scaling = #rope.longrope<short_factor = [1.000000e+00, 1.1000000238418579], long_factor = [1.000000e+00, 4.000000e+00], original_max_position_embeddings = 4096, factor = 3.200000e+01>>
  longrope = #rope.frequencies<dim = 4, scaling = #rope.longrope<short_factor = [1.0, 1.1000000238418579], long_factor = [1.0, 4.0], original_max_position_embeddings = 4096, factor = 32.0>>,
  // CHECK-SAME: longrope_given = #rope.frequencies<{{.*}}original_max_position_embeddings = 4096, attention_factor = 1.500000e+00>>
  longrope_given = #rope.frequencies<dim = 4, scaling = #rope.longrope<attention_factor = 1.5, short_factor = [1.0, 1.0], long_factor = [1.0, 4.0], original_max_position_embeddings = 4096>>
}
func.func private @f5() attributes {
  // CHECK: llama3 = #rope.frequencies<dim = 8, base = 5.000000e+05, scaling = #rope.llama3<factor = 8.000000e+00, low_freq_factor = 1.000000e+00, high_freq_factor = 4.000000e+00, original_max_position_embeddings = 8192>>
  llama3 = #rope.frequencies<dim = 8, base = 5.0e5, scaling = #rope.llama3<factor = 8.0, low_freq_factor = 1.0, high_freq_factor = 4.0, original_max_position_embeddings = 8192>>,
  // CHECK-SAME: proportional = #rope.frequencies<dim = 8, base = 1.000000e+06, scaling = #rope.proportional<partial_rotary_factor = 2.500000e-01>>
  proportional = #rope.frequencies<dim = 8, base = 1.0e6, scaling = #rope.proportional<partial_rotary_factor = 0.25, factor = 1.0>>,
  // CHECK-SAME: proportional_whole = #rope.frequencies<dim = 8, base = 1.000000e+06, scaling = #rope.proportional>
  proportional_whole = #rope.frequencies<dim = 8, base = 1.0e6, scaling = #rope.proportional>
}
func.func private @f6() attributes {
  // CHECK: xpos = #rope.frequencies<dim = 8, base = 1.000000e+04, scaling = #rope.xpos>
  xpos = #rope.frequencies<dim = 8, scaling = #rope.xpos<gamma = 0.4, scale_base = 512.0, downscale = false>>,
  // CHECK-SAME: xpos_keys = #rope.frequencies<dim = 8, base = 1.000000e+04, scaling = #rope.xpos<scale_base = 6.400000e+01, downscale = true>>
  xpos_keys = #rope.frequencies<dim = 8, scaling = #rope.xpos<scale_base = 64.0, downscale = true>>
}
