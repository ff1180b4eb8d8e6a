"""Drivers on the true device path: PortAudio on a JACK server without a sound card."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .jack import JackServer, may_be_realtime, need_jack

pytestmark = pytest.mark.slow

CHILD = Path(__file__).parent / "on_jack.py"


@pytest.fixture
def mortal_jack() -> Iterator[JackServer]:
    """A server that a test may end and start again."""
    need_jack()
    server = JackServer("mortal")
    try:
        yield server.start()
    finally:
        server.stop()


def test_the_device_asks_for_blocks_at_its_rate(jack: JackServer) -> None:
    found = jack.run_child(CHILD, "rate")
    assert found["measured"] == pytest.approx(found["expected"], rel=0.02)
    assert (found["device"], found["inputs"], found["outputs"]) == ("system", 2, 2)
    assert found["output_latency"] > 0
    assert found["load_max"] > 0
    if may_be_realtime():
        assert found["is_realtime"]


def test_what_is_played_comes_back_the_same_to_the_bit(jack: JackServer) -> None:
    found = jack.run_child(CHILD, "loopback")
    assert found["equal"] >= 12_000
    assert found["lag"] > 0


def test_what_is_written_is_heard_the_same_to_the_bit_and_again_after_a_stall(jack: JackServer) -> None:
    found = jack.run_child(CHILD, "blocking_loopback")
    assert (found["inputs"], found["outputs"], found["ring"]) == (2, 2, 1024)
    for part in ("before", "after"):
        assert found[part]["equal"] >= 12_000, part
        assert found["ring"] < found[part]["lag"] <= found["ring"] + 4 * 256
        assert found[part]["lag"] == pytest.approx(found["latency"], abs=2 * 256)
    assert found["overflows"] >= 1
    assert found["underruns"] >= 1


def test_a_device_that_is_written_to_tells_when_it_ran_dry(jack: JackServer) -> None:
    found = jack.run_child(CHILD, "blocking")
    assert found["ring"] == 2048
    assert found["early_blocks"] > 0.5 * 48_000 / 256
    assert found["after"] > found["before"]
    assert (found["inputs"], found["outputs"]) == (0, 2)
    assert found["output_latency"] > 2048 / 48_000


def test_the_devices_of_a_server_are_listed_with_what_they_offer(jack: JackServer) -> None:
    found = jack.run_child(CHILD, "devices")
    assert found["names"] == found["again"] == ["system [JACK Audio Connection Kit]"]
    assert found["rates"] == [48_000]
    assert 256 in found["blocks"]


def test_a_server_that_dies_leaves_the_patch_playing_and_is_returned_to_each_time(mortal_jack: JackServer) -> None:
    child = mortal_jack.start_child(CHILD, "supervise")
    try:
        child.wait_for("plays on system")
        for _ in range(2):
            mortal_jack.stop()
            child.wait_for("told: system disconnected")
            child.wait_for("plays on clock")
            mortal_jack.start()
            child.wait_for("told: audio device is back: system")
            child.wait_for("plays on system")
        assert child.end() == 0, child.heard
        assert "two threads at once" not in child.heard
        assert sum("told:" in line for line in child.heard) == 4
    finally:
        child.kill()


def test_a_server_that_dies_for_good_does_not_keep_the_program_from_ending(mortal_jack: JackServer) -> None:
    child = mortal_jack.start_child(CHILD, "supervise")
    try:
        child.wait_for("plays on system")
        mortal_jack.stop()
        child.wait_for("plays on clock")
        assert child.end() == 0, child.heard
    finally:
        child.kill()
