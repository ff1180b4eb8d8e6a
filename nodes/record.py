"""Record: keep what you play, latents or coordinates, as takes to learn from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..engine import (
    Content,
    Event,
    FloatArray,
    FrameTimes,
    Help,
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

# Beside the takes: the codec whose latents they are, where all are of one.
SPACE = "codec"
# Vectors in one piece of the memory for takes; a free one is always there before it is needed.
PAGE = 4096
# Vectors that are kept at all, where nothing else is set: 12 hours of a codec at 24 frames a second.
MOST = 1 << 20
LARGEST = 1 << 24


NOTHING: FloatArray = np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class _Renewal:
    """Takes that the patch has now, and those of the memory (begin, end) that are among them.

    renamed: by where a take begins in the memory, what it is called now.
    """

    kept: dict[str, FloatArray]
    settled: frozenset[tuple[int, int]]
    renamed: dict[int, str]
    space: LatentSpace | None


@node(role="takes", other_names=("nn.terrain.record", "take", "capture", "sample takes"))
class Record:
    """Records its inputs as takes, one vector per frame.

    A take lasts while ``recording`` is on (or the gate is above a half); ``poke`` keeps the vector of this moment as a
    take of its own (point-by-point steering); ``clear`` forgets the takes made since the patch was loaded.
    A take stops by itself at ``limit`` vectors. Takes reach the patch whenever it is saved or learns; what is still
    being recorded then goes on. There is room for ``most`` vectors that the patch does not have yet; at the end of it
    recording stops and that is said.
    """

    def __init__(
        self,
        setup: Setup,
        content: Content,
        limit: Annotated[int, Setting(low=1, high=LARGEST, help="maximum vectors per take")] = 2048,
        most: Annotated[
            int,
            Setting(low=1, high=LARGEST, help="maximum vectors of all takes since the patch was opened", advanced=True),
        ] = MOST,
    ) -> None:
        self.limit, self.most = limit, most
        self.kept = _takes_in(content)
        self._kept_space = space_in(content, SPACE)
        self._space: LatentSpace | None = None
        self._is_mixed = False
        self._is_offline = setup.offline
        self._pages: list[FloatArray] = []
        self._ends: list[tuple[int, int]] = []
        self._given: dict[int, str] = {}
        self._told: dict[int, set[int]] = {}  # by where a take begins: how long it was when the patch could have it
        self._used = 0
        self._begin = -1
        self._is_full = self._is_out_of_room = False
        self._has_met_limit = self._has_told_limit = False
        self._now: FloatArray | None = None
        self._has_now = False

    def learn_spaces(self, spaces: Mapping[str, LatentSpace]) -> None:
        """Hear of what codec the latents are that flow in from now on; off the audio thread."""
        space = spaces.get("input")
        self._is_mixed |= bool(self._ends) and space != self._space
        self._space = space

    def process(
        self,
        frames: FrameTimes,
        input: Annotated[Latent, Size("any"), Help("what to record: latents, or coordinates of a map")] | None = None,
        gate: Annotated[Latent, Size(1), Help("records while above 0.5")] | None = None,
        poke: Annotated[Event, Help("keeps the values of this moment as a take of their own")] | None = None,
        clear: Annotated[Event, Help("forgets the takes made since the patch was opened")] | None = None,
        recording: Annotated[bool, Param(0, 1, help="records while on, one take per recording")] = False,
    ) -> Annotated[Event, Help("number of a take, when it is complete")]:
        """Vectors ``[size, frames]`` in; out comes one event per finished take, its value the number of takes."""
        if input is None:
            return []
        if self._now is None:
            self._now = np.zeros(input.shape[0], np.float32)
            self._grow(PAGE)
        if self._is_offline:
            self._grow(self._used + input.shape[1] + PAGE)
        done: Event = []
        frame, now = 0, self._now
        assert now is not None
        for offset, what in _in_order(frames, poke, clear):
            if what == "clear":
                self._used, self._begin = 0, -1
                self._is_out_of_room = False
                self._ends.clear()
                self._forget_names()
            elif what == "poke":
                self._poke(offset, done)
            else:
                np.copyto(now, input[:, frame])
                self._has_now = True
                on = recording if gate is None else bool(gate[0, frame] > 0.5)
                self._take(now, on, offset, done)
                frame += 1
        return done

    @provides
    def takes(self) -> Annotated[Trajectories, Help("all takes, to train with")]:
        """Every take, float32 ``[vectors, size]``: those of the patch, then those made since."""
        content = self.capture()
        names = sorted(content.keys() - {SPACE})
        arrays = tuple(content[name] for name in names)
        return Trajectories(
            tuple(name.partition("/")[2] for name in names),
            arrays,
            space=self._space_of_all(len(names)),
            are_takes=True,
        )

    def capture(self) -> dict[str, np.ndarray]:
        """The takes as content for the patch: ``takes/0001`` … float32 ``[vectors, size]``; one still going on too.

        A take has the same name every time, also when it has grown or others have come into the patch meanwhile.
        """
        found: dict[str, np.ndarray] = dict(self.kept)
        begin, used = self._begin, self._used
        for first, end in [*self._ends, *([(begin, used)] if 0 <= begin < used else [])]:
            name = self._given.setdefault(first, _free(found, self._given))
            self._told.setdefault(first, set()).add(end - first)
            found[name] = self._rows(first, end)
        return {**found, **kept_space(self._space_of_all(len(found)), SPACE)}

    def tidy(self) -> None:
        """Make room ahead, off the audio thread. Raises RuntimeError where there is none, which is told as a fault."""
        if self._now is not None:
            self._grow(self._used + 2 * PAGE)
        if self._is_out_of_room:
            raise RuntimeError(f"full: {self.most} vectors are recorded, and nothing more is; save the patch and clear")

    def remarks(self) -> list[str]:
        """That a take was ended by its limit, once."""
        if not self._has_met_limit or self._has_told_limit:
            return []
        self._has_told_limit = True
        return [f"a take reached its limit of {self.limit} vectors and was cut off. Raise the limit for longer takes"]

    def renews(self, content: Content) -> bool:
        """Other takes in the patch are no reason to stop recording."""
        return True

    def prepare(self, content: Content) -> _Renewal:
        """The patch's takes made ready for ``renew``, and which of ours they are; off the audio thread."""
        kept = _takes_in(content)
        renamed = self._renamed(kept)
        names = {**self._given, **renamed}
        settled = {
            (begin, end)
            for begin, end in tuple(self._ends)
            if np.array_equal(kept.get(names.get(begin, ""), NOTHING), self._rows(begin, end))
        }
        return _Renewal(kept, frozenset(settled), renamed, space_in(content, SPACE))

    def renew(self, renewal: _Renewal) -> None:
        """Audio thread only: the patch has these takes; what it has not goes on to be kept here."""
        self.kept, self._kept_space = renewal.kept, renewal.space
        self._given.update(renewal.renamed)
        self._ends = [one for one in self._ends if one not in renewal.settled]
        if not self._ends and self._begin < 0:
            self._used, self._is_mixed = 0, False
            self._forget_names()

    def shows(self) -> dict[str, FloatArray]:
        """How much is recorded, for whoever looks on, each ``[1]``.

        ``filled``: the share of the room for vectors that is used, 0 … 1; ``takes``: how many there are, those of the
        patch too; ``going``: vectors in the take that is going on, 0 for none.
        """
        begin, used = self._begin, self._used
        return {
            "filled": np.array([used / self.most], np.float32),
            "takes": np.array([self._count()], np.float32),
            "going": np.array([used - begin if 0 <= begin <= used else 0], np.float32),
        }

    def _space_of_all(self, takes: int) -> LatentSpace | None:
        """The space of the takes, those of the patch and those made since; None where it is not one, or not known."""
        if takes == len(self.kept):
            return self._kept_space if takes else None
        return self._space if not self._is_mixed and (not self.kept or self._kept_space == self._space) else None

    def _count(self) -> int:
        """Takes that are complete; of one that is going on the patch may have the beginning already."""
        here = {self._given.get(begin) for begin, _ in self._ends}
        here.add(self._given.get(self._begin))
        return len(self.kept) - sum(name in self.kept for name in here) + len(self._ends)

    def _forget_names(self) -> None:
        self._given.clear()
        self._told.clear()

    def _renamed(self, kept: Mapping[str, FloatArray]) -> dict[int, str]:
        """Takes of the memory that are called otherwise in the patch from now on: one that is going on may be there.

        Somebody may have named it, or deleted one before it; or undone that, and then its name is that of another.
        """
        here = {self._begin, *(begin for begin, _ in tuple(self._ends))}
        given = {first: name for first, name in dict(self._given).items() if first in here}
        before, renamed = self.kept, dict[int, str]()
        for first, name in given.items():
            if name in kept and self._is_told(first, kept[name]):
                continue
            others = {*given.values(), *renamed.values()}
            new = [
                one
                for one, take in kept.items()
                if one not in others and not np.array_equal(before.get(one, NOTHING), take)
            ]
            found = [one for one in new if self._is_told(first, kept[one])]
            if found or name in kept:
                renamed[first] = found[0] if found else _free(kept, {**given, **renamed})
        return renamed

    def _is_told(self, first: int, take: FloatArray) -> bool:
        """Whether this is what the take of the memory that begins there was, when the patch was told of it."""
        return len(take) in self._told.get(first, ()) and np.array_equal(take, self._rows(first, first + len(take)))

    def _rows(self, begin: int, end: int) -> FloatArray:
        pieces = [
            self._pages[at // PAGE][at % PAGE : at % PAGE + min(PAGE - at % PAGE, end - at)]
            for at in (begin, *range((begin // PAGE + 1) * PAGE, end, PAGE))
        ]
        return np.concatenate(pieces)

    def _grow(self, vectors: int) -> None:
        """Have room for so many, as far as there is any."""
        assert self._now is not None
        while len(self._pages) * PAGE < min(vectors, self.most):
            page = np.empty((PAGE, len(self._now)), np.float32)
            page.fill(0.0)  # touched here, so that the audio thread is not the first to
            self._pages.append(page)

    def _keep(self, vector: FloatArray) -> bool:
        """Keep a vector; whether there was room."""
        if self._used >= self.most:
            self._is_out_of_room = True
            return False
        if self._used >= len(self._pages) * PAGE:
            self._grow(self._used + PAGE)  # nobody has tidied up for long: a late block is better than a lost take
        np.copyto(self._pages[self._used // PAGE][self._used % PAGE], vector)
        self._used += 1
        return True

    def _poke(self, offset: int, done: Event) -> None:
        if self._now is not None and self._has_now and self._begin < 0 and self._keep(self._now):
            self._finish(self._used - 1, self._used, offset, done)

    def _take(self, vector: FloatArray, on: bool, offset: int, done: Event) -> None:
        if not on:
            if self._begin >= 0:
                self._finish(self._begin, self._used, offset, done)
            self._is_full = False
            return
        if self._is_full:
            return
        begin = self._used if self._begin < 0 else self._begin
        has_room = self._keep(vector)
        self._begin = begin if self._used > begin else -1
        if self._begin >= 0 and (not has_room or self._used - begin >= self.limit):
            self._finish(begin, self._used, offset, done)
            self._is_full = True
            self._has_met_limit |= has_room

    def _finish(self, begin: int, end: int, offset: int, done: Event) -> None:
        self._ends.append((begin, end))
        self._begin = -1
        done.append((offset, float(self._count())))


def _takes_in(content: Content) -> dict[str, FloatArray]:
    return {name: np.asarray(array, np.float32) for name, array in content.items() if name.startswith("takes/")}


def _free(found: Mapping[str, FloatArray], given: Mapping[int, str]) -> str:
    """A name after all that there are: ``takes/0001 verse`` has the number 1 too."""
    numbers = [one.partition("/")[2].split(" ")[0] for one in (*found, *given.values())]
    return f"takes/{max((int(one) for one in numbers if one.isdecimal()), default=0) + 1:04d}"


def _in_order(frames: FrameTimes, poke: Event | None, clear: Event | None) -> list[tuple[int, str]]:
    """What happens in this block, by sample; at one sample first the clearing, then the frame, then the poke."""
    moments = [(int(offset), 1, "frame") for offset in frames.due]
    moments += [(offset, 0, "clear") for offset, _ in clear or ()]
    moments += [(offset, 2, "poke") for offset, _ in poke or ()]
    return [(offset, what) for offset, _, what in sorted(moments)]
