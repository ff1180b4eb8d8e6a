"""A live session goes on whatever its nodes do, and tells each thing once."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import numpy as np
import pytest

from latent_terrain.engine import Palette, Param, Setup, Signal, Size, node, spec_of
from latent_terrain.engine.drivers import Format
from latent_terrain.engine.live import Live, LiveSetup
from latent_terrain.graphs import Patch, add_node, connect, remove_node, set_value

BLOCK = 128
INSIDE, GO = threading.Event(), threading.Event()
"""A tone in trouble 4 is inside its block, and may go on."""


@node
class LiveTone:
    """A steady level, on demand broken in many ways."""

    def __init__(self) -> None:
        self.resets = 0

    def process(
        self,
        out: Annotated[Signal, Size(1)],
        level: Annotated[float, Param(-4, 4)] = 0.5,
        trouble: Annotated[int, Param(0, 4)] = 0,
    ) -> Annotated[Signal, Size(1)]:
        """Fill out."""
        out[:] = level
        if trouble == 1:
            raise RuntimeError("a string broke")
        if trouble == 2:
            out[0, 5] = np.nan
        if trouble == 3:
            time.sleep(0.2)
        if trouble == 4:
            INSIDE.set()
            assert GO.wait(30)
        return out

    def shows(self) -> dict[str, np.ndarray]:
        """Fail."""
        raise RuntimeError("no light")

    def reset(self) -> None:
        """Count."""
        self.resets += 1


@node
class LiveOut:
    """To the device."""

    def __init__(self, setup: Setup) -> None:
        self.bus = setup.bus

    def process(self, audio: Annotated[Signal, Size(1)]) -> None:
        """Add."""
        self.bus.output += audio


@node
class LiveIn:
    """From the device."""

    def __init__(self, setup: Setup) -> None:
        self.bus = setup.bus

    def process(self, out: Annotated[Signal, Size(1)]) -> Annotated[Signal, Size(1)]:
        """Fill out."""
        out[:] = self.bus.input[:1]
        return out


PALETTE = Palette(MappingProxyType({spec_of(one).type: spec_of(one) for one in (LiveTone, LiveOut, LiveIn)}))


def two_tones() -> Patch:
    patch = add_node(Patch(), "live_out", name="out")
    patch = add_node(patch, "live_tone", name="one", values={"level": 0.25})
    patch = add_node(patch, "live_out", name="out-2")
    patch = add_node(patch, "live_tone", name="two", values={"level": 0.5})
    return connect(connect(patch, "one.out", "out.audio"), "two.out", "out-2.audio")


@pytest.fixture
def session() -> Iterator[Live]:
    made = Live(two_tones(), PALETTE, Path(), LiveSetup(block=BLOCK))
    yield made
    made.close()


def play(session: Live, blocks: int = 1) -> np.ndarray:
    out = np.full((blocks * BLOCK, 2), 9.0, np.float32)
    session.play(None, out)
    return out


def test_device_blocks_may_be_several_of_ours(session: Live) -> None:
    np.testing.assert_allclose(play(session, 4), 0.75)
    assert session.status()["blocks"] == 4


def test_a_node_that_raises_is_muted_told_once_and_the_rest_goes_on(session: Live) -> None:
    session.turn("one", "trouble", 1)
    out = play(session, 8)
    np.testing.assert_allclose(out[-BLOCK:], 0.5)
    assert [news["kind"] for news in session.news()] == ["fault"]
    play(session, 8)
    assert [one for one in session.news() if one["kind"] != "slow"] == []  # a machine may be busy


def test_numbers_that_are_no_sound_never_reach_the_device(session: Live) -> None:
    session.turn("one", "trouble", 2)
    out = play(session, 40)
    assert np.isfinite(out).all()
    assert session.engine.instance("one").resets > 0
    assert {news["node"] for news in session.news()} == {"one"}
    session.turn("one", "trouble", 0)


def test_a_block_that_takes_far_too_long_is_told_and_the_sound_resumes(session: Live) -> None:
    session.turn("two", "trouble", 3)
    play(session)
    session.turn("two", "trouble", 0)
    np.testing.assert_allclose(play(session, 2), 0.75)
    news = session.news()
    assert [one["kind"] for one in news] == ["slow"]
    assert "dropout" in news[0]["text"]


def test_while_a_node_holds_up_the_sound_all_else_goes_on(session: Live) -> None:
    INSIDE.clear()
    GO.clear()
    session.turn("two", "trouble", 4)
    stuck = threading.Thread(target=play, args=(session,))
    stuck.start()
    assert INSIDE.wait(30)
    assert session.status()["blocks"] == 0
    session.turn("two", "trouble", 0)
    session.turn("one", "level", 0.0)
    session.update(add_node(set_value(session.patch, "one", "level", 0.0), "live_tone", name="three"))
    session.housekeep(0.1)
    assert list(session.readings()) == []
    GO.set()
    stuck.join()
    np.testing.assert_allclose(play(session, 20)[-BLOCK:], 0.5)


def test_nothing_waits_for_a_model_that_is_loaded_also_no_device_that_comes(
    session: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    INSIDE.clear()
    GO.clear()

    def load(patch: Patch) -> tuple[()]:
        with session.frames._lock:
            INSIDE.set()
            assert GO.wait(30)
        return ()

    monkeypatch.setattr(session.engine, "update", load)
    loading = threading.Thread(target=session.update, args=(session.patch,))
    loading.start()
    assert INSIDE.wait(30)
    form = Format("card", "", 48_000, BLOCK, 0, 2, output_latency_seconds=4 * BLOCK / 48_000)

    def look_after() -> None:
        session.expect(form)
        session.housekeep(0.1)
        session.news()
        session.status()

    coming = threading.Thread(target=look_after)
    coming.start()
    coming.join(10)
    has_waited = coming.is_alive()
    GO.set()
    loading.join()
    coming.join()
    assert not has_waited
    session.housekeep(0.1)
    assert session.frames.burst == 3 * BLOCK, "its streams hear of it afterwards"


def test_what_nodes_show_is_seen_while_blocks_are_played(session: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("latent_terrain.engine.live.session.time.monotonic", lambda: now)
    assert list(session.readings()) == []
    play(session, 4)
    found = {(one.node, one.name): one.array for one in session.readings()}
    assert found["one", "peak.out"] == [0.25]
    assert found["", "pace"] == [1.0]
    now = 100.4
    assert list(session.readings()) != []
    now = 101.0
    assert list(session.readings()) == []
    play(session)
    assert list(session.readings()) != []


def test_a_node_that_cannot_show_itself_is_told_once_for_as_long_as_it_is_there(session: Live) -> None:
    for _ in range(3):
        play(session)
        assert ("one", "light") not in {(one.node, one.name) for one in session.readings()}
    assert sorted(one["node"] for one in session.news()) == ["one", "two"]
    session.update(remove_node(session.patch, "two"))
    play(session)
    list(session.readings())
    assert [one for one in session.news() if one["kind"] != "slow"] == []  # a machine may be busy


def test_an_engine_that_fails_altogether_gives_silence_and_is_told(
    session: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise MemoryError("no more")

    with monkeypatch.context() as patched:
        patched.setattr(session.engine, "process", fail)
        assert not play(session).any()
    np.testing.assert_allclose(play(session), 0.75)
    assert session.news()[0]["kind"] == "failure"


def test_panic_fades_out_resets_and_plays_on(session: Live) -> None:
    play(session, 2)
    session.panic()
    out = play(session, 3)
    assert np.abs(out[BLOCK - 1]).max() < 0.01
    assert np.abs(np.diff(out, axis=0)).max() < 0.02
    np.testing.assert_allclose(out[-BLOCK:], 0.75)
    assert session.engine.instance("one").resets == 1


def test_what_the_device_hears_comes_in() -> None:
    patch = connect(add_node(add_node(Patch(), "live_in", name="in"), "live_out", name="out"), "in.out", "out.audio")
    session = Live(patch, PALETTE, Path(), LiveSetup(block=BLOCK))
    try:
        heard = np.random.default_rng(2).uniform(-0.5, 0.5, (3 * BLOCK, 2)).astype(np.float32)
        out = np.zeros((3 * BLOCK, 2), np.float32)
        session.play(heard, out)
        np.testing.assert_array_equal(out[:, 0], heard[:, 0])
        mono = np.zeros((3 * BLOCK, 1), np.float32)
        session.play(heard[:, :1], mono)
        np.testing.assert_array_equal(mono, heard[:, :1])
    finally:
        session.close()


def test_a_tap_hears_every_block() -> None:
    heard: list[np.ndarray] = []
    session = Live(two_tones(), PALETTE, Path(), LiveSetup(block=BLOCK), tap=lambda sound: heard.append(sound.copy()))
    try:
        play(session, 3)
    finally:
        session.close()
    assert [one.shape for one in heard] == [(2, BLOCK)] * 3


def test_a_tap_that_fails_is_let_go_and_the_sound_goes_on() -> None:
    heard: list[int] = []

    def failing(sound: np.ndarray) -> None:
        heard.append(1)
        raise OSError(28, "No space left on device")

    session = Live(two_tones(), PALETTE, Path(), LiveSetup(block=BLOCK), tap=failing)
    try:
        with_tap = play(session, 3)
        session.tap = None
        assert np.abs(with_tap).min() > 0.0
        assert len(heard) == 1
        [news] = session.news()
        assert news["kind"] == "failure"
        assert "No space left on device" in news["text"]
    finally:
        session.close()


def test_an_edit_is_heard_without_a_jump(session: Live) -> None:
    play(session, 4)
    session.update(remove_node(session.patch, "one"))
    out = play(session, 20)
    np.testing.assert_allclose(out[-BLOCK:], 0.5)
    assert np.abs(np.diff(out, axis=0)).max() < 0.005
    session.housekeep(0.1)
