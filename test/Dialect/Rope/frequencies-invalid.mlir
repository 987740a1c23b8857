// RUN: rope-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{(C1) dim must be even and positive, got 5}}
#odd = #rope.frequencies<dim = 5>

// -----

// expected-error @+1 {{(C1) dim must be even and positive, got -2}}
#negative = #rope.frequencies<dim = -2>

// -----

// expected-error @+1 {{(C1) dim must be at most 65536, got 65538}}
#huge = #rope.frequencies<dim = 65538>

// -----

// expected-error @+1 {{(C2) base must be greater than 1 and at most 2^64, got 1}}
#one = #rope.frequencies<dim = 4, base = 1.0>

// -----

// expected-error @+1 {{(C2) base must be greater than 1 and at most 2^64, got 1.000000e+30}}
#base = #rope.frequencies<dim = 4, base = 1.0e30>

// -----

// expected-error @+1 {{(C3) linear scaling needs factor in [2^-64, 2^64], got 0}}
#zero = #rope.frequencies<dim = 4, base = 1.0e4, scaling = #rope.linear<factor = 0.0>>

// -----

// expected-error @+1 {{(C3) linear scaling needs factor in [2^-64, 2^64], got -4}}
#factor = #rope.frequencies<dim = 4, base = 1.0e4, scaling = #rope.linear<factor = -4.0>>

// -----

// expected-error @+1 {{(C3) a table for dim = 6 needs 3 values in one dimension, got 'tensor<2xf32>'}}
#short = #rope.frequencies<dim = 6, scaling = #rope.table<dense<[1.0, 0.1]> : tensor<2xf32>>>

// -----

// expected-error @+1 {{(C3) a table holds f32 or f64, got 'tensor<2xf16>'}}
#type = #rope.frequencies<dim = 4, scaling = #rope.table<dense<[1.0, 0.1]> : tensor<2xf16>>>

// -----

// expected-error @+1 {{(C3) a base has no meaning beside a table}}
#both = #rope.frequencies<dim = 4, base = 2.0e4, scaling = #rope.table<dense<[1.0, 0.1]> : tensor<2xf32>>>

// -----

// expected-error @+1 {{(C3) a table holds zeros and magnitudes in [2^-128, 2^64), got INF at 1}}
#infinite = #rope.frequencies<dim = 4, scaling = #rope.table<dense<[1.0, 0x7F800000]> : tensor<2xf32>>>

// -----

// expected-error @+1 {{(C3) a table holds zeros and magnitudes in [2^-128, 2^64), got 1.000000e-60 at 0}}
#tiny = #rope.frequencies<dim = 4, scaling = #rope.table<dense<[1.0e-60, -1.0]> : tensor<2xf64>>>

// -----

// expected-error @+1 {{(C4) sections must sum to dim/2 = 64, got 63}}
#sum = #rope.frequencies<dim = 128, sections = [16, 24, 23]>

// -----

// expected-error @+1 {{(C4) sections must be in [1, dim/2 = 4], got 0 for axis 1}}
#empty_section = #rope.frequencies<dim = 8, sections = [4, 0]>

// -----

// expected-error @+1 {{(C4) sections must be in [1, dim/2 = 4], got 9223372036854775807 for axis 0}}
#huge_section = #rope.frequencies<dim = 8, sections = [9223372036854775807, 4]>

// -----

// expected-error @+1 {{(C4) interleaved sections put the last of 24 frequencies of axis 1 at 70, it must be below dim/2 = 64}}
#interleaved = #rope.frequencies<dim = 128, sections = interleaved [16, 24, 24]>

// -----

// expected-error @+1 {{(C3) a table for dim = 4 needs 2 values in one dimension, got 'tensor<4xf32>'}}
#axial_table = #rope.frequencies<dim = 8, scaling = #rope.table<dense<1.0> : tensor<4xf32>>, sections = axial [2, 2]>

// -----

// expected-error @+1 {{(C5) sequence_length = 100 has no meaning beside a scaling that does not depend on it}}
#length = #rope.frequencies<dim = 8, sequence_length = 100>

// -----

// expected-error @+1 {{(C5) sequence_length must be in [1, 2^31), got 0}}
#no_length = #rope.frequencies<dim = 8, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>, sequence_length = 0>
