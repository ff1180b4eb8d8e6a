"""The process that paints terrains, so that neither the window nor the sound waits for it.

It is asked with Paint, Hear or Find (see ``engine.messages.workers``).
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...engine.logs import failed
from ...engine.messages import Error, Message, Ready
from ...engine.messages.workers import TO_PAINTER, Find, Hear, LineSound, Paint, Picture, SoundFound, arrays_of
from ...engine.processes.child import Parent
from ...nodes.terrain.colours import colours_in
from .facets import facet_from
from .layers import Floats, terrain_picture

if TYPE_CHECKING:
    from ...nodes.location.alignment import FoundPart

# So many frames are decoded of each place; loudness is that of the last ones, when the codec has settled.
FRAMES, KEPT = 10, 4
MOST_NAMED = 3
# Below this a place is only the nearest there is.
SURE = 0.05
log = logging.getLogger(__name__)
QUIETEST_DB, PAUSE_SECONDS = -90.0, 0.25


def work(parent: Parent) -> None:
    """Paint what is asked for, until nobody asks any more."""
    parent.send(Ready())
    while True:
        message = parent.receive(TO_PAINTER)
        if message is None:
            continue
        answer: Message
        try:
            match message:
                case Hear():
                    sound, rate = heard(message)
                    answer = LineSound(sound=sound.tobytes(), channels=len(sound), rate=rate)
                case Find():
                    moments, words = found(message)
                    answer = SoundFound(moments=moments.tobytes(), words=words)
                case Paint():
                    answer = painted(message)
                case _:
                    continue
        except Exception as error:
            failed(log, f"the map can't be shown: {error}", error)
            answer = Error(text=str(error) or type(error).__name__)
        parent.answer(message, answer)


def painted(message: Paint) -> Picture:
    """A terrain as it sounds."""
    codec, weights = message.codec, arrays_of(message.weights)
    colours = colours_in(arrays_of(message.colours), len(weights["fc_out.bias"]))
    if colours is None:
        raise ValueError("the terrain's colours do not fit its weights")
    pixels, legend = terrain_picture(
        weights,
        colours,
        message.view,
        message.size,
        facet_from(message.facet),
        tuple(arrays_of(message.points).values()),
        message.sides,
        loudness_of(codec, Path(message.folder), message.sounds) if codec else None,
    )
    return Picture(size=message.size, pixels=pixels.tobytes(), legend=legend)


def found(message: Find) -> tuple[NDArray[np.float64], str]:
    """The path of a sound file over the map of a patch, seconds x y ``[n, 3]``, and which lines it goes along."""
    from ...engine.offline import offline_setup
    from ...engine.palette import load_palette
    from ...graphs import load
    from ...nodes.location.alignment import stretches
    from ...nodes.location.query import as_gesture, known_on, read_query, steps_of

    patch, folder = load(message.patch), Path(message.folder)
    query = read_query(Path(message.sound))
    setup = offline_setup(patch, folder)
    known = known_on(patch, load_palette(), setup, message.terrain, lambda done, text: True)
    steps = steps_of(known, query)
    path = as_gesture(known, steps)
    if path is None:
        return np.zeros((0, 3)), "the sound is silent; nothing found"
    return np.asarray(path.moments), along(stretches(known, steps))


def along(stretches: "Sequence[FoundPart]") -> str:
    """The lines that a query goes along most, each once: "cello (97%), sad (80%)"; whether any of them is for sure."""
    lasts: dict[str, float] = {}
    sure: dict[str, float] = {}
    for one in stretches:
        seconds = one.end - one.begin
        lasts[one.name] = lasts.get(one.name, 0.0) + seconds
        sure[one.name] = sure.get(one.name, 0.0) + seconds * one.confidence
    named = sorted(lasts, key=lambda name: -lasts[name])[:MOST_NAMED]
    words = ", ".join(f"{name} ({sure[name] / lasts[name]:.0%})" for name in named)
    is_sure = any(sure[name] >= SURE * lasts[name] for name in named)
    return words if is_sure else f"no certain match on this map; nearest: {words}"


def heard(message: Hear) -> tuple[NDArray[np.float32], int]:
    """Latents, then the terrain along a line, decoded one after the other: ``[channels, samples]`` and Hz."""
    from ...nodes.codec.remote import open_codec
    from ...nodes.terrain.line_audio import hear, hear_line

    codec = open_codec(message.codec, Path(message.folder), message.sounds)
    facts = codec.facts
    arrays = arrays_of(message.arrays)
    weights = {name.removeprefix("terrain/"): one for name, one in arrays.items() if name.startswith("terrain/")}
    takes = [hear(arrays["latents"], codec)] if "latents" in arrays else []
    if weights and "coordinates" in arrays:
        takes.append(
            hear_line(
                weights,
                arrays["coordinates"],
                codec,
                tail=message.tail,
                level_db=message.level,
                controls=message.controls,
            )
        )
    pause = np.zeros((facts.channels, round(PAUSE_SECONDS * facts.sample_rate)), np.float32)
    parts = [part for take in takes for part in (*take, pause)]
    if not parts:
        raise ValueError("nothing to play yet; encode the sounds or train the terrain")
    return np.ascontiguousarray(np.concatenate(parts, axis=1)), round(facts.sample_rate)


def loudness_of(
    codec: str, folder: Path | None = None, sounds: tuple[str, ...] = ()
) -> Callable[[NDArray[np.floating]], Floats]:
    """What gives the loudness of places that stand still: latents ``[n, latent_dim]`` to decibels ``[n]``.

    sounds: those of ``builtin:sounds``, which knows them without playing.
    """
    from ...nodes.codec.remote import open_codec
    from ...nodes.codec.sounds import SoundsCodec

    def loudness(latents: NDArray[np.floating]) -> Floats:
        made = open_codec(codec, folder, sounds)
        if isinstance(made, SoundsCodec):
            return made.levels(np.asarray(latents, np.float32))
        size = made.facts.latent_dim
        held = np.zeros((len(latents), size, FRAMES), np.float32)
        held[:, : latents.shape[1]] = latents[:, :size, np.newaxis]
        sound = made.new_instance(lanes=len(latents), seed=0).decode(held)
        tail = np.asarray(sound, np.float64)[..., -KEPT * made.facts.ratio :]
        level = np.sqrt(np.mean(tail**2, axis=(1, 2)))
        decibels: Floats = 20 * np.log10(np.maximum(level, 10 ** (QUIETEST_DB / 20)))
        return decibels

    return loudness
