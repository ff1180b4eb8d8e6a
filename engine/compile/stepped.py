"""Stepped: cords into whole numbers, switches and choices, which get one value per block."""

from collections.abc import Iterable
from math import isfinite, nan
from typing import Any

from ..buffers import EventBuffer, SignalBuffer
from ..declare import ParamSpec
from ..param_numbers import nearest, place
from ..values import FloatArray
from .resolve import ResolvedCord

# Samples per block of a patch with such cords, at most: a render steps as often as what plays live.
STEP_BLOCK = 256
HELD = "step"
"""Which memory of a cord it is: where the param is, as a number, float32 ``[1, 1]``."""


def is_stepped(cord: ResolvedCord) -> bool:
    """Whether a cord turns a param that can't glide."""
    return cord.param is not None and not cord.param.ramp


def forget(memory: dict[tuple[str, str, str], FloatArray], cords: Iterable[ResolvedCord]) -> None:
    """Drop what cords that are not among these left: where one comes anew, the param begins at its own value."""
    held = [key for key in memory if key[2] == HELD]
    if held:
        names = {cord.name for cord in cords}
        for key in held:
            if key[:2] not in names:
                del memory[key]


class Stepper:
    """A param's value for each block: the first sample of a signal, or the last event; what is not finite holds it.

    held: where it is, which outlasts plans. Written into the step's ``arguments`` once ``lead`` was told them.
    """

    def __init__(self, spec: ParamSpec, source: SignalBuffer | EventBuffer, held: FloatArray) -> None:
        self.spec, self.held = spec, held
        self._arguments: dict[str, Any] = {}
        self._written = nan
        if isinstance(source, EventBuffer):
            self._events, self.tick = source.events, self._tick_events
        else:
            self._signal, self.tick = source.array, self._tick_signal

    def lead(self, arguments: dict[str, Any]) -> None:
        """Write into these from now on."""
        self._arguments = arguments
        self._write()

    def _tick_signal(self) -> None:
        """Call from the audio thread."""
        self._step(float(self._signal[0, 0]))
        self._write()

    def _tick_events(self) -> None:
        """Call from the audio thread."""
        for _, value in self._events:
            self._step(float(value))
        self._write()

    def _step(self, number: float) -> None:
        if isfinite(number):
            self.held[0, 0] = place(self.spec, nearest(self.spec, number))

    def _write(self) -> None:
        now = float(self.held[0, 0])
        if now != self._written:
            self._written = now
            self._arguments[self.spec.name] = nearest(self.spec, now)
