// RUN: rope-opt %s --split-input-file --verify-diagnostics

// The ranges of the scalings' parameters (C3 of #rope.frequencies).

// expected-error @+1 {{(C3) ntk scaling needs dim of at least 4, got 2}}
module @ntk_dim attributes {f = #rope.frequencies<dim = 2, base = 1.0e4, scaling = #rope.ntk<factor = 2.0>>} {}

// -----

// expected-error @+1 {{(C3) ntk scaling needs factor in [1, 65536], got 5.000000e-01}}
module @ntk_factor attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.ntk<factor = 0.5>>} {}

// -----

// expected-error @+1 {{(C3) ntk scaling needs factor in [1, 65536], got nan}}
module @ntk_nan attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.ntk<factor = 0x7FF8000000000000>>} {}

// -----

// expected-error @+1 {{(C3) ntk_alpha scaling needs alpha in [1, 65536], got INF}}
module @ntk_alpha attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.ntk_alpha<alpha = 0x7FF0000000000000>>} {}

// -----

// expected-error @+1 {{(C3) dynamic_ntk scaling needs factor in [1, 65536], got 0}}
module @dynamic_factor attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.dynamic_ntk<factor = 0.0, max_position_embeddings = 4096>>} {}

// -----

// expected-error @+1 {{(C3) dynamic_ntk scaling needs max_position_embeddings in [1, 2^31), got 0}}
module @dynamic_length attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 0>>} {}

// -----

// expected-error @+1 {{(C3) dynamic_ntk scaling needs dim of at least 4, got 2}}
module @dynamic_dim attributes {f = #rope.frequencies<dim = 2, base = 1.0e4, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>>} {}

// -----

// expected-error @+1 {{(C3) yarn scaling needs factor in [1, 2^64], got 2.500000e-01}}
module @yarn_factor attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.yarn<factor = 0.25, original_max_position_embeddings = 4096>>} {}

// -----

// expected-error @+1 {{(C3) yarn scaling needs original_max_position_embeddings in [1, 2^31), got -1}}
module @yarn_length attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = -1>>} {}

// -----

// expected-error @+1 {{(C3) yarn scaling needs beta_fast of at least beta_slow, got 5.000000e-01}}
module @yarn_betas attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096, beta_fast = 0.5>>} {}

// -----

// expected-error @+1 {{(C3) yarn scaling needs beta_slow in [2^-64, 2^64], got 0}}
module @yarn_beta_slow attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096, beta_slow = 0.0>>} {}

// -----

// expected-error @+1 {{(C3) yarn scaling needs mscale in [2^-64, 2^64], got -1}}
module @yarn_mscale attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096, mscale = -1.0>>} {}

// -----

// expected-error @+1 {{(C3) yarn scaling needs mscale_all_dim in [2^-64, 2^64], got 0}}
module @yarn_mscale_all_dim attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096, mscale_all_dim = 0.0>>} {}

// -----

// expected-error @+1 {{(C3) yarn scaling needs attention_factor in [2^-64, 2^64], got nan}}
module @yarn_attention_factor attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096, attention_factor = 0x7FF8000000000000>>} {}

// -----

// expected-error @+1 {{(C3) longrope scaling needs short_factor of dim/2 = 4 entries, got 3}}
module @longrope_short attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.longrope<short_factor = [1.0, 1.0, 1.0], long_factor = [1.0, 2.0, 3.0, 4.0], original_max_position_embeddings = 4096, factor = 2.0>>} {}

// -----

// expected-error @+1 {{(C3) longrope scaling needs long_factor of dim/2 = 4 entries, got 0}}
module @longrope_long attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.longrope<short_factor = [1.0, 1.0, 1.0, 1.0], long_factor = [], original_max_position_embeddings = 4096, factor = 2.0>>} {}

// -----

// expected-error @+1 {{(C3) longrope scaling needs long_factor[2] in [2^-64, 2^64], got 0}}
module @longrope_entry attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.longrope<short_factor = [1.0, 1.0, 1.0, 1.0], long_factor = [1.0, 2.0, 0.0, 4.0], original_max_position_embeddings = 4096, factor = 2.0>>} {}

// -----

// expected-error @+1 {{(C3) longrope scaling needs original_max_position_embeddings in [2, 2^31), got 1}}
module @longrope_length attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.longrope<short_factor = [1.0, 1.0, 1.0, 1.0], long_factor = [1.0, 2.0, 3.0, 4.0], original_max_position_embeddings = 1, factor = 2.0>>} {}

// -----

// expected-error @+1 {{(C3) longrope scaling needs factor or attention_factor, got neither}}
module @longrope_neither attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.longrope<short_factor = [1.0, 1.0, 1.0, 1.0], long_factor = [1.0, 2.0, 3.0, 4.0], original_max_position_embeddings = 4096>>} {}

// -----

// expected-error @+1 {{(C3) longrope scaling needs factor in [1, 2^64], got 5.000000e-01}}
module @longrope_factor attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.longrope<short_factor = [1.0, 1.0, 1.0, 1.0], long_factor = [1.0, 2.0, 3.0, 4.0], original_max_position_embeddings = 4096, factor = 0.5>>} {}

// -----

// expected-error @+1 {{(C3) llama3 scaling needs factor in [1, 2^64], got -8}}
module @llama3_factor attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.llama3<factor = -8.0, low_freq_factor = 1.0, high_freq_factor = 4.0, original_max_position_embeddings = 8192>>} {}

// -----

// expected-error @+1 {{(C3) llama3 scaling needs low_freq_factor in [2^-64, 2^64], got 0}}
module @llama3_low attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.llama3<factor = 8.0, low_freq_factor = 0.0, high_freq_factor = 4.0, original_max_position_embeddings = 8192>>} {}

// -----

// expected-error @+1 {{(C3) llama3 scaling needs high_freq_factor of at least low_freq_factor, got 5.000000e-01}}
module @llama3_order attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.llama3<factor = 8.0, low_freq_factor = 1.0, high_freq_factor = 0.5, original_max_position_embeddings = 8192>>} {}

// -----

// expected-error @+1 {{(C3) llama3 scaling needs original_max_position_embeddings in [1, 2^31), got 2147483648}}
module @llama3_length attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.llama3<factor = 8.0, low_freq_factor = 1.0, high_freq_factor = 4.0, original_max_position_embeddings = 2147483648>>} {}

// -----

// expected-error @+1 {{(C3) proportional scaling needs partial_rotary_factor in (0, 1], got 1.500000e+00}}
module @proportional_part attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.proportional<partial_rotary_factor = 1.5>>} {}

// -----

// expected-error @+1 {{(C3) proportional scaling needs factor in [2^-64, 2^64], got 0}}
module @proportional_factor attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.proportional<factor = 0.0>>} {}

// -----

// expected-error @+1 {{(C3) xpos scaling needs scale_base in [8, 2^31], got 0}}
module @xpos_scale_base attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.xpos<scale_base = 0.0>>} {}

// -----

// expected-error @+1 {{(C3) xpos scaling needs gamma in [1/16, 65536], got nan}}
module @xpos_gamma attributes {f = #rope.frequencies<dim = 8, base = 1.0e4, scaling = #rope.xpos<gamma = 0x7FF8000000000000>>} {}
