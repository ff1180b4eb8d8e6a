"""A stream of sound that takes over from an earlier one without a gap: the old one goes on until the new one sounds."""

import numpy as np

from ...engine import FloatArray
from ...engine.frames import SoundStream
from .gate import Gate

CROSSFADE_SECONDS = 0.06


class Handover:
    """What a node with a stream of sound knows of the one it takes over from, and of the one that takes over."""

    def __init__(self, sample_rate: float) -> None:
        fade = np.linspace(0, np.pi / 2, round(CROSSFADE_SECONDS * sample_rate), endpoint=False)
        self._rise, self._fall = np.sin(fade).astype(np.float32), np.cos(fade).astype(np.float32)
        self.outgoing: StreamNode | None = None
        self._faded = 0
        self._finished: list[StreamNode] = []
        self._is_handed_over = False

    def inherit(self, stream: SoundStream, old: "StreamNode") -> None:
        """Audio thread only: let another node's sound go on until ``stream`` has its own, then crossfade."""
        before = old.handover
        before._is_handed_over = True
        for one in (self.outgoing, before.outgoing):
            if one is not None:
                self._finished.append(one)
        before.outgoing = None
        self.outgoing, self._faded = old, 0
        stream.listen(False)

    def cross(self, stream: SoundStream, sound: FloatArray, out: FloatArray, sounds: bool) -> None:
        """Audio thread only: bring ``out`` in over what the outgoing one gives, at equal power.

        sounds: whether the new stream has sound of its own yet. Another number of channels is heard as their mean.
        """
        if len(sound) != len(out):
            sound = sound.mean(axis=0, keepdims=True)
        if not sounds:
            np.copyto(out, sound)
            return
        stream.listen(True)
        fading = min(out.shape[1], len(self._rise) - self._faded)
        part = slice(self._faded, self._faded + fading)
        out[:, :fading] *= self._rise[part]
        out[:, :fading] += sound[:, :fading] * self._fall[part]
        self._faded += fading
        if self._faded >= len(self._rise) and self.outgoing is not None:
            self._finished.append(self.outgoing)
            self.outgoing = None

    def tidy(self) -> None:
        """Let go of what has faded out; not for the audio thread."""
        while self._finished:
            self._finished.pop().stream.close()

    def close(self, stream: SoundStream) -> None:
        """End a node's stream, unless another still plays it."""
        self.tidy()
        if self.outgoing is not None:
            self.outgoing.stream.close()
        if not self._is_handed_over:
            stream.close()


class StreamNode:
    """A node with a stream of sound, that takes over from the one that was there before it."""

    stream: SoundStream
    handover: Handover
    gate: Gate

    def learn_untrained(self, is_untrained: bool) -> None:
        """Silence while what it is to play is not trained yet."""
        self.gate.is_shut = is_untrained

    def reset(self) -> None:
        """Forget the sound in flight."""
        self.stream.reset()

    def inherit(self, old: "StreamNode") -> None:
        """Audio thread only: let the old one's sound go on until this one has its own, then crossfade."""
        self.handover.inherit(self.stream, old)

    def tidy(self) -> None:
        """Let go of what has faded out."""
        self.handover.tidy()

    def close(self) -> None:
        """End the stream, unless another still plays it."""
        self.handover.close(self.stream)
