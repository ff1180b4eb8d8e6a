"""A node type in words and in JSON, from its declaration alone: for the palette, help pages and tests."""

from typing import Any

from .declare import NodeSpec, ParamSpec, PortSpec
from .labels import Labels, label_of, title_of
from .param_numbers import takes_cords
from .setting_specs import SettingSpec
from .values import UsedWhen


def describe(spec: NodeSpec) -> dict[str, Any]:
    """A node type as plain data: ports, params, settings, with kinds, ranges, units, defaults and help."""
    return {
        "type": spec.type,
        "title": title_of(spec),
        "summary": spec.summary,
        "about": spec.about,
        "inputs": [_port(port) for port in spec.inputs.values()],
        "outputs": [_port(port) for port in spec.outputs.values()],
        "params": [_param(param) for param in spec.params.values()],
        "settings": [_setting(setting) for setting in spec.settings.values()],
        "jobs": [one.name for one in spec.offline.values() if one.is_job],
    }


def _port(port: PortSpec) -> dict[str, Any]:
    return {
        "name": port.name,
        "label": label_of(port),
        "kind": port.kind,
        "size": port.size.size,
        "optional": port.optional,
        "help": port.help,
    }


def _param(param: ParamSpec) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": param.name,
        "label": label_of(param),
        "kind": param.kind,
        "default": param.default,
        "help": param.help,
    }
    if param.kind in ("float", "int"):
        found |= {"low": param.low, "high": param.high, "unit": param.unit, "curve": param.curve}
        found |= {"soft": list(param.soft)} if param.soft else {}
    found["takes_cords"] = takes_cords(param)
    if param.choices:
        found["choices"] = list(param.choices)
        found |= _shown(param.label)
    found |= _condition(param.used_when)
    return found


def _setting(setting: SettingSpec) -> dict[str, Any]:
    default = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    found: dict[str, Any] = {
        "name": setting.name,
        "label": label_of(setting),
        "default": default,
        "help": setting.about.help,
    }
    if setting.about.low is not None or setting.about.high is not None:
        found |= {"low": setting.about.low, "high": setting.about.high}
    if setting.about.unit:
        found["unit"] = setting.about.unit
    if setting.about.file:
        found["file"] = setting.about.file
        found["writes"] = setting.about.writes
    if setting.choices:
        found["choices"] = list(setting.choices)
        found |= _shown(setting.label)
    return found | _condition(setting.used_when)


def _shown(label: Labels) -> dict[str, Any]:
    return {"choice_labels": dict(label.choices)} if label.choices else {}


def _condition(used_when: UsedWhen | None) -> dict[str, Any]:
    if used_when is None:
        return {}
    return {"used_when": {"name": used_when.name, "values": list(used_when.values)}}
