"""A worker that takes its time, hangs or fails holds nobody up, and is told of."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from latent_terrain.engine.frames import FrameError, FrameService, opened
from latent_terrain.engine.frames import worker_start as loading
from latent_terrain.engine.frames.service import WorkOrder

from ...waiting import eventually
from .stage import BLOCK, RATE, RATIO, Stage

WORK = "toy_work:Slow"


@pytest.fixture
def service() -> Iterator[FrameService]:
    made = FrameService(search=(str(Path(__file__).parent),))
    made.prepare(RATE, BLOCK, None)
    made.patience = 0.2
    yield made
    made.close()


def order_of(folder: Path, **more: object) -> WorkOrder:
    return WorkOrder(WORK, {"ratio": RATIO, "gate": str(folder / "gate"), **more})


def test_an_edit_waits_no_longer_than_its_patience_and_is_told_when_to_ask_again(
    service: FrameService, tmp_path: Path
) -> None:
    order = order_of(tmp_path)
    for _ in range(2):
        with pytest.raises(FrameError, match=r"still loading after 0 s.*given up"):
            service.facts(order)
    assert not service.has_arrived()
    (tmp_path / "gate").touch()
    eventually(service.has_arrived)
    assert not service.has_arrived()
    assert service.facts(order)["ratio"] == RATIO


def test_what_is_being_loaded_holds_no_lock_that_others_wait_for(service: FrameService, tmp_path: Path) -> None:
    service.patience = 30.0
    waiting = threading.Thread(target=lambda: service.facts(order_of(tmp_path)))
    waiting.start()
    service.tidy()
    service.expect_burst(256)
    assert service.news() == []
    quick = WorkOrder("toy_work:Ramps", {"ratio": RATIO})
    assert service.facts(quick)["ratio"] == RATIO
    stream = service.open_sound("voice", quick, 2, 1, Fraction(RATIO), {})
    stream.close()
    assert waiting.is_alive()
    (tmp_path / "gate").touch()
    waiting.join(30)
    assert not waiting.is_alive()


def test_it_is_said_that_something_takes_long(
    service: FrameService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "SAY_SECONDS", 0.1)
    said: list[str] = []

    def hear(text: str) -> None:
        said.append(text)
        (tmp_path / "gate").touch()

    service.patience, service.say = 30.0, hear
    assert service.facts(order_of(tmp_path))["ratio"] == RATIO
    assert "still loading" in said[0]


def test_what_hangs_while_it_is_loaded_is_ended_and_not_tried_again_by_every_edit(
    service: FrameService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "LOAD_SECONDS", 0.3)
    service.patience = 30.0
    for _ in range(2):
        with pytest.raises(FrameError, match="was not ready after 0 s and was stopped"):
            service.facts(order_of(tmp_path, count=str(tmp_path / "count")))
    assert len(list(tmp_path.glob("count*"))) <= 1


def test_what_was_refused_is_tried_again_at_once(service: FrameService, tmp_path: Path) -> None:
    order = WorkOrder("toy_work:Gated", {"gate": str(tmp_path / "gate"), "ratio": RATIO})
    service.patience = 30.0
    with pytest.raises(FrameError, match="not yet"):
        service.facts(order)
    (tmp_path / "gate").touch()
    assert service.facts(order)["ratio"] == RATIO


def test_what_hangs_while_it_warms_up_is_ended(
    service: FrameService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "OPEN_SECONDS", 0.3)
    service.patience = 30.0
    (tmp_path / "gate").touch()
    order = order_of(tmp_path, opens=False)
    with pytest.raises(FrameError, match="can't be warmed up"):
        service.open_sound("voice", order, 2, 1, Fraction(RATIO), {})
    assert service.streams() == ()


def test_a_frame_that_hangs_is_told_and_its_worker_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "HANG_SECONDS", 0.2)
    stage = Stage()
    try:
        stage.play(8)
        before = stage.opened.worker
        stage.play(4, wish=60_000.0, is_patient=False)
        eventually(lambda: stage.service.tidy() or stage.opened.worker is not before)
        eventually(stage.is_answered)
        assert stage.play(30)[-1] != 0.0
        news = stage.service.news()
        assert [one.node for one in news if "hangs" in one.text and one.is_fault] == ["voice"]
    finally:
        stage.close()


@pytest.mark.parametrize(("wish", "words"), [(1.0, "NaN or infinity"), (2.0, "does not want to")])
def test_a_frame_that_fails_says_why_once(wish: float, words: str) -> None:
    stage = Stage()
    try:
        stage.play(8)
        stage.play(8, wish=wish)
        eventually(stage.is_answered)
        stage.play(8)
        news = stage.service.news()
        assert len([one for one in news if words in one.text and one.is_fault]) == 1
    finally:
        stage.close()
