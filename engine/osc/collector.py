"""What has been asked for by OSC since last told: the newest value of each param, and what was wrong, in bounds.

Addresses: ``/node/<name>/<param>`` in the param's own units, ``/node/<name>/<param>/norm`` from 0 to 1, with wildcards
in name and param; ``/panic``, ``/status``, ``/ping``. A time-tagged bundle is applied at once, as any other packet.
"""

import difflib
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeAlias

from ..declare import Scalar
from .packets import PacketError, messages_of
from .patterns import is_pattern, matching
from .ranges import Range, Ranges, taken

MOST_VALUES = 256
"""Values in one message to the parent."""
MOST_REMARKS = 64
"""Sentences told in all; what is wrong after that is only counted."""
SHOWN = 80
"""Letters of an address in a sentence."""
REMEMBERED = 4096
"""Addresses of which is remembered what they turn."""
COMMANDS = ("/panic", "/status", "/ping")
_Place: TypeAlias = tuple[str, str]
_Target: TypeAlias = tuple[str, str, bool]


class Collector:
    """Takes packets, gives messages. counts: packets, values, clipped, refused, unknown and malformed so far."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._version = 0
        self._ranges: Ranges = {}
        self._targets: dict[str, tuple[_Target, ...]] = {}
        self._values: dict[_Place, tuple[Scalar, bool]] = {}
        self._commands: dict[str, None] = {}
        self._remarks: list[str] = []
        self._told: set[tuple[str, str]] = set()

    @property
    def has_news(self) -> bool:
        """Whether there is more to tell than counts."""
        return bool(self._values or self._commands or self._remarks)

    def learn(self, version: int, ranges: Ranges) -> None:
        """These are the params from now on; what waits for others is forgotten."""
        self._values = {
            (node, param): value
            for (node, param), value in self._values.items()
            if _range(ranges, node, param) == _range(self._ranges, node, param)
        }
        self._version, self._ranges = version, ranges
        self._targets.clear()

    def ask(self, command: str) -> None:
        """Let the next message ask something of the parent."""
        self._commands[command] = None

    def take(self, packet: bytes) -> frozenset[str]:
        """Take a packet in; gives what its sender wants to hear: ``/status``, ``/ping``. Never raises."""
        self.counts["packets"] += 1
        try:
            messages = messages_of(packet)
        except PacketError as error:
            self.counts["malformed"] += 1
            if self._may_tell("", "malformed"):
                self._remarks.append(f"a packet was left out: {error}; such packets are only counted from now on")
            return frozenset()
        for address, arguments in messages:
            if address == "/panic":
                self.ask("panic")
            elif address not in COMMANDS:
                self._take(address, arguments)
        return frozenset(address for address, _ in messages if address in ("/status", "/ping"))

    def message(self) -> dict[str, Any]:
        """What is new, for the parent: at most 256 values, those that wait longest; the others wait on."""
        chosen = list(islice(self._values, MOST_VALUES))
        values = [[*place, *self._values.pop(place)] for place in chosen]
        self.counts["values"] += len(values)
        made = {
            "op": "osc",
            "version": self._version,
            "values": values,
            "commands": list(self._commands),
            "remarks": self._remarks,
            "counts": dict(self.counts),
        }
        self._commands, self._remarks = {}, []
        return made

    def _take(self, address: str, arguments: list[Any]) -> None:
        targets = self._targets.get(address)
        if targets is None:
            targets = tuple(self._found(address))
            if len(self._targets) >= REMEMBERED:
                self._targets.clear()
            self._targets[address] = targets
        if not targets:
            self.counts["unknown"] += 1
            if self._may_tell(address, "unknown"):
                self._remarks.append(self._unknown(address))
        for node, param, is_norm in targets:
            made = taken(self._ranges[node][param], arguments, is_norm)
            if made.remark:
                kind = "refused" if made.value is None else "clipped"
                self.counts[kind] += 1
                if self._may_tell(f"{node}.{param}", kind):
                    self._remarks.append(f"{_shown(address)}: {node}.{param} {made.remark}")
            if made.value is not None:
                self._values[node, param] = made.value, is_norm

    def _found(self, address: str) -> Iterator[_Target]:
        """What an address turns."""
        start, *parts = address.split("/")
        if start or len(parts) not in (3, 4) or parts[0] != "node" or parts[3:] not in ([], ["norm"]):
            return
        for node in matching(parts[1], self._ranges):
            for param in matching(parts[2], self._ranges[node]):
                yield node, param, len(parts) == 4

    def _unknown(self, address: str) -> str:
        if is_pattern(address):
            return f"{_shown(address)}: nothing here is called so"
        known = [f"/node/{node}/{param}" for node, params in self._ranges.items() for param in params]
        close = difflib.get_close_matches(address[:SHOWN], [*COMMANDS, *known], 1)
        return f"{_shown(address)}: there is no such address; " + (
            f"did you mean {close[0]}?" if close else "write /node/NAME/PARAM with names of the patch"
        )

    def _may_tell(self, about: str, kind: str) -> bool:
        """Whether to tell of it: once, and not without end."""
        if (about, kind) in self._told or len(self._told) > MOST_REMARKS:
            return False
        self._told.add((about, kind))
        if len(self._told) > MOST_REMARKS:
            self._remarks.append("more is wrong with what comes in; it is only counted from now on")
            return False
        return True


def _range(ranges: Ranges, node: str, param: str) -> Range | None:
    return ranges.get(node, {}).get(param)


def _shown(address: str) -> str:
    """An address as it can stand in a line."""
    short = address if len(address) <= SHOWN else f"{address[:SHOWN]}…"
    return "".join(letter if letter.isprintable() else "?" for letter in short)
