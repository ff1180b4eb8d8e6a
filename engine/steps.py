"""The calls of a plan: a node's process with its arguments in place."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from .buffers import Buffer, EventBuffer, LatentBuffer, SignalBuffer
from .clock import FrameTimes
from .instances import Knob
from .values import FloatArray


class Marked(Protocol):
    """What plays a step with others."""

    def mark(self) -> None:
        """Ask to be refreshed before the next block."""
        ...


class Step:
    """A node's call. ``arguments`` is made once; only moving params and frame views change in it.

    moving: the params on their way just now. batch: the one that it plays in while none is.
    Call ``tick`` from the audio thread only.
    """

    def __init__(
        self,
        node: str,
        call: Callable[..., Any],
        arguments: dict[str, Any],
        outputs: Mapping[str, Buffer],
        times: FrameTimes | None,
        frame_views: tuple[tuple[str, tuple[FloatArray, ...]], ...],
        outs: tuple[Any, ...] | None,
        frames_only: bool,
    ) -> None:
        self.node = node
        self.call = call
        self.arguments = arguments
        self.outputs = outputs
        self.times = times
        self.frame_views = frame_views
        self.outs = outs
        self.frames_only = frames_only
        self.moving: set[str] = set()
        self.batch: Marked | None = None
        self.events = tuple(out.events for out in outputs.values() if isinstance(out, EventBuffer))
        self.copied = () if outs is not None else tuple(outputs.values())
        simple = times is None and not self.events and not self.copied
        self.tick: Callable[[], None] = self._tick_simple if simple else self._tick

    def tick_part(self, begin: int, end: int) -> None:
        """Play some samples of the block; for nodes that fill ``out``, from signals alone."""
        self.call(**{name: part_of(one, begin, end) for name, one in self.arguments.items()})

    def silence(self) -> None:
        """Give what a muted node gives."""
        for buffer in self.outputs.values():
            buffer.silence()

    def rest(self, param: str) -> None:
        """Audio thread only: a param has come to rest at the value that is in the arguments."""
        self.moving.discard(param)
        if self.batch is not None:
            self.batch.mark()

    def move(self, param: str) -> None:
        """Audio thread only: a param has set out."""
        if param not in self.moving:
            self.moving.add(param)
            if self.batch is not None:
                self.batch.mark()

    def _tick_simple(self) -> None:
        self.call(**self.arguments)

    def _tick(self) -> None:
        arguments, count = self.arguments, 0
        for events in self.events:
            events.clear()
        if self.times is not None:
            count = self.times.count
            if self.frames_only and not count:
                return
            for name, views in self.frame_views:
                arguments[name] = views[count]
            if self.outs is not None:
                arguments["out"] = self.outs[count]
        result = self.call(**arguments)
        if self.copied:
            values = result if len(self.copied) > 1 or _is_tuple(result) else (result,)
            for buffer, value in zip(self.copied, values, strict=True):
                _store(buffer, value, count)


class ParamRamp:
    """A param on its way: writes the glide into the step's argument until it has arrived."""

    __slots__ = ("arguments", "knob", "line", "name", "sampled", "step", "times")

    def __init__(self, name: str, knob: Knob, step: Step, block: int) -> None:
        self.name, self.knob, self.step, self.arguments = name, knob, step, step.arguments
        self.line: FloatArray = np.zeros((1, block), np.float32)
        self.times = step.times if step.frames_only else None
        most = self.times.most if self.times else 0
        sampled = np.zeros((1, most), np.float32)
        self.sampled = tuple(sampled[:, :count] for count in range(most + 1))

    def settle(self) -> None:
        """Hand the step the steady value."""
        self.arguments[self.name] = self.knob.value
        self.step.rest(self.name)

    def advance(self) -> bool:
        """Write the next stretch of a glide; False once arrived (the argument is then a plain number)."""
        if not self.knob.is_moving:
            self.settle()
            return False
        self.step.move(self.name)
        self.knob.fill(self.line)
        if self.times is None:
            self.arguments[self.name] = self.line
        elif self.times.count:
            view = self.sampled[self.times.count]
            np.take(self.line, self.times.due, axis=1, out=view, mode="clip")
            self.arguments[self.name] = view
        return True


def part_of(value: Any, begin: int, end: int) -> Any:
    """The samples of an argument: of an array ``[channels, block]``, of several, or of what is none as it is."""
    if isinstance(value, np.ndarray):
        return value[:, begin:end]
    if isinstance(value, tuple):
        return type(value)(*(part_of(one, begin, end) for one in value))
    return value


def _is_tuple(value: object) -> bool:
    return isinstance(value, tuple)


def _store(buffer: Buffer, value: Any, count: int) -> None:
    if isinstance(buffer, SignalBuffer):
        np.copyto(buffer.array, value, casting="same_kind")
    elif isinstance(buffer, LatentBuffer):
        np.copyto(buffer.views[count], value, casting="same_kind")
    elif value:
        buffer.events.extend(value)
