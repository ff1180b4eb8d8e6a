"""Settings: what a node's ``__init__`` takes, as it is declared there."""

import inspect
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from .labels import NO_LABEL, Labels, label_in
from .problems import DeclarationError
from .setup import Setup
from .values import Content, Setting, SharedContent, UsedWhen


@dataclass(frozen=True)
class SettingSpec:
    """A setting as declared: its type is that of its default; ``element`` is what a list holds."""

    name: str
    default: Any
    choices: tuple[str, ...] = ()
    about: Setting = field(default_factory=Setting)
    element: Literal["text", "number"] = "text"
    used_when: UsedWhen | None = None
    label: Labels = NO_LABEL


def read_settings(where: str, declared: Any) -> tuple[dict[str, SettingSpec], set[Any]]:
    """The settings of ``__init__``, and what else it takes."""
    if declared.__init__ is object.__init__:
        return {}, set()
    hints = get_type_hints(declared.__init__, include_extras=True)
    settings: dict[str, SettingSpec] = {}
    takes: set[Any] = set()
    for parameter in list(inspect.signature(declared.__init__).parameters.values())[1:]:
        hint = hints.get(parameter.name)
        if hint in (Setup, Content, SharedContent):
            takes.add(hint)
        elif hint is None or parameter.default is inspect.Parameter.empty:
            raise DeclarationError(
                f"{where}: setting {parameter.name!r} needs a type and a default; write {parameter.name}: int = 2"
            )
        else:
            marks = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
            bare = get_args(hint)[0] if marks else hint
            about = next((mark for mark in marks if isinstance(mark, Setting)), Setting())
            choices = tuple(map(str, get_args(bare))) if get_origin(bare) is Literal else ()
            holds_numbers = get_origin(bare) is tuple and get_args(bare)[0] in (float, int)
            element: Literal["text", "number"] = "number" if holds_numbers else "text"
            more = next((mark for mark in marks if isinstance(mark, UsedWhen)), None), label_in(marks)
            settings[parameter.name] = SettingSpec(parameter.name, parameter.default, choices, about, element, *more)
    return settings, takes
