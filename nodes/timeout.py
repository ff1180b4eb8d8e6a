"""Timeout: when a sensor falls silent, hold, then let something else walk, and come back without a jump."""

from typing import Annotated, NamedTuple

import numpy as np

from ..engine import ControlSignal, Event, FloatArray, Help, Param, Setup, Signal, Size, node
from .control_rate import STEP, value_at

Wait = Annotated[
    float,
    Param(0.01, 3600.0, soft=(0.5, 60.0), unit="s", curve="log", ramp=False, help="time without input until it fades"),
]
Fade = Annotated[float, Param(0.01, 600.0, soft=(0.1, 20), unit="s", curve="log", ramp=False, help="fade time")]
Tolerance = Annotated[
    float, Param(0.0, 1e6, soft=(0, 1), ramp=False, help="input that moves by no more than this counts as still")
]


class Watched(NamedTuple):
    """The signal, and when it changes hands."""

    out: Annotated[ControlSignal, Help("the input, or after the time the other one")]
    changed: Annotated[Event, Help("1 when the input has been still for the time, 0 when it moves again")]


@node(other_names=("idle", "watchdog", "activity", "no input", "fallback", "attract mode", "standby", "presence"))
class Timeout:
    """Passes its input; when none has come for a time, fades to another signal, and back when it moves again.

    Without a cord to ``age``, an input that does not move counts as none: right for a sensor that trembles, wrong for
    one that sends the same value while it is still. Connect ``age`` of osc_in, and the time counts from its last
    message, whatever that said. Until the time is over the input's last value holds. Without another signal it holds
    on, and ``changed`` tells of it.
    """

    def __init__(self, setup: Setup) -> None:
        self._per_sample = 1.0 / setup.sample_rate
        self._block = setup.block
        self._counts: FloatArray = np.arange(1, setup.block + 1, dtype=np.float32)
        self._share: FloatArray = np.zeros(setup.block, np.float32)
        self._phase, self._still, self._other = 0, 0.0, 0.0
        self._is_new, self._is_over = True, False
        self._fit(0)

    def process(
        self,
        audio: Annotated[Signal, Help("the signal to pass, such as a sensor's")],
        out: Watched,
        other: Annotated[Signal, Help("fades in when the input is silent, such as a slow walk")] | None = None,
        age: Annotated[Signal, Size(1), Help("seconds since the last message, from osc_in")] | None = None,
        seconds: Wait = 5.0,
        fade: Fade = 2.0,
        tolerance: Tolerance = 0.0001,
    ) -> Watched:
        """Fill ``out`` ``[channels, n]``; ``changed`` has an event at each change."""
        count = audio.shape[1]
        if len(self._last) != len(audio):
            self._fit(len(audio))
        np.isfinite(audio, out=self._finite[:, :count])
        clean = bool(self._finite[:, :count].all())
        given = audio if clean else self._cleaned(audio, count)
        changes: list[tuple[int, float]] = []
        sample = 0
        while sample < count:
            if self._phase == 0:
                self._look(
                    given[:, sample], None if age is None else float(age[0, sample]), value_at(tolerance, sample)
                )
                is_over = self._still >= value_at(seconds, sample)
                if is_over != self._is_over:
                    self._is_over = is_over
                    changes.append((sample, float(is_over)))
            end = min(count, sample + STEP - self._phase)
            self._fade(sample, end, value_at(fade, sample))
            self._phase = (self._phase + end - sample) % STEP
            sample = end
        np.copyto(self._last, given[:, -1])
        if other is None:
            np.copyto(out.out, given)
        else:
            np.subtract(other, given, out=out.out)
            np.multiply(out.out, self._share[:count], out=out.out)
            np.add(out.out, given, out=out.out)
        return Watched(out.out, changes)

    def reset(self) -> None:
        """Begin with the input, as if it had just moved."""
        self._fit(len(self._last))

    def _look(self, values: FloatArray, age: float | None, tolerance: float) -> None:
        """How long nothing has come by now."""
        if age is not None:
            self._still = age if np.isfinite(age) else self._still
            return
        np.subtract(values, self._reference, out=self._moved)
        np.abs(self._moved, out=self._moved)
        if self._is_new or self._moved.max(initial=0.0) > tolerance:
            np.copyto(self._reference, values)
            self._still, self._is_new = 0.0, False
        else:
            self._still += STEP * self._per_sample

    def _fade(self, begin: int, end: int, seconds: float) -> None:
        """How much of the other signal is heard at samples of this block."""
        share, step = self._share[begin:end], self._per_sample / seconds
        np.multiply(self._counts[: end - begin], step if self._is_over else -step, out=share)
        np.add(share, self._other, out=share)
        np.clip(share, 0.0, 1.0, out=share)
        self._other = float(share[-1])

    def _cleaned(self, audio: FloatArray, count: int) -> FloatArray:
        """The input, in whose channels that hold what is no number the last value is held."""
        cleaned = self._clean[:, :count]
        np.copyto(cleaned, audio)
        for channel in np.flatnonzero(~self._finite[:, :count].all(axis=1)):
            cleaned[channel] = self._last[channel]
        return cleaned

    def _fit(self, channels: int) -> None:
        self._last, self._reference, self._moved = np.zeros((3, channels), np.float32)
        self._finite = np.zeros((channels, self._block), np.bool_)
        self._clean: FloatArray = np.zeros((channels, self._block), np.float32)
        self._phase, self._still, self._other = 0, 0.0, 0.0
        self._is_new, self._is_over = True, False
