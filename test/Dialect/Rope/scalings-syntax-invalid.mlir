// RUN: not rope-opt %s --split-input-file 2>&1 | FileCheck %s

// Parameters of scalings that are missing, unknown, given twice or of another
// kind.

// CHECK: struct is missing required parameter: original_max_position_embeddings
module @yarn_without_length attributes {f = #rope.yarn<factor = 4.0>} {}

// -----

// CHECK: struct is missing required parameter: long_factor
module @longrope_without_long attributes {f = #rope.longrope<short_factor = [1.0], original_max_position_embeddings = 8192, factor = 2.0>} {}

// -----

// CHECK: duplicate or unknown struct parameter name: alpha
module @yarn_with_alpha attributes {f = #rope.yarn<alpha = 4.0>} {}

// -----

// CHECK: duplicate or unknown struct parameter name: factor
module @twice attributes {f = #rope.yarn<factor = 4.0, factor = 4.0, original_max_position_embeddings = 4096>} {}

// -----

// CHECK: expected true or false
module @flag attributes {f = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096, truncate = 0>} {}

// -----

// CHECK: expected floating point literal
module @list attributes {f = #rope.longrope<short_factor = [1.0, x], long_factor = [1.0, 1.0], original_max_position_embeddings = 4096>} {}

// -----

// CHECK: missing required parameter: factor
module @linear_without_factor attributes {f = #rope.linear<>} {}

// -----

// CHECK: missing required parameter: max_position_embeddings
module @dynamic_without_length attributes {f = #rope.dynamic_ntk<factor = 4.0>} {}

// -----

// CHECK: missing required parameter: low_freq_factor
module @llama3_without_band attributes {f = #rope.llama3<factor = 8.0, high_freq_factor = 4.0, original_max_position_embeddings = 8192>} {}

// -----

// CHECK: duplicate or unknown parameter name: alpha
module @ntk_with_alpha attributes {f = #rope.ntk<alpha = 2.0>} {}

// -----

// CHECK: duplicate or unknown parameter name: factor
module @ntk_twice attributes {f = #rope.ntk<factor = 2.0, factor = 2.0>} {}
