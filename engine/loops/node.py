"""Nodes that play a compiled loop: silent until it is there, then fading in."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..instances import RAMP_SECONDS
from ..setup import Setup
from ..values import FloatArray
from .cache import LoopError
from .description import PerSample
from .library import Loop, Ranges, library
from .module import Call

CHANNELS = 2
"""For how many there is room from the start; more make room once, when a patch is rewired."""


class FadeIn:
    """Raises a sound from silence, once, in 10 ms."""

    def __init__(self, sample_rate: float) -> None:
        length = max(1, round(RAMP_SECONDS * sample_rate))
        self._ramp: FloatArray = np.linspace(0.0, 1.0, length, endpoint=False, dtype=np.float32)
        self._place = 0

    @property
    def is_over(self) -> bool:
        """Whether it has arrived."""
        return self._place >= len(self._ramp)

    def apply(self, out: FloatArray, under: FloatArray | None = None) -> None:
        """The next samples, in place: float32 ``[channels, n]``. under: what it rises from, in place of silence."""
        ramp = self._ramp[self._place : self._place + out.shape[1]]
        part = out[:, : len(ramp)]
        if under is None:
            np.multiply(part, ramp, out=part)
        else:
            before = under[:, : len(ramp)]
            np.subtract(part, before, out=part)
            np.multiply(part, ramp, out=part)
            np.add(part, before, out=part)
        self._place += len(ramp)


class PerSampleNode:
    """A node whose ``process`` is a compiled loop. ``per_sample`` makes subclasses; ``expr`` is one.

    state: float64 ``[channels or more, kind.size]``; may be exchanged for another place to keep it.
    """

    kind: PerSample
    ranges: Ranges

    def __init__(self, setup: Setup) -> None:
        self.begin(setup)

    def begin(self, setup: Setup) -> None:
        """Live, ask for the loop of ``kind``; offline that waits until it plays, as a patch may only be looked at."""
        kind = self.kind
        self.rate, self._is_offline, self._is_told = float(setup.sample_rate), setup.offline, False
        self._loop: Loop | None = None if setup.offline else library.get(kind, self.ranges)
        self.fade: FadeIn | None = None
        if self._loop is not None and self._loop.problem:
            self._is_told = True
            setup.warn(self._loop.problem)
        elif self._loop is not None and not self._loop.is_over:
            self.fade = FadeIn(self.rate)
        self.state: NDArray[np.float64] = self.start(CHANNELS)
        self._before: PerSampleNode | None = None
        rows = 0 if setup.offline else CHANNELS
        self._under: FloatArray = np.zeros((rows, setup.block), np.float32)
        self._lines = {name: np.zeros((1, 1), np.float32) for name in kind.params}
        self.nothing: FloatArray = np.zeros((1, 1, setup.block), np.float32)
        """For an input where nothing is connected."""
        self._raised: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {}
        self._arguments: list[Any] = [None] * (3 + len(kind.inputs) + len(kind.params))
        self._arguments[2] = self.rate

    def start(self, channels: int) -> NDArray[np.float64]:
        """What is kept before the first sample, float64 ``[channels, kind.size]``."""
        return self.kind.start(channels)

    def loop(self) -> Call | None:
        """What plays; None while there is none. Offline it is waited for; raises LoopError where it can't be had."""
        loop = self._loop
        if loop is None:
            loop = self._loop = library.get(self.kind, self.ranges)
            loop.wait()
        if loop.problem and self._is_offline:
            raise LoopError(loop.problem)
        return loop.call

    def play(self, out: FloatArray, given: Mapping[str, Any]) -> FloatArray:
        """Fill ``out`` ``[channels, n]`` from inputs and params by name. Audio thread only."""
        call = self.loop()
        if call is None:
            if self._before is not None:
                return self._before.play(out, given)
            out.fill(0.0)
            return out
        if len(out) > len(self.state):
            self._make_room(len(out))
        arguments, place = self._arguments, 3
        arguments[0], arguments[1] = self._stacked("out", out), self._stacked("state", self.state)
        for name in self.kind.inputs:
            arguments[place] = self._heard(name, given[name], out)
            place += 1
        for name in self.kind.params:
            value = given[name]
            if isinstance(value, np.ndarray):
                arguments[place] = value
            else:
                line = arguments[place] = self._lines[name]
                line[0, 0] = value
            place += 1
        call(*arguments)
        if self.fade is not None:
            self._fade(self.fade, out, given)
        return out

    @property
    def is_settled(self) -> bool:
        """Whether it plays by its loop alone from now on, and any number of such nodes may share a call of it."""
        return self.fade is None and self._before is None and self.loop() is not None

    def follow(self, before: "PerSampleNode") -> None:
        """Let the node play that this one follows, with what this one is given, until the loop is there; then cross."""
        while before._before is not None and (before._loop is None or before._loop.call is None):
            before = before._before  # what was never heard is passed over, however many came in a row
        self._before, self.fade = before, FadeIn(self.rate)

    def reset(self) -> None:
        """Begin as at first."""
        np.copyto(self.state, self.start(len(self.state)))

    def tidy(self) -> None:
        """Tell of a loop that can't be had. Raises LoopError, once."""
        if self._loop is not None and self._loop.problem and not self._is_told:
            self._is_told = True
            raise LoopError(self._loop.problem)

    def _fade(self, fade: FadeIn, out: FloatArray, given: Mapping[str, Any]) -> None:
        if self._before is None:
            fade.apply(out)
        else:
            if len(out) > len(self._under):
                self._under = np.zeros((len(out), self._under.shape[1]), np.float32)
            fade.apply(out, self._before.play(self._under[: len(out), : out.shape[1]], given))
        if fade.is_over:
            self.fade = self._before = None

    def _make_room(self, channels: int) -> None:
        state = self.start(channels)
        state[: len(self.state)] = self.state
        self.state = state

    def _heard(self, name: str, sound: FloatArray | None, out: FloatArray) -> NDArray[Any]:
        if sound is None:
            return np.broadcast_to(self.nothing[:, :, : out.shape[1]], (1, *out.shape))
        return self._stacked(name, sound)

    def _stacked(self, name: str, array: NDArray[Any]) -> NDArray[Any]:
        """An array as the only lane; a plan gives the same one for every block."""
        found = self._raised.get(name)
        if found is None or found[0] is not array:
            found = self._raised[name] = (array, array[None])
        return found[1]
