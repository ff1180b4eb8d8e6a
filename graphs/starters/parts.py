"""Parts that starter patches share: sounds to learn from, a terrain that learns them, a way out."""

from ..edits import add_node, connect
from ..patch import Patch

# The folder of the bundled sounds.
SOUNDS = "bundled:"

# The codec of patches that play sound files: the sounds themselves.
OWN = {"codec": "builtin:sounds"}

Place = tuple[float, float]


def add_terrain(patch: Patch, sounds: str = SOUNDS, layout: str = "map") -> Patch:
    """Sounds encoded, laid out on a canvas named ``map``, and learned by ``terrain``."""
    patch = add_node(patch, "encode", name="sounds", values={"sounds": [sounds], **OWN}, position=(0, 0))
    patch = add_node(patch, "gui", name="map", values={"layout": layout}, position=(260, 0))
    patch = add_node(patch, "terrain", name="terrain", position=(520, 0))
    patch = connect(patch, "sounds.latents", "map.latents")
    patch = connect(patch, "map.coordinates", "terrain.coordinates")
    return connect(patch, "sounds.latents", "terrain.latents")


def add_voice(patch: Patch, terrain: str, name: str = "decoder", place: Place = (780, 0)) -> Patch:
    """A decoder of ``builtin:bank`` that plays a terrain's latents, lightly smoothed."""
    smooth = f"{name}-glide"
    patch = add_node(patch, "latent_smooth", name=smooth, values={"time": 30.0}, position=place)
    patch = add_node(patch, "decoder", name=name, position=(place[0] + 200, place[1]))
    patch = connect(patch, f"{terrain}.out", f"{smooth}.latents")
    return connect(patch, f"{smooth}.out", f"{name}.latents")


def add_player(patch: Patch, terrain: str, name: str = "decoder", place: Place = (780, 0)) -> Patch:
    """A decoder that plays a terrain's sounds; it glides between them by itself."""
    patch = add_node(patch, "decoder", name=name, values=OWN, position=place)
    return connect(patch, f"{terrain}.out", f"{name}.latents")


def add_out(patch: Patch, source: str, place: Place = (1240, 0)) -> Patch:
    """The way to the loudspeakers."""
    patch = add_node(patch, "audio_out", name="out", position=place)
    return connect(patch, source, "out.audio")
