"""What has been asked for by OSC since last told: the newest value of each param, and what was wrong, in bounds.

Addresses: ``/node/<name>/<param>`` in the param's own units, ``/node/<name>/<param>/norm`` from 0 to 1, with wildcards
in name and param; ``/node/<name>/xy`` with two numbers; the commands (``session/command_table.py``), and others'
addresses that somebody here listens to. A node in a definition is ``/node/<definition>/<name>``. Values in a bundle
with a time to come are kept apart, each with its time.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from math import isfinite
from typing import Any, TypeAlias

import numpy as np

from ...declare import Scalar
from ...messages.children import Brought, OscNews, Plain, Range, Ranges
from ...names import did_you_mean
from ...session.command_table import COMMANDS
from ...vectors import LARGEST, MOST_NUMBERS, VectorWriter
from .packets import PacketError, messages_of
from .patterns import fits, is_pattern, matching
from .ranges import taken

# Values in one message to the parent.
MOST_VALUES = 256
# Sentences told in all; what is wrong after that is only counted.
MOST_REMARKS = 64
# Letters of an address in a sentence.
SHOWN = 80
# Addresses of which is remembered what they turn.
REMEMBERED = 4096
# What ``xy`` turns: the first two of these that a node has.
PAIRS = (("hand_x", "hand_y"), ("x", "y"))
# What is meant for so soon is for now.
SOON_SECONDS = 0.002
MOST_TIMED = 4096
MOST_ASKED = 64
# Values of others' addresses between two messages.
MOST_HEARD, MOST_HEARD_NUMBERS = 256, 16
_Place: TypeAlias = tuple[str, str]
_Target: TypeAlias = tuple[str, str, bool]
Asked: TypeAlias = tuple[str, list[Any]]
"""A command with its arguments."""


class Collector:
    """Takes packets, gives messages. counts: packets, values, clipped, refused, unknown and malformed so far."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._version = 0
        self._ranges: Ranges = {}
        self._targets: dict[str, tuple[_Target, ...]] = {}
        self._values: dict[_Place, tuple[Scalar, bool]] = {}
        self._timed: list[tuple[str, str, Scalar, bool, float]] = []
        self._heard: dict[str, list[float]] = {}
        self._listened: frozenset[str] = frozenset()
        self._hears_all = False
        self._rows: dict[str, _Rows] = {}
        self._brought: dict[str, Brought] = {}
        self._commands: dict[str, None] = {}
        self._remarks: list[str] = []
        self._told: set[tuple[str, str]] = set()

    @property
    def has_news(self) -> bool:
        """Whether there is more to tell than counts."""
        return bool(self._values or self._commands or self._remarks or self._timed or self._heard or self._brought)

    @property
    def has_more(self) -> bool:
        """Whether the next message does not hold all values that wait."""
        return len(self._values) > MOST_VALUES

    def learn(self, version: int, ranges: Ranges) -> None:
        """These are the params from now on; what waits for others is forgotten."""
        self._values = {
            (node, param): value
            for (node, param), value in self._values.items()
            if _range(ranges, node, param) == _range(self._ranges, node, param)
        }
        self._version, self._ranges = version, ranges
        self._targets.clear()

    @property
    def has_rows(self) -> bool:
        """Whether rows have come since ``keep``."""
        return any(one.is_new for one in self._rows.values())

    def listen(self, addresses: frozenset[str], all_: bool) -> None:
        """Others' addresses that somebody here listens to; all_: any that is unknown, as while one is learned."""
        self._listened, self._hears_all = addresses, all_

    def write(self, addresses: Sequence[str], to: VectorWriter | None) -> None:
        """Every message of these addresses goes to memory, to the ring of the address's place; with none, nowhere."""
        before = self._rows
        self._rows = {one: _Rows(place, to) for place, one in enumerate(addresses)} if to is not None else {}
        for address in self._rows.keys() & before.keys():
            self._rows[address].last = before[address].last

    def keep(self) -> None:
        """Let the next message bring the newest rows, for the patch to keep."""
        for address, rows in self._rows.items():
            if rows.is_new:
                rows.is_new = False
                self._brought[address] = Brought(address, rows.sent, rows.last[: rows.size].tolist())

    def ask(self, command: str) -> None:
        """Let the next message ask something of the parent."""
        self._commands[command] = None

    def take(self, packet: bytes, now: float = 0.0) -> list[Asked]:
        """Take a packet in; gives what its sender wants an answer to, in order. Never raises.

        now: seconds since 1970.
        """
        self.counts["packets"] += 1
        try:
            messages = messages_of(packet)
        except PacketError as error:
            self.counts["malformed"] += 1
            if self._may_tell("", "malformed"):
                self._remarks.append(f"a packet was ignored: {error}; more of these are only counted")
            return []
        asked: list[Asked] = []
        for address, arguments, when in messages:
            if address == "/panic":
                self.ask("panic")
            elif address in COMMANDS:
                if len(asked) < MOST_ASKED:
                    asked.append((address, arguments))
            elif address in self._rows:
                self._hear_row(address, arguments)
            elif address in self._listened:
                self._hear(address, arguments)
            else:
                self._take(address, arguments, when if when > now + SOON_SECONDS else 0.0)
        return asked

    def message(self, asked: Sequence[tuple[int, str, list[Plain]]] = ()) -> OscNews:
        """What is new, for the parent: at most 256 values, those that wait longest; the others wait on.

        asked: numbered commands.
        """
        chosen = list(islice(self._values, MOST_VALUES))
        values = [(*place, *self._values.pop(place)) for place in chosen]
        self.counts["values"] += len(values)
        made = OscNews(
            version=self._version,
            values=values,
            timed=self._timed[:MOST_VALUES],
            heard=[*self._heard.items()],
            commands=[*self._commands],
            remarks=self._remarks,
            counts=dict(self.counts),
            asked=tuple(asked),
            brought=tuple(self._brought.values()),
        )
        self._commands, self._remarks, self._heard, self._timed = {}, [], {}, self._timed[MOST_VALUES:]
        self._brought = {}
        return made

    def _hear(self, address: str, arguments: list[Any]) -> None:
        """Keep its numbers; a message of none at all is a press."""
        numbers = [float(one) for one in arguments if isinstance(one, bool | int | float) and isfinite(one)]
        numbers = numbers if arguments else [1.0]
        if numbers and (address in self._heard or len(self._heard) < MOST_HEARD):
            self._heard[address] = numbers[:MOST_HEARD_NUMBERS]

    def _hear_row(self, address: str, arguments: list[Any]) -> None:
        """Write a message's numbers; what is no number is as it was before in that place, and told once."""
        rows = self._rows[address]
        if not rows.put(arguments) and self._may_tell(address, "no number"):
            self._remarks.append(f"{_shown(address)}: some values are not numbers; the last valid ones are held")
        if address in self._listened or self._hears_all:
            self._hear(address, rows.last[: rows.size].tolist())

    def _take(self, address: str, arguments: list[Any], when: float) -> None:
        targets = self._targets.get(address)
        if targets is None:
            targets = tuple(self._found(address))
            if len(self._targets) >= REMEMBERED:
                self._targets.clear()
            self._targets[address] = targets
        if not targets and self._hears_all and not is_pattern(address):
            self._hear(address, arguments)
        elif not targets:
            self.counts["unknown"] += 1
            if self._may_tell(address, "unknown"):
                self._remarks.append(self._unknown(address))
        for place, (node, param, is_norm) in enumerate(targets):
            given = arguments
            if address.endswith("/xy"):
                given = arguments[place % 2 : place % 2 + 1] if len(arguments) == 2 else []
            made = taken(self._ranges[node][param], given, is_norm)
            if made.remark:
                kind = "refused" if made.value is None else "clipped"
                self.counts[kind] += 1
                if self._may_tell(f"{node}.{param}", kind):
                    self._remarks.append(f"{_shown(address)}: {node}.{param} {made.remark}")
            if made.value is not None and not when:
                self._values[node, param] = made.value, is_norm
            elif made.value is not None and len(self._timed) < MOST_TIMED:
                self._timed.append((node, param, made.value, is_norm, when))
            elif made.value is not None:
                self.counts["refused"] += 1
                if self._may_tell("", "crowded"):
                    self._remarks.append(f"more than {MOST_TIMED} scheduled values; more are ignored")

    def _found(self, address: str) -> Iterator[_Target]:
        """What an address turns."""
        start, *parts = address.split("/")
        if start or len(parts) not in (3, 4, 5) or parts[0] != "node":
            return
        for end in (2, 3):  # the name of a node in a definition has a slash
            nodes, rest = self._named("/".join(parts[1:end])), parts[end:]
            if rest == ["xy"]:
                yield from self._pairs(nodes)
            elif rest[1:] in ([], ["norm"]) and rest:
                for node in nodes:
                    for param in matching(rest[0], self._ranges[node]):
                        yield node, param, len(rest) == 2

    def _named(self, pattern: str) -> list[str]:
        """The nodes that fit a pattern; a wildcard does not reach into definitions."""
        if not is_pattern(pattern):
            return [pattern] if pattern in self._ranges else []
        return [node for node in self._ranges if fits(pattern, node)]

    def _pairs(self, nodes: Sequence[str]) -> Iterator[_Target]:
        for node in nodes:
            pair = next((pair for pair in PAIRS if set(pair) <= set(self._ranges[node])), ())
            yield from ((node, param, False) for param in pair)

    def _unknown(self, address: str) -> str:
        if is_pattern(address):
            return f"{_shown(address)}: no such node"
        known = [f"/node/{node}/{param}" for node, params in self._ranges.items() for param in params]
        hint = did_you_mean(
            address[:SHOWN], (*COMMANDS, *known), "write /node/NAME/PARAM with names of the patch", quoted=False
        )
        return f"{_shown(address)}: no such address; {hint}"

    def _may_tell(self, about: str, kind: str) -> bool:
        """Whether to tell of it: once, and not without end."""
        if (about, kind) in self._told or len(self._told) > MOST_REMARKS:
            return False
        self._told.add((about, kind))
        if len(self._told) > MOST_REMARKS:
            self._remarks.append("more errors in incoming OSC; they are only counted from now on")
            return False
        return True


class _Rows:
    """What an address brings, row by row, on its way to memory. last: the newest; sent: numbers of its message."""

    def __init__(self, place: int, to: VectorWriter) -> None:
        self._place, self._to = place, to
        self.last = np.zeros(MOST_NUMBERS)
        self.size = self.sent = 0
        self.is_new = False

    def put(self, arguments: list[Any]) -> bool:
        """A message's numbers, words among them left out; gives whether all are numbers. None at all is a press."""
        numbers = [one for one in arguments if isinstance(one, bool | int | float)] if arguments else [1.0]
        if not numbers:
            return True
        row = np.array(numbers[:MOST_NUMBERS], np.float64)
        is_number = np.isfinite(row)
        is_whole = bool(is_number.all())
        self.sent, self.size, self.is_new = len(numbers), len(row), True
        np.copyto(self.last[: self.size], row, where=is_number)
        self._to.put(self._place, np.clip(self.last[: self.size], -LARGEST, LARGEST))
        return is_whole


def _range(ranges: Ranges, node: str, param: str) -> Range | None:
    return ranges.get(node, {}).get(param)


def _shown(address: str) -> str:
    """An address as it can stand in a line."""
    short = address if len(address) <= SHOWN else f"{address[:SHOWN]}…"
    return "".join(letter if letter.isprintable() else "?" for letter in short)
