"""Which inputs, params and settings a node uses as it is set: the others need not be shown."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from .problems import DeclarationError
from .values import UsedWhen

if TYPE_CHECKING:
    from .declare import NodeSpec, ParamSpec
    from .setting_specs import SettingSpec


def unused(spec: "NodeSpec", values: Mapping[str, Any], driven: Collection[str] = ()) -> frozenset[str]:
    """The inputs, params and settings that a node with these values does not use; never one that a cord drives, nor
    what depends on one: where it will be is not known.

    What depends on a param that is itself not used is not used either. Of inputs only a declaration ``as_set`` knows.
    """
    conditions = (name for name in spec.conditions if name not in driven)
    found = frozenset(name for name in conditions if not _is_used(spec, values, name, driven))
    if spec.of_use is None:
        return found
    return found | (spec.inputs.keys() | spec.params.keys()) - spec.of_use - set(driven)


def conditions_of(
    where: str, params: Mapping[str, "ParamSpec"], settings: Mapping[str, "SettingSpec"]
) -> dict[str, UsedWhen]:
    """When params and settings are used, of those that say so. Raises DeclarationError, saying what to write."""
    declared: dict[str, ParamSpec | SettingSpec] = {**params, **settings}
    found = {name: one.used_when for name, one in declared.items() if one.used_when is not None}
    for name, condition in found.items():
        says = f"{where}: {name!r} is used when {condition.name!r}"
        other = declared.get(condition.name)
        if other is None:
            raise DeclarationError(f"{says} has some value; declare a param or setting of that name")
        if not isinstance(other.default, int | str):
            raise DeclarationError(f"{says} has some value, which is a fraction or a list; name a choice or a switch")
        if not isinstance(condition.values, tuple) or not condition.values:
            raise DeclarationError(f"{says} has no value; write UsedWhen({condition.name!r}, ('value', …))")
        can_be = (True, False) if isinstance(other.default, bool) else other.choices
        if can_be and (never := [one for one in condition.values if one not in can_be]):
            raise DeclarationError(
                f"{says} is {never[0]!r}, which it never is; choose of {', '.join(map(str, can_be))}"
            )
        if strange := [one for one in condition.values if type(one) is not type(other.default)]:
            raise DeclarationError(f"{says} is {strange[0]!r}, which it never is; write values as its default is")
        seen = [name]
        while (before := found.get(seen[-1])) is not None:
            if before.name in seen:
                raise DeclarationError(f"{where}: whether {name!r} is used depends on itself; leave a condition out")
            seen.append(before.name)
    return found


def _is_used(spec: "NodeSpec", values: Mapping[str, Any], name: str, driven: Collection[str]) -> bool:
    condition = spec.conditions.get(name)
    if condition is None or condition.name in driven:
        return True
    other: ParamSpec | SettingSpec = spec.params.get(condition.name) or spec.settings[condition.name]
    value = values.get(other.name, other.default)
    if other.choices and value not in other.choices:
        value = other.default
    return value in condition.values and _is_used(spec, values, condition.name, driven)
