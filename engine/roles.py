"""What a node is for those who show, play or export patches: they ask for its role and never for its name."""

from collections.abc import Collection, Mapping
from typing import Literal, TypeGuard

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
    "osc_receiver",
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
    "osc_receiver": ("address", "size"),
    "midi_sender": (),
    "meter": (),
    "scope": (),
    "latent_smoother": ("time",),
    "latent_scaler": ("scale", "offset", "scales", "offsets", "freeze"),
}

# Roles by the names they had before 0.2, which packages of other people's nodes may say.
FORMER: Mapping[str, Role] = {"canvas": "map"}


def checked_role(where: str, role: str, declared: Collection[str]) -> Role:
    """The role by its name of today, if a node that declares these names can have it. Raises DeclarationError."""
    role = FORMER.get(role, role)
    if not is_role(role):
        raise DeclarationError(f"{where}: there is no role {role!r}; choose one of {', '.join(NEEDS)}")
    if missing := set(NEEDS[role]) - set(declared):
        raise DeclarationError(f"{where}: the role {role} needs {', '.join(sorted(missing))} too; declare it")
    return role


def is_role(name: str) -> TypeGuard[Role]:
    """Whether a role is called so."""
    return name in NEEDS
