"""The tree of addresses as OSCQuery has it (github.com/Vidvox/OSCQueryProposal): every param of every node."""

from collections.abc import Mapping
from typing import Any

from ....engine.declare import ParamSpec
from ....engine.palette import Palette
from ....engine.session.command_table import COMMANDS
from ....engine.typed import param_of
from ....graphs import Patch
from ....graphs.scopes import scope_of, short_name

TYPES = {"float": "f", "int": "i", "choice": "s"}
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "DESCRIPTION", "CLIPMODE", "UNIT")
READ_WRITE, WRITE_ONLY, READ_ONLY, NO_VALUE = 3, 2, 1, 0


def tree(patch: Patch, palette: Palette, has_commands: bool = False) -> dict[str, Any]:
    """All of it: ``/node/<name>/<param>``, with ranges, units, values and what each is for.

    has_commands: commands too, where OSC is heard.
    """
    nodes: dict[str, Any] = {}
    for name, node in patch.nodes.items():
        spec = palette.get(node.type)
        if spec is None or not spec.params:
            continue
        path = f"/node/{name}"
        contents = {key: _leaf(f"{path}/{key}", about, param_of(node, about)) for key, about in spec.params.items()}
        inside = nodes
        if definition := scope_of(name):
            branch = nodes.setdefault(definition, _branch(f"/node/{definition}", {}, f"definition {definition}"))
            inside = branch["CONTENTS"]
        before = inside.get(short_name(name), {}).get("CONTENTS", {})
        contents = {**before, **contents}  # a definition and a node may have the same name
        inside[short_name(name)] = _branch(path, contents, f"{spec.type}: {spec.summary}")
    found = {"node": _branch("/node", nodes, "the nodes of the patch"), **(_commands() if has_commands else {})}
    return _branch("/", found, "latent-terrain")


def _commands() -> dict[str, Any]:
    """What can be asked for by OSC, to be written and not read; one without arguments is of OSC's type nil."""
    found: dict[str, Any] = {}
    for path, one in COMMANDS.items():
        *folders, name = path.strip("/").split("/")
        place = found
        for folder in folders:
            branch = place.setdefault(folder, _branch(f"/{folder}", {}, f"commands: {folder}"))
            place = branch.setdefault("CONTENTS", {})  # ``/train`` is a command, and has ``/train/cancel`` under it
        help_ = f"{one.takes}: {one.help}" if one.takes else one.help
        leaf = {"FULL_PATH": path, "TYPE": one.types or "N", "ACCESS": WRITE_ONLY, "DESCRIPTION": help_}
        place[name] = {**place.get(name, {}), **leaf}
    return found


def with_status(whole: Mapping[str, Any], is_playing: bool) -> dict[str, Any]:
    """A tree with ``/status/is_playing``, to be read: whether the engine makes blocks."""
    path = "/status/is_playing"
    leaf = {"FULL_PATH": path, "TYPE": "T" if is_playing else "F", "ACCESS": READ_ONLY, "VALUE": [is_playing]}
    leaf["DESCRIPTION"] = "whether audio is on"
    status = _branch("/status", {"is_playing": leaf}, "engine status")
    return {**whole, "CONTENTS": {**whole["CONTENTS"], "status": status}}


def found_in(whole: Mapping[str, Any], path: str) -> Mapping[str, Any] | None:
    """The part of a tree at a path."""
    part: Mapping[str, Any] | None = whole
    for name in path.strip("/").split("/") if path.strip("/") else ():
        part = part.get("CONTENTS", {}).get(name) if part is not None else None
    return part


def host_info(name: str, osc_port: int | None) -> dict[str, Any]:
    """What this server is and can do. osc_port: where OSC is heard by UDP; None: only by this server's WebSocket."""
    known = {one: True for one in ATTRIBUTES if one not in ("FULL_PATH", "CONTENTS", "TYPE")}
    info: dict[str, Any] = {"NAME": name, "EXTENSIONS": {**known, "LISTEN": True, "PATH_CHANGED": True}}
    if osc_port is not None:
        info |= {"OSC_PORT": osc_port, "OSC_TRANSPORT": "UDP"}
    return info


def _branch(path: str, contents: dict[str, Any], description: str) -> dict[str, Any]:
    return {"FULL_PATH": path, "ACCESS": NO_VALUE, "DESCRIPTION": description, "CONTENTS": contents}


def _leaf(path: str, about: ParamSpec, value: Any) -> dict[str, Any]:
    type_ = ("T" if value else "F") if about.kind == "bool" else TYPES[about.kind]
    leaf = {
        "FULL_PATH": path,
        "TYPE": type_,
        "ACCESS": READ_WRITE,
        "VALUE": [value],
        "DESCRIPTION": ": ".join(part for part in (about.label.text, about.help) if part),
        "CLIPMODE": ["both"],
    }
    if about.kind == "choice":
        leaf["RANGE"] = [{"VALS": list(about.choices)}]
    elif about.kind != "bool":
        leaf["RANGE"] = [{"MIN": about.low, "MAX": about.high}]
    if about.unit:
        leaf["UNIT"] = [about.unit]
    return leaf
