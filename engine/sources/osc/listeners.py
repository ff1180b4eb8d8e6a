"""Who hears of values that change: so many at most, and who has gone makes room for who comes."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from .patterns import fits

Sender: TypeAlias = tuple[Any, ...]
"""Where packets come from and go to, as the system has it: host, port, and for IPv6 two numbers more."""
MOST_ASKING = 32
# Addresses that one listener hears of.
MOST_WORDS = 256
# Who has sent nothing for so long makes room where all places are taken.
QUIET_SECONDS = 30.0


class Listeners:
    """Senders with the addresses, wildcards too, that they want to hear of. subscribed: those of before."""

    def __init__(self, subscribed: Iterable[tuple[Sequence[Any], Sequence[str]]] = ()) -> None:
        self._words: dict[Sender, frozenset[str]] = {tuple(who): frozenset(words) for who, words in subscribed}
        self._heard: OrderedDict[Sender, float] = OrderedDict.fromkeys(self._words, 0.0)

    def hear(self, sender: Sender, now: float) -> None:
        """A sender is there, at ``now`` of a steady clock."""
        if sender in self._heard:
            self._heard[sender] = now
            self._heard.move_to_end(sender)

    def words(self, sender: Sender) -> frozenset[str]:
        """What a sender hears of; nothing for one that is unknown."""
        return self._words.get(sender, frozenset())

    def add(self, sender: Sender, words: Iterable[str], now: float) -> Sender | None:
        """Let a sender hear of these too, 256 at most. Gives who had to go for it: itself where there is no room."""
        gone: Sender | None = None
        if sender not in self._words and len(self._words) >= MOST_ASKING:
            gone, since = next(iter(self._heard.items()))
            if now - since < QUIET_SECONDS:
                return sender
            self.remove(gone, ())
        self._words[sender] = frozenset(sorted(self.words(sender) | set(words))[:MOST_WORDS])
        self._heard.setdefault(sender, now)
        return gone

    def remove(self, sender: Sender, words: Iterable[str]) -> bool:
        """Let a sender hear of these no more, of nothing where none are named; gives whether it was there."""
        left = self.words(sender) - set(words) if words else frozenset[str]()
        is_there = sender in self._words
        if left:
            self._words[sender] = left
        else:
            self._words.pop(sender, None)
            self._heard.pop(sender, None)
        return is_there

    def of(self, address: str) -> list[Sender]:
        """Who wants to hear of an address; from any thread."""
        return [who for who, words in list(self._words.items()) if any(fits(word, address) for word in words)]
