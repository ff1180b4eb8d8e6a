"""A helper process: whatever it says, and however often it ends, it comes back with what it knew, or a sentence."""

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from latent_terrain.engine.messages import Message
from latent_terrain.engine.processes import kept
from latent_terrain.engine.processes.guard import LONGEST, MOST_TOLD, Guard
from latent_terrain.engine.processes.kept import Kept, Restarts

from ...waiting import eventually
from .toy_helper import KNOWN, Toy

TARGET = "tests.engine.processes.toy_helper:serve"


class Told:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.heard: list[Any] = []
        self.knows = 0
        self.returns = 0

    def order(self) -> Toy:
        return Toy(value=self.knows)

    def hear(self, message: Message) -> None:
        if isinstance(message, Toy):
            self.heard.append(message.value)

    def returned(self) -> None:
        self.returns += 1


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def helper(told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    from pathlib import Path

    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    made = Kept("helper", TARGET, told.order, KNOWN, told.hear, told.said.append, told.returned)
    yield made
    made.close()


def test_it_comes_back_with_what_it_knew_by_then(helper: Kept, told: Told) -> None:
    eventually(lambda: told.heard == [0])
    told.knows = 7
    os.kill(helper.pid, signal.SIGKILL)
    eventually(lambda: told.heard == [0, 7])
    assert told.said == ["helper was interrupted: its process ended unexpectedly and is started again"]
    assert told.returns == 1


def test_one_that_keeps_ending_is_given_up_in_one_sentence(helper: Kept, told: Told) -> None:
    for number in range(kept.RESTARTS + 1):
        eventually(lambda number=number: len(told.heard) == number + 1)  # type: ignore[misc]
        os.kill(helper.pid, signal.SIGKILL)
    eventually(lambda: told.said and "keeps ending" in told.said[-1])
    assert len(told.said) == kept.RESTARTS + 1
    helper.send(Toy(value=1))  # nobody is there, and nothing is wrong with that


@pytest.mark.parametrize("way", ["raise", "refuse"])
def test_one_that_says_why_it_ends_is_started_once_and_its_reason_told(helper: Kept, told: Told, way: str) -> None:
    helper.send(Toy(what=way))
    eventually(lambda: len(told.heard) == 2)
    assert helper.starts == 2
    assert len(told.said) == 1
    assert "as you wish" in told.said[0]


def test_restarts_are_counted_in_a_minute_only() -> None:
    restarts = Restarts()
    assert [restarts.may_start(now) for now in (0.0, 1.0, 2.0, 3.0)] == [True, True, True, False]
    assert restarts.may_start(kept.RESTART_SECONDS)
    assert not restarts.may_start(kept.RESTART_SECONDS + 0.5)


@pytest.mark.parametrize("count", [300, pytest.param(3000, marks=pytest.mark.slow)])
def test_whatever_it_says_what_it_says_next_is_heard(helper: Kept, told: Told, count: int) -> None:
    helper.send(Toy(what="babble", value=count))
    eventually(lambda: told.heard and told.heard[-1] == "still here")
    assert helper.starts == 1
    assert 0 < len(told.said) < 100


def test_a_guard_tells_each_kind_once_and_not_without_end() -> None:
    said: list[str] = []
    guard = Guard("somebody", said.append)

    def fail(error: Exception) -> None:
        raise error

    assert guard(int, "3")
    assert not guard(fail, ValueError("a\x1b]0;b" + "c" * 1000))
    assert not guard(fail, ValueError("other"))
    assert len(said) == 1
    assert "\x1b" not in said[0]
    assert len(said[0]) < LONGEST + 120
    for number in range(2 * MOST_TOLD):
        guard(fail, type(f"Error{number}", (Exception,), {})())
    assert len(said) == MOST_TOLD


def test_who_cannot_be_told_ends_nothing() -> None:
    def tell(text: str) -> None:
        raise OSError("closed")

    assert not Guard("somebody", tell)(int, "x")


def test_several_threads_may_have_the_same_guard() -> None:
    said: list[str] = []
    guard = Guard("somebody", said.append)
    threads = [threading.Thread(target=lambda: [guard(int, "x") for _ in range(100)]) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert 1 <= len(said) <= 4
