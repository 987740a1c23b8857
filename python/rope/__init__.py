# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tools around the rope dialect that need nothing but Python."""
