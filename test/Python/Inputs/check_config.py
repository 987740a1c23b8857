"""Checks rope.config on the parameters of published configurations and on faults.

Every attribute that is printed must be one that rope-opt accepts.
"""

import argparse
import subprocess
import sys

LLAMA31 = {"hidden_size": 4096, "num_attention_heads": 32, "max_position_embeddings": 131072, "rope_theta": 500000.0,
           "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                            "original_max_position_embeddings": 8192, "rope_type": "llama3"}}
GEMMA3 = {"text_config": {"head_dim": 256, "hidden_size": 2560, "num_attention_heads": 8, "rope_theta": 1000000.0,
                          "rope_local_base_freq": 10000.0, "rope_scaling": {"factor": 8.0, "rope_type": "linear"}}}
GEMMA4 = {"head_dim": 256, "rope_parameters": {
    "full_attention": {"rope_type": "proportional", "rope_theta": 1000000.0, "partial_rotary_factor": 0.25},
    "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}}
SHORT, LONG = [1.0, 1.02, 1.03, 1.05], [1.08, 1.11, 32.5, 64.8]
PHI3 = {"hidden_size": 16, "num_attention_heads": 2, "max_position_embeddings": 131072,
        "original_max_position_embeddings": 4096, "rope_theta": 10000.0,
        "rope_scaling": {"short_factor": SHORT, "long_factor": LONG, "type": "su"}}
YARN = {"factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": False,
        "original_max_position_embeddings": 4096, "rope_type": "yarn"}
YARN_TEXT = "#rope.yarn<factor = 32.0, original_max_position_embeddings = 4096, beta_fast = 32.0, beta_slow = 1.0"

CASES = [  # name, configuration, layer type, attribute without #rope.frequencies
    ("Llama 2", {"hidden_size": 4096, "num_attention_heads": 32, "rope_scaling": None, "rope_theta": 10000.0}, None,
     "dim = 128, base = 10000.0"),
    ("without rope_theta", {"head_dim": 64}, None, "dim = 64, base = 10000.0"),
    ("Llama 3.1", LLAMA31, None, "dim = 128, base = 500000.0, scaling = #rope.llama3<factor = 8.0, low_freq_factor = 1.0, "
     "high_freq_factor = 4.0, original_max_position_embeddings = 8192>"),
    ("GPT-NeoX", {"hidden_size": 6144, "num_attention_heads": 64, "rotary_pct": 0.25, "rotary_emb_base": 10000}, None,
     "dim = 24, base = 10000.0"),
    ("Phi-2", {"hidden_size": 2560, "num_attention_heads": 32, "partial_rotary_factor": 0.4, "rope_theta": 10000.0},
     None, "dim = 32, base = 10000.0"),
    ("GPT-J", {"n_embd": 4096, "n_head": 16, "rotary_dim": 64}, None, "dim = 64, base = 10000.0"),
    ("InternLM2.5", {"hidden_size": 4096, "num_attention_heads": 32, "max_position_embeddings": 32768,
                     "rope_theta": 1000000, "rope_scaling": {"type": "dynamic", "factor": 2.0}}, None,
     "dim = 128, base = 1000000.0, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 32768>"),
    ("HunYuan", {"head_dim": 128, "max_position_embeddings": 32768, "rope_theta": 10000.0, "rope_scaling": {
        "alpha": 1000.0, "beta_fast": 32, "beta_slow": 1, "factor": 1.0, "mscale": 1.0, "type": "dynamic"}}, None,
     "dim = 128, base = 10000.0, scaling = #rope.ntk_alpha<alpha = 1000.0>"),
    ("DeepSeek-V3", {"head_dim": 192, "qk_rope_head_dim": 64, "rope_theta": 10000, "rope_scaling": {
        "beta_fast": 32, "beta_slow": 1, "factor": 40, "mscale": 1.0, "mscale_all_dim": 1.0,
        "original_max_position_embeddings": 4096, "type": "yarn"}}, None,
     "dim = 64, base = 10000.0, scaling = #rope.yarn<factor = 40.0, original_max_position_embeddings = 4096, "
     "beta_fast = 32.0, beta_slow = 1.0, mscale = 1.0, mscale_all_dim = 1.0>"),
    ("GPT-OSS, new", {"head_dim": 64, "rope_parameters": {"rope_theta": 150000.0, **YARN}}, None,
     f"dim = 64, base = 150000.0, scaling = {YARN_TEXT}, truncate = false>"),
    ("zero is absent", {"head_dim": 64, "rope_parameters": {**YARN, "beta_fast": 0, "mscale": 0, "truncate": True}}, None,
     "dim = 64, base = 10000.0, scaling = #rope.yarn<factor = 32.0, original_max_position_embeddings = 4096, "
     "beta_slow = 1.0>"),
    ("yarn without factor", {"head_dim": 64, "max_position_embeddings": 40960, "original_max_position_embeddings": 32768,
                             "rope_scaling": {"type": "yarn"}}, None,
     "dim = 64, base = 10000.0, scaling = #rope.yarn<factor = 1.25, original_max_position_embeddings = 32768>"),
    ("Phi-3", PHI3, None, "dim = 8, base = 10000.0, scaling = #rope.longrope<short_factor = [1.0, 1.02, 1.03, 1.05], "
     "long_factor = [1.08, 1.11, 32.5, 64.8], original_max_position_embeddings = 4096, factor = 32.0>"),
    ("attention factor", {**PHI3, "rope_scaling": {**PHI3["rope_scaling"], "attention_factor": 1.5}}, None,
     "dim = 8, base = 10000.0, scaling = #rope.longrope<short_factor = [1.0, 1.02, 1.03, 1.05], "
     "long_factor = [1.08, 1.11, 32.5, 64.8], original_max_position_embeddings = 4096, attention_factor = 1.5>"),
    ("Gemma 3, full", GEMMA3, "full_attention",
     "dim = 256, base = 1000000.0, scaling = #rope.linear<factor = 8.0>"),
    ("Gemma 3, sliding", GEMMA3, "sliding_attention", "dim = 256, base = 10000.0"),
    ("Gemma 4, full", GEMMA4, "full_attention",
     "dim = 256, base = 1000000.0, scaling = #rope.proportional<partial_rotary_factor = 0.25>"),
    ("Gemma 4, sliding", GEMMA4, "sliding_attention", "dim = 256, base = 10000.0"),
    ("Qwen2-VL", {"hidden_size": 3584, "num_attention_heads": 28, "rope_theta": 1000000.0,
                  "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}}, None,
     "dim = 128, base = 1000000.0, sections = [16, 24, 24]"),
    ("Qwen3-VL", {"text_config": {"head_dim": 128, "rope_theta": 5000000, "rope_scaling": {
        "mrope_interleaved": True, "mrope_section": [24, 20, 20], "rope_type": "default"}}}, None,
     "dim = 128, base = 5000000.0, sections = interleaved [24, 20, 20]"),
    ("large base", {"head_dim": 64, "rope_theta": 1e17}, None, "dim = 64, base = 1.0e+17"),
]

SCALED = {"head_dim": 8, "max_position_embeddings": 4096}
FAULTS = [  # configuration, layer type, message
    ({**SCALED, "rope_scaling": {"type": "yarm", "factor": 2.0}}, None,
     "rope_scaling.rope_type must be one of default, dynamic, linear, llama3, longrope, ntk, proportional, yarn, mrope, su, "
     "got 'yarm'"),
    ({**SCALED, "rope_scaling": {"type": "linear"}}, None, "rope_scaling.factor is missing: it must be a number"),
    ({**SCALED, "rope_parameters": {"rope_type": "linear", "factor": "4"}}, None,
     "rope_parameters.factor must be a finite number, got '4'"),
    ({**SCALED, "rope_scaling": {"type": "linear", "factor": float("nan")}}, None,
     "rope_scaling.factor must be a finite number, got nan"),
    ({**SCALED, "rope_scaling": {"type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}}, None,
     "original_max_position_embeddings is missing: it must be in rope_scaling or beside it"),
    ({"head_dim": 8, "rope_scaling": {"type": "dynamic", "factor": 2.0}}, None,
     "max_position_embeddings is missing: it must be in rope_scaling or beside it"),
    ({**SCALED, "rope_scaling": {"type": "yarn"}}, None,
     "rope_scaling.factor is missing: it must be a number, or original_max_position_embeddings be given"),
    ({**PHI3, "rope_scaling": {**PHI3["rope_scaling"], "long_factor": [1.0]}}, None,
     "rope_scaling.long_factor must be a list of dim/2 = 4 numbers, got 1 of them"),
    ({**PHI3, "rope_scaling": {"type": "longrope", "short_factor": SHORT}}, None,
     "rope_scaling.long_factor must be a list of dim/2 = 4 numbers, got None"),
    ({**PHI3, "rope_scaling": {**PHI3["rope_scaling"], "short_factor": [1.0, None, 1.0, 1.0]}}, None,
     "rope_scaling.short_factor[1] must be a finite number, got None"),
    ({"head_dim": 8, "rope_theta": 1}, None, "rope_theta must be greater than 1, got 1"),
    ({"head_dim": 8, "rope_theta": True}, None, "rope_theta must be a finite number, got True"),
    ({"head_dim": 7}, None, "the rotary dimension must be even and positive, got 7"),
    ({"head_dim": 8, "partial_rotary_factor": 1.5}, None, "partial_rotary_factor must be in (0, 1], got 1.5"),
    ({"rope_theta": 10000.0}, None,
     "head_dim is missing: it must be given, or hidden_size and num_attention_heads"),
    (GEMMA4, None, "rope_parameters is by layer type: layer type must be one of full_attention, sliding_attention, got None"),
    (GEMMA4, "linear_attention", "rope_parameters is by layer type: layer type must be one of full_attention, "
     "sliding_attention, got 'linear_attention'"),
    ({"head_dim": 8, "rope_scaling": [1]}, None, "rope_scaling must be a dictionary, got [1]"),
    ({"head_dim": 8, "rope_scaling": {"type": "mrope", "mrope_section": 4}}, None,
     "rope_scaling.mrope_section must be a list of integers, got 4"),
    ([], None, "the configuration must be a dictionary, got []"),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rope-opt", required=True)
    parser.add_argument("--python", required=True, help="the folder of the package")
    args = parser.parse_args()
    sys.path.insert(0, args.python)
    from rope.config import ConfigError, frequencies_from_config

    failures, attributes = 0, []
    for name, config, layer_type, want in CASES:
        got = frequencies_from_config(config, layer_type)
        attributes.append(got)
        if got != f"#rope.frequencies<{want}>":
            failures += 1
            print(f"{name}: expected {want}\n  got {got}")
    for config, layer_type, want in FAULTS:
        try:
            got = frequencies_from_config(config, layer_type)
        except ConfigError as error:
            got = str(error)
        if got != want:
            failures += 1
            print(f"expected the error {want}\n  got {got}")
    module = "func.func private @f() attributes {" + ", ".join(f"f{i} = {text}" for i, text in enumerate(attributes)) + "}"
    subprocess.run([args.rope_opt, "-"], input=module, check=True, text=True, stdout=subprocess.DEVNULL)
    print(f"{len(CASES)} configurations, {len(FAULTS)} faults, {failures} failures")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
