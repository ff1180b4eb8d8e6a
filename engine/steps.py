"""The calls of a plan: a node's process with its arguments in place, and many like nodes in one."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .buffers import Buffer, EventBuffer, LatentBuffer, SignalBuffer
from .clock import FrameTimes
from .declare import Scalar
from .hooks import Resting, Together
from .instances import Knob
from .values import FloatArray


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
        self.batch: Batch | None = None
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


class Batch:
    """Like nodes that play in one call while their params rest; audio thread only, once the plan plays.

    A node whose param moves, or is no longer like the others, plays aside: by its own step, after the common call and
    over what that left in its row. So nothing is laid out anew while a knob turns, and the sound is the step's own.
    The state of a node that plays with the others lives in a row of ``states``, its instance holding the row; one
    that plays aside takes its state with it. Several plans may have it, of which one plays. values: of the params as
    they are at first; lines: of those that cords drive; muted: the steps that failed before.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        values: Mapping[str, Sequence[Scalar]],
        resting: Resting,
        gathers: Sequence[Callable[[], object]] = (),
        alike: Callable[..., Hashable] | None = None,
        nodes: Sequence[Any] = (),
        states: NDArray[Any] | None = None,
        lines: Mapping[str, FloatArray] | None = None,
        muted: Sequence[Step] = (),
    ) -> None:
        self.steps, self._lines = tuple(steps), dict(lines or {})
        self._resting, self._gathers, self._alike = resting, tuple(gathers), alike
        self._nodes, self._seats = tuple(nodes), () if states is None else tuple(states)
        self._values = {name: list(each) for name, each in values.items() if name not in self._lines}
        self._kind = self._kind_of({name: each[0] for name, each in self._values.items()})
        self._call = resting(**self._values, **self._lines)
        self._aside: list[Step] = []
        self._muted: list[Step] = list(muted)
        self._failed: list[tuple[Step, Exception]] = []
        self._is_parted = self._is_marked = False
        self._changed: list[Any] = []
        self.tick: Callable[[], object] = self._tick_aside
        """The call for each block, since it was refreshed."""

    def join(self, changed: list[Any]) -> None:
        """Play from now on: those in ``changed`` are refreshed before the next block."""
        self._changed, self._is_marked = changed, False
        for step in self.steps:
            step.batch = self
        self.mark()

    def mark(self) -> None:
        """Ask to be refreshed before the next block."""
        if not self._is_marked:
            self._is_marked = True
            self._changed.append(self)

    def refresh(self) -> None:
        """Make the call for each block from now on. What can't be brought up to date plays node by node."""
        self._is_marked = False
        try:
            self._sort_out()
        except Exception:
            self._part()
        alone = len(self._aside) + len(self._muted)
        if alone == len(self.steps):
            self.tick = self._tick_aside
        else:
            self.tick = self._tick if alone or self._gathers else self._call

    def play(self) -> None:
        """Compute a block as it was last refreshed."""
        self.tick()

    def mute(self, step: Step) -> None:
        """Leave a node out until the next plan."""
        self._muted.append(step)
        self.mark()

    def fall_back(self) -> list[tuple[Step, Exception]]:
        """After a tick that failed: finish the block, for good node by node if the common call failed.

        Gives the steps that failed and how.
        """
        if not self._failed:
            self._part()
            self._try_aside()
        failed, self._failed = self._failed, []
        self.mark()
        return failed

    def _tick(self) -> None:
        for gather in self._gathers:
            gather()
        self._call()
        for step in self._muted:
            step.silence()
        self._tick_aside()

    def _tick_aside(self) -> None:
        self._try_aside()
        if self._failed:
            raise self._failed[0][1]

    def _try_aside(self) -> None:
        for step in self._aside:
            try:
                step.tick()
            except Exception as error:
                self._failed.append((step, error))

    def _sort_out(self) -> None:
        """Who plays with the others, who aside; their state where it belongs; the common call as the params are."""
        self._aside.clear()
        is_new = False
        for row, step in enumerate(self.steps):
            alone = (
                self._is_parted
                or step in self._muted
                or bool(step.moving)
                or self._kind_of(step.arguments) != self._kind
            )
            if self._seats:
                self._seat(row, alone)
            if alone:
                if step not in self._muted:
                    self._aside.append(step)
                continue
            for name, values in self._values.items():
                if values[row] != step.arguments[name]:
                    values[row], is_new = step.arguments[name], True
        if is_new:
            self._call = self._resting(**self._values, **self._lines)

    def _part(self) -> None:
        self._is_parted = True
        self._all_aside()

    def _all_aside(self) -> None:
        self._aside = [step for step in self.steps if step not in self._muted]

    def _seat(self, row: int, alone: bool) -> None:
        node, seat = self._nodes[row], self._seats[row]
        if alone and node.state is seat:
            node.state = seat.copy()
        elif not alone and node.state is not seat:
            np.copyto(seat, node.state)
            node.state = seat

    def _kind_of(self, values: Mapping[str, Any]) -> Hashable:
        if self._alike is None:
            return None
        return self._alike(**{name: values[name] for name in self._values}, **dict.fromkeys(self._lines, nan))


class Chain(Batch):
    """Steps of a type of two inputs, each fed by the one before and heard by the next alone: one reduction.

    They play together all or none. What those before the last give is not computed until somebody asks (``fill``).
    rows: float32 ``[steps + 1, channels, block]``, the terms in order; outs: what each step gives.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        values: Mapping[str, Sequence[Scalar]],
        together: Together,
        rows: FloatArray,
        outs: Sequence[FloatArray],
        gathers: Sequence[Callable[[], object]],
        muted: Sequence[Step] = (),
    ) -> None:
        assert together.scan is not None
        scan = self._scan = together.scan
        self._pairs = [(rows[0], rows[1], outs[0]), *zip(outs[:-2], rows[2:-1], outs[1:-1], strict=True)]
        call = partial(scan.reduce, rows, 0, None, outs[-1])
        super().__init__(steps, values, lambda **_: call, gathers, together.alike, muted=muted)

    def fill(self) -> None:
        """Compute what the steps before the last gave in the block played last. Any thread, as readings are."""
        if not self._aside and not self._muted:
            for one, other, out in self._pairs:
                self._scan(one, other, out)

    def _sort_out(self) -> None:
        super()._sort_out()
        if self._aside or self._muted:
            self._all_aside()  # each needs the one before


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
