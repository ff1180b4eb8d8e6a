"""Load a codec of another library; those libraries are imported here, and only when such a codec is asked for."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..interface import CodecError, reason_of
from ..signature import MethodFacts, Signature
from ..torchscript import CodecModel, LoadedModel, as_codec
from .names import Family, family_of, need_library, weights_file


def load_other(name: str, folder: Path | None = None) -> CodecModel:
    """The codec of a name such as ``dac:descript/dac_44khz``, tried as every model is. Raises CodecError."""
    family, path = family_of(name), weights_file(name, folder)
    if family is None:
        raise CodecError(f"{name} begins with no kind of codec")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = _opened(family, path.parent, name)
    except CodecError:
        raise
    except Exception as error:
        raise CodecError(f"{name} cannot be loaded ({reason_of(error)}); get it again") from None
    return as_codec(LoadedModel(name, module, _signature(module), path.stat().st_size))


def _opened(family: Family, folder: Path, name: str) -> Any:
    from . import modules

    makers: dict[str, Callable[[Any], modules.Foreign]] = {
        "encodec": modules.Encodec,
        "dac": modules.Dac,
        "mimi": modules.Mimi,
        "oobleck": modules.Oobleck,
    }
    held = {"local_files_only": True, "use_safetensors": True}
    if family.library == "diffusers":
        library: Any = need_library("diffusers", name)
        model: Any = library.AutoencoderOobleck.from_pretrained(folder, low_cpu_mem_usage=False, **held)
    else:
        library = need_library("transformers", name)
        kinds = {"encodec": "EncodecModel", "dac": "DacModel", "mimi": "MimiModel"}
        library.logging.set_verbosity_error()
        library.logging.disable_progress_bar()
        model, told = getattr(library, kinds[family.name]).from_pretrained(folder, output_loading_info=True, **held)
        if told["missing_keys"] or told["mismatched_keys"]:
            raise CodecError(
                f"{name}: its weights are not {family.name} weights; choose others, or another codec family"
            )
        if getattr(model.config, "norm_type", "") == "time_group_norm":
            raise CodecError(
                f"{name} normalises whole seconds at a time and can't stream; use {family.name}:{family.example}"
            )
    module = modules.without_norms(makers[family.name](model)).eval().float()
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    return module


def _signature(module: Any) -> Signature:
    size, ratio, channels = module.latent_dim, module.ratio, module.channels
    methods = {
        "encode": MethodFacts("encode", channels, 1, size, ratio),
        "decode": MethodFacts("decode", size, ratio, channels, 1),
    }
    return Signature(methods, {}, module.sample_rate, "its configuration", size, ())
