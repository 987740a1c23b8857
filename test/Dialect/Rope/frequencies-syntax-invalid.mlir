// RUN: rope-opt %s --split-input-file --verify-diagnostics

// #rope.frequencies: syntax, and parameters of the wrong kind.

// expected-error @+1 {{(C2) base must be greater than 1 and at most 2^64, got INF}}
module @c2_infinite_base attributes {f = #rope.frequencies<dim = 8, base = 0x7FF0000000000000>} {}

// -----

// expected-error @+1 {{(C3) a table for dim = 8 needs 4 values in one dimension, got 'tensor<2x2xf32>'}}
module @c3_square_table attributes {f = #rope.frequencies<dim = 8, scaling = #rope.table<dense<1.0> : tensor<2x2xf32>>>} {}

// -----

// expected-error @+1 {{invalid kind of attribute specified}}
module @c3_not_a_scaling attributes {f = #rope.frequencies<dim = 8, scaling = 4.0 : f32>} {}

// -----

// expected-error @+2 {{invalid kind of attribute specified}}
// expected-error @+1 {{failed to parse Rope_TableScalingAttr parameter 'values'}}
module @integer_table attributes {f = #rope.frequencies<dim = 8, scaling = #rope.table<dense<1> : tensor<4xi32>>>} {}

// -----

// expected-error @+1 {{expected 'dim'}}
module @without_dim attributes {f = #rope.frequencies<base = 5.0e5>} {}

// -----

// expected-error @+1 {{unknown parameter 'theta', expected one of: base, scaling, sections, sequence_length}}
module @unknown_parameter attributes {f = #rope.frequencies<dim = 8, theta = 5.0e5>} {}

// -----

// expected-error @+1 {{parameter 'base' is given twice}}
module @base_twice attributes {f = #rope.frequencies<dim = 8, base = 5.0e5, base = 5.0e5>} {}

// -----

// expected-error @+1 {{unknown attribute `yarm` in dialect `rope`}}
module @unknown_scaling attributes {f = #rope.frequencies<dim = 8, scaling = #rope.yarm<factor = 4.0>>} {}

// -----

// expected-error @+1 {{expected sections to be one of: contiguous, interleaved, axial, got mixed}}
module @unknown_sections attributes {f = #rope.frequencies<dim = 8, sections = mixed [2, 2]>} {}

// -----

// expected-error @+1 {{(C4) sections need at least one entry}}
module @c4_no_sections attributes {f = #rope.frequencies<dim = 8, sections = []>} {}
