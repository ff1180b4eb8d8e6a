"""An engine that dies is started again, one that was only out of reach is found again, and none is left behind."""

import os
import signal
import socket
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from latent_terrain.engine.processes.policy import USUAL, Policy
from latent_terrain.engine.session import Client, EngineGone
from latent_terrain.engine.session import starter as starting
from latent_terrain.engine.session.registry import Address, find_engines
from latent_terrain.engine.session.starter import EngineStarter, Hosting
from latent_terrain.graphs import Patch

from ...waiting import eventually

News = list[Mapping[str, Any]]


def told(news: News) -> list[str]:
    return [one["text"] for one in news if one["kind"] == "engine"]


def kill(client: Client) -> None:
    assert client.engine is not None
    os.kill(client.engine, signal.SIGKILL)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "USUAL", Policy(pauses=(0.0, 0.01, 0.02)))


def failing(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """The next so many starts fail; gives a list that grows by one for each start."""
    tries: list[int] = []
    start = EngineStarter.start

    def fail(self: EngineStarter) -> Address:
        tries.append(len(tries))
        if len(tries) <= times:
            raise EngineGone("the engine does not start: no memory")
        return start(self)

    monkeypatch.setattr(EngineStarter, "start", fail)
    return tries


def test_readings_and_status_of_the_next_engine_come_by_themselves(hosted: Client, news: News) -> None:
    hosted.subscribe()
    eventually(lambda: hosted.reading("gain", "level") is not None and bool(hosted.latest_status))
    first = hosted.engine
    kill(hosted)
    eventually(lambda: hosted.engine not in (None, first))
    eventually(lambda: hosted.reading("gain", "level") is not None and bool(hosted.latest_status))
    assert hosted.latest_status["pid"] == hosted.engine
    assert len(told(news)) == 1


def test_a_start_that_fails_is_tried_again_and_told_once(
    hosted: Client, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hosted.engine
    tries = failing(monkeypatch, 2)
    kill(hosted)
    eventually(lambda: hosted.engine not in (None, first))
    assert len(tries) == 3
    assert told(news) == ["the engine crashed and was restarted with your patch"]


def test_after_three_tries_it_gives_up_and_says_why(
    hosted: Client, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = failing(monkeypatch, 99)
    kill(hosted)
    eventually(lambda: len(told(news)) == 2)
    assert told(news)[1] == "the engine does not start: no memory; your patch is safe here"
    assert len(tries) == 3
    assert hosted.engine is None
    assert sorted(hosted.patch.nodes) == ["gain", "land"]


def test_an_engine_that_keeps_ending_is_left_alone_in_the_end(hosted: Client, news: News) -> None:
    for _ in range(len(USUAL.pauses)):
        first = hosted.engine
        kill(hosted)
        eventually(lambda before=first: hosted.engine not in (None, before))  # type: ignore[misc]
    kill(hosted)
    eventually(lambda: len(told(news)) == len(USUAL.pauses) + 1)
    assert "is not restarted" in told(news)[-1]
    assert hosted.engine is None


def test_an_engine_that_was_out_of_reach_plays_on_and_is_joined_again(hosted: Client, news: News) -> None:
    assert hosted.wait()
    first, link = hosted.engine, hosted._connection
    assert link is not None
    hosted.turn("gain", "level", -3.0)
    link.stream.shutdown(socket.SHUT_RDWR)
    eventually(lambda: hosted._connection not in (None, link))
    assert hosted.engine == first
    assert hosted.status()["nodes"] == ["gain", "land"]
    assert hosted.patch.nodes["gain"].values["level"] == -3.0
    eventually(lambda: told(news) == ["the engine was unreachable for a moment; it keeps playing"])


def test_an_engine_that_hangs_up_again_and_again_is_replaced(hosted: Client, news: News) -> None:
    first = hosted.engine
    for _ in range(len(USUAL.pauses) + 1):
        link = hosted._connection
        assert link is not None
        link.stream.shutdown(socket.SHUT_RDWR)
        eventually(lambda before=link: hosted._connection not in (None, before))  # type: ignore[misc]
    assert hosted.engine != first
    assert "restarted" in told(news)[-1]
    assert len(find_engines()) == 1


def test_closing_while_another_engine_is_on_its_way_leaves_none_behind(
    hosted: Client, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting, closed = threading.Event(), threading.Event()
    start = EngineStarter.start

    def slow(self: EngineStarter) -> Address:
        starting.set()
        assert closed.wait(30)
        return start(self)

    monkeypatch.setattr(EngineStarter, "start", slow)
    kill(hosted)
    assert starting.wait(30)
    hosted.close()
    closed.set()
    eventually(lambda: not any(one.name == "hear engine" for one in threading.enumerate()))
    assert find_engines() == []
    assert len(told(news)) == 1


def test_of_engines_that_are_asked_for_in_a_row_the_last_comes_and_nobody_hears_of_the_others(
    hosted: Client, news: News
) -> None:
    first, hosting = hosted.engine, hosted._keeper.hosting
    assert hosting is not None
    for block in (64, 512):
        hosted.restart(replace(hosting, block=block))
    eventually(lambda: hosted.engine not in (None, first))
    keeper = hosted._keeper
    assert keeper.hosting is not None
    assert keeper.hosting.block == 512
    eventually(lambda: not any(one.name == "start engine" for one in threading.enumerate()))
    assert told(news) == []
    assert [one.process for one in find_engines()] == [hosted.engine]


def test_another_engine_that_is_asked_for_while_the_first_starts_takes_its_place(hosted: Client, news: News) -> None:
    hosting = hosted._keeper.hosting
    assert hosting is not None
    client = Client.begin(hosted.patch, hosting, news.append)
    keeper = client._keeper
    eventually(lambda: keeper._starter is not None and keeper._starter.is_running)
    client.restart(replace(hosting, block=512))
    eventually(lambda: client.engine is not None)
    eventually(lambda: not any(one.name == "start engine" for one in threading.enumerate()))
    assert (told(news), client.has_failed) == ([], False)
    assert len(find_engines()) == 2
    client.close(stops_engine=True)


def test_an_engine_that_dies_while_another_is_asked_for_is_not_started_again_beside_it(
    hosted: Client, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosting, starting_, asked, start = hosted._keeper.hosting, threading.Event(), threading.Event(), EngineStarter.start
    assert hosting is not None

    def slow(self: EngineStarter) -> Address:
        if self.hosting is hosting:
            starting_.set()
            assert asked.wait(30)
        return start(self)

    monkeypatch.setattr(EngineStarter, "start", slow)
    kill(hosted)
    assert starting_.wait(30)
    hosted.restart(replace(hosting, block=512))
    eventually(lambda: hosted.engine is not None)
    asked.set()
    eventually(lambda: [one.name for one in threading.enumerate()].count("hear engine") == 1)
    assert told(news) == ["the engine crashed and was restarted with your patch"]
    assert (len(find_engines()), hosted.has_failed) == (1, False)
    assert hosted.wait()


def test_an_engine_that_was_stopped_and_started_once_more_is_looked_after_again(hosted: Client, news: News) -> None:
    hosting = hosted._keeper.hosting
    assert hosting is not None
    Client.attach(hosted.address, news.append).stop_engine()
    eventually(lambda: hosted.has_failed)
    hosted.restart(hosting)
    eventually(lambda: hosted.engine is not None)
    second = hosted.engine
    kill(hosted)
    eventually(lambda: hosted.engine not in (None, second))
    assert "restarted" in told(news)[-1]


def test_ending_a_starter_ends_the_engine_that_is_still_starting() -> None:
    starter, failures = EngineStarter(Hosting(player="no_such_module:Player")), list[str]()

    def start() -> None:
        try:
            starter.start()
        except EngineGone as gone:
            failures.append(str(gone))

    thread = threading.Thread(target=start)
    thread.start()
    eventually(lambda: starter.is_running or bool(failures))
    starter.end()
    thread.join(30)
    assert len(failures) == 1
    assert not starter.is_running
    with pytest.raises(EngineGone, match="closed"):
        starter.start()


def test_an_engine_that_does_not_start_is_told_and_left_behind_by_nobody(news: News) -> None:
    with pytest.raises(EngineGone, match="does not start: ModuleNotFoundError"):
        Client.start(Patch(), Hosting(player="no_such_module:Player"), news.append)
    assert find_engines() == []
    assert news == []
