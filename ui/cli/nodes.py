"""The node types there are, and what each takes, gives and can be told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from .output import USAGE, Failure, finish
from .patches import AsJson, load_types


def nodes(
    type_: Annotated[str | None, typer.Argument(metavar="[TYPE]", help="A node type; default: list all.")] = None,
    as_json: AsJson = False,
) -> int:
    """List the node types, or describe one.

    Tells its ports, its params with ranges and units, its settings, and the slow work it can do.
    """
    from ...engine.definition_specs import with_definitions
    from ...engine.describe import describe
    from ..definition_library import DefinitionLibrary

    palette = with_definitions(load_types(), DefinitionLibrary().look())
    if type_ is None:
        wide = max(map(len, palette.specs), default=0)
        lines = [f"{spec.type:<{wide}}  {spec.summary}" for spec in palette.specs.values()]
        finish({"nodes": [describe(spec) for spec in palette.specs.values()]}, lines, as_json)
        return 0
    spec = palette.get(type_)
    if spec is None:
        from ...engine.names import did_you_mean

        hint = did_you_mean(type_, palette.specs, "latent-terrain nodes lists them", quoted=False)
        raise Failure(f"{type_}: no such node type; {hint}", USAGE)
    about = describe(spec)
    finish(about, _page(about), as_json)
    return 0


def _page(about: Mapping[str, Any]) -> Iterator[str]:
    yield f"{about['type']}: {about['summary']}"
    if about["about"]:
        yield ""
        yield from about["about"].split("\n")
    for title, words in (
        ("inputs", [(port["name"], _label(port) + _port(port)) for port in about["inputs"]]),
        ("outputs", [(port["name"], _label(port) + _port(port)) for port in about["outputs"]]),
        ("params", [(param["name"], _label(param) + _number(param)) for param in about["params"]]),
        ("settings", [(setting["name"], _label(setting) + _number(setting)) for setting in about["settings"]]),
        ("jobs", [(job, "") for job in about["jobs"]]),
    ):
        yield from _section(title, words)


def _section(title: str, words: Sequence[tuple[str, str]]) -> Iterator[str]:
    if not words:
        return
    yield ""
    yield f"{title}:"
    wide = max(len(name) for name, _ in words)
    for name, text in words:
        yield f"  {name:<{wide}}  {text}".rstrip()


def _label(one: Mapping[str, Any]) -> str:
    """What the editor calls it, where that is not its name."""
    return f"{one['label']}; " if one["label"] != one["name"].replace("_", " ") else ""


def _port(port: Mapping[str, Any]) -> str:
    size = f" [{port['size']}]" if isinstance(port["size"], int) else ""
    about = f"; {port['help']}" if port["help"] else ""
    return f"{port['kind']}{size}{', optional' if port['optional'] else ''}{about}"


def _number(one: Mapping[str, Any]) -> str:
    from ...engine.values import UsedWhen

    parts = [_default(one["default"])]
    if one.get("low") is not None and one.get("high") is not None:
        unit = f" {one['unit']}" if one.get("unit") else ""
        parts.append(f"from {one['low']:g} to {one['high']:g}{unit}")
    if one.get("choices"):
        parts.append(f"one of {', '.join(one['choices'])}")
    if one.get("help"):
        parts.append(one["help"])
    if used_when := one.get("used_when"):
        parts[-1] = parts[-1].rstrip(".")
        parts.append(UsedWhen(used_when["name"], tuple(used_when["values"])).words)
    return "; ".join(parts)


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ",".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value) if value != "" else "none"
