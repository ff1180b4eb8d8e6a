"""The sounds that a map's lines stand for: their names, and how many latents each of them is."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ...engine.palette import Palette
from ...engine.roles import Role
from ...engine.values import Content, FloatArray
from ...graphs import Patch, set_content
from ...nodes.encode import encoded, outlines
from ...nodes.gui.ownership import SoundMark, marks_of, renumbered

# So many nodes are looked through for the one that has the latents.
DEEPEST = 8


@dataclass(frozen=True, eq=False)
class MapSound:
    """latents: float32 ``[frames, latent_dim]``, or empty while they are not known.

    outline: how loud it is from beginning to end, 0 … 1, or empty where nobody heard it.
    """

    name: str
    latents: FloatArray
    outline: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def frames(self) -> int:
        """How many latents: the length that a line for it is to have."""
        return len(self.latents)


def sounds_of(patch: Patch, palette: Palette, map_node: str) -> tuple[MapSound, ...]:
    """What the lines of a map are paired with, in order; () when nothing is patched to it or nothing encoded yet."""
    source = source_of(patch, palette, map_node)
    if source is None:
        return ()
    node = patch.nodes[source]
    return HOLDERS[palette.role(node.type)](node.content)


def settled(patch: Patch, palette: Palette, map_node: str) -> Patch:
    """The patch with the lines of a map under the numbers that their sounds have now."""
    content = patch.nodes[map_node].content
    found = renumbered(content, marks(sounds_of(patch, palette, map_node)))
    return patch if found is content else set_content(patch, map_node, found)


def marks(sounds: tuple[MapSound, ...]) -> tuple[SoundMark, ...]:
    """The sounds as lines know them."""
    return marks_of([one.name for one in sounds], [one.latents for one in sounds])


def source_of(patch: Patch, palette: Palette, map_node: str) -> str | None:
    """The node whose latents a map's lines stand for: patched to it, or to the terrain that learns from it."""
    terrains = terrains_of(patch, palette, map_node)
    for target in (f"{map_node}.latents", *(f"{terrain}.latents" for terrain in terrains)):
        found = _upstream(patch, palette, target)
        if found is not None:
            return found
    return None


def terrains_of(patch: Patch, palette: Palette, map_node: str) -> tuple[str, ...]:
    """The terrains of a map: those that learn from its lines, then others that it steers."""
    learning: list[str] = []
    steered: list[str] = []
    for cord in patch.cords:
        if cord.source_node != map_node or palette.role(patch.nodes[cord.target_node].type) != "terrain":
            continue
        (learning if cord.target_port == "coordinates" else steered).append(cord.target_node)
    return tuple(dict.fromkeys([*learning, *steered]))


def _upstream(patch: Patch, palette: Palette, target: str) -> str | None:
    for _ in range(DEEPEST):
        source = next((cord.source_node for cord in patch.cords if cord.target == target), None)
        if source is None:
            return None
        if palette.role(patch.nodes[source].type) in HOLDERS:
            return source
        target = f"{source}.latents"
    return None


def _encoded(content: Content) -> tuple[MapSound, ...]:
    found, seen = encoded(content), outlines(content)
    nothing = np.zeros(0, np.float32)
    return tuple(
        MapSound(name.partition("/")[2], found[name], seen.get(name, nothing))
        for name in sorted(found)
        if found[name].ndim == 2
    )


def _taken(content: Content) -> tuple[MapSound, ...]:
    names = sorted(name for name in content if name.startswith("takes/") and content[name].ndim == 2)
    return tuple(MapSound(name.removeprefix("takes/"), np.asarray(content[name], np.float32)) for name in names)


HOLDERS: dict[Role | None, Callable[[Content], tuple[MapSound, ...]]] = {"encoder": _encoded, "takes": _taken}
