"""Listening to one line: what the map makes of it, or first as its sound was encoded (A, then B)."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.messages.workers import Hear, LineSound, blobs_of
from ...engine.palette import Palette
from ...engine.processes.child import ChildError, ChildGone
from ...engine.processes.supervisor import SupervisedChild
from ...engine.values import FloatArray
from ...graphs import Patch, add_node, connect, set_muted
from ...nodes.codec.loader import BUILTIN, BUILTINS
from ...nodes.gui.drawing import line_of
from ...nodes.gui.line_samples import sample_uniform
from ...nodes.gui.timed_paths import Tour
from ...nodes.terrain.learned import learned_weights
from ...nodes.terrain.line_audio import LineVoice, voice_of
from .background_work import BackgroundWork
from .sheet import Sheet

LISTEN_SECONDS = 30.0
USUAL = f"{BUILTIN}{BUILTINS[0]}"
PLAYER, OUT = "map-audition", "map-audition-out"
# So many latents of a line are heard: about a minute and a half.
LONGEST_FRAMES = 4000
# How long a sound that stands still is heard, in latents: about two seconds.
HELD_FRAMES = 40


@dataclass(frozen=True)
class LineAudio:
    """A line's sound in a file, or why there is none. words: what it is."""

    name: str
    words: str = ""
    path: Path | None = None
    seconds: float = 0.0
    error: str = ""


class LineAudition(BackgroundWork[LineAudio]):
    """Makes the sound of a line in a process of its own (see ``BackgroundWork``)."""

    def __init__(self, worker: SupervisedChild | None = None) -> None:
        super().__init__(worker)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def ask(self, sheet: Sheet, number: int, folder: Path, is_compared: bool = False) -> bool:
        """Have made what the map makes of a line; compared: its sound before it. False while another is being made."""
        return self._ask(sheet.name_of(number), lambda: question(sheet, number, folder, is_compared))

    def ask_latents(self, sheet: Sheet, latents: FloatArray, folder: Path) -> bool:
        """Have a sound made that stands still. False while another is."""
        held = np.repeat(np.asarray(latents, np.float32)[np.newaxis], HELD_FRAMES, axis=0)
        return self._ask("", lambda: _question({"latents": held}, voice_for(sheet), folder))

    def _ask(self, name: str, make: Callable[[], Hear]) -> bool:
        return not self.is_busy and self._begin("listen to a line", self._run, name, make())

    def close(self) -> None:
        """End the process, and take its files away."""
        super().close()
        if self._folder is not None:
            with suppress(OSError):
                self._folder.cleanup()

    def _run(self, name: str, question: Hear) -> None:
        import soundfile

        try:
            answer = self._worker.ask(question, LineSound, LISTEN_SECONDS)
            sound = np.frombuffer(answer.sound, np.float32).reshape(answer.channels, -1)
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="latent-terrain-")
            self._count += 1
            path = Path(self._folder.name) / f"{self._count:04d}.wav"
            soundfile.write(str(path), sound.T, answer.rate, subtype="FLOAT")
            self._ready.append(LineAudio(name, _words(question.arrays), path, sound.shape[1] / answer.rate))
        except (ChildError, ChildGone, OSError, RuntimeError) as error:
            self._ready.append(LineAudio(name, error=str(error)))


def question(sheet: Sheet, number: int, folder: Path, is_compared: bool = False) -> Hear:
    """What is to be heard of a line: the terrain with as many places along it as its sound has latents.

    is_compared: its sound's latents before it; so too, alone, where no terrain is learned.
    """
    patch, arrays = sheet.desk.patch, dict[str, NDArray[Any]]()
    sounds = sheet.sounds
    has_sound = sheet.layer == "learn" and number < len(sounds) and bool(sounds[number].frames)
    path, terrains = sheet.lines.get(number), sheet.terrains
    weights = learned_weights(patch.nodes[terrains[0]].content) if terrains else {}
    if path is not None and weights:
        line = line_of(path)
        if isinstance(path, Tour):
            places = path.positions_at(np.arange(min(max(2.0, path.lasts), LONGEST_FRAMES))).T
        else:
            frames = sounds[number].frames if has_sound else max(2, round(line.length / sheet.walking_density))
            places = sample_uniform(line, min(frames, LONGEST_FRAMES))
        arrays["coordinates"] = np.ascontiguousarray(places, np.float32)
        arrays |= {f"terrain/{name}": one for name, one in weights.items()}
    if has_sound and (is_compared or not weights):
        arrays["latents"] = sounds[number].latents[:LONGEST_FRAMES]
    return _question(arrays, voice_for(sheet), folder)


def voice_for(sheet: Sheet) -> LineVoice:
    """What a map's terrain is heard with; the built-in codec where no decoder follows it."""
    voices = (voice_of(sheet.desk.patch, sheet.desk.palette, terrain) for terrain in sheet.terrains)
    return next((voice for voice in voices if voice is not None), LineVoice("", (), USUAL))


def _question(arrays: Mapping[str, NDArray[Any]], voice: LineVoice, folder: Path) -> Hear:
    return Hear(
        arrays=blobs_of(arrays),
        codec=voice.codec,
        folder=str(folder),
        sounds=voice.sounds,
        level=voice.level_db,
        tail=voice.tail,
        controls=voice.controls,
    )


def _words(arrays: Mapping[str, Any]) -> str:
    """What is heard."""
    if "coordinates" not in arrays:
        return "original only; the terrain is not trained yet"
    return "original (as encoded), then terrain" if "latents" in arrays else "terrain"


def codec_of(patch: Patch, palette: Palette, terrains: tuple[str, ...]) -> str:
    """The codec that a terrain is decoded with, or the built-in one."""
    voices = (voice_of(patch, palette, terrain) for terrain in terrains)
    return next((voice.codec for voice in voices if voice is not None), USUAL)


def silenced(patch: Patch, palette: Palette) -> Patch:
    """The patch with all that goes to the loudspeakers muted."""
    outs = palette.names(patch, "device_output")
    return reduce(lambda after, name: set_muted(after, name, True), outs, patch)


def with_audition(patch: Patch, palette: Palette, path: Path) -> Patch:
    """A patch in which a file is heard and everything else is silent: for the engine alone, never saved."""
    patch = add_node(silenced(patch, palette), "sound_player", name=PLAYER, values={"file": str(path)})
    patch = add_node(patch, "audio_out", name=OUT)
    return connect(patch, f"{PLAYER}.audio", f"{OUT}.audio")
