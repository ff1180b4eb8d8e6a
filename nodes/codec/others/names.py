"""How codecs of other libraries are named, ``FAMILY:FOLDER`` or ``FAMILY:OWNER/NAME``, and where their weights are.

Nothing is ever downloaded: a patch that comes from somebody else must not make this computer fetch anything. Weights
are numbers without code (safetensors), so nobody has to be asked whether they may be used.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ....engine.missing_package import MissingError, need
from ....engine.name_schemes import register_scheme
from ..interface import CodecError

REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)


@dataclass(frozen=True)
class Family:
    """A kind of codec. library: the package that holds it. example: the name of well-known weights.

    weights: its file of weights; inside: the folder of the repository in which it may lie, and ``config.json`` with it.
    """

    name: str
    library: str
    example: str
    weights: str = "model.safetensors"
    inside: str = ""


FAMILIES: dict[str, Family] = {}


def add_family(family: Family) -> None:
    """Know a kind of codec: its names are no paths wherever one is typed, moved or looked for."""
    FAMILIES[family.name] = family
    register_scheme(family.name)


def family_of(name: str) -> Family | None:
    """The family that a codec's name begins with, if it does."""
    return FAMILIES.get(name.partition(":")[0]) if ":" in name else None


def weights_file(name: str, folder: Path | None = None) -> Path:
    """The file of weights that a name means: in a folder, or among what was downloaded before. Raises CodecError."""
    family = family_of(name)
    if family is None:
        raise CodecError(f"{name} names no known codec family; available: {', '.join(f'{one}:' for one in FAMILIES)}")
    where = name.partition(":")[2]
    if not where.strip():
        raise CodecError(f"{name} names no weights; use {family.name}:FOLDER or {family.name}:{family.example}")
    local = (folder or Path()) / Path(where)
    try:
        local = (folder or Path()) / Path(where).expanduser()
        for one in (local, local / family.inside):
            if (one / family.weights).is_file():
                return one / family.weights
        is_folder = local.is_dir()
    except (OSError, ValueError):
        is_folder = False
    if is_folder:
        raise CodecError(f"{name}: there is no {family.weights} in {local}; choose the downloaded folder")
    if not REPOSITORY.fullmatch(where):
        raise CodecError(f"{name}: there is no folder {where}; write {family.name}:FOLDER or {family.example}")
    return _downloaded(name, family, where)


def _downloaded(name: str, family: Family, repository: str) -> Path:
    """Where a repository's weights are kept on this computer. Raises CodecError with the way to get them."""
    library = need_library("huggingface_hub", name)
    for prefix in dict.fromkeys((f"{family.inside}/" if family.inside else "", "")):
        found = library.try_to_load_from_cache(repository, f"{prefix}{family.weights}")
        if isinstance(found, str):
            return Path(found)
    raise CodecError(f"{name} is not on this computer; read its licence, and get it with: hf download {repository}")


def need_library(library: str, name: str) -> ModuleType:
    """A library of codecs. Raises CodecError with the way to get it."""
    try:
        return need(library, name, "codecs")
    except MissingError as error:
        raise CodecError(str(error)) from error


for _one in (
    Family("encodec", "transformers", "facebook/encodec_24khz"),
    Family("dac", "transformers", "descript/dac_44khz"),
    Family("mimi", "transformers", "kyutai/mimi"),
    Family("oobleck", "diffusers", "stabilityai/stable-audio-open-1.0", "diffusion_pytorch_model.safetensors", "vae"),
):
    add_family(_one)
