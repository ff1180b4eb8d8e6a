"""Children answer, refuse and die in sentences, and never outlive their parent."""

import logging
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from latent_terrain.engine.messages import Failed, Gone, Message
from latent_terrain.engine.processes.child import MOST_UNASKED, Child, ChildError, ChildGone
from latent_terrain.engine.processes.policy import Policy

from ...waiting import eventually
from ...wild import FEW, mutated, packed, replaced, value
from .toy_child import KNOWN, Toy

HERE = Path(__file__).parent


@pytest.fixture
def heard() -> list[Message]:
    return []


@pytest.fixture
def child(heard: list[Message], monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    made = Child("toy_child:echo", Toy(value={"name": "it"}), KNOWN, heard.append)
    yield made
    made.close()


def test_it_gets_its_arguments_first(child: Child, heard: list[Message]) -> None:
    eventually(lambda: bool(heard))
    assert heard == [Toy(what="hello", value={"name": "it"})]


def test_it_answers_each_request(child: Child) -> None:
    answers = [child.ask(Toy(value=one), Toy, 20).value for one in (1, "two", [3.0], b"\x00" * 100_000)]
    assert answers == [1, "two", [3.0], b"\x00" * 100_000]


def test_what_it_refuses_is_an_error_with_its_words(child: Child) -> None:
    with pytest.raises(ChildError, match="not that one"):
        child.ask(Toy(what="refuse"), Toy, 20)


def test_death_ends_a_request_and_is_heard_once(child: Child, heard: list[Message]) -> None:
    with pytest.raises(ChildGone, match="code 3"):
        child.ask(Toy(what="die"), Toy, 20)
    eventually(lambda: Gone(code=3) in heard)
    assert [type(message) for message in heard].count(Gone) == 1
    eventually(lambda: not can_be_told(child))


def test_an_error_is_told_before_the_end(child: Child, heard: list[Message]) -> None:
    child.send(Toy(what="raise"))
    eventually(lambda: any(isinstance(message, Gone) for message in heard))
    assert Failed(text="RuntimeError: as you wish") in heard


def test_bytes_that_are_no_message_end_it(child: Child, heard: list[Message]) -> None:
    child.send(Toy(what="babble"))
    eventually(lambda: any(isinstance(message, Gone) for message in heard))
    assert not child.is_alive


def test_a_child_that_does_not_answer_is_told_with_the_time(child: Child) -> None:
    os.kill(child.pid, 19)  # SIGSTOP: alive and silent
    try:
        with pytest.raises(ChildGone, match=r"not answered for 0\.1 s"):
            child.ask(Toy(), Toy, 0.1)
    finally:
        os.kill(child.pid, 18)


def can_be_told(child: Child) -> bool:
    try:
        child.send(Toy(what="more"))
    except ChildGone:
        return False
    return True


@pytest.mark.parametrize("what", ["gone", "tried", "flood", "answers"])
def test_who_says_what_only_its_parent_can_say_or_speaks_without_end_is_ended(
    what: str, heard: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    child = Child("toy_child:forge", Toy(what=what), KNOWN, heard.append, Policy(is_confined=True))
    try:
        if what == "answers":
            assert child.ask(Toy(), Toy, 20).value == 1
        eventually(lambda: not child.is_alive and any(isinstance(one, Gone) for one in heard), 60)
    finally:
        child.kill()
        child.close()
    assert all(getattr(one, "text", "") != "forged" for one in heard)
    assert [one.code for one in heard if isinstance(one, Gone)] == [-9]
    assert len(heard) <= MOST_UNASKED + 1


def test_whatever_it_says_in_whole_messages_it_is_heard_again(child: Child, heard: list[Message]) -> None:
    chance, pid = random.Random(3), child.pid
    for number in range(FEW):
        whole = {"op": "toy", "what": "said", "value": 1, "text": "", "done": []}
        wild = value(chance) if number % 3 else replaced(chance, {**whole, "op": chance.choice(("toy", "failed", "x"))})
        with suppress(ValueError, OverflowError):  # no bytes can be this
            body = packed(wild)[4:]
            body = mutated(chance, body) if number % 5 == 0 else body
            child.send(Toy(what="raw", value=len(body).to_bytes(4, "little") + body))
    assert child.ask(Toy(value="still here"), Toy, 20).value == "still here"
    assert child.pid == pid
    assert not any(isinstance(one, Gone) for one in heard)


def test_whatever_it_is_told_in_whole_messages_it_goes_on(child: Child, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "latent_terrain")
    chance = random.Random(4)
    pipe = child._process.stdin
    assert pipe is not None
    for number in range(FEW):
        with suppress(ValueError, OverflowError):
            body = packed(value(chance) if number % 3 else {"op": "toy", "what": value(chance)})[4:]
            body = mutated(chance, body) if number % 5 == 0 else body
            pipe.write(len(body).to_bytes(4, "little") + body)
    pipe.flush()
    assert child.ask(Toy(value="still here"), Toy, 20).value == "still here"
    assert "could not apply toy.what: Expected str" in caplog.text


def test_an_answer_that_is_no_answer_is_an_error_with_a_sentence(child: Child) -> None:
    with pytest.raises(ChildError, match="sent an invalid message"):
        child.ask(Toy(what="something else", value=5), Toy, 20)
    with pytest.raises(ChildError, match="answers something else"):
        child.ask(Toy(), Failed, 20)
