"""What a node is for those who show, play or export patches: they ask for its role and never for its name."""

from collections.abc import Collection, Mapping
from typing import Literal

from .problems import DeclarationError

# CONTRIBUTING.md has the table of what each does and what is expected of it.
Role = Literal[
    "map",
    "terrain",
    "encoder",
    "takes",
    "decoder",
    "device_input",
    "device_output",
    "osc_sender",
    "midi_sender",
    "meter",
    "scope",
    "latent_smoother",
    "latent_scaler",
]

# Settings, params and ports by whose names a node of a role is known.
NEEDS: Mapping[Role, tuple[str, ...]] = {
    "map": (
        *("box", "density", "layout", "sampling"),
        *("mode", "line", "pad", "pace", "playing", "hand_x", "hand_y", "pressure"),
    ),
    "terrain": ("box", "position", "coordinates", "latents"),
    "encoder": ("sounds", "latents"),
    "takes": ("recording", "takes"),
    "decoder": ("codec", "latents"),
    "device_input": (),
    "device_output": ("audio",),
    "osc_sender": ("address", "rate"),
    "midi_sender": (),
    "meter": (),
    "scope": (),
    "latent_smoother": ("time",),
    "latent_scaler": ("scale", "offset", "scales", "offsets", "freeze"),
}


def check_role(where: str, role: Role, declared: Collection[str]) -> None:
    """Whether a node that declares these names can have a role. Raises DeclarationError."""
    if role not in NEEDS:
        raise DeclarationError(f"{where}: there is no role {role!r}; choose one of {', '.join(NEEDS)}")
    if missing := set(NEEDS[role]) - set(declared):
        raise DeclarationError(f"{where}: the role {role} needs {', '.join(sorted(missing))} too; declare it")
