"""What clients and an engine do to one document meets alike on all sides, whatever is on its way; no sockets here."""

import random
from collections import deque
from contextlib import suppress
from typing import Any

import pytest

from latent_terrain.engine.messages import Changed, Refused, Turned
from latent_terrain.engine.session.replica import Replica
from latent_terrain.graphs import EditError, Patch, add_node, connect, disconnect, remove_node, set_seed, set_value
from latent_terrain.graphs.delta import delta, followed
from latent_terrain.graphs.turned import TurnedPatch


class Owner:
    """Orders what replicas do, as a server does, and tells the others."""

    def __init__(self, patch: Patch, count: int) -> None:
        self.document, self.revision = TurnedPatch(patch), 0
        self.replicas = [Replica(None) for _ in range(count)]
        self.seen = [0] * count
        self.coming: list[deque[Any]] = [deque() for _ in range(count)]
        self.going: list[deque[Any]] = [deque() for _ in range(count)]
        for one in self.replicas:
            one.join(patch, 0)

    def edit(self, number: int, patch: Patch) -> None:
        self.replicas[number].update(patch)
        self.send(number)

    def send(self, number: int, is_again: bool = False) -> None:
        replica = self.replicas[number]
        change, arrays = replica.unsent()
        if change:
            replica.sent(is_again)
            self.coming[number].append((change, arrays))

    def turn(self, number: int, node: str, param: str, value: float) -> None:
        if self.replicas[number].turn(node, param, value, True):
            self.coming[number].append((node, param, value))

    def take(self, number: int) -> None:
        """What a client sent has come."""
        message = self.coming[number].popleft()
        self.seen[number] += 1
        if len(message) == 3:
            with suppress(EditError):
                if self.document.put(*message):
                    self.tell(number, lambda seen: Turned(values=[message], seen=seen))
            return
        before = self.document.patch
        try:
            after = followed(before, *message)
        except ValueError:
            self.going[number].append(Refused(text="", seen=self.seen[number]))
            change, _ = delta(Patch(), before)
            whole = Changed(change=change, revision=self.revision, seen=self.seen[number], is_whole=True)
            self.going[number].append(whole)
            return
        change, _ = delta(before, after)
        self.document.patch, self.revision = after, self.revision + 1
        revision = self.revision
        self.tell(number, lambda seen: Changed(change=change, revision=revision, seen=seen))
        self.going[number].append((self.seen[number], revision))

    def tell(self, number: int, made: Any) -> None:
        for other, waiting in enumerate(self.going):
            if other != number:
                waiting.append(made(self.seen[other]))

    def hear(self, number: int) -> None:
        """What was told has come to a client."""
        replica = self.replicas[number]
        match self.going[number].popleft():
            case Turned() as message:
                replica.take_turned(message)
            case Refused() as message:
                replica.has_refused(message.seen)
            case Changed() as message:
                replica.take_edit(message, {})
                if message.is_whole and replica.insist():  # as a client does
                    self.send(number, is_again=True)
            case seen, revision:
                replica.has_accepted(seen, revision)


def begun() -> Patch:
    patch = add_node(add_node(Patch(), "sine", "tone"), "gain", "gain")
    return connect(patch, "tone.out", "gain.audio")


def edited(patch: Patch, chance: random.Random, step: int) -> Patch:
    node = chance.choice([*patch.nodes])
    match chance.randrange(6):
        case 0:
            return add_node(patch, "gain", f"n{step}")
        case 1 if node not in ("tone", "gain"):
            return remove_node(patch, node)
        case 2 if node != "tone" and not any(cord.target == f"{node}.audio" for cord in patch.cords):
            return connect(patch, "tone.out", f"{node}.audio")
        case 3 if patch.cords:
            cord = chance.choice(patch.cords)
            return disconnect(patch, cord.source, cord.target)
        case 4:
            return set_seed(patch, step)
    return set_value(patch, node, chance.choice("ab"), float(step))


@pytest.mark.parametrize("hundred", range(5))
def test_random_walks_of_clients_end_alike_in_five_hundred_seeds(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        chance = random.Random(seed)
        owner = Owner(begun(), 2 + seed % 2)
        for step in range(60):
            number = chance.randrange(len(owner.replicas))
            patch = owner.replicas[number].patch
            match chance.randrange(4):
                case 0:
                    owner.edit(number, edited(patch, chance, step))
                case 1:
                    owner.turn(number, chance.choice([*patch.nodes]), chance.choice("ab"), float(step))
                case 2 if owner.coming[number]:
                    owner.take(number)
                case 3 if owner.going[number]:
                    owner.hear(number)
        while any(owner.coming) or any(owner.going):
            number = chance.randrange(len(owner.replicas))
            if owner.coming[number] and chance.random() < 0.5:
                owner.take(number)
            elif owner.going[number]:
                owner.hear(number)
        for one in owner.replicas:
            assert one.patch == owner.document.patch, seed
            assert not one.is_waiting


def test_two_hands_on_two_params_of_one_node_both_win_and_on_one_the_last_that_came() -> None:
    owner = Owner(begun(), 2)
    owner.turn(0, "gain", "a", 1.0)
    owner.turn(1, "gain", "b", 2.0)
    owner.turn(0, "gain", "c", 3.0)
    owner.turn(1, "gain", "c", 4.0)
    for number in (0, 1, 0, 1):
        owner.take(number)
    for number in (0, 1):
        while owner.going[number]:
            owner.hear(number)
    assert dict(owner.document.patch.nodes["gain"].values) == {"a": 1.0, "b": 2.0, "c": 4.0}
    assert all(one.patch == owner.document.patch for one in owner.replicas)


def test_turns_make_no_patch_until_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    from latent_terrain.graphs import turned

    made: list[Any] = []
    monkeypatch.setattr(turned, "set_value", lambda *what: (made.append(what), set_value(*what))[1])
    owner = Owner(begun(), 2)
    for step in range(1000):
        owner.turn(0, "gain", "level", float(step))
        owner.take(0)
        owner.hear(1)
    assert not made
    assert all(one.patch.nodes["gain"].values["level"] == 999.0 for one in owner.replicas)
    assert len(made) <= 3, "one for each who looked, and the document"
