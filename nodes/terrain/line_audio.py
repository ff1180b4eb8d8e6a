"""Hearing a line: what the map makes of it, walked from its start to its end at its natural speed.

The same for the command line, the editor and benchmarks: the terrain at the line's places, one a latent frame, decoded
as a decoder does it while playing, with the codec's lateness taken off, so that it lies over the sound of the line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine import FloatArray
from ...engine.compile.resolve import shared_in
from ...engine.palette import Palette
from ...graphs import Patch
from ..codec.interface import Codec
from ..codec.loader import BUILTIN, BUILTINS, SOUNDS
from ..codec.remote import open_codec
from ..codec.sounds import sounds_in
from ..codec.sounds.layout import BLENDS
from ..codec.tasks import DecodeTask
from .dataset import stretched
from .inference import Inference
from .network import TerrainError, Weights

# Decoded in one go.
FRAMES = 64
# So many nodes lie between a terrain and its decoder at most.
FARTHEST = 12


def hear_line(
    weights: Weights,
    places: NDArray[np.floating],
    codec: Codec,
    *,
    tail: float = 0.0,
    level_db: float = 0.0,
    seed: int = 0,
    controls: Sequence[float] = (),
) -> Iterator[FloatArray]:
    """The sound of a walk along ``places [frames, control_dim]``: pieces ``[channels, samples]`` at the codec's rate.

    frames · ratio samples in all, the first being that of the first place. tail, level_db, controls: the decoder's.
    Raises TerrainError for places or a codec that do not fit the terrain, CodecError.
    """
    return hear(latents_at(weights, places), codec, tail=tail, level_db=level_db, seed=seed, controls=controls)


def latents_at(weights: Weights, places: NDArray[np.floating]) -> FloatArray:
    """The latents ``[frames, latent_dim]`` that a player meets at ``places [frames, control_dim]``, within ±100.

    Raises TerrainError.
    """
    count = max(1, len(places))
    player = Inference(weights, count)
    latents = np.zeros((player.shape.latent_dim, len(places)), np.float32)
    if len(places):
        player.evaluate(np.asarray(places, np.float64).T, latents)
    return np.ascontiguousarray(latents.T)


def hear(
    latents: FloatArray,
    codec: Codec,
    *,
    tail: float = 0.0,
    level_db: float = 0.0,
    seed: int = 0,
    controls: Sequence[float] = (),
) -> Iterator[FloatArray]:
    """Latents ``[frames, latent_dim]`` as sound without the codec's lateness: pieces ``[channels, samples]``.

    frames · ratio samples in all; at the end the last latents are held as long as the codec is late. Raises
    TerrainError for latents that are not the codec's, CodecError.
    """
    facts = codec.facts
    if latents.ndim != 2 or latents.shape[1] != facts.latent_dim:
        raise TerrainError(
            f"these are {latents.shape[-1]} latents a frame, the codec {facts.name} has {facts.latent_dim}: "
            "use one codec for sounds and decoder, then retrain"
        )
    if facts.controls:
        held = np.zeros((len(latents), len(facts.controls)), np.float32)
        held[:, : len(controls)] = controls
        latents = np.concatenate([latents, held], axis=1)
    return _pieces(latents, DecodeTask(codec, facts.sample_rate, 1, seed, tail), facts, 10.0 ** (level_db / 20))


def places_on(line: NDArray[np.floating], frames: int, is_cut: bool = False) -> FloatArray:
    """The places that a line has for so many latents, as the terrain learns them: ``[frames, control_dim]``.

    is_cut: the longer of both is cut (pairing ``truncate``), else the line is stretched.
    """
    return np.asarray(line[:frames], np.float32) if is_cut else stretched(line, frames)


@dataclass(frozen=True)
class LineVoice:
    """What a terrain is heard with: its decoder, the nodes on the way there, and the codec, level and tail of it.

    sounds, controls: what ``builtin:sounds`` plays, and how (see ``sounds.codec``).
    """

    decoder: str
    between: tuple[str, ...]
    codec: str
    level_db: float = 0.0
    tail: float = 0.0
    sounds: tuple[str, ...] = ()
    controls: tuple[float, ...] = ()

    def stream(self, folder: Path | None) -> Codec:
        """A stream of the codec. folder: that paths in the patch start from. Raises CodecError."""
        return open_codec(self.codec, folder, self.sounds)


def voice_of(patch: Patch, palette: Palette, terrain: str) -> LineVoice | None:
    """What a terrain of a patch is heard with; None where no decoder follows it."""
    found = decoder_after(patch, palette, terrain)
    if found is None:
        return None
    decoder, between = found
    values: Mapping[str, Any] = patch.nodes[decoder].values
    level, tail = (float(values.get(name, 0.0)) for name in ("level", "tail"))
    codec = str(values.get("codec", f"{BUILTIN}{BUILTINS[0]}"))
    if codec != SOUNDS:
        return LineVoice(decoder, between, codec, level, tail)
    blend, even = str(values.get("blend", BLENDS[0])), float(values.get("even", 0.0))
    controls = (float(BLENDS.index(blend)) if blend in BLENDS else 0.0, even)
    return LineVoice(decoder, between, codec, level, tail, sounds_in(shared_in(patch)), controls)


def decoder_after(patch: Patch, palette: Palette, terrain: str) -> tuple[str, tuple[str, ...]] | None:
    """The first decoder that a terrain's latents lead to, and the nodes on the way to it; None where there is none."""
    seen = {terrain}
    waiting: list[tuple[str, tuple[str, ...]]] = [(terrain, ())]
    while waiting:
        name, way = waiting.pop(0)
        for cord in patch.cords:
            there = cord.target_node
            if cord.source_node != name or there in seen or there not in patch.nodes:
                continue
            if palette.role(patch.nodes[there].type) == "decoder":
                return there, way
            seen.add(there)
            if len(way) < FARTHEST:
                waiting.append((there, (*way, there)))
    return None


def _pieces(latents: FloatArray, task: DecodeTask, facts: Any, gain: float) -> Iterator[FloatArray]:
    late, left = int(facts.latency), len(latents) * facts.ratio
    if not left:
        return
    held = np.repeat(latents[-1:], ceil(late / facts.ratio), axis=0)
    frames = np.concatenate([latents, held]) if len(held) else latents
    for first in range(0, len(frames), FRAMES):
        sound = task.run(np.ascontiguousarray(frames[first : first + FRAMES].T, np.float32))
        dropped = min(late, sound.shape[1])
        late -= dropped
        piece = sound[:, dropped : dropped + left]
        left -= piece.shape[1]
        if piece.shape[1]:
            yield np.asarray(piece * np.float32(gain), np.float32)
