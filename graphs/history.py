"""History: undo and redo for everything, training and drawing included. One gesture of the hand is one step."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from .frozen import Content
from .patch import Node, Patch

# How much memory the steps may hold together, if nothing else is said.
LIMIT_BYTES = 512 * 2**20


@dataclass(frozen=True)
class _Step:
    number: int
    label: str
    patch: Patch


class History:
    """The patches that were, are, and can be again.

    Steps share all that did not change between them: ``held_bytes`` counts every array and node once. Above
    ``limit_bytes``, or more than ``limit_steps``, the oldest steps are forgotten; the patch as it is now never is. Not
    for several threads at once.
    """

    def __init__(
        self, patch: Patch | None = None, limit_bytes: int = LIMIT_BYTES, limit_steps: int | None = None
    ) -> None:
        self._limit, self._most_steps = limit_bytes, limit_steps
        self._steps = [_Step(0, "", Patch() if patch is None else patch)]
        self._at = self._numbered = 0
        self._gesture: str | None = None
        self._gesture_from = 0
        self._holdings = _Holdings()
        self._holdings.add(self.patch)
        self._saved: Patch | None = self.patch
        self._answer: tuple[Patch, bool] = (self.patch, False)

    @property
    def patch(self) -> Patch:
        """The patch as it is now."""
        return self._steps[self._at].patch

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was undone and can be made again."""
        return self._at < len(self._steps) - 1

    @property
    def undo_label(self) -> str:
        """What ``undo`` would take back, "" for nothing."""
        return self._steps[self._at].label if self.can_undo else ""

    @property
    def redo_label(self) -> str:
        """What ``redo`` would make again, "" for nothing."""
        return self._steps[self._at + 1].label if self.can_redo else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """What was done, oldest first, the steps that can be made again included."""
        return tuple(step.label for step in self._steps[1:])

    @property
    def done(self) -> int:
        """How many of these steps are made now; the rest can be made again."""
        return self._at

    @property
    def held_bytes(self) -> int:
        """The memory that all steps hold together: arrays exactly, the rest by estimate."""
        return self._holdings.bytes

    @property
    def is_modified(self) -> bool:
        """Whether the patch differs from what was last saved. Undoing back to that makes it unmodified again."""
        if self._saved is None:
            return True
        if self._answer[0] is not self.patch:
            self._answer = (self.patch, self.patch != self._saved)
        return self._answer[1]

    def apply(self, edit: Patch | Callable[[Patch], Patch], label: str, gesture: str | None = None) -> Patch:
        """Make an edit one step, and give the patch after it; an edit that changes nothing is no step.

        ``edit`` is the new patch or a function that makes it (what it raises passes through, and nothing changes).
        Edits in a row with the same ``gesture`` ("drag delay-1.time") are one step, under the first one's label.
        What could be redone is forgotten.
        """
        after = edit if isinstance(edit, Patch) else edit(self.patch)
        is_same_gesture = gesture is not None and gesture == self._gesture
        if not is_same_gesture:
            self.end_gesture()
        if after == self.patch:
            return self.patch
        self._forget_after(self._at)
        self._holdings.add(after)
        if is_same_gesture and self._at > self._gesture_from:
            self._holdings.remove(self.patch)
            self._steps[self._at] = replace(self._steps[self._at], patch=after)
        else:
            self._gesture, self._gesture_from = gesture, self._at
            self._numbered += 1
            self._steps.append(_Step(self._numbered, label, after))
            self._at += 1
        self._forget_oldest()
        return self.patch

    @property
    def number(self) -> int:
        """The number of the step that was made last, for ``amend``; 0 for none."""
        return self._steps[self._at].number

    def amend(
        self, number: int, edit: Callable[[Patch], Patch], part: Callable[[Patch], object] = lambda patch: None
    ) -> bool:
        """Make an edit part of the step of that number, as what came of it later: no step of its own.

        All that was done since, and what can be made again, has it too; but patches of which ``part``, what it is that
        changes, has become another since stay as they are, and those in which it can't be made (ValueError). Gives
        whether there still is such a step.
        """
        at = next((at for at, step in enumerate(self._steps) if step.number == number), None)
        before = part(self._steps[at].patch) if at is not None else None
        for place in range(len(self._steps) if at is None else at, len(self._steps)):
            step = self._steps[place]
            if part(step.patch) != before:
                continue
            with suppress(ValueError):
                after = edit(step.patch)
                self._holdings.add(after)
                self._holdings.remove(step.patch)
                self._steps[place] = replace(step, patch=after)
        return at is not None

    def end_gesture(self) -> None:
        """Let the next edit be a step of its own; a gesture that came back to where it began is no step."""
        is_step = self._gesture is not None and self._at > max(self._gesture_from, 0)
        self._gesture = None
        if is_step and self.patch == self._steps[self._at - 1].patch:
            self._at -= 1
            self._forget_after(self._at)

    def undo(self) -> Patch:
        """Take the last step back, and give the patch as it was; with no step to take back, as it is."""
        self.end_gesture()
        self._at -= self.can_undo
        return self.patch

    def redo(self) -> Patch:
        """Make the step again that was undone last, and give the patch; with none, as it is."""
        self.end_gesture()
        self._at += self.can_redo
        return self.patch

    def mark_saved(self, patch: Patch | None = None) -> None:
        """Note that this patch (if none is given, the one as it is now) is in the file."""
        self._saved = self.patch if patch is None else patch
        self._answer = (self.patch, self.patch != self._saved)

    def mark_unsaved(self) -> None:
        """Note that no file has any of this, as with a patch that was recovered."""
        self._saved = None

    def _forget_after(self, last: int) -> None:
        for step in self._steps[last + 1 :]:
            self._holdings.remove(step.patch)
        del self._steps[last + 1 :]

    def _forget_oldest(self) -> None:
        while self._at > 0 and (
            self._holdings.bytes > self._limit or (self._most_steps is not None and self._at > self._most_steps)
        ):
            self._holdings.remove(self._steps.pop(0).patch)
            self._at -= 1
            self._gesture_from -= 1


class _Holdings:
    """How many bytes a set of patches holds, counting what they share once."""

    def __init__(self) -> None:
        self.bytes = 0
        self._times: Counter[int] = Counter()

    def add(self, patch: Patch) -> None:
        self._change(patch, 1)

    def remove(self, patch: Patch) -> None:
        self._change(patch, -1)

    def _change(self, patch: Patch, by: int) -> None:
        for node in patch.nodes.values():
            self._count(node, _size_of_node, by)
        for asset in patch.assets.values():
            self._count(asset, lambda one: 300 + len(one.embedded or b""), by)
        self._count(patch.nodes, lambda nodes: 200 + 60 * len(nodes), by)
        self._count(patch.cords, lambda cords: 200 + 60 * len(cords), by)
        self.bytes += by * 500

    def _count(self, thing: Any, size: Callable[[Any], int], by: int) -> None:
        before = self._times[id(thing)]
        self._times[id(thing)] = before + by
        if 0 not in (before, before + by):
            return
        self.bytes += by * size(thing)
        if before + by == 0:
            del self._times[id(thing)]
        if isinstance(thing, Node):
            self._count(thing.content, lambda content: 60 * len(content), by)
        elif isinstance(thing, Content):
            for array in thing.values():
                self._count(array, lambda one: int(one.nbytes) + 40, by)


def _size_of_node(node: Node) -> int:
    return 500 + sum(_sizes(node.values)) + sum(_sizes(node.extra))


def _sizes(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield 100 + len(key)
            yield from _sizes(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _sizes(one)
    yield 30 + (len(value) if isinstance(value, str | bytes) else 0)
