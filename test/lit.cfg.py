"""How lit runs the tests of rope: FileCheck tests and gtest binaries."""

import os

import lit.formats
import lit.llvm

lit.llvm.initialize(lit_config, config)
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "Rope"
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Unit"]
config.test_format = lit.formats.ShTest(not llvm_config.use_lit_shell)
config.test_source_root = os.path.dirname(__file__)

llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", config.rope_tools_dir, append_path=True)
config.substitutions.append(("%python", config.python))
config.substitutions.append(("%rope_src", config.rope_source_dir))
config.substitutions.append(("%rope_build", config.rope_binary_dir))
llvm_config.add_tool_substitutions(
    [ToolSubst(name) for name in ("rope-opt", "rope-run", "mlir-opt", "FileCheck", "not", "count")],
    [config.rope_tools_dir, config.llvm_tools_dir])
