"""One method of a model as an endless stream of frames, however the model itself likes to be called."""

import numpy as np

from .interface import Array, CodecError, reason_of
from .probe import Manner
from .stream import ModuleStream

# Frames per call: few shapes, since torch is slow with every one it has not met; more than 64 gain nothing.
CHUNKS = (64, 32, 16, 8, 4, 2, 1)
# Inputs beyond ± this are held there.
LOUDEST = 1e4


class MethodStream:
    """Calls one method of a ModuleStream so that the split of the stream into calls does not matter.

    Streaming models are called in a few lengths; stochastic and stateful ones that are not exact frame by frame;
    the others with ``past`` and ``future`` frames around, whose results are cropped (``future`` frames of delay). Where
    no context is enough, the frame after the cropped ones is kept, and the next call's first frame fades in over it.
    What comes out not finite becomes silence, with the memory reset; ``faults`` counts these calls.
    """

    def __init__(self, stream: ModuleStream, manner: Manner, name: str) -> None:
        self.manner, self.faults = manner, 0
        self._stream, self._name = stream, name
        self._kept = manner.past + manner.future + manner.block - 1
        shape = (stream.lanes, manner.width, self._kept * manner.unit_in)
        self._history: Array = np.zeros(shape, np.float32)
        self._missing = np.full(stream.lanes, manner.future)
        fade = manner.unit_out if manner.fades else 0
        self._rise = ((np.arange(fade) + 1) / (fade + 1)).astype(np.float32)
        self._foreseen: Array = np.zeros((stream.lanes, manner.method.output_channels, fade), np.float32)
        self._foresees = np.zeros(stream.lanes, bool)

    def run(self, array: Array) -> Array:
        """``[lanes, channels, frames * unit_in]`` to ``[lanes, channels, frames * unit_out]``. Raises CodecError."""
        manner = self.manner
        frames = array.shape[2] // manner.unit_in
        made = np.empty((len(array), manner.method.output_channels, frames * manner.unit_out), np.float32)
        given = np.zeros((len(array), manner.width, array.shape[2]), np.float32)
        np.clip(
            np.nan_to_num(array, posinf=LOUDEST, neginf=-LOUDEST), -LOUDEST, LOUDEST, out=given[:, : array.shape[1]]
        )
        place = 0
        for count in self._chunks(frames):
            piece = given[..., place * manner.unit_in : (place + count) * manner.unit_in]
            made[..., place * manner.unit_out : (place + count) * manner.unit_out] = self._piece(piece, count)
            place += count
        return made

    def reset(self, lane: int | None = None) -> None:
        """Forget the context (of one lane); the module is reset by its owner."""
        lanes = slice(None) if lane is None else lane
        self._history[lanes] = 0.0
        self._missing[lanes] = self.manner.future
        self._foresees[lanes] = False

    def _chunks(self, frames: int) -> list[int]:
        if self.manner.one_by_one:
            return [1] * frames
        chunks: list[int] = []
        for size in CHUNKS:
            chunks += [size] * (frames // size)
            frames %= size
        return chunks

    def _piece(self, piece: Array, count: int) -> Array:
        manner = self.manner
        if not self._kept:
            return self._safe(piece, count)
        joined = np.concatenate([self._history, piece], axis=2)
        self._history = joined[..., joined.shape[2] - self._history.shape[2] :]
        total = manner.past + manner.future + count
        total += -total % manner.block
        made = self._safe(joined[..., joined.shape[2] - total * manner.unit_in :], total)
        end = (total - manner.future) * manner.unit_out
        after, made = made[..., end : end + len(self._rise)], made[..., end - count * manner.unit_out : end]
        if manner.fades:
            self._fade_in(made[..., : len(self._rise)], after)
        for lane, missing in enumerate(self._missing):
            made[lane, :, : missing * manner.unit_out] = 0.0
        self._missing = np.maximum(self._missing - count, 0)
        return made

    def _fade_in(self, made: Array, after: Array) -> None:
        """Bring a call's first frame in over what the call before foresaw of it, and keep what this one foresees."""
        known = self._foresees
        made[known] = self._foreseen[known] + (made[known] - self._foreseen[known]) * self._rise
        np.copyto(self._foreseen, after)
        known[:] = True

    def _safe(self, piece: Array, count: int) -> Array:
        manner = self.manner
        try:
            made = self._stream.call(manner.method.name, piece)
        except Exception as error:
            raise CodecError(f"{self._name} failed ({reason_of(error)}); reset or reload it") from None
        wanted = (len(piece), manner.method.output_channels, count * manner.unit_out)
        if made.shape != wanted:
            raise CodecError(f"{self._name} gives {list(made.shape)} where {list(wanted)} is declared; export it again")
        if not np.isfinite(made).all():
            self.faults += 1
            self._stream.reset()
            self.reset()
            made = np.zeros(wanted, np.float32)
        return made
