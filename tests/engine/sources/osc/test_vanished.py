"""Programs that ask and vanish before they are answered: the system tells of each, and nobody else waits for it."""

from typing import Any

import pytest

from latent_terrain.engine.messages.children import HearOsc, Listen, Names
from latent_terrain.engine.sources.osc import gateway

from .words import message


class Ended(BaseException):
    """The end of the packets."""


class Parent:
    def send(self, message: object) -> None:
        """Nobody."""

    def receive(self, decoder: object) -> None:
        raise Ended


class Socket:
    """Gives packets, errors and answers in order."""

    def __init__(self, *came: Any) -> None:
        self.came, self.sent = list(came), list[bytes]()

    def settimeout(self, seconds: float) -> None:
        """No matter."""

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 9000

    def recvmsg(self, *_: int) -> Any:
        raise BlockingIOError

    def recvfrom(self, size: int) -> tuple[bytes, tuple[str, int]]:
        if not self.came:
            raise Ended
        one = self.came.pop(0)
        if isinstance(one, BaseException):
            raise one
        return one, ("127.0.0.1", 5)

    def sendto(self, packet: bytes, sender: object) -> None:
        self.sent.append(packet)


def run(monkeypatch: pytest.MonkeyPatch, *came: Any) -> tuple[list[bytes], list[float]]:
    """What is answered, and how it rested."""
    rests: list[float] = []
    monkeypatch.setattr(gateway.time, "sleep", rests.append)
    listen = Listen(addresses=[], hears_all=False)
    order = HearOsc(host="", port=0, names=Names(version=1, ranges={}), listen=listen, subscribed=[])
    one = Socket(*came)
    made = gateway._OscGateway(Parent(), one, order)  # type: ignore[arg-type]
    monkeypatch.setattr(made, "hear_parent", lambda: None)
    with pytest.raises(Ended):
        made.run()
    return one.sent, rests


def test_those_who_have_vanished_do_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """It rested 5 ms for each: of a thousand in a row the next packets were lost."""
    gone = [one for _ in range(1000) for one in (ConnectionRefusedError(), message("/ping"))]
    sent, rests = run(monkeypatch, *gone)
    assert sent == [message("/pong")] * 1000
    assert rests == []


def test_a_socket_that_only_fails_does_not_take_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    sent, rests = run(monkeypatch, *[OSError(5, "i/o")] * 1000, TimeoutError(), message("/ping"))
    assert sent == [message("/pong")]
    assert len(rests) > 900
