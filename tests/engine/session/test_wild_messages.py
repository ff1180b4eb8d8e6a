"""Whatever a client or an engine sends, the other side goes on, and says what was wrong."""

import random
from collections.abc import Mapping
from typing import Any, get_args

import numpy as np
import pytest
from msgspec.msgpack import Decoder

from latent_terrain.engine.messages import (
    Changed,
    Error,
    MessageError,
    Report,
    Request,
    Status,
    decode,
    decoder,
    encode,
)
from latent_terrain.engine.processes.wire import LARGEST
from latent_terrain.engine.session import Client, Server
from latent_terrain.graphs import add_node, array_sha256

from ...waiting import eventually
from ...wild import FEW, MANY, mutated, packed, replaced, value
from .test_link import answer, raw
from .toy_player import ToyPlayer

ARRAY = np.arange(6, dtype=np.float32)
PIECE = {
    "op": "piece",
    "sha256": array_sha256(ARRAY),
    "dtype": "float32",
    "shape": [6],
    "size": 24,
    "begin": 0,
    "data": ARRAY.tobytes(),
}
FROM_CLIENTS: tuple[dict[str, Any], ...] = (
    {"op": "edit", "base": 0, "change": {"edited": {"gain": {"values": {"level": -3.0}}}}},
    {"op": "edit", "base": 0, "change": {"nodes": {"a": {"type": "gain", "values": {"level": {"a": 1}}}}}},
    {"op": "edit", "base": 0, "change": {"nodes": {"a": None}, "cut": [["a.out", "b.in"]], "seed": 3}},
    {"op": "edit", "base": 0, "change": {"view": {"values": {"snapshots": {"1": {"values": 5}}}, "unset": ["x"]}}},
    {"op": "edit", "base": 0, "change": {"cords": [{"source": "gain.out", "target": "a.audio"}], "extra": {}}},
    PIECE,
    {"op": "turn", "node": "gain", "param": "level", "value": -1.0, "seconds": 0.1, "at": 1.0},
    {"op": "beat", "beat": 1.0, "tempo": 120.0, "at": 1e9},
    {"op": "ask", "number": 1},
    {"op": "capture", "number": 2},
    {"op": "keep", "number": 3},
    {"op": "subscribe", "what": ["status", "readings"]},
    {"op": "panic"},
    {"op": "tellfacts", "program": "service", "facts": {"sources": {"osc": 1.0}}},
    {"op": "bar"},
    {"op": "rowsat", "path": "/nowhere", "addresses": ["/eeg"]},
    {"op": "audition", "change": {"nodes": {"heard": {"type": "sine", "values": {"frequency": 330.0}}}}},
    {"op": "learncontrol", "node": "gain", "param": "level", "by_number": False, "seconds": 0.5},
    {"op": "opendocument", "base": 0, "change": {"seed": 5}, "folder": "/nowhere", "is_other": True},
    {"op": "usedevice", "device": "card", "input": None, "is_on": False},
    {"op": "recordto", "file": "/nowhere/take.wav"},
    {"op": "error", "text": "what was that?"},
)
ENDING = {"hello", "stop", "detach", "bye"}
FROM_ENGINES: tuple[dict[str, Any], ...] = (
    *({"op": "changed", "revision": 1, "seen": 0, "change": one["change"]} for one in FROM_CLIENTS[:5]),
    PIECE,
    {"op": "learncontrol", "param": "1", "seconds": 2.0},
    {"op": "turned", "values": [["gain", "level", -3.0], ["a", "b", "c"]], "seen": 0},
    {"op": "accepted", "revision": 1, "seen": 0},
    {"op": "refused", "text": "no", "seen": 0},
    {"op": "compiled", "revision": 1, "problems": [{"node": "a", "port": "", "text": "odd", "severity": "error"}]},
    {"op": "forgot", "arrays": ["00"]},
    {"op": "boardat", "path": "/nowhere", "slots": [["meter", "peak", [2], "float32"]]},
    {"op": "status", "status": {"pace": 1.0}, "number": 10**9},
    {"op": "taken", "taken": {"take": {"takes/0001": "00"}}, "number": 10**9},
    {"op": "kept", "revision": 1, "number": 10**9},
    {"op": "news", "news": [{"kind": "fault", "node": "gain", "text": "it broke"}]},
    {"op": "error", "text": "no"},
)


def names(known: Any) -> set[str]:
    return {one.__struct_config__.tag for one in get_args(known)}


def test_every_message_that_does_not_end_something_is_tried() -> None:
    assert names(Request) - {one["op"] for one in FROM_CLIENTS} == ENDING
    assert names(Report) - {one["op"] for one in FROM_ENGINES} == {"hello", "stopping"}


@pytest.mark.parametrize("known", [Request, Report])
@pytest.mark.parametrize("cases", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_any_bytes_are_a_message_or_a_sentence(known: Any, cases: int) -> None:
    chance, found = random.Random(cases), set[str]()
    here: Decoder[Any] = decoder(known)
    for number in range(cases):
        whole = replaced(chance, chance.choice(FROM_CLIENTS if known is Request else FROM_ENGINES))
        try:
            data = packed([chance.randbytes(8), value(chance), whole][min(number % 8, 2)])[4:]
        except (ValueError, OverflowError):  # no bytes can be this
            continue
        data = mutated(chance, data) if number % 3 == 0 else data
        try:
            message = decode(data, here)
            again = decode(encode(message), here)
            assert encode(again) == encode(message)  # NaN is not itself
            found.add(type(message).__name__)
        except MessageError as error:
            found.add(str(error).partition(":")[0])
    assert all(one.isprintable() for one in found)
    assert "these bytes are not a message" in found
    assert len(found) > 10


@pytest.mark.parametrize("cases", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_after_any_message_the_engine_plays_on(server: Server, player: ToyPlayer, cases: int) -> None:
    chance = random.Random(cases)
    connection = raw(server)
    answer(connection, Changed)
    for number in range(cases):
        message = replaced(chance, chance.choice(FROM_CLIENTS))
        if message.get("op") in tuple(ENDING):
            continue
        try:
            data = packed(message)
        except (ValueError, OverflowError):  # no bytes can be this
            continue
        is_noise = number % 10 == 0
        try:
            connection.sendall(mutated(chance, data) if is_noise else data)
        except OSError:
            is_noise = True
        if is_noise or number % 20 == 19:
            connection.close()
            connection = raw(server)
            answer(connection, Changed)
    connection.close()
    assert all(thread.is_alive() for thread in server._threads)
    with raw(server) as well:
        answer(well, Changed)
        well.sendall(packed({"op": "ask", "number": 4711}))
        assert answer(well, Status).number == 4711
    client = Client.attach(server.address, lambda news: None)
    client.update(add_node(client.patch, "gain", name="last"))
    eventually(lambda: "last" in player.patch.nodes)
    before = len(player.turns)
    client.turn("last", "level", -3.0)
    eventually(lambda: player.turns[before:] and player.turns[-1] == ("last", "level", -3.0))
    client.close()


@pytest.mark.parametrize("cases", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_after_anything_an_engine_says_its_client_goes_on(
    server: Server, client: Client, news: list[Mapping[str, Any]], cases: int
) -> None:
    chance = random.Random(cases)
    (guest,) = server._clients
    link = client._connection
    for number in range(cases):
        message = replaced(chance, chance.choice(FROM_ENGINES))
        if message.get("op") == "changed" and chance.random() < 0.5:
            message["change"] = value(chance)
        if "revision" in message:
            message["revision"] = server.revision  # or it would wait for an engine from another time
        try:
            data = packed(message)
        except (ValueError, OverflowError):
            continue
        if number % 5 == 0:  # its length is right, and what is in it is not
            data = mutated(chance, data)[4:]
            data = len(data).to_bytes(4, "little") + data
        guest.connection.sendall(data)
    server._send_whole(guest)
    eventually(lambda: client.patch.nodes.keys() >= server.patch.nodes.keys())
    assert client.status()["pid"]
    assert client._connection is link, "the connection went on"
    told = [one["text"] for one in news if "an incoming message was invalid" in one.get("text", "")]
    assert len(told) == 1, "malformed messages are told, once"


def test_a_message_beyond_the_limit_ends_only_its_own_connection(server: Server, client: Client) -> None:
    with raw(server) as huge:
        answer(huge, Changed)
        huge.sendall((LARGEST + 1).to_bytes(4, "little") + b"x" * 1000)
        assert "the most" in answer(huge, Error).text
        eventually(lambda: server.clients == 1)
    with raw(server, key=b"x" * (1 << 17)) as stranger:
        assert "the most" in answer(stranger, Error).text
    client.update(add_node(client.patch, "gain", name="after"))
    assert client.wait()


def test_an_engine_hears_what_its_client_could_not_follow(
    server: Server, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    (guest,) = server._clients
    guest.connection.sendall(packed({"op": "forgot", "arrays": 5}))
    eventually(lambda: "forgot.arrays: Expected array, got int" in caplog.text)
    assert client.status()["pid"]


def test_fields_of_a_newer_version_are_passed_over(server: Server, player: ToyPlayer) -> None:
    with raw(server) as connection:
        connection.sendall(packed({"op": "turn", "node": "gain", "param": "level", "value": 1.0, "colour": "red"}))
        eventually(lambda: player.turns == [("gain", "level", 1.0)])
