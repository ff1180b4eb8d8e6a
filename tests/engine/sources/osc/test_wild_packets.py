"""Whatever comes as OSC, and whatever is to be answered: the gateway hears the next packet and answers it."""

import random
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages.children import Listen
from latent_terrain.engine.session.command_table import COMMANDS
from latent_terrain.engine.sources.osc import OscInlet
from latent_terrain.engine.sources.osc.packets import messages_of, packed
from latent_terrain.graphs import Patch, add_node

from ....waiting import eventually
from ....wild import FEW, MANY, ODD, mutated, value
from ....wild import packed as wild_packed
from .words import bundle, message, text

STATUS = {"blocks": 1, "xruns": 0, "is_playing": True, "late_frames": 0, "load": {"p50": 0.0, "p99": 0.0}}
ADDRESSES = (*COMMANDS, "/node/gain/level", "/node/*/*")
ADDRESSES += ("/node/gain/level/norm", "/node/gain/xy", "/node/{gain,*}/[a-z]*", "/fader/1", "/", "//", "/node/gain")
TAGS = "ifsbhdtTFNIcrm[]"


class Echo:
    """An OSC in that answers every command with what came, and takes whatever is turned badly."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.turned = 0
        self.osc = OscInlet(
            "127.0.0.1", 0, self.turn, lambda: None, lambda: STATUS, self.said.append, self.answer, self.control
        )
        self.osc.names(add_node(add_node(Patch(), "gain", name="gain"), "gui", name="map"), load_palette())
        self.osc.listen(["/fader/1"])
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(20)

    def turn(self, node: str, param: str, value: Any, *how: float) -> None:
        self.turned += 1
        if self.turned % 5 == 0:
            raise RuntimeError("the patch is another by now")

    def control(self, address: str, numbers: list[float]) -> None:
        raise RuntimeError("nobody minds")

    def answer(self, command: str, arguments: list[Any], answer: Any) -> None:
        if command == "/undo":
            raise RuntimeError("there is no such thing")
        answer("/synced", arguments)

    def send(self, packet: bytes) -> None:
        self.socket.sendto(packet, ("127.0.0.1", self.osc.port))

    def is_there(self) -> None:
        """It answers on its own, and through its parent, after everything that came before."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.settimeout(0.2)

            def has_answered() -> bool:
                other.sendto(message("/ping"), ("127.0.0.1", self.osc.port))
                other.sendto(message("/sync", 4711), ("127.0.0.1", self.osc.port))
                came = set()
                try:
                    while len(came) < 2:
                        came.add(other.recv(65_536))
                except TimeoutError:
                    return False
                return came == {message("/pong"), message("/synced", 4711)}

            eventually(has_answered)


@pytest.fixture(scope="module")
def shared() -> Iterator[Echo]:
    made = Echo()
    yield made
    made.socket.close()
    made.osc.close()


def packet(chance: random.Random) -> bytes:
    """A packet as a stranger makes it: right, nearly right, or noise."""
    kind = chance.randrange(10)
    if kind == 0:
        return chance.randbytes(chance.randrange(64))
    tags = "".join(chance.choices(TAGS, k=chance.randrange(6)))
    made = text(chance.choice(ADDRESSES)) + text("," + tags) + data(chance, tags)
    if kind < 4:
        made = mutated(chance, made)
    return bundle(made, made, seconds=chance.randrange(2**32)) if kind == 9 else made


def data(chance: random.Random, tags: str) -> bytes:
    made = b""
    for tag in tags:
        match tag:
            case "i" | "c" | "r" | "m":
                made += chance.randbytes(4)
            case "f":
                made += struct.pack(">f", chance.choice((0.5, float("nan"), -3.4e38, chance.uniform(-9, 9))))
            case "d":
                made += struct.pack(">d", chance.choice((1e308, -1e308, float("nan"), 5e-324, chance.uniform(-9, 9))))
            case "h" | "t":
                made += chance.randbytes(8)
            case "s":
                made += text(chance.choice(("gain", "level", "*", "9" * 200, "/node/*/*", "", "snapshot", "9**9**9")))
            case "b":
                size = chance.choice((0, 4, 8, 2**31 - 1))
                made += struct.pack(">i", size) + bytes(min(size, 8))
    return made


def test_a_double_beyond_all_floats_is_answered_and_so_is_what_follows(shared: Echo) -> None:
    """One such packet ended all answers until the program was started again."""
    shared.send(text("/sync") + text(",d") + struct.pack(">d", 1e308))
    shared.is_there()


def test_a_value_that_is_none_is_not_told_and_others_are(shared: Echo) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as program:
        program.settimeout(20)
        program.sendto(message("/subscribe", "/node/*/*"), ("127.0.0.1", shared.osc.port))
        assert program.recv(1024) == message("/done", "/subscribe")
        eventually(lambda: shared.osc.listeners > 0)
        shared.osc.changed([("/node/gain/level", {"a": 1}), ("/node/gain/level", -6.0)])  # type: ignore[list-item]
        assert program.recv(1024) == message("/node/gain/level", -6.0)
        program.sendto(message("/unsubscribe"), ("127.0.0.1", shared.osc.port))
        assert program.recv(1024) == message("/done", "/unsubscribe")
    shared.is_there()


@pytest.mark.parametrize("cases", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_after_any_packet_it_answers(shared: Echo, cases: int) -> None:
    chance, pid = random.Random(cases), shared.osc.pid
    for number in range(cases):
        shared.send(packet(chance))
        if number % 25 == 24:
            shared.is_there()
    assert shared.osc.pid == pid
    assert len(shared.said) < 100, "what is wrong is told without end"


def test_whatever_is_answered_is_a_packet() -> None:
    chance = random.Random(5)
    for _ in range(FEW):
        values = [value(chance) for _ in range(3)]
        (address, found, _), *more = messages_of(packed("/a", [*values, *ODD]))
        assert (address, more) == ("/a", [])
        assert len(found) == len(values) + len(ODD)


def test_whatever_its_parent_says_the_gateway_follows_the_next(shared: Echo) -> None:
    chance = random.Random(7)
    right: dict[str, Any] = {"values": [["/node/gain/level", 1.0]], "asked": 0, "address": "/a", "addresses": []}
    right |= {"host": "127.0.0.1", "port": 9, "hears_all": False}
    child = shared.osc._process._child
    assert child is not None
    pipe = child._process.stdin
    assert pipe is not None
    for _ in range(FEW):
        op = chance.choice(("oscstatus", "reply", "valueschanged", "sendosc", "listen", "nothing", 5))
        with suppress(ValueError, OverflowError):  # no bytes can be this
            pipe.write(wild_packed({**right, "op": op, chance.choice([*right]): value(chance)}))
            pipe.flush()
    shared.osc._listening = Listen(addresses=[], hears_all=False)
    shared.osc.listen(["/fader/1"])
    shared.is_there()
