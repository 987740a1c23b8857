"""IREE, for the host's processor and one thread: the programs of JAX as StableHLO."""

from importlib import metadata

import jax
from iree import compiler, runtime
from jax import export

from peers.with_jax import add_batch, make_function

VERSIONS = {name: metadata.version(name) for name in ("iree-base-compiler", "iree-base-runtime")}


def prepare(work, inputs):
    arrays = add_batch(inputs)
    exported = export.export(jax.jit(make_function(work)), platforms=["cpu"])(
        *(jax.ShapeDtypeStruct(x.shape, x.dtype) for x in arrays))
    program = compiler.compile_str(exported.mlir_module(), input_type="stablehlo", target_backends=["llvm-cpu"],
                                   extra_args=["--iree-llvmcpu-target-cpu=host"])
    config = runtime.Config("local-sync")
    context = runtime.SystemContext(config=config)
    context.add_vm_module(runtime.VmModule.copy_buffer(context.instance, program))
    main = context.modules["jit_" + make_function(work).__name__]["main"]
    arrays = [runtime.asdevicearray(config.device, x) for x in arrays]
    kept = []

    def run():
        # What to_host returns may be memory of the result.
        kept[:] = [main(*arrays)]
        return kept[0].to_host()[0]

    return run


CONTENDERS = {"IREE": prepare}
TABLES = {}
