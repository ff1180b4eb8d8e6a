"""A learned terrain, wherever it lies: in a checkpoint, or in a patch with the lines it was learned from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .output import FILE, RUN, USAGE, Advance, Failure, StopAsked, say
from .patches import OpenedPatch, load_types, open_patch

if TYPE_CHECKING:
    from ...engine import FloatArray, LatentSpace, Palette
    from ...nodes.terrain.colours import TerrainColours
    from ...nodes.terrain.dataset import Pairs
    from ...nodes.terrain.network import Weights
    from ...nodes.terrain.plot import Edges

CHECKPOINTS = (".pt", ".npz")


def default_box() -> "Edges":
    """Left, top, right and bottom of a map that nobody has set."""
    from ...nodes.gui.units import DEFAULT_BOX  # here, as it brings numpy, which --help has no use for

    return DEFAULT_BOX


@dataclass(frozen=True)
class SavedTerrain:
    """Weights, what to call them, the box they are meant for, and the drawn lines: name and ``[points, axes]``.

    space: the codec whose latents were learned, where that is known. colours: those that are kept with a patch's.
    """

    name: str
    weights: "Weights"
    box: "Edges" = field(default_factory=default_box)
    lines: "tuple[tuple[str, FloatArray], ...]" = ()
    space: "LatentSpace | None" = None
    colours: "TerrainColours | None" = None


def is_checkpoint(source: str) -> bool:
    """Whether a name is that of a file of weights rather than of a patch."""
    return Path(source).suffix.lower() in CHECKPOINTS


def read_checkpoint(source: str) -> "Weights":
    """The weights in a ``.pt`` or ``.npz`` file. Raises Failure."""
    from ...nodes.terrain.checkpoint import read
    from ...nodes.terrain.network import TerrainError

    try:
        return read(source)
    except TerrainError as error:
        raise Failure(str(error), FILE) from None


def find_terrain(source: str, node: str | None) -> SavedTerrain:
    """The terrain in a checkpoint, or that of one terrain node of a patch. Raises Failure."""
    if is_checkpoint(source):
        return SavedTerrain(Path(source).name, read_checkpoint(source))
    return terrain_in(open_patch(source), load_types(), node)


def terrain_in(opened: OpenedPatch, palette: "Palette", node: str | None) -> SavedTerrain:
    """What one terrain node of a patch has learned. Raises Failure."""
    source = opened.name
    name = chosen_terrain(opened, palette, node)
    weights = weights_in(opened, name)
    if not weights:
        raise Failure(f"{source}: {name} is not trained yet; train it with latent-terrain terrain fit {source}", RUN)
    from ...nodes.terrain.learned import colours_of, learned_space

    setting = palette[opened.patch.nodes[name].type].settings["box"]
    edges = _edges(opened.patch.nodes[name].values.get("box", setting.default))
    terrain, lines = opened.patch.nodes[name], _lines(opened, palette, name)
    space, colours = learned_space(terrain.content), colours_of(terrain)
    return SavedTerrain(f"{Path(source).name}: {name}", weights, edges, lines, space, colours)


def terrains_in(opened: OpenedPatch, palette: "Palette") -> list[str]:
    """The names of a patch's terrain nodes."""
    return list(palette.names(opened.patch, "terrain"))


def weights_in(opened: OpenedPatch, node: str) -> Mapping[str, Any]:
    """What a terrain of a patch has learned; empty when it has not. Raises Failure for damaged weights."""
    from ...nodes.terrain.learned import learned_weights
    from ...nodes.terrain.network import TerrainError, validate_weights

    weights = learned_weights(opened.patch.nodes[node].content)
    try:
        if weights:
            validate_weights(weights)
    except TerrainError as error:
        raise Failure(f"{opened.name}: {node}: {error}", FILE) from None
    return weights


def chosen_terrain(opened: OpenedPatch, palette: "Palette", node: str | None) -> str:
    """The terrain meant: the named one, or the only one. Raises Failure."""
    found = terrains_in(opened, palette)
    if not found:
        raise Failure(f"{opened.name}: no terrain in this patch", RUN)
    if node is None and len(found) > 1:
        raise Failure(
            f"{opened.name}: this patch has several terrains ({', '.join(found)}); choose one with --node", USAGE
        )
    if node is not None and node not in found:
        raise Failure(f"--node {node}: this patch has no such terrain; it has {', '.join(found)}", USAGE)
    return node or found[0]


def _edges(box: Any) -> "Edges":
    """A terrain's box (low and high corner, one number per axis) as left, top, right, bottom of its first two axes."""
    axes = len(box) // 2
    if axes == 0:
        return default_box()
    low, high = tuple(map(float, box[:axes])), tuple(map(float, box[axes:]))
    return (low[0], low[1], high[0], high[1]) if axes > 1 else (low[0], 0.0, high[0], 1.0)


def _lines(opened: OpenedPatch, palette: "Palette", node: str) -> "tuple[tuple[str, FloatArray], ...]":
    """The trajectories that a terrain learns from; none, with a word about it, when they can't be had."""
    from ...engine.compile.resolve import resolve
    from ...engine.offline import offline_setup
    from ...engine.training.jobs import provided
    from ...graphs.definitions import without_instances

    resolved = resolve(without_instances(opened.patch), palette, offline_setup(opened.patch, opened.folder))
    links = tuple(link for link in resolved.cords if link.source.kind == "trajectories")
    instances = {name: instance.node for name, instance in resolved.nodes.items()}
    for link in links:
        if (link.target_node, link.target.name) == (node, "coordinates"):
            try:
                found = provided(instances, links, palette, opened.patch, link.source_node, link.source.name)
            except (ValueError, OSError) as error:
                say(f"{opened.name}: {link.source_node}: the lines are left out ({error})")
                return ()
            return tuple(zip(found.names, found.arrays, strict=True))
    return ()


def quality_in(opened: OpenedPatch, node: str) -> dict[str, Any]:
    """How well a terrain of a patch fits its training data, as it is now; empty where that can't be told."""
    from ...nodes.terrain.network import TerrainError
    from ...nodes.terrain.quality import quality

    weights, pairs = weights_in(opened, node), _pairs(opened, node)
    if not weights or pairs is None:
        return {}
    try:
        found = quality(weights, pairs)
    except (TerrainError, ValueError):
        return {}  # the terrain can still be told about
    return {
        "pairs": len(pairs.x),
        "relative_error": found.relative_error,
        "relative_validation_error": found.relative_validation,
        "relative_error_beside": found.relative_validation,  # names before 0.2, for a release
        "grade": found.grade,
        "psnr_db": found.psnr_db,
        "validation_db": found.validation_db,
        "beside_db": found.validation_db,
        "error": found.error,
    }


def heard_in(opened: OpenedPatch, palette: "Palette", node: str, advance: Advance, stop: StopAsked) -> dict[str, Any]:
    """How far what a terrain plays along its lines is from what the codec plays of the latents it was trained on.

    Log-mel distance in dB, of all lines in the mean and of each by name. Raises Failure where it can't be heard.
    """
    import numpy as np

    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.training.trackers import mel_distance
    from ...nodes.terrain.line_audio import hear, latents_at, voice_of
    from ...nodes.terrain.network import TerrainError

    weights, pairs = weights_in(opened, node), _pairs(opened, node)
    if not weights or pairs is None:
        raise Failure(f"{opened.name}: {node} is not trained yet, or has no pairs", RUN)
    voice = voice_of(opened.patch, palette, node)
    if voice is None:
        raise Failure(f"{opened.name}: {node}: no decoder connected; connect {node}.out to a decoder", RUN)
    ends = np.cumsum(pairs.lengths)
    rows: list[float] = []
    try:
        codec = voice.stream(opened.folder)
        for index, end in enumerate(ends):
            part = slice(end - pairs.lengths[index], end)
            theirs, ours = (
                np.concatenate(list(hear(latents, codec)), axis=1).mean(0)
                for latents in (pairs.z[part], latents_at(weights, pairs.x[part]))
            )
            rows.append(mel_distance(ours, theirs, codec.facts.sample_rate))
            advance((index + 1) / len(ends), f"{rows[-1]:.2f} dB")
            if stop.asked:
                break
    except (CodecError, TerrainError, OSError) as error:
        raise Failure(f"{opened.name}: {voice.decoder}: {error}", FILE) from None
    return {"heard_db": float(np.mean(rows)), "heard_lines": len(rows), "heard_db_by_line": rows, "codec": voice.codec}


def _pairs(opened: OpenedPatch, node: str) -> "Pairs | None":
    """What a terrain of a patch learns from, as it is now; None where that can't be told."""
    from ...engine.offline import offline_setup
    from ...engine.problems import PatchError
    from ...engine.training.jobs import inputs_of
    from ...nodes.terrain.dataset import pair
    from ...nodes.terrain.network import TerrainError

    try:
        inputs = inputs_of(opened.patch, load_types(), offline_setup(opened.patch, opened.folder), node)
        places, sounds = inputs["coordinates"], inputs["latents"]
        if places is None or sounds is None:
            return None
        is_cut = opened.patch.nodes[node].values.get("pairing") == "truncate"
        return pair(places, sounds, "truncate" if is_cut else "stretch")
    except (PatchError, TerrainError, ValueError, OSError):
        return None
