"""Clients play an engine together, over a socket; none of them can stop it, and nothing made is lost."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from latent_terrain.engine.messages import (
    FROM_ENGINE,
    PROTOCOL,
    Audition,
    Beat,
    Changed,
    Error,
    Hello,
    LearnControl,
    Message,
    Panic,
    Refused,
    Status,
    decode,
)
from latent_terrain.engine.processes.wire import read_body, with_length
from latent_terrain.engine.session import Client, EngineGone, Server
from latent_terrain.engine.session.client import Hosting
from latent_terrain.engine.session.registry import Address, connect, find_engines
from latent_terrain.graphs import Patch, add_node, remove_node, set_content, set_seed, set_value
from latent_terrain.graphs.delta import delta

from ...waiting import eventually
from ...wild import packed
from .toy_player import ToyPlayer

HERE = Path(__file__).parent
Some = TypeVar("Some", bound=Message)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))


@pytest.fixture
def player() -> ToyPlayer:
    made = ToyPlayer()
    made.patch = add_node(Patch(), "gain", name="gain")
    return made


@pytest.fixture
def server(player: ToyPlayer) -> Iterator[Server]:
    made = Server(player)
    yield made
    made.close()


@pytest.fixture
def news() -> list[Mapping[str, Any]]:
    return []


@pytest.fixture
def client(server: Server, news: list[Mapping[str, Any]]) -> Iterator[Client]:
    made = Client.attach(server.address, news.append)
    yield made
    made.close()


def land(seed: int = 0) -> dict[str, np.ndarray]:
    return {"learn/a": np.random.default_rng(seed).normal(size=(300, 200)).astype(np.float32)}


def test_a_client_finds_the_engine_and_has_its_patch(server: Server, player: ToyPlayer) -> None:
    assert [one.process for one in find_engines()] == [os.getpid()]
    client = Client.attach()
    assert client.patch == player.patch
    client.close()


def test_an_edit_is_played_and_its_problems_come_back(client: Client, player: ToyPlayer) -> None:
    patch = add_node(client.patch, "gain", name="odd")
    client.update(patch)
    assert client.wait()
    assert player.patch == patch
    assert [problem.text for problem in client.problems] == ["a gain too much"]


def test_arrays_cross_once_and_whole(client: Client, player: ToyPlayer) -> None:
    patch = set_content(add_node(client.patch, "terrain", name="land"), "land", land())
    client.update(patch)
    assert client.wait()
    assert player.patch == patch
    link = client._connection
    assert link is not None
    sent = set(link.sent)
    client.update(set_value(patch, "gain", "level", -3.0))
    client.update(set_content(set_value(patch, "gain", "level", -6.0), "land", land()))
    assert client.wait()
    assert link.sent == sent
    assert player.patch.nodes["gain"].values["level"] == -6.0


def test_scalars_and_empty_arrays_cross_too(client: Client, player: ToyPlayer) -> None:
    content = {"scalar": np.array(3.0, np.float32), "none": np.zeros((0, 2), np.int32), "on": np.array([True, False])}
    patch = set_content(add_node(client.patch, "terrain", name="land"), "land", content)
    client.update(patch)
    assert client.wait()
    assert player.patch == patch


def test_an_edit_whose_arrays_got_lost_is_made_all_the_same(
    client: Client, player: ToyPlayer, news: list[Mapping[str, Any]]
) -> None:
    patch = set_content(add_node(client.patch, "terrain", name="land"), "land", land())
    link = client._connection
    assert link is not None
    link.sent |= set(delta(client.patch, patch)[1])  # as if they had been sent
    client.update(patch)
    eventually(lambda: player.patch == patch)
    assert client.patch == patch
    assert news == []


def test_what_the_engine_refuses_for_good_is_kept_here(
    client: Client, server: Server, news: list[Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Patch:
        raise ValueError("never")

    with monkeypatch.context() as patched:
        patched.setattr("latent_terrain.engine.session.server.followed", refuse)
        patch = add_node(client.patch, "gain", name="mine")
        client.update(patch)
        eventually(lambda: any("never" in str(one["text"]) for one in news))
        assert client.patch == patch
    client.update(set_seed(patch, 3))
    eventually(lambda: server.patch == set_seed(patch, 3))


def test_a_turned_param_is_heard_at_once_and_kept(client: Client, server: Server, player: ToyPlayer) -> None:
    client.turn("gain", "level", -12.0)
    eventually(lambda: player.turns == [("gain", "level", -12.0)])
    eventually(lambda: server.patch == client.patch)
    assert client.patch.nodes["gain"].values["level"] == -12.0


def test_two_clients_edit_together(server: Server, client: Client, player: ToyPlayer) -> None:
    other_news: list[Mapping[str, Any]] = []
    other = Client.attach(server.address, other_news.append)
    for number in range(20):
        client.edit(lambda patch, name=f"mine-{number}": add_node(patch, "gain", name=name))  # type: ignore[misc]
        other.edit(lambda patch, name=f"yours-{number}": add_node(patch, "sine", name=name))  # type: ignore[misc]
    eventually(lambda: len(server.patch.nodes) == 41)
    eventually(lambda: client.patch == other.patch == server.patch)
    eventually(lambda: player.patch == server.patch)
    other.close()


def test_an_edit_that_cannot_be_played_is_told_and_the_next_one_is_played(client: Client, player: ToyPlayer) -> None:
    client.update(set_seed(client.patch, 13))
    assert client.wait()
    assert "unlucky" in client.problems[0].text
    client.update(set_seed(client.patch, 14))
    eventually(lambda: player.patch.seed == 14)


def test_status_and_takes_come_when_asked(client: Client) -> None:
    assert client.status()["pid"] == os.getpid()
    takes = client.capture()["take"]
    np.testing.assert_array_equal(takes["takes/0001"], np.arange(40_000, dtype=np.float32).reshape(-1, 2))


def test_takes_that_came_with_the_patch_are_told_whole_and_again_each_time(client: Client, player: ToyPlayer) -> None:
    mine = np.arange(6, dtype=np.float32).reshape(3, 2)
    new = np.full((4, 2), 7, np.float32)
    client.update(add_node(client.patch, "record", name="take", content={"takes/0001": mine}))
    assert client.wait()
    player.gathered = lambda: {"take": {"takes/0001": mine, "takes/0002": new}}  # type: ignore[method-assign]
    for _ in range(2):
        takes = client.capture()["take"]
        np.testing.assert_array_equal(takes["takes/0001"], mine)
        np.testing.assert_array_equal(takes["takes/0002"], new)
        client.update(set_seed(client.patch, client.patch.seed + 20))
        assert client.wait()


def test_what_was_recorded_is_told_by_the_patch_that_is_to_play(
    server: Server, client: Client, player: ToyPlayer
) -> None:
    go, update, gathered = threading.Event(), player.update, player.gathered
    player.update = lambda patch: (go.wait(20), update(patch))[1]  # type: ignore[method-assign]
    player.gathered = lambda: {} if "take" not in player.patch.nodes else gathered()  # type: ignore[method-assign]
    client.update(add_node(client.patch, "record", "take"))
    found: list[Mapping[str, Any]] = []
    client.ask_capture(found.append)
    eventually(lambda: not server.wait(0.0))
    go.set()
    eventually(lambda: bool(found))
    assert list(found[0]) == ["take"]


@pytest.mark.parametrize("fault", [OSError("File name too long"), ValueError("embedded null byte"), KeyError("x")])
def test_what_a_player_fails_at_is_told_and_costs_nobody_the_connection(
    client: Client, player: ToyPlayer, news: list[Mapping[str, Any]], fault: Exception
) -> None:
    def fail(order: object) -> None:
        raise fault

    player.do = fail  # type: ignore[method-assign]
    link = client._connection
    client.do(Panic())
    eventually(lambda: bool(news))
    assert "it could not be done" in news[0]["text"]
    assert client.status()["nodes"] == ["gain"]
    assert client._connection is link


def test_what_is_to_be_learned_is_what_the_engine_says_that_is_taken_up(server: Server, client: Client) -> None:
    client.do(LearnControl(node="gain", param="level"))
    other = Server(ToyPlayer())
    client._leave()
    client.take_up(other.address)
    eventually(lambda: client.learning is None)
    other.close()


def test_an_empty_patch_plays_as_soon_as_the_engine_is_there(hosted: Client) -> None:
    hosting = hosted._keeper.hosting
    assert hosting is not None
    empty = Client.start(Patch(), hosting)
    assert empty.wait(0.0)
    empty.close(stops_engine=True)


def test_news_reach_every_client(server: Server, client: Client, news: list[Mapping[str, Any]]) -> None:
    eventually(lambda: server.clients == 1)
    server.tell([{"kind": "fault", "node": "gain", "text": "it broke"}])
    eventually(lambda: {"kind": "fault", "node": "gain", "text": "it broke"} in news)


def raw(server: Server, protocol: int = PROTOCOL, key: bytes | None = None) -> socket.socket:
    connection = connect(server.address, 5.0)
    key = server.address.key if key is None else key
    connection.sendall(with_length(Hello(protocol=protocol, key=key)))
    return connection


def answer(connection: socket.socket, *wanted: type[Some]) -> Some:
    connection.settimeout(20.0)
    while (body := read_body(connection.recv)) is not None:
        message = decode(body, FROM_ENGINE)
        if isinstance(message, wanted):
            return message
    raise AssertionError(f"no {wanted} came")


def test_a_client_may_tell_the_beat_until_it_goes(server: Server, client: Client, player: ToyPlayer) -> None:
    other = Client.attach(server.address, lambda news: None)
    other.do(Beat(beat=4.5, tempo=120.0, at=1e9))
    eventually(lambda: player.beats == [(4.5, 120.0, 1e9)])
    client.close()
    eventually(lambda: server.clients == 1)
    assert len(player.beats) == 1, "it was not this one's"
    other.close()
    eventually(lambda: player.beats[1:] == [(0.0, 0.0, 0.0)])
    server.do(Beat(beat=1.0, tempo=90.0, at=2.0))
    assert player.beats[-1] == (1.0, 90.0, 2.0)


def test_something_else_is_heard_beside_the_document_until_its_client_has_had_enough(
    server: Server, client: Client, player: ToyPlayer
) -> None:
    document = client.patch
    other = Client.attach(server.address, lambda news: None)
    other.do(Audition(change=delta(document, add_node(document, "sound_player", name="heard"))[0]))
    eventually(lambda: "heard" in player.patch.nodes)
    client.edit(lambda patch: add_node(patch, "sine", name="meanwhile"))
    eventually(lambda: {"heard", "meanwhile"} <= player.patch.nodes.keys())
    assert "heard" not in server.patch.nodes
    other.close()
    eventually(lambda: player.patch == server.patch)
    client.do(Audition(change={"nodes": {"gain": None}}))
    eventually(lambda: "gain" not in player.patch.nodes)
    client.do(Audition(change={}))
    eventually(lambda: player.patch == client.patch)


def test_one_can_wait_until_an_edit_plays(server: Server, player: ToyPlayer) -> None:
    assert server.wait(0.0)
    go, update = threading.Event(), player.update
    player.update = lambda patch: (go.wait(20), update(patch))[1]  # type: ignore[method-assign]
    server.edit(lambda patch: add_node(patch, "gain", "new"))
    assert not server.wait(0.05)
    go.set()
    assert server.wait(20.0)
    assert "new" in player.patch.nodes


def test_another_version_and_a_wrong_key_are_refused_in_a_sentence(server: Server) -> None:
    with raw(server, PROTOCOL + 1) as connection:
        assert "use the same version" in answer(connection, Error).text
    with raw(server, key=b"guess") as connection:
        assert "key" in answer(connection, Error).text
    assert server.clients == 0


@pytest.mark.parametrize(
    "message",
    [
        {"op": "explode"},
        {"op": ["list"]},
        {},
        {"op": "turn", "node": "gain"},
        {"op": "turn", "node": "gain", "param": "level", "value": float("nan")},
        {"op": "turn", "node": "nobody", "param": "level", "value": 1.0},
        {"op": "edit", "base": 0, "change": {"nodes": {"x": 5}}},
        {"op": "edit", "base": 0, "change": {"cords": [{"source": "a.out", "target": "b"}]}},
        {"op": "edit", "base": -1, "change": {}},
        {"op": "beat", "beat": 0.0, "tempo": 0.5, "at": 0.0},
        {"op": "beat", "beat": float("inf"), "tempo": 120.0, "at": 0.0},
        {"op": "beat", "beat": 0.0, "tempo": 120.0},
        {"op": "piece", "sha256": "00", "dtype": "float32", "shape": [1], "size": 4, "begin": 0, "data": b"abcd"},
        {"op": "piece", "sha256": "00", "dtype": "float32", "shape": [1], "size": 2**40, "begin": 0, "data": b""},
    ],
)
def test_what_cannot_be_followed_is_told_and_changes_nothing(
    server: Server, player: ToyPlayer, client: Client, message: dict[str, Any]
) -> None:
    before = server.patch
    with raw(server) as connection:
        connection.sendall(packed(message))
        assert answer(connection, Error, Refused).text
        connection.sendall(packed({"op": "ask", "number": 1}))
        assert answer(connection, Status).number == 1
    assert server.patch == before
    assert client.status()["turns"] == 0


@pytest.mark.parametrize("end", [b"\x40\x00\x00\x00half a mess", b"\xff\xff\xff\xff", b"\x03\x00\x00\x00\xc1\xc1\xc1"])
def test_a_client_that_dies_in_the_middle_or_babbles_hurts_nobody(server: Server, client: Client, end: bytes) -> None:
    for _ in range(5):
        connection = raw(server)
        answer(connection, Changed)
        connection.sendall(end)
        connection.close()
    eventually(lambda: server.clients == 1)
    client.update(add_node(client.patch, "gain", name="after"))
    assert client.wait()


def test_a_flood_of_turns_is_thinned_out_and_the_last_wins(server: Server, client: Client, player: ToyPlayer) -> None:
    began = time.monotonic()
    flooding = raw(server)

    def flood() -> None:
        for number in range(5_000):
            flooding.sendall(packed({"op": "turn", "node": "gain", "param": "level", "value": float(number)}))

    thread = threading.Thread(target=flood)
    thread.start()
    client.update(add_node(client.patch, "gain", name="meanwhile"))
    assert client.wait(20)
    thread.join()
    eventually(lambda: bool(player.turns) and player.turns[-1][2] == 4999.0)
    passed = time.monotonic() - began
    assert len(player.turns) <= passed / 0.002 + 2
    flooding.close()


def test_a_client_that_never_listens_does_not_hold_up_the_others(server: Server, client: Client) -> None:
    deaf = raw(server)
    eventually(lambda: server.clients == 2)
    for number in range(2000):
        server.tell([{"kind": "message", "text": "x" * 500, "number": number}])
    client.update(add_node(client.patch, "gain", name="still"))
    assert client.wait()
    deaf.close()


def test_without_an_engine_a_client_says_what_to_do() -> None:
    with pytest.raises(EngineGone, match="latent-terrain run"):
        Client.attach()
    with pytest.raises(EngineGone, match="can't be reached"):
        Client.attach(Address(1, "", "/nowhere/at/all.sock", b"", ""))


def test_what_a_dead_engine_left_is_not_found(server: Server) -> None:
    from latent_terrain.engine.session.registry import runtime_folder

    left = runtime_folder() / "999999999-abc.json"
    left.write_text('{"process": 999999999, "name": "", "where": "/x.sock", "key": "00", "mark": "999999999-abc"}')
    (runtime_folder() / "nonsense.json").write_text("{")
    assert [one.process for one in find_engines()] == [os.getpid()]
    assert not left.exists()


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch, news: list[Mapping[str, Any]]) -> Iterator[Client]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    patch = set_content(add_node(add_node(Patch(), "gain", name="gain"), "terrain", name="land"), "land", land())
    made = Client.start(patch, Hosting(player="toy_player:ToyPlayer", linger_seconds=1.0), news.append)
    yield made
    made.close(stops_engine=True)


def test_a_killed_engine_is_told_once_and_started_again_with_the_clients_patch(
    hosted: Client, news: list[Mapping[str, Any]]
) -> None:
    assert hosted.wait()
    hosted.turn("gain", "level", -7.0)
    first = hosted.status()
    os.kill(first["pid"], signal.SIGKILL)
    eventually(lambda: hosted.engine not in (None, first["pid"]))
    assert hosted.wait()
    eventually(lambda: hosted.status()["nodes"] == ["gain", "land"])
    assert [one["kind"] for one in news].count("engine") == 1
    other = Client.attach(hosted._address)
    assert other.patch == hosted.patch
    assert other.patch.nodes["gain"].values["level"] == -7.0
    other.close()


def test_an_engine_outlives_its_client_for_a_while(hosted: Client) -> None:
    assert hosted.wait()
    pid = hosted.status()["pid"]
    address = hosted._address
    hosted.close()
    again = Client.attach(address)
    assert again.status()["pid"] == pid
    assert sorted(again.patch.nodes) == ["gain", "land"]
    again.update(remove_node(again.patch, "land"))
    assert again.wait()
    again.close()
    eventually(lambda: all(one.process != pid for one in find_engines()))
