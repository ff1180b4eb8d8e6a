"""A patch with hundreds of snapshots of a large terrain is played as quickly as one without: what stays is not read."""

import time
from collections.abc import Iterator

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.session import Client, Server
from latent_terrain.engine.snapshots import MOST_SLOTS, slots, stored
from latent_terrain.graphs import Array, History, Patch, add_node, frozen, set_content, set_value

from ...waiting import eventually
from .toy_player import ToyPlayer

PARTS, SIDE = 20, 64
LAG_SECONDS = 2.0
"""Measured: 0.005. Before, 256 snapshots never were caught up with."""


@pytest.fixture(scope="module")
def patch() -> Patch:
    """A terrain of twenty arrays, learned anew before every eighth of 256 snapshots."""
    palette, random = load_palette(), np.random.default_rng(1)
    made = Patch()
    for type_, name in (("terrain", "land"), ("gui", "map"), ("gain", "gain")):
        made = add_node(made, type_, name=name)
    for number in range(MOST_SLOTS):
        if number % 8 == 0:
            kept = {key: one for key, one in made.nodes["land"].content.items() if not key.startswith("learn/")}
            learned = {f"learn/{part}": random.normal(size=(SIDE, SIDE)).astype(np.float32) for part in range(PARTS)}
            made = set_content(made, "land", {**kept, **learned})
        made = stored(made, palette, str(number))
    assert len(slots(made)) == MOST_SLOTS
    assert len(made.nodes["land"].content) == PARTS * (MOST_SLOTS + 1)
    return made


@pytest.fixture
def server(patch: Patch) -> Iterator[Server]:
    player = ToyPlayer()
    player.patch = patch
    made = Server(player)
    yield made
    made.close()


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[Array]:
    """The arrays that are looked at, or hashed, from now on."""
    found: list[Array] = []
    kept_array, sha256 = frozen.kept_array, frozen.hashlib.sha256

    def look(array: Array) -> Array:
        found.append(array)
        return kept_array(array)

    def hash_(data: bytes) -> object:
        found.append(np.frombuffer(data, np.uint8))
        return sha256(data)

    monkeypatch.setattr(frozen, "kept_array", look)
    monkeypatch.setattr(frozen.hashlib, "sha256", hash_)
    return found


@pytest.mark.parametrize(("node", "param"), [("gain", "level"), ("land", "enabled")])
def test_what_is_turned_costs_no_look_at_any_array(
    server: Server, client: Client, looked_at: list[Array], node: str, param: str
) -> None:
    """Nodes that hold the snapshots, and those that hold nothing; on the engine's side, a client's and in a history."""
    history = History(server.patch)
    value: bool | float = 0.0
    for number in range(50):
        value = number % 2 == 1 if param == "enabled" else -float(number + 1)
        server.turn(node, param, value)
        history.apply(server.patch, "turned")
    eventually(lambda: client.patch.nodes[node].values.get(param) == value)
    assert client.patch == server.patch
    assert looked_at == []


def test_another_clients_drawing_costs_a_look_at_what_is_drawn(
    server: Server, client: Client, looked_at: list[Array]
) -> None:
    def draw(length: int) -> Array:
        line = np.linspace(0, 1, 2 * length, dtype=np.float32).reshape(length, 2)
        server.edit(lambda patch: set_content(patch, "map", {"lines/1": line}))
        eventually(lambda: len(client.patch.nodes["map"].content.get("lines/1", ())) == length)
        return client.patch.nodes["map"].content["lines/1"]

    draw(2)
    looked_at.clear()
    for length in range(3, 13):
        draw(length)
    assert len(looked_at) < 200, "all arrays of the patch were looked at"


def test_an_array_has_the_digest_of_what_is_in_it_now() -> None:
    """Digests are remembered of arrays that nobody can write to, and of no others."""
    array = np.zeros(4, np.float32)
    before = frozen.array_sha256(array)
    array[0] = 1.0
    assert frozen.array_sha256(array) != before
    kept = frozen.kept_array(array)
    assert frozen.array_sha256(kept) == frozen.array_sha256(kept) == frozen.array_sha256(array)
    known = len(frozen._digests)
    del kept
    assert len(frozen._digests) == known - 1


@pytest.mark.slow
def test_a_knob_turned_two_hundred_times_a_second_is_where_it_is_at_once(server: Server, client: Client) -> None:
    begin = time.monotonic()
    for number in range(2000):
        server.turn("land", "enabled", number % 2 == 0)
        server.turn("gain", "level", -number / 100)
        time.sleep(max(0.0, begin + number / 200 - time.monotonic()))
    server.turn("gain", "level", -33.0)
    done = time.monotonic()
    eventually(lambda: client.patch.nodes["gain"].values["level"] == -33.0)
    assert time.monotonic() - done < LAG_SECONDS
    assert set_value(client.patch, "gain", "level", -33.0) == server.patch
