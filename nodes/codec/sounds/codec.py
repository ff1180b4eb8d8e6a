"""``builtin:sounds``: a codec that is the user's own sounds.

Its latents say which sound and when in it; its decoder plays the recordings themselves, blended where the latents lie
between them. After the latents, ``decode`` takes two more numbers a frame, its controls: how sounds blend (0 together,
1 the nearest alone, 2 the nearest in the colours of the other), and how far their loudness is evened out (0 … 1).
"""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...audiofile import Passage
from ...audiofile.meant import file_mark
from ..interface import Array, CodecError, CodecFacts
from .corpus import Corpus, entry_of, load_corpus, read_passage, sound_of
from .encoder import Moments, SoundsEncoder
from .layout import CHANNELS, CONTROLS, LABELS, LATENTS, NAME, RATIO, SAMPLE_RATE
from .moment_latents import placed
from .player import SoundsPlayer

WARM_FRAMES = 12
FACTS = CodecFacts(
    name=NAME,
    latent_dim=LATENTS,
    ratio=RATIO,
    sample_rate=SAMPLE_RATE,
    channels=CHANNELS,
    input_channels=1,
    labels=LABELS,
    controls=CONTROLS,
)


class SoundsCodec:
    """43 frames a second, stereo at 44.1 kHz, nine latents; what is left to chance comes from the seed.

    Latents that are all 0 are silence. ``encode`` gives the latents of the moments that a sound is most like; those of
    the corpus's own sounds are known exactly (``coding.latents_of``).
    """

    def __init__(self, loaded: "LoadedSounds", lanes: int = 1, seed: int = 0) -> None:
        self.loaded, self._lanes = loaded, lanes
        self._players = [SoundsPlayer(loaded.corpus, seed + lane) for lane in range(lanes)]
        self._encoders: list[SoundsEncoder] = []

    @property
    def facts(self) -> CodecFacts:
        """What this codec is, whatever sounds it has."""
        return FACTS

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, in sentences."""
        return self.loaded.corpus.problems

    def decode(self, latents: Array) -> Array:
        """Latents ``[lanes, 9, frames]``, controls may follow, to ``[lanes, 2, frames * 1024]``; see the class."""
        if latents.ndim != 3 or latents.shape[0] != self._lanes or latents.shape[1] not in (LATENTS, LATENTS + 2):
            raise CodecError(
                f"{NAME} decodes latents shaped [{self._lanes}, {LATENTS}, frames], got {list(latents.shape)}; "
                f"give {LATENTS} latents, and make an instance with as many lanes as you play"
            )
        frames = latents.shape[2]
        sound = np.empty((self._lanes, CHANNELS, frames * RATIO), np.float32)
        for frame in range(frames):
            for lane, player in enumerate(self._players):
                player.play(latents[lane, :, frame], sound[lane, :, frame * RATIO : (frame + 1) * RATIO])
        return sound

    def encode(self, audio: Array) -> Array:
        """Mono 44.1 kHz sound ``[lanes, 1, frames * 1024]`` to latents ``[lanes, 9, frames]``, continuing."""
        if audio.ndim != 3 or audio.shape[:2] != (self._lanes, 1) or audio.shape[2] % RATIO:
            raise CodecError(
                f"{NAME} encodes mono sound shaped [{self._lanes}, 1, a multiple of {RATIO} samples], "
                f"got {list(audio.shape)}; mix to mono and pad the end with silence"
            )
        if not self._encoders:
            self._encoders = [SoundsEncoder(self.loaded.moments) for _ in range(self._lanes)]
        frames = audio.shape[2] // RATIO
        latents = np.empty((self._lanes, LATENTS, frames), np.float32)
        for frame in range(frames):
            for lane, encoder in enumerate(self._encoders):
                encoder.hear(audio[lane, 0, frame * RATIO : (frame + 1) * RATIO], latents[lane, :, frame])
        return latents

    def levels(self, latents: Array) -> NDArray[np.float64]:
        """How loud moments ``[n, 9]`` are, in dB, without playing them: ``[n]``."""
        return np.array([self._players[0].level(one) for one in latents], np.float64)

    def reset(self, lane: int | None = None) -> None:
        """Forget the stream (of one lane): the next call sounds as the first one did, exactly."""
        if lane is not None and not 0 <= lane < self._lanes:
            raise CodecError(f"{NAME} has lanes 0 to {self._lanes - 1} here; there is no lane {lane} to reset")
        lanes = range(self._lanes) if lane is None else (lane,)
        for number in lanes:
            self._players[number].reset()
            if self._encoders:
                self._encoders[number].reset()

    def new_instance(self, lanes: int = 1, seed: int = 0) -> "SoundsCodec":
        """An independent stream over the same sounds, warm: its first frame takes no longer than the others."""
        if lanes < 1:
            raise CodecError(f"{NAME} needs at least one lane, not {lanes}")
        fresh = SoundsCodec(self.loaded, lanes, seed)
        self.loaded.warm()
        return fresh

    def warm_encoder(self) -> None:
        """Make ready what encoding needs, which takes a while."""
        self.encode(np.zeros((self._lanes, 1, RATIO), np.float32))
        self.reset()


class LoadedSounds:
    """The sounds that all streams of a codec share."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus, self._is_warm = corpus, False

    def warm(self) -> None:
        """Look at all sounds, and play a little of what is played in another way each, so that all tables are made."""
        for sound in self.corpus.sounds:
            _ = sound.analysis
        if not self._is_warm and self.corpus.sounds:
            player = SoundsPlayer(self.corpus)
            latents = np.zeros(LATENTS, np.float32)
            latents[: len(self.corpus.places[0])] = self.corpus.places.mean(axis=0) + np.float32(0.01)
            out = np.empty((CHANNELS, RATIO), np.float32)
            for _ in range(WARM_FRAMES):
                player.play(latents, out)
        self._is_warm = True

    @cached_property
    def moments(self) -> Moments:
        """All their frames, to find those that another sound is like."""
        return Moments(self.corpus)


def codec_over(files: Iterable[Path]) -> SoundsCodec:
    """The codec over sound files, as they lie on the disk now. Raises SoundError."""
    found = []
    for passage in map(Passage, files):
        audio, _ = read_passage(passage)
        found.append(sound_of(passage, placed(audio.mean(axis=0), file_mark(passage).hex()), audio))
    return SoundsCodec(LoadedSounds(Corpus(found)))


def load_sounds(sounds: Iterable[str], folder: Path) -> SoundsCodec:
    """The codec over the sounds of a patch. sounds: entries as text (see ``corpus``). folder: the patch's."""
    return SoundsCodec(LoadedSounds(load_corpus((entry_of(one) for one in sounds), folder)))
