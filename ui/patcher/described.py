"""What a card's title, ports, params and settings say when the pointer rests on them, from their declarations."""

from dataclasses import dataclass

from ...engine.declare import NodeSpec, ParamSpec, PortSpec
from ...engine.labels import choice_label, label_of, title_of
from ...engine.param_numbers import takes_cords
from ...engine.setting_specs import SettingSpec
from ...engine.values import UsedWhen
from .categories import is_definition
from .hits import Hit, OnControl, OnNode, OnPort
from .layout import ControlKind, Layout
from .ports import Kind
from .values import number

KEYS: dict[ControlKind, str] = {
    "number": "Drag: change. Shift: finer. Double-click: default. Ctrl-click: type.",
    "toggle": "Click: on or off.",
    "menu": "Click: choose.",
    "text": "Click: type or choose.",
}
TITLE_KEYS = "Drag: move. Double-click: name. Alt-click or F1: help. Right-click: more."
INSTANCE_KEYS = "Drag: move. Double-click or Enter: open. F2: name. Right-click: more."
PORT_KEYS = "Drag: connect."
CARRIES: dict[Kind, str] = {
    "signal": "signal: audio or control",
    "latent": "latents: once per codec frame",
    "event": "events: single values",
    "trajectories": "training data: lines or sounds",
}


@dataclass(frozen=True)
class Description:
    """A heading, and what stands below it. keys: what mouse and keys do there."""

    title: str
    lines: tuple[str, ...]
    keys: str = ""


def description_at(layout: Layout, hit: Hit) -> Description | None:
    """What is said of what the pointer is on; None where there is nothing to say, or what was there has gone."""
    match hit:
        case OnPort(port):
            place = layout.nodes.get(port.node)
            if place is None or place.spec is None:
                return None
            if port.is_param:
                param = described_param(place.spec.params[port.port], port.node)
                return Description(param.title, param.lines, f"{PORT_KEYS} What arrives replaces the value.")
            ports = place.spec.inputs if port.is_input else place.spec.outputs
            return described_port(ports[port.port], port.is_input) if port.port in ports else None
        case OnControl(control):
            place = layout.nodes.get(control.node)
            if place is None or place.spec is None:
                return None
            if control.name in place.spec.params:
                return described_param(place.spec.params[control.name], control.node, KEYS.get(control.kind, ""))
            if control.name in place.spec.settings:
                return described_setting(place.spec.settings[control.name], KEYS.get(control.kind, ""))
        case OnNode(name, is_title=True):
            place = layout.nodes.get(name)
            return described_node(place.spec, name) if place is not None and place.spec is not None else None
    return None


def described_node(spec: NodeSpec, name: str) -> Description:
    """A node's type, and what it does."""
    keys = INSTANCE_KEYS if is_definition(spec) else TITLE_KEYS
    return Description(title_of(spec), (spec.summary, f"node {name}, type {spec.type}"), keys)


def described_port(spec: PortSpec, is_input: bool) -> Description:
    """An input or output: what it is for, and what flows there."""
    direction = "input" if is_input else "output"
    size = f", {spec.size.size} channels" if isinstance(spec.size.size, int) and spec.size.size > 1 else ""
    flow = f"{CARRIES[spec.kind]}{size}{'; optional' if spec.optional else ''}"
    return Description(f"{label_of(spec)} ({direction})", (spec.help, flow), PORT_KEYS)


def described_param(spec: ParamSpec, node: str, keys: str = "") -> Description:
    """A param: what it is for, its range, its default, its address."""
    lines = [_about(spec.help, spec.used_when)]
    if spec.face is not None:
        lines.append(spec.face.range)
    elif spec.kind in ("float", "int"):
        lines.append(
            f"{number(spec, spec.low)} to {number(spec, spec.high)}, default {number(spec, float(spec.default))}"
        )
    elif spec.choices:
        words = [choice_label(spec, word) for word in (*spec.choices, str(spec.default))]
        lines.append(f"{', '.join(words[:-1])}; default {words[-1]}")
    else:
        lines.append(f"on or off, default {'on' if spec.default else 'off'}")
    lines.append(f"{_driven_words(spec)}OSC {osc_address(node, spec.name)}")
    return Description(label_of(spec), tuple(line for line in lines if line), keys)


def described_setting(spec: SettingSpec, keys: str = "") -> Description:
    """A setting: what it is for, what it may be; changing it restarts the node."""
    about = spec.about
    lines = [_about(about.help, spec.used_when)]
    if spec.choices:
        lines.append(", ".join(choice_label(spec, word) for word in spec.choices))
    elif about.low is not None and about.high is not None:
        lines.append(f"{about.low:g} to {about.high:g} {about.unit}".rstrip())
    lines.append("a setting: changing it restarts the node")
    return Description(label_of(spec), tuple(line for line in lines if line), keys)


def _driven_words(spec: ParamSpec) -> str:
    if spec.ramp or not takes_cords(spec):
        return "can be driven by a cord; " if spec.ramp else ""
    return "can be driven by a cord, one value per block; "


def osc_address(node: str, param: str) -> str:
    """Where a param is reached from outside."""
    return f"/node/{node}/{param}"


def _about(help_: str, used_when: UsedWhen | None) -> str:
    return "; ".join(one for one in (help_.rstrip("."), used_when.words if used_when else "") if one)
