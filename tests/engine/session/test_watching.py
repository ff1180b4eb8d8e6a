"""Whoever looks on sees what nodes show and how the engine is doing; nobody else pays for it."""

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.messages import BoardAt, Error, Slot, Status, Watched
from latent_terrain.engine.session import Client, EngineGone, Server
from latent_terrain.engine.session.board import Board
from latent_terrain.engine.session.board_watch import BoardWatch
from latent_terrain.graphs import add_node, remove_node

from ...waiting import eventually
from ...wild import packed
from .test_link import answer, raw
from .toy_player import ToyPlayer

PEAK, SAMPLES = Slot("meter", "peak", (2,)), Slot("scope", "samples", (2, 64))


def level(client: Client, node: str = "gain") -> float | None:
    shown = client.reading(node, "level")
    return None if shown is None else float(shown[0])


def test_who_subscribes_sees_what_nodes_show_and_how_the_engine_is_doing(client: Client) -> None:
    assert client.reading("gain", "level") is None
    assert client.latest_status == {}
    client.subscribe()
    eventually(lambda: level(client) is not None and bool(client.latest_status))
    assert client.latest_status["pace"] == 1.0
    client.turn("gain", "level", 1.0)
    eventually(lambda: level(client) == 1.0)
    client.edit(lambda patch: add_node(patch, "gain", name="second"))
    eventually(lambda: level(client, "second") is not None)
    assert client.reading("nobody", "level") is None


@pytest.mark.parametrize("what", ["readings", "status"])
def test_one_may_have_readings_or_the_status_alone(client: Client, what: str) -> None:
    other = Client.attach(client._address, lambda one: None)
    other.subscribe()
    client.subscribe([what])
    eventually(lambda: level(other) is not None and bool(other.latest_status))
    eventually(lambda: level(client) is not None or bool(client.latest_status))
    seen = (level(client) is not None, bool(client.latest_status))
    assert seen == (what == "readings", what == "status")
    other.close()


def test_when_the_last_has_looked_away_nothing_is_asked_of_the_player(
    client: Client, server: Server, player: ToyPlayer
) -> None:
    client.subscribe()
    eventually(lambda: level(client) is not None and bool(client.latest_status))
    client.subscribe(())
    assert level(client) is None
    assert client.latest_status == {}
    eventually(lambda: server._feed.description == BoardAt())
    assert server._feed._publisher._thread is None
    asked = player.asked
    client.subscribe(["status"])
    eventually(lambda: bool(client.latest_status))
    assert player.asked == asked
    client.subscribe()
    eventually(lambda: level(client) is not None)


def test_a_second_client_subscribes_later_and_one_that_leaves_costs_nothing(client: Client, server: Server) -> None:
    client.subscribe()
    eventually(lambda: level(client) is not None)
    other = Client.attach(server.address, lambda one: None)
    other.subscribe()
    eventually(lambda: level(other) is not None)
    client.close()
    before = other.latest_status
    eventually(lambda: other.latest_status is not before)
    assert level(client) is None
    other.close()


def test_a_reading_that_fails_is_told_once_and_the_rest_goes_on(client: Client, news: list[Mapping[str, Any]]) -> None:
    client.subscribe()
    eventually(lambda: bool(client.latest_status))
    client.edit(lambda patch: add_node(patch, "gain", name="dark"))
    eventually(lambda: any("no light" in one.get("text", "") for one in news))
    client.edit(lambda patch: remove_node(patch, "dark"))
    eventually(lambda: level(client) is not None)
    assert sum("no light" in one.get("text", "") for one in news) == 1


def test_a_status_that_fails_is_told_once_and_readings_go_on(
    client: Client, player: ToyPlayer, news: list[Mapping[str, Any]]
) -> None:
    player.is_deaf = True
    client.subscribe()
    eventually(lambda: level(client) is not None)
    with pytest.raises(EngineGone, match="could not tell"):
        client.status()
    player.is_deaf = False
    eventually(lambda: bool(client.latest_status))
    assert ["can't be sent" in one["text"] for one in news] == [True]


def test_a_pace_that_falls_makes_readings_rarer(client: Client, server: Server, player: ToyPlayer) -> None:
    client.subscribe()
    player.pace = 0.25
    eventually(lambda: server._feed._publisher.pace == 0.25)
    eventually(lambda: client.latest_status.get("pace") == 0.25)


@pytest.mark.parametrize("what", [None, "readings", ["readings", "everything"], [1]])
def test_subscribing_to_nonsense_is_answered_with_an_error(server: Server, what: object) -> None:
    with raw(server) as connection:
        connection.sendall(packed({"op": "subscribe", "what": what}))
        assert "what" in answer(connection, Error).text


def test_somebody_who_looks_on_and_dies_in_the_middle_stops_nothing(server: Server, client: Client) -> None:
    rude = raw(server)
    rude.sendall(packed({"op": "subscribe", "what": ["readings", "status"]}))
    answer(rude, Status)
    rude.sendall(packed({"op": "turn", "node": "gain", "param": "level", "value": 1.0})[:7])
    rude.close()
    client.subscribe()
    eventually(lambda: level(client) is not None)
    eventually(lambda: server.clients == 1)


def test_boards_that_come_and_go_while_a_client_reads_never_fail_it(client: Client) -> None:
    client.subscribe()
    eventually(lambda: level(client) is not None)
    done, failures, seen = threading.Event(), list[BaseException](), set[float]()

    def look() -> None:
        try:
            while not done.is_set():
                for node in ("gain", "more"):
                    found = client.reading(node, "level")
                    if found is not None:
                        assert found.shape == (3,)
                        assert found.min() == found.max()
                        seen.add(float(found[0]))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    for number in range(8):
        client.edit(lambda patch: add_node(patch, "gain", name="more"))
        eventually(lambda: level(client, "more") is not None)
        client.turn("gain", "level", float(number))
        client.edit(lambda patch: remove_node(patch, "more"))
        eventually(lambda: level(client, "more") is None and level(client) is not None)
    done.set()
    thread.join()
    assert failures == []
    assert len(seen) > 1


def watching(*wanted: Watched) -> BoardWatch:
    made = BoardWatch()
    made.wanted = wanted
    return made


def test_a_board_that_has_gone_before_it_was_opened_shows_nothing_until_the_next_one() -> None:
    seen = watching("readings")
    first = Board([PEAK])
    seen.take_board(first.description())
    first.close()
    assert seen.read("meter", "peak") is None
    second = Board([PEAK, SAMPLES])
    second.write("meter", "peak", np.array([0.5, 0.25], np.float32))
    seen.take_board(second.description())
    np.testing.assert_array_equal(seen.read("meter", "peak"), [0.5, 0.25])
    assert seen.read("scope", "samples") is None
    second.close()
    np.testing.assert_array_equal(seen.read("meter", "peak"), [0.5, 0.25])
    seen.lost()
    assert seen.read("meter", "peak") is None


def test_a_board_that_comes_after_one_has_looked_away_is_passed_over() -> None:
    seen = watching("status")
    board = Board([PEAK])
    board.write("meter", "peak", np.array([0.5, 0.25], np.float32))
    seen.take_board(board.description())
    assert seen.read("meter", "peak") is None
    board.close()


def test_questions_are_answered_without_waiting(client: Client) -> None:
    answers: list[Mapping[str, Any]] = []
    client.ask_capture(answers.append)
    eventually(lambda: len(answers) == 1)
    np.testing.assert_array_equal(answers[0]["take"]["takes/0001"], np.arange(40_000, dtype=np.float32).reshape(-1, 2))


def test_a_question_that_has_no_answer_fails_once(client: Client, server: Server, player: ToyPlayer) -> None:
    answers: list[Mapping[str, Any]] = []
    failures: list[str] = []
    player.gathered = lambda: 1 / 0  # type: ignore[assignment,return-value]
    client.ask_capture(answers.append, lambda gone: failures.append(str(gone)))
    eventually(lambda: len(failures) == 1)
    assert "could not tell" in failures[0]
    server.close()
    eventually(lambda: client.engine is None)
    client.ask_capture(answers.append, lambda gone: failures.append(str(gone)))
    assert failures[1:] == ["no engine is attached now"]
    assert answers == []


def test_a_question_on_its_way_when_the_engine_ends_fails(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[str] = []
    monkeypatch.setattr(server, "_answer", lambda *_: None)
    client.ask_capture(lambda takes: None, lambda gone: failures.append(str(gone)))
    server.close()
    eventually(lambda: failures == ["the engine has ended"])


def test_who_fails_at_an_answer_loses_nothing_else(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda one: failures.append(str(one.exc_value)))

    def fail(takes: Mapping[str, Any]) -> None:
        raise RuntimeError("the window has closed")

    client.ask_capture(fail)
    eventually(lambda: failures == ["the window has closed"])
    assert client.status()["pace"] == 1.0
