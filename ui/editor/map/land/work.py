"""The process that paints lands, so that neither the window nor the sound waits for it.

Message in: paint (id; weights and points by name as blobs with their sha256, view, size, sides, facet, codec, folder,
sounds). Answer: size, pixels, legend. Or listen (latents, coordinates and land as blobs, codec, folder, sounds, level,
tail, controls). Answer: sound, channels, rate. Or find (patch, terrain, sound, folder). Answer: moments, words.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .....engine.processes.child import Parent
from .....engine.processes.wire import Message
from .....graphs.parts import blob_in
from .facets import facet_from
from .painting import Axes, Floats, land_picture

FRAMES, KEPT = 10, 4
"""So many frames are decoded of each place; loudness is that of the last ones, when the codec has settled."""
MOST_NAMED = 3
QUIETEST_DB, PAUSE_SECONDS = -90.0, 0.25


def work(parent: Parent, first: Message | None) -> None:
    """Paint what is asked for, until nobody asks any more."""
    axes = Axes()
    while True:
        message = parent.receive()
        if message is None:
            continue
        try:
            if message["op"] == "listen":
                sound, rate = heard(message)
                parent.answer(message, sound=sound.tobytes(), channels=len(sound), rate=rate)
                continue
            if message["op"] == "find":
                moments, words = found(message)
                parent.answer(message, moments=moments.tobytes(), words=words)
                continue
            weights, points = (
                {name: blob_in(one, one["sha256"]) for name, one in message[key].items()}
                for key in ("weights", "points")
            )
            left, top, right, bottom = (float(one) for one in message["view"])
            columns, rows = message["size"]
            wide, high = message["sides"]
            codec = str(message["codec"])
            pixels, legend = land_picture(
                weights,
                (left, top, right, bottom),
                (columns, rows),
                facet_from(message["facet"]),
                axes,
                tuple(points.values()),
                (wide, high),
                loudness_of(codec, Path(message["folder"]), tuple(message["sounds"])) if codec else None,
            )
            parent.answer(message, size=[rows, columns], pixels=pixels.tobytes(), legend=legend)
        except Exception as error:
            parent.answer(message, error=f"{error or type(error).__name__}")


def found(message: Message) -> tuple[NDArray[np.float64], str]:
    """The path of a sound file over the map of a patch, seconds x y ``[n, 3]``, and which lines it goes along."""
    from .....engine.offline import offline_setup
    from .....engine.palette import load_palette
    from .....graphs import load
    from .....nodes.locating.finding import stretches
    from .....nodes.locating.searching import as_gesture, known_on, read_query, steps_of

    patch, folder = load(message["patch"]), Path(str(message["folder"]))
    query = read_query(Path(str(message["sound"])))
    setup = offline_setup(patch, folder)
    known = known_on(patch, load_palette(), setup, str(message["terrain"]), lambda done, text: True)
    steps = steps_of(known, query)
    path = as_gesture(known, steps)
    if path is None:
        return np.zeros((0, 3)), "it is silent; nothing is found"
    longest = sorted(stretches(known, steps), key=lambda one: one.begin - one.end)[:MOST_NAMED]
    return np.asarray(path.moments), ", ".join(f"{one.name} ({one.confidence:.0%})" for one in longest)


def heard(message: Message) -> tuple[NDArray[np.float32], int]:
    """Latents, then the land along a line, decoded one after the other: ``[channels, samples]`` and Hz."""
    from .....nodes.codec.remote import open_codec
    from .....nodes.terrain.hearing import hear, hear_line

    codec = open_codec(str(message["codec"]), Path(str(message["folder"])), tuple(message.get("sounds", ())))
    facts = codec.facts
    arrays = {name: blob_in(one, one["sha256"]) for name, one in message["arrays"].items()}
    weights = {name.removeprefix("land/"): one for name, one in arrays.items() if name.startswith("land/")}
    takes = [hear(arrays["latents"], codec)] if "latents" in arrays else []
    if weights and "coordinates" in arrays:
        level, tail = (float(message.get(name, 0.0)) for name in ("level", "tail"))
        controls = tuple(message.get("controls", ()))
        takes.append(hear_line(weights, arrays["coordinates"], codec, tail=tail, level_db=level, controls=controls))
    pause = np.zeros((facts.channels, round(PAUSE_SECONDS * facts.sample_rate)), np.float32)
    parts = [part for take in takes for part in (*take, pause)]
    if not parts:
        raise ValueError("there is nothing to hear yet; encode the sounds or let the land learn")
    return np.ascontiguousarray(np.concatenate(parts, axis=1)), round(facts.sample_rate)


def loudness_of(
    codec: str, folder: Path | None = None, sounds: tuple[str, ...] = ()
) -> Callable[[NDArray[np.floating]], Floats]:
    """What gives the loudness of places that stand still: latents ``[n, latent_dim]`` to decibels ``[n]``.

    sounds: those of ``builtin:sounds``, which knows them without playing.
    """
    from .....nodes.codec.remote import open_codec
    from .....nodes.codec.sounds import SoundsCodec

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
