"""Record: keep what you play, latents or coordinates, as takes to learn from."""

from collections.abc import Mapping
from typing import Annotated

import numpy as np

from ..engine import (
    Content,
    Event,
    FloatArray,
    FrameTimes,
    Latent,
    LatentSpace,
    Param,
    Setting,
    Setup,
    Size,
    Trajectories,
    node,
    provides,
)
from .codec.space import kept_space, space_in

POOL = 16_384
SPACE = "codec"
"""Beside the takes: the codec whose latents they are, where all are of one."""


@node
class Record:
    """Records whatever flows in, one vector per frame, as takes.

    A take lasts while ``recording`` is on (or the gate is above a half); ``poke`` keeps the vector of this moment as a
    take of its own (point-by-point steering, spec §14); ``clear`` forgets the takes made since the patch was loaded.
    A take stops by itself at ``limit`` vectors. Takes reach the patch when it is saved from the engine.
    """

    def __init__(
        self,
        setup: Setup,
        content: Content,
        limit: Annotated[int, Setting(low=1, high=16_384, help="most vectors in one take")] = 2048,
    ) -> None:
        self.limit = limit
        self.kept: dict[str, FloatArray] = {
            name: np.asarray(array, np.float32) for name, array in content.items() if name.startswith("takes/")
        }
        self._kept_space = space_in(content, SPACE)
        self._space: LatentSpace | None = None
        self._is_mixed = False
        self._pool: FloatArray | None = None
        self._ends: list[tuple[int, int]] = []
        self._used = 0
        self._begin = -1
        self._is_full = False
        self._now: FloatArray | None = None

    def learn_spaces(self, spaces: Mapping[str, LatentSpace]) -> None:
        """Hear of what codec the latents are that flow in from now on; off the audio thread."""
        space = spaces.get("input")
        self._is_mixed |= bool(self._ends) and space != self._space
        self._space = space

    def process(
        self,
        frames: FrameTimes,
        input: Annotated[Latent, Size("any")] | None = None,
        gate: Annotated[Latent, Size(1)] | None = None,
        poke: Event | None = None,
        clear: Event | None = None,
        recording: Annotated[bool, Param(0, 1, help="on: what flows in is kept, as one take until it is off")] = False,
    ) -> Event:
        """Vectors ``[size, frames]`` in; out comes one event per finished take, its value the number of takes."""
        if input is None:
            return []
        if self._pool is None:
            self._pool = np.zeros((POOL, input.shape[0]), np.float32)
        done: Event = []
        frame = 0
        for offset, what in _in_order(frames, poke, clear):
            if what == "clear":
                self._used, self._begin = 0, -1
                self._ends.clear()
            elif what == "poke":
                self._poke(offset, done)
            else:
                self._now = input[:, frame].copy()
                on = recording if gate is None else bool(gate[0, frame] > 0.5)
                self._take(self._now, on, offset, done)
                frame += 1
        return done

    @provides
    def takes(self) -> Trajectories:
        """Every take, float32 ``[vectors, size]``: those of the patch, then those made since."""
        content = self.capture()
        names = sorted(content.keys() - {SPACE})
        arrays = tuple(content[name] for name in names)
        return Trajectories(
            tuple(name.partition("/")[2] for name in names), arrays, space=self._space_of_all(len(names))
        )

    def capture(self) -> dict[str, np.ndarray]:
        """The takes as content for the patch: ``takes/0001`` … float32 ``[vectors, size]``; one still going on too."""
        found: dict[str, np.ndarray] = dict(self.kept)
        going_on = [(self._begin, self._used)] if 0 <= self._begin < self._used else []
        for begin, end in [*self._ends, *going_on]:
            if self._pool is not None:
                found[f"takes/{len(found) + 1:04d}"] = self._pool[begin:end].copy()
        return {**found, **kept_space(self._space_of_all(len(found)), SPACE)}

    def shows(self) -> dict[str, FloatArray]:
        """How much is recorded, for whoever looks on, each ``[1]``.

        ``filled``: the share of the room for vectors that is used, 0 … 1; ``takes``: how many there are, those of the
        patch too; ``going``: vectors in the take that is going on, 0 for none.
        """
        begin, used = self._begin, self._used
        return {
            "filled": np.array([used / POOL], np.float32),
            "takes": np.array([len(self.kept) + len(self._ends)], np.float32),
            "going": np.array([used - begin if 0 <= begin <= used else 0], np.float32),
        }

    def _space_of_all(self, takes: int) -> LatentSpace | None:
        """The space of the takes, those of the patch and those made since; None where it is not one, or not known."""
        if takes == len(self.kept):
            return self._kept_space if takes else None
        return self._space if not self._is_mixed and (not self.kept or self._kept_space == self._space) else None

    def _poke(self, offset: int, done: Event) -> None:
        if self._pool is not None and self._now is not None and self._begin < 0 and self._used < POOL:
            self._pool[self._used] = self._now
            self._finish(self._used, self._used + 1, offset, done)

    def _take(self, vector: FloatArray, on: bool, offset: int, done: Event) -> None:
        assert self._pool is not None
        if not on:
            if self._begin >= 0:
                self._finish(self._begin, self._used, offset, done)
            self._begin, self._is_full = -1, False
            return
        if self._is_full or self._used >= POOL:
            return
        if self._begin < 0:
            self._begin = self._used
        self._pool[self._used] = vector
        self._used += 1
        if self._used - self._begin >= self.limit or self._used >= POOL:
            self._finish(self._begin, self._used, offset, done)
            self._begin, self._is_full = -1, True

    def _finish(self, begin: int, end: int, offset: int, done: Event) -> None:
        self._ends.append((begin, end))
        self._used = max(self._used, end)
        done.append((offset, float(len(self.kept) + len(self._ends))))


def _in_order(frames: FrameTimes, poke: Event | None, clear: Event | None) -> list[tuple[int, str]]:
    """What happens in this block, by sample; at one sample first the clearing, then the frame, then the poke."""
    moments = [(int(offset), 1, "frame") for offset in frames.due]
    moments += [(offset, 0, "clear") for offset, _ in clear or ()]
    moments += [(offset, 2, "poke") for offset, _ in poke or ()]
    return [(offset, what) for offset, _, what in sorted(moments)]
