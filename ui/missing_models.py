"""Models that a patch misses: found by their content in the user's library before anybody is asked."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..engine import Palette
from ..engine.name_schemes import scheme_of
from ..graphs import Patch, set_value, set_view
from ..nodes.codec.interface import CodecError
from ..nodes.codec.library import Library, file_digest
from ..nodes.codec.loader import model_file

# In the patch's view: the sha256 of each model file, by the name that the patch gives it.
KEY = "models"


def noted(patch: Patch, name: str, path: Path) -> Patch:
    """The patch with the content of a model file noted, so that the file is found again when it was moved."""
    try:
        digest = file_digest(path)
    except OSError:
        return patch
    return set_view(patch, KEY, {**_digests(patch), name: digest})


def with_found(patch: Patch, palette: Palette, folder: Path) -> tuple[Patch, list[str]]:
    """The patch with the models that it misses where the library has them, and a sentence for each."""
    said: list[str] = []
    library: Library | None = None
    for node, setting, name in list(_named(patch, palette)):
        digest = _digests(patch).get(name)
        if digest is None or _is_there(name, folder):
            continue
        library = library or Library()
        found = library.find(digest)
        if found is not None:
            patch = set_value(noted(patch, str(found), found), node, setting, str(found))
            said.append(f"{node}: {name} is missing; the same model was found at {found}")
    return patch, said


def _named(patch: Patch, palette: Palette) -> Iterator[tuple[str, str, str]]:
    for name, node in patch.nodes.items():
        spec = palette.get(node.type)
        for setting in spec.settings.values() if spec else ():
            value = node.values.get(setting.name)
            if setting.about.file == "model" and isinstance(value, str) and value and not scheme_of(value):
                yield name, setting.name, value


def _digests(patch: Patch) -> dict[str, str]:
    known = patch.view.get(KEY)
    return {str(key): str(value) for key, value in known.items()} if isinstance(known, Mapping) else {}


def _is_there(name: str, folder: Path) -> bool:
    try:
        return model_file(name, folder).is_file()
    except CodecError:
        return False
