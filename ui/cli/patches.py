"""Patches as named on the command line: a file or a starter, with values changed for this one time."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import FILE, RUN, USAGE, Failure, say

if TYPE_CHECKING:
    from ...engine import Palette, PatchError
    from ...graphs import Patch

DEFAULT_RATE = 48_000
EXAMPLE = "write NODE.PARAM=VALUE, for example --set gain-1.level=-6"

PatchName = Annotated[str, typer.Argument(metavar="PATCH", help="A patch file (.ltp) or a starter.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NODE.PARAM=VALUE", help="Set a parameter or setting. Repeatable."),
]
OneCodec = Annotated[
    str | None,
    typer.Option("--codec", metavar="MODEL", help="One codec for all nodes that encode and decode."),
]
PatchSeed = Annotated[int | None, typer.Option("--seed", help="Use this seed instead of the patch's.")]


@dataclass(frozen=True)
class OpenedPatch:
    """A patch, what it is called, the folder its paths start from, and its file (None for a starter)."""

    patch: "Patch"
    name: str
    folder: Path
    file: Path | None = None


def open_patch(name: str) -> OpenedPatch:
    """The patch in a file, or the starter of that name; what killed programs left beside it goes. Raises Failure."""
    from ...graphs.file_write import clean_folder

    path = Path(name)
    if _exists(path):
        folder = path.absolute().parent
        clean_folder(folder)
        return OpenedPatch(_with_models(read_patch(path), folder), name, folder, path)
    from ...graphs.starters import STARTERS

    starter = STARTERS.get(name)
    if starter is None:
        raise Failure(f"{name}: no such file or starter; starters are {_names(STARTERS)}", FILE)
    patch = read_patch(starter.file) if starter.file.exists() else starter.build()
    return OpenedPatch(patch, name, Path.cwd())


def _with_models(patch: "Patch", folder: Path) -> "Patch":
    """The patch with the models that it misses where the user's library has them."""
    if "models" not in patch.view:
        return patch
    from ..missing_models import with_found

    patch, said = with_found(patch, load_types(), folder)
    for sentence in said:
        say(sentence)
    return patch


def read_patch(path: Path) -> "Patch":
    """The patch in a file. Raises Failure."""
    from ...graphs import PatchFileError, load_file

    if path.is_dir():
        raise Failure(f"{path}: this is a folder; name a patch file in it", FILE)
    try:
        return load_file(path)
    except PatchFileError as error:
        raise Failure(_about(path, str(error)), FILE) from None
    except OSError as error:
        raise Failure(f"{path}: it can't be read ({error.strerror})", FILE) from None


def save_patch(patch: "Patch", path: Path, like: Path | None = None) -> None:
    """Save a patch; like: the file it comes from. Raises Failure."""
    from ...graphs import PatchFileError, save

    if path.is_dir():
        raise Failure(f"{path}: this is a folder; name a file in it, such as {path / 'patch.ltp'}", FILE)
    try:
        save(patch, path, like=like)
    except PatchFileError as error:
        raise Failure(_about(path, str(error)), FILE) from None
    except OSError as error:
        raise Failure(f"{path}: can't be written ({error.strerror}); choose a writable folder", FILE) from None


def load_types() -> "Palette":
    """Every installed node type; says which ones could not be loaded."""
    from ...engine import load_palette
    from ...nodes.codec import remote

    remote.say = say
    palette = load_palette()
    for complaint in palette.complaints:
        say(complaint)
    return palette


def with_changes(
    opened: OpenedPatch,
    palette: "Palette",
    assignments: Sequence[str] | None,
    seed: int | None = None,
    codec: str | None = None,
) -> OpenedPatch:
    """The patch with ``--codec``, then ``--set`` and ``--seed`` applied. Raises Failure for what can't be set."""
    from ...engine.definition_specs import with_definitions
    from ...graphs import EditError, set_seed
    from ..setting_edits import with_setting

    patch = opened.patch if codec is None else _with_codec(opened, palette, codec)
    palette = with_definitions(palette, patch)
    try:
        if seed is not None:
            patch = set_seed(patch, seed)
        for assignment in assignments or ():
            node, key, text = split_assignment(assignment)
            value = _value(opened, palette, node, key, text)
            _say_place(opened, palette, node, key, value)
            patch = with_setting(patch, palette, node, key, value)
    except EditError as error:
        raise Failure(str(error), USAGE) from None
    return replace(opened, patch=patch)


def _say_place(opened: OpenedPatch, palette: "Palette", node: str, key: str, value: Any) -> None:
    """Say where a file will be written that was named from the current folder, which a patch does not do."""
    spec = palette.get(opened.patch.nodes[node].type)
    setting = spec.settings.get(key) if spec is not None else None
    if setting is not None and setting.about.writes and value and opened.folder.absolute() != Path.cwd():
        path = (opened.folder / str(value)).absolute()
        say(f"{node}.{key}: writes {path}; names in --set start in the current folder")


def split_assignment(assignment: str) -> tuple[str, str, str]:
    """``node.param=value`` in its three parts. Raises Failure."""
    where, equals, value = assignment.partition("=")
    node, dot, key = where.strip().rpartition(".")
    if not (equals and dot and node and key):
        raise Failure(f"--set {assignment}: invalid; {EXAMPLE}", USAGE)
    return node, key, value.strip()


def _with_codec(opened: OpenedPatch, palette: "Palette", codec: str) -> "Patch":
    from ..one_codec import SETTING, codec_nodes, followers, with_codec

    named = codec_nodes(opened.patch, palette)
    if not named:
        raise Failure(f"--codec {codec}: this patch has no codec; omit it", USAGE)
    chosen = str(_value(opened, palette, next(iter(named)), SETTING, codec, "--codec"))
    follow = followers(opened.patch, palette)
    for name in named.keys() - set(follow):
        say(f"--codec: {name} keeps {named[name]}, as it shares no latents with the others; change it with --set")
    return with_codec(opened.patch, palette, chosen)


def save_from(opened: OpenedPatch, palette: "Palette", path: Path) -> None:
    """Save a patch somewhere; the files that it names are named from there. Raises Failure."""
    from ...engine.typed import seen_from

    folder = path.absolute().parent
    if folder == opened.folder.absolute():
        save_patch(opened.patch, path, opened.file)
        return
    patch = opened.patch
    for name, node in opened.patch.nodes.items():
        spec = palette.get(node.type)
        for key, value in node.values.items():
            setting = spec.settings.get(key) if spec is not None else None
            # what a patch records goes beside it, wherever it is
            if setting is not None and setting.about.file and not setting.about.writes:
                patch = _set_value(patch, name, key, seen_from(folder, opened.folder, value))
    save_patch(patch, path, opened.file)


def _set_value(patch: "Patch", node: str, key: str, value: Any) -> "Patch":
    from ...graphs import set_value

    return patch if patch.nodes[node].values[key] == value else set_value(patch, node, key, value)


def codec_rate(opened: OpenedPatch, palette: "Palette") -> int:
    """The sample rate in Hz at which the patch's codec speaks (decoders before encoders); 48000 without one."""
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.remote import open_codec

    for codec in codecs_of(opened, palette):
        with suppress(CodecError):
            return open_codec(codec, opened.folder).facts.sample_rate
    return DEFAULT_RATE


def codecs_of(opened: OpenedPatch, palette: "Palette") -> list[str]:
    """The codecs that a patch names, decoders' before encoders'."""
    found: list[tuple[bool, str]] = []
    for node in opened.patch.nodes.values():
        spec = palette.get(node.type)
        for setting in spec.settings.values() if spec else ():
            if spec and setting.about.file == "model":
                found.append(("latent" not in spec.inputs, str(node.values.get(setting.name, setting.default))))
    return [codec for _, codec in sorted(found)]


def cannot_run(opened: OpenedPatch, error: "PatchError") -> Failure:
    """A patch that can't run, as a failure that tells everything found."""
    worst_first = sorted(error.problems, key=lambda problem: problem.severity != "error")
    return Failure(f"{opened.name}: {error}", RUN, worst_first)


def _value(opened: OpenedPatch, palette: "Palette", node: str, key: str, text: str, where: str = "") -> Any:
    """What ``text`` means for a node's param or setting, checked as the engine will. Raises Failure."""
    from ...engine.names import did_you_mean
    from ...engine.typed import Where, read_value

    where = where or f"--set {node}.{key}"
    known = opened.patch.nodes
    if node not in known:
        raise Failure(f"{where}: the patch has no node {node!r}; {did_you_mean(node, known)}", USAGE)
    type_ = known[node].type
    spec = palette.get(type_)
    if spec is None:
        return _as_json(text)
    if key not in spec.params and key not in spec.settings:
        raise Failure(
            f"{where}: {type_} has no such param or setting; {did_you_mean(key, [*spec.params, *spec.settings])}", USAGE
        )
    try:
        return read_value(text, spec.params.get(key), spec.settings.get(key), Where(opened.folder, Path.cwd()))
    except ValueError as error:
        raise Failure(f"{where}: {error}", USAGE) from None


def _as_json(text: str) -> Any:
    """Numbers, switches and lists as JSON writes them; ``on`` and ``off``; anything else is text."""
    words = {"on": True, "off": False, "yes": True, "no": False, "True": True, "False": False}
    if text in words:
        return words[text]
    try:
        return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 19 else float(digits))
    except (ValueError, RecursionError):
        return text


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _about(path: Path, text: str) -> str:
    return text if path.name in text else f"{path}: {text}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
