"""Batches: many like nodes of a plan in one call, in numpy, or by compiled code where it is there."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .declare import Scalar
from .hooks import Resting, Together
from .kernels.code import code
from .kernels.lanes import Lanes, Terms
from .steps import Step
from .values import FloatArray

Gathers = Sequence[Callable[[], object]]


class Batch:
    """Like nodes that play in one call while their params rest; audio thread only, once the plan plays.

    A node whose param moves, or is no longer like the others, plays aside: by its own step, after the common call and
    over what that left in its row. So nothing is laid out anew while a knob turns, and the sound is the step's own.
    The state of a node that plays with the others lives in a row of ``states``, its instance holding the row; one
    that plays aside takes its state with it. Several plans may have it, of which one plays. values: of the params as
    they are at first; lines: of those that cords drive, written by ``clips``; muted: the steps that failed before.

    lanes: tables of the same nodes for compiled code. It plays the block, with the same bits, where it is there: params
    may move in it, and neither ``gathers`` nor ``clips`` are needed.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        values: Mapping[str, Sequence[Scalar]],
        resting: Resting,
        gathers: Gathers = (),
        alike: Callable[..., Hashable] | None = None,
        nodes: Sequence[Any] = (),
        states: NDArray[Any] | None = None,
        lines: Mapping[str, FloatArray] | None = None,
        clips: Gathers = (),
        muted: Sequence[Step] = (),
        lanes: Lanes | Terms | None = None,
    ) -> None:
        self.steps, self._lines, self.lanes = tuple(steps), dict(lines or {}), lanes
        self._resting, self._gathers, self._clips, self._alike = resting, tuple(gathers), tuple(clips), alike
        self._nodes, self._seats = tuple(nodes), () if states is None else tuple(states)
        self._values = {name: list(each) for name, each in values.items() if name not in self._lines}
        self._kind = self._kind_of({name: each[0] for name, each in self._values.items()})
        self._call = resting(**self._values, **self._lines)
        self._aside: list[Step] = []
        self._muted: list[Step] = list(muted)
        self._failed: list[tuple[Step, Exception]] = []
        self._is_parted = self._is_marked = False
        self._changed: list[Any] = []
        self._headers = np.array([lanes.address if lanes is not None else 0])
        self.is_compiled = False
        """Whether compiled code plays all of it, so that it may share a call with its neighbours."""
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
        play = code.play if self.lanes is not None and not self._is_parted else None
        self.is_compiled = False
        try:
            if play is None:
                self._sort_out()
            else:
                self._sort_lanes()
        except Exception:
            play = None
            self._part()
        alone = len(self._aside) + len(self._muted)
        if alone == len(self.steps):
            self.tick = self._tick_clipped if self._clips else self._tick_aside
        elif play is not None:
            self.is_compiled = not alone
            call = partial(play, self._headers.__array_interface__["data"][0], 1)
            self.tick = partial(self._tick_compiled, call) if alone else call
        else:
            self.tick = self._tick if alone or self._gathers or self._clips else self._call

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
        for clip in self._clips:
            clip()
        self._call()
        for step in self._muted:
            step.silence()
        self._tick_aside()

    def _tick_compiled(self, call: Callable[[], object]) -> None:
        """With some that are muted or play aside."""
        call()
        for step in self._muted:
            step.silence()
        self._tick_clipped()

    def _tick_clipped(self) -> None:
        for clip in self._clips:
            clip()
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

    def _sort_lanes(self) -> None:
        """The same for compiled code, which plays all that it can."""
        lanes = self.lanes
        assert isinstance(lanes, Lanes)
        self._aside.clear()
        for row, step in enumerate(self.steps):
            is_muted = step in self._muted
            if is_muted:
                lanes.rest(row)
            alone = is_muted or not lanes.set(row, step.arguments)
            if self._seats:
                self._seat(row, alone)
            if alone and not is_muted:
                self._aside.append(step)

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
        gathers: Gathers,
        muted: Sequence[Step] = (),
        lanes: Terms | None = None,
    ) -> None:
        assert together.scan is not None
        scan = self._scan = together.scan
        self._pairs = [(rows[0], rows[1], outs[0]), *zip(outs[:-2], rows[2:-1], outs[1:-1], strict=True)]
        call = partial(scan.reduce, rows, 0, None, outs[-1])
        super().__init__(steps, values, lambda **_: call, gathers, together.alike, muted=muted, lanes=lanes)

    def fill(self) -> None:
        """Compute what the steps before the last gave in the block played last. Any thread, as readings are."""
        if self._aside or self._muted:
            return
        if self.is_compiled:
            for gather in self._gathers:
                gather()
        for one, other, out in self._pairs:
            self._scan(one, other, out)

    def _sort_out(self) -> None:
        super()._sort_out()
        if self._aside or self._muted:
            self._all_aside()  # each needs the one before

    def _sort_lanes(self) -> None:
        self._sort_out()
