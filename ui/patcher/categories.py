"""What a node is about, told from what it declares, and the colour of its title for that."""

from typing import Literal

from ...engine.declare import NodeSpec
from ...engine.definition_specs import SUMMARY
from ..surface.look import Look, mixed
from ..surface.shapes import Colour

Category = Literal["terrain", "latents", "outside", "events", "display", "sound"]
LABELS: dict[Category, str] = {
    "terrain": "Maps and terrains",
    "latents": "Codecs and latents",
    "outside": "Devices, files, controllers",
    "events": "Time and events",
    "display": "Meters and scopes",
    "sound": "Sound and control signals",
}
OUTSIDE = frozenset({"device_input", "device_output", "osc_sender", "midi_sender"})
# How much of the category's hue is in a title, on a dark ground and on a light one.
TINT = {"dark": 0.34, "light": 0.30}


def category_of(spec: NodeSpec) -> Category:
    """By its role first, then by what flows through it, then by what it reads or writes outside the patch."""
    kinds = {port.kind for port in (*spec.inputs.values(), *spec.outputs.values())}
    if spec.role in ("map", "terrain"):
        return "terrain"
    if spec.role in ("meter", "scope"):
        return "display"
    if kinds & {"latent", "trajectories"}:
        return "latents"
    is_fed = any(param.source is not None for param in spec.params.values())
    if spec.role in OUTSIDE or is_fed or any(setting.about.file for setting in spec.settings.values()):
        return "outside"
    return "events" if "event" in kinds else "sound"


def hue(category: Category, look: Look) -> Colour:
    """A category's own colour; the kinds of what flows have the same where they are meant."""
    match category:
        case "terrain":
            return look.good
        case "latents":
            return look.latent
        case "outside":
            return look.trajectories
        case "events":
            return look.event
        case "display":
            return look.quiet
        case "sound":
            return look.signal


def is_definition(spec: NodeSpec | None) -> bool:
    """Whether it declares what the instances of a definition are."""
    return spec is not None and spec.summary == SUMMARY


def title_colour(spec: NodeSpec | None, look: Look) -> Colour:
    """The ground of a card's title."""
    if spec is None:
        return look.title
    return mixed(look.title, hue(category_of(spec), look), TINT.get(look.name, 0.3))
