# Part of the rope project. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Converts the config.json of a Hugging Face model to `#rope.frequencies`.

    python3 -m rope.config config.json [--layer-type full_attention]

prints the attribute. Both spellings are read: `rope_parameters` (one dictionary, or one
a layer type) and the older `rope_theta`, `rope_scaling`, `partial_rotary_factor` beside
it, with `rope_type` or `type`. A run-time length (types dynamic and longrope) stays open.

What a model computes is what counts: an attention factor that its type ignores is
left out, zero means absent where `modeling_rope_utils` tests truth, a missing factor
of yarn and longrope is max_position_embeddings / original_max_position_embeddings.
Parameters that are unknown here are named on stderr. Exit 2: a configuration that
cannot be converted, with the parameter, its value and what is allowed.
"""

import argparse
import json
import math
import sys


class ConfigError(ValueError):
    """A configuration that has no frequencies, and why."""


# Parameters of every type, and those of each.
_COMMON = {"rope_type", "type", "rope_theta", "partial_rotary_factor", "mrope_section",
           "mrope_interleaved", "truncate", "finetuned", "max_position_embeddings"}
_OWN = {
    "default": set(),
    "linear": {"factor"},
    "ntk": {"factor"},
    "dynamic": {"factor", "alpha", "original_max_position_embeddings"},
    "yarn": {"factor", "original_max_position_embeddings", "beta_fast", "beta_slow", "mscale",
             "mscale_all_dim", "attention_factor"},
    "longrope": {"factor", "original_max_position_embeddings", "short_factor", "long_factor",
                 "attention_factor"},
    "llama3": {"factor", "original_max_position_embeddings", "low_freq_factor", "high_freq_factor"},
    "proportional": {"factor"},
}
_ALIASES = {"su": "longrope", "mrope": "default", None: "default"}


def _real(text):
    """A float in the syntax of MLIR."""
    digits = repr(float(text))
    mantissa, e, exponent = digits.partition("e")
    return mantissa + ("" if "." in mantissa else ".0") + e + exponent


def _number(value, name, least=None):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ConfigError(f"{name} must be a finite number, got {value!r}")
    if least is not None and value < least:
        raise ConfigError(f"{name} must be at least {least}, got {value!r}")
    return value


def _length(value, name):
    if isinstance(value, bool) or value != _number(value, name, 1) // 1:
        raise ConfigError(f"{name} must be an integer, got {value!r}")
    return int(value)


class _Parameters:
    """The parameters of one layer type, wherever the configuration keeps them."""

    def __init__(self, config, layer_type):
        self.config = config
        nested = config.get("rope_parameters")
        self.where = "rope_parameters" if nested is not None else "rope_scaling"
        self.outer = config.get(self.where) or {}
        if not isinstance(self.outer, dict):
            raise ConfigError(f"{self.where} must be a dictionary, got {self.outer!r}")
        self.own = self.outer
        layers = {name: value for name, value in self.outer.items() if isinstance(value, dict)}
        if layers:
            if layer_type not in layers:
                raise ConfigError(f"{self.where} is by layer type: layer type must be one of "
                                  f"{', '.join(sorted(layers))}, got {layer_type!r}")
            self.own = layers[layer_type]
            self.where += f".{layer_type}"
        elif layer_type == "sliding_attention" and "rope_local_base_freq" in config:
            # Gemma 3: local layers have a base of their own and no scaling.
            self.own = {"rope_theta": config["rope_local_base_freq"]}

    def get(self, *names):
        """The first of these that the dictionary or the configuration has."""
        for place in (self.own, self.config):
            for name in names:
                if place.get(name) is not None:
                    return place[name]
        return None

    def real(self, name, required=True, falsy_is_absent=False):
        value = self.own.get(name)
        if value is None or (falsy_is_absent and not value):
            if required:
                raise ConfigError(f"{self.where}.{name} is missing: it must be a number")
            return None
        return _number(value, f"{self.where}.{name}")

    def reals(self, name, count):
        values = self.own.get(name)
        if not isinstance(values, list) or len(values) != count:
            got = f"{len(values)} of them" if isinstance(values, list) else repr(values)
            raise ConfigError(f"{self.where}.{name} must be a list of dim/2 = {count} numbers, got {got}")
        return [_number(value, f"{self.where}.{name}[{i}]") for i, value in enumerate(values)]

    def length(self, name, *others):
        value = self.get(name, *others)
        if value is None:
            raise ConfigError(f"{name} is missing: it must be in {self.where} or beside it")
        return _length(value, name)


def _head_dim(parameters):
    value = parameters.get("qk_rope_head_dim", "head_dim", "attention_head_dim")
    if value is not None:
        return _length(value, "head_dim")
    hidden = parameters.get("hidden_size", "n_embd")
    heads = parameters.get("num_attention_heads", "n_head")
    if hidden is None or heads is None:
        raise ConfigError("head_dim is missing: it must be given, or hidden_size and num_attention_heads")
    return _length(hidden, "hidden_size") // _length(heads, "num_attention_heads")


def _dim(parameters, kind):
    """The rotary dimension."""
    head_dim = _head_dim(parameters)
    if parameters.get("rotary_dim") is not None:
        return _length(parameters.get("rotary_dim"), "rotary_dim")
    part = parameters.get("partial_rotary_factor", "rotary_pct", "rope_pct")
    if part is None or kind == "proportional":
        return head_dim
    if not 0 < _number(part, "partial_rotary_factor") <= 1:
        raise ConfigError(f"partial_rotary_factor must be in (0, 1], got {part!r}")
    return int(head_dim * part)


def _factor(parameters):
    """The factor of yarn and longrope, which may follow from the two lengths."""
    factor = parameters.real("factor", required=False)
    if factor is not None:
        return factor
    trained = parameters.get("original_max_position_embeddings")
    if trained is None:
        raise ConfigError(f"{parameters.where}.factor is missing: it must be a number, or "
                          "original_max_position_embeddings be given")
    reached = parameters.length("max_position_embeddings")
    return reached / _length(trained, "original_max_position_embeddings")


def _scaling(parameters, kind, dim):
    """The scaling as text, None for the default one."""
    def text(name, **values):
        shown = {key: _real(value) if isinstance(value, float) else value
                 for key, value in values.items() if value is not None}
        return f"#rope.{name}<" + ", ".join(f"{key} = {value}" for key, value in shown.items()) + ">"

    def real(name, **options):
        value = parameters.real(name, **options)
        return value if value is None else float(value)

    if kind == "default":
        return None
    if kind in ("linear", "ntk"):
        return text(kind, factor=real("factor"))
    if kind == "dynamic" and parameters.own.get("alpha"):
        return text("ntk_alpha", alpha=real("alpha"))
    if kind == "dynamic":
        return text("dynamic_ntk", factor=real("factor"),
                    max_position_embeddings=parameters.length("max_position_embeddings"))
    if kind == "proportional":
        part = parameters.get("partial_rotary_factor")
        return text(kind, partial_rotary_factor=None if part is None else float(_number(part, "partial_rotary_factor")),
                    factor=real("factor", required=False))
    if kind == "llama3":
        return text(kind, factor=real("factor"), low_freq_factor=real("low_freq_factor"),
                    high_freq_factor=real("high_freq_factor"),
                    original_max_position_embeddings=parameters.length("original_max_position_embeddings"))
    trained = parameters.length("original_max_position_embeddings", "max_position_embeddings")
    if kind == "longrope":
        lists = {name: "[" + ", ".join(map(_real, parameters.reals(name, dim // 2))) + "]"
                 for name in ("short_factor", "long_factor")}
        attention_factor = real("attention_factor", required=False)
        factor = None if attention_factor is not None else max(float(_factor(parameters)), 1.0)
        return text(kind, **lists, original_max_position_embeddings=trained, factor=factor,
                    attention_factor=attention_factor)
    optional = {name: real(name, required=False, falsy_is_absent=True)
                for name in ("beta_fast", "beta_slow", "mscale", "mscale_all_dim")}
    truncate = None if parameters.outer.get("truncate", True) else "false"
    return text(kind, factor=float(_factor(parameters)), original_max_position_embeddings=trained, **optional,
                truncate=truncate, attention_factor=real("attention_factor", required=False))


def _sections(parameters):
    """The mrope sections as text, None without."""
    sections = parameters.own.get("mrope_section")
    if sections is None:
        return None
    if not isinstance(sections, list) or not sections:
        raise ConfigError(f"{parameters.where}.mrope_section must be a list of integers, got {sections!r}")
    numbers = [_length(section, f"{parameters.where}.mrope_section[{i}]") for i, section in enumerate(sections)]
    return ("interleaved " if parameters.own.get("mrope_interleaved") else "") + str(numbers)


def get_unknown_parameters(config, layer_type=None):
    """The parameters that the conversion does not look at."""
    parameters = _Parameters(_text_config(config), layer_type)
    known = _COMMON | _OWN[_kind(parameters)]
    return sorted(name for name in parameters.own if name not in known)


def _text_config(config):
    """The configuration of the decoder of a multimodal model, or itself."""
    if not isinstance(config, dict):
        raise ConfigError(f"the configuration must be a dictionary, got {config!r}")
    inner = config.get("text_config")
    has_own = any(config.get(name) is not None for name in ("rope_parameters", "rope_theta", "rope_scaling"))
    return inner if isinstance(inner, dict) and not has_own else config


def _kind(parameters):
    name = parameters.own.get("rope_type") or parameters.own.get("type")
    kind = _ALIASES.get(name, name)
    if not isinstance(kind, str) or kind not in _OWN:
        raise ConfigError(f"{parameters.where}.rope_type must be one of {', '.join(sorted(_OWN))}, "
                          f"mrope, su, got {name!r}")
    return kind


def frequencies_from_config(config, layer_type=None):
    """The text of the `#rope.frequencies` attribute of a configuration."""
    parameters = _Parameters(_text_config(config), layer_type)
    kind = _kind(parameters)
    dim = _dim(parameters, kind)
    if dim <= 0 or dim % 2:
        raise ConfigError(f"the rotary dimension must be even and positive, got {dim}")
    base = parameters.get("rope_theta", "rotary_emb_base")
    base = 10000.0 if base is None else _number(base, "rope_theta")
    if base <= 1:
        raise ConfigError(f"rope_theta must be greater than 1, got {base!r}")
    text = f"dim = {dim}, base = {_real(base)}"
    for name, value in (("scaling", _scaling(parameters, kind, dim)), ("sections", _sections(parameters))):
        if value is not None:
            text += f", {name} = {value}"
    return f"#rope.frequencies<{text}>"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="rope.config", description=__doc__.splitlines()[0])
    parser.add_argument("config", help="a config.json, or - for stdin")
    parser.add_argument("--layer-type", help="where parameters are by layer type")
    options = parser.parse_args(arguments)
    try:
        with (sys.stdin if options.config == "-" else open(options.config)) as file:
            config = json.load(file)
        text = frequencies_from_config(config, options.layer_type)
        for name in get_unknown_parameters(config, options.layer_type):
            print(f"rope.config: warning: parameter {name!r} is not known and has no effect", file=sys.stderr)
    except (OSError, ValueError) as error:
        print(f"rope.config: error: {error}", file=sys.stderr)
        return 2
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
