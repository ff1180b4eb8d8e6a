"""The document as a client has it: what the engine confirmed, what is on its way there, and what stays only here.

The engine orders what all clients do. What was done here is seen here at once; whatever another does before the engine
has it is put under it, as the engine will do.
"""

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ...graphs import EditError, Patch
from ...graphs.delta import applied, delta, followed, rebased
from ...graphs.frozen import Array
from ...graphs.turned import TurnedPatch
from ..declare import Scalar
from ..messages import Changed, MessageError, Turned


@dataclass(frozen=True)
class PendingTurn:
    """A param turned here that the engine has not been heard to have turned yet. number: counted with the edits."""

    number: int
    node: str
    param: str
    value: Scalar

    def on(self, confirmed: TurnedPatch) -> None:
        """Turn it, unless the node has gone."""
        with suppress(EditError):
            confirmed.put(self.node, self.param, self.value)


@dataclass(frozen=True)
class PendingEdit:
    """An edit made here that the engine has not been heard to have made yet. is_again: it has been refused once."""

    number: int
    before: Patch
    after: Patch
    change: Mapping[str, Any]
    arrays: Mapping[str, Array]
    is_again: bool = False

    def on(self, confirmed: TurnedPatch) -> None:
        """Make it as the engine does: not at all where another has meanwhile removed what it edits."""
        with suppress(ValueError):
            confirmed.patch = followed(confirmed.patch, self.change, self.arrays)


class Replica:
    """Not for two threads at once. patch: None for whatever the engine has.

    revision: the engine's last.
    """

    def __init__(self, patch: Patch | None) -> None:
        self.takes_all = patch is None
        self.revision = self._count = 0
        self._mine, self._agreed, self._confirmed = (
            TurnedPatch(patch or Patch()),
            TurnedPatch(Patch()),
            TurnedPatch(Patch()),
        )
        self._waiting: deque[PendingTurn | PendingEdit] = deque()
        self._refused: list[PendingEdit] = []
        self._latest: tuple[Patch, Patch, dict[str, Any], dict[str, Array]] = (Patch(), Patch(), {}, {})

    @property
    def patch(self) -> Patch:
        """The patch as it is here."""
        return self._mine.patch

    @property
    def agreed(self) -> Patch:
        """The engine's once it has made all that is on its way."""
        return self._agreed.patch

    @property
    def is_waiting(self) -> bool:
        """Whether an edit is on its way."""
        return any(isinstance(one, PendingEdit) for one in self._waiting)

    @property
    def patches(self) -> tuple[Patch, ...]:
        """All patches whose arrays are to be known here."""
        edits = [one for one in self._waiting if isinstance(one, PendingEdit)]
        others = (patch for one in edits for patch in (one.before, one.after))
        return self._confirmed.patch, self.agreed, self.patch, *others

    def join(self, patch: Patch, revision: int) -> None:
        """An engine is there, with this patch; nothing is on its way to it."""
        self._confirmed, self._agreed = TurnedPatch(patch), TurnedPatch(patch)
        self.revision, self._count = revision, 0
        self._waiting.clear()
        self._refused.clear()
        if self.takes_all:
            self._mine, self.takes_all = self._agreed, False

    def update(self, patch: Patch) -> None:
        """This is the patch here from now on; ``unsent`` has what is to be told."""
        self._mine, self.takes_all = TurnedPatch(patch), False

    def unsent(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """What the engine has to be told, and the arrays that it names (see ``delta``); taken to be on its way now."""
        before, after = self._agreed.patch, self._mine.patch
        self._agreed = self._mine
        change, arrays = delta(before, after)
        self._latest = (before, after, change, arrays)
        return change, arrays

    def sent(self, is_again: bool = False) -> None:
        """What ``unsent`` gave is on its way. is_again: it has been refused once."""
        self._count += 1
        self._waiting.append(PendingEdit(self._count, *self._latest, is_again))

    def turn(self, node: str, param: str, value: Scalar, is_joined: bool) -> bool:
        """Turn a param here; gives whether the engine, if one is there, can be told. Raises EditError.

        Of turns of one param on their way, since the last edit, only the newest is kept.
        """
        self._mine.put(node, param, value)
        if not is_joined or node not in self._agreed:
            return False
        if self._agreed is not self._mine:
            self._agreed.put(node, param, value)
        self._count += 1
        for one in reversed(self._waiting):
            if isinstance(one, PendingEdit):
                break
            if (one.node, one.param) == (node, param):
                self._waiting.remove(one)
                break
        self._waiting.append(PendingTurn(self._count, node, param, value))
        return True

    def has_accepted(self, seen: int, revision: int) -> None:
        """The engine has made an edit, and all that was sent before it."""
        self.revision = revision
        self._has_made(seen)

    def has_refused(self, seen: int) -> bool:
        """The engine could not make an edit; what was sent before it, it has made. Gives whether that is for good."""
        self._has_made(seen - 1)
        one = self._waiting.popleft() if self._waiting and self._waiting[0].number == seen else None
        if isinstance(one, PendingEdit):
            self._refused.append(one)
        return not isinstance(one, PendingEdit) or one.is_again

    def take_edit(self, message: Changed, known: Mapping[str, Array]) -> None:
        """Another has edited the patch, or this is all of it. known: arrays by sha256. Raises MessageError."""
        self._has_made(message.seen)
        try:
            before = Patch() if message.is_whole else self._confirmed.patch
            self._confirmed.patch = applied(before, message.change, known)
        except ValueError as error:
            raise MessageError(f"an edit of another client could not be applied: {error}") from None
        self.revision = message.revision
        self._look_anew()

    def take_turned(self, message: Turned) -> None:
        """Others have turned params: where a turn of the same is on its way from here, that is the later one."""
        self._has_made(message.seen)
        looks = [self._confirmed, self._agreed, *([self._mine] if self._mine is not self._agreed else [])]
        turning = {(one.node, one.param) for one in self._waiting if isinstance(one, PendingTurn)}
        is_waiting = self.is_waiting
        for node, param, value in message.values:
            for one in looks[:1] if is_waiting or (node, param) in turning else looks:
                with suppress(EditError):  # an edit here has removed it
                    one.put(node, param, value)
        if is_waiting:
            self._look_anew()

    def insist(self) -> bool:
        """What was refused is here all the same. Gives whether it is to be sent again: once each."""
        refused, self._refused = self._refused, []
        self._mine = TurnedPatch(self._mine.patch)
        for one in refused:
            self._mine.patch = rebased(one.before, one.after, self._mine.patch)
        return any(not one.is_again for one in refused)

    def _has_made(self, seen: int) -> None:
        while self._waiting and self._waiting[0].number <= seen:
            self._waiting.popleft().on(self._confirmed)

    def _look_anew(self) -> None:
        """What was done here and is on its way is done to the engine's patch; what it refused stays here."""
        before, mine = self._agreed.patch, self._mine.patch
        self._agreed = TurnedPatch(self._confirmed.patch)
        for one in self._waiting:
            one.on(self._agreed)
        after = rebased(before, mine, self._agreed.patch)
        self._mine = self._agreed if after is self._agreed.patch else TurnedPatch(after)
