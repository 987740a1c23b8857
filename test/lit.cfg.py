"""How lit runs the tests of rope. The suite in Unit/ runs the gtest cases."""

import os
import platform
import shutil
import subprocess

import lit.formats
import lit.llvm

lit.llvm.initialize(lit_config, config)
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "Rope"
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs"]
config.test_format = lit.formats.ShTest(not llvm_config.use_lit_shell)
config.test_source_root = os.path.dirname(__file__)

llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", config.rope_tools_dir, append_path=True)

shared_dir = os.path.join(os.path.dirname(config.rope_source_dir), "shared")
config.substitutions += [
    ("%python", config.python),
    ("%cmake", config.cmake),
    ("%cxx", config.cxx),
    ("%cc", config.cc),
    ("%llvm_prefix", os.path.dirname(config.llvm_tools_dir)),
    ("%rope_src", config.rope_source_dir),
    ("%rope_build", config.rope_binary_dir),
    ("%rope_plugin", os.path.join(config.rope_binary_dir, "lib", "libRopePlugin.so")),
    ("%shared", shared_dir),
]
llvm_config.add_tool_substitutions(
    [ToolSubst(name) for name in ("rope-opt", "mlir-opt", "mlir-tblgen", "FileCheck", "not", "count")]
    + [ToolSubst(name, unresolved="ignore") for name in ("rope-compile", "rope-run")],
    [config.rope_tools_dir, config.llvm_tools_dir])

# What a machine may lack: tests that need it say REQUIRES and are counted as
# skipped.
if os.path.isdir(shared_dir):
    config.available_features.add("shared")
if os.path.exists(os.path.join(config.llvm_tools_dir, "clang-format")):
    config.available_features.add("clang-format")
for tool in ("ptxas", "nvdisasm", "spirv-val"):
    if shutil.which(tool, path=config.environment["PATH"]):
        config.available_features.add(tool)
if subprocess.run([os.path.join(config.rope_tools_dir, "rope-run"), "-", "--device=vulkan"],
                  input=b"func.func @main() { return }", capture_output=True).returncode == 0:
    config.available_features.add("vulkan")
if shutil.which("qemu-aarch64") and os.path.exists("/usr/aarch64-linux-gnu/lib/crt1.o"):
    config.available_features.add("aarch64-emulator")
if platform.machine() in ("x86_64", "AMD64"):
    config.available_features.add("x86")
# What this machine multiplies bf16 by, as Linux names it.
if os.path.exists("/proc/cpuinfo"):
    with open("/proc/cpuinfo") as file:
        flags = set(file.read().split())
    for feature, flag in (("host-amx", "amx_bf16"), ("host-avx512bf16", "avx512_bf16")):
        if flag in flags:
            config.available_features.add(feature)
for package in ("numpy", "onnx"):
    if subprocess.call([config.python, "-c", "import " + package], stderr=subprocess.DEVNULL) == 0:
        config.available_features.add(package)

# Tests that write install manifests or nested builds run one at a time.
lit_config.parallelism_groups["build"] = 1
