"""Whatever a client sends, the engine plays, compiles, answers the others, and says what was wrong."""

import random
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.link import Client, Server
from latent_terrain.engine.link.messages import _NEEDS
from latent_terrain.engine.processes.wire import pack
from latent_terrain.graphs import add_node, array_sha256

from ...waiting import eventually
from ...wild import FEW, MANY, mutated, replaced, value
from .test_link import answer, raw
from .toy_player import ToyPlayer

ARRAY = np.arange(6, dtype=np.float32)
RIGHT: tuple[dict[str, Any], ...] = (
    {"op": "edit", "base": 0, "change": {"edited": {"gain": {"values": {"level": -3.0}}}}},
    {"op": "edit", "base": 0, "change": {"nodes": {"a": {"type": "gain", "values": {"level": {"a": 1}}}}}},
    {"op": "edit", "base": 0, "change": {"nodes": {"a": None}, "cut": [["a.out", "b.in"]], "seed": 3}},
    {"op": "edit", "base": 0, "change": {"view": {"values": {"snapshots": {"1": {"values": 5}}}, "unset": ["x"]}}},
    {"op": "edit", "base": 0, "change": {"cords": [{"source": "gain.out", "target": "a.audio"}], "extra": {}}},
    {
        "op": "blob",
        "sha256": array_sha256(ARRAY),
        "dtype": "float32",
        "shape": [6],
        "size": 24,
        "begin": 0,
        "data": ARRAY.tobytes(),
    },
    {"op": "set", "node": "gain", "param": "level", "value": -1.0, "seconds": 0.1, "at": 1.0},
    {"op": "beat", "beat": 1.0, "tempo": 120.0, "at": 1e9},
    {"op": "status", "id": 1},
    {"op": "capture", "id": 2},
    {"op": "keep", "id": 3},
    {"op": "subscribe", "what": ["status", "readings"]},
    {"op": "panic"},
)


def test_every_message_that_does_not_end_something_is_tried() -> None:
    assert _NEEDS.keys() - {one["op"] for one in RIGHT} == {"hello", "stop", "detach", "bye"}


@pytest.mark.parametrize("cases", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_after_any_message_the_engine_plays_on(server: Server, player: ToyPlayer, cases: int) -> None:
    chance = random.Random(cases)
    connection = raw(server)
    answer(connection, "edit")
    for number in range(cases):
        message = replaced(chance, chance.choice(RIGHT))
        if message.get("op") in ("stop", "detach", "bye", "hello"):
            continue
        try:
            data = pack(message)
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
            answer(connection, "edit")
    connection.close()
    assert all(thread.is_alive() for thread in server._threads)
    with raw(server) as well:
        answer(well, "edit")
        well.sendall(pack({"op": "status", "id": 4711}))
        assert answer(well, "answer")["id"] == 4711
    client = Client.attach(server.address, lambda news: None)
    client.update(add_node(client.patch, "gain", name="last"))
    eventually(lambda: "last" in player.patch.nodes)
    before = len(player.turns)
    client.turn("last", "level", -3.0)
    eventually(lambda: player.turns[before:] and player.turns[-1] == ("last", "level", -3.0))
    client.close()


@pytest.mark.parametrize("cases", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_after_anything_an_engine_says_its_client_goes_on(server: Server, client: Client, cases: int) -> None:
    chance = random.Random(cases)
    whole = {"revision": 1, "seen": 0, "text": "", "id": 10**9, "status": {}, "problems": [], "board": {}, "news": []}
    ops = ("edit", "refused", "edited", "done", "answer", "board", "status", "blob", "news", "error", "forgot")
    (guest,) = server._guests
    for _ in range(cases):
        change = replaced(chance, chance.choice(RIGHT[:5])["change"])
        message = {**RIGHT[5], **whole, "change": change, "arrays": [], "op": chance.choice(ops)}
        if message["op"] == "edit" and chance.random() < 0.5:
            message["change"] = value(chance)
        message = {**replaced(chance, message), "op": message["op"]}
        if message["op"] in ("edited", "edit", "refused", "done"):
            message["revision"] = server.revision  # or it would wait for an engine from another time
        try:
            pack(message)
        except (ValueError, OverflowError):
            continue
        guest.send(message)
    server._send_whole(guest)
    eventually(lambda: client.patch.nodes.keys() >= server.patch.nodes.keys())
    assert client.status()["pid"]
