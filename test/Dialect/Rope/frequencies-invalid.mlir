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

// expected-error @+1 {{(C3) linear scaling needs a factor in [2^-64, 2^64], got 0}}
#zero = #rope.frequencies<dim = 4, base = 1.0e4, scaling = #rope.linear<factor = 0.0>>

// -----

// expected-error @+1 {{(C3) linear scaling needs a factor in [2^-64, 2^64], got -4}}
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
