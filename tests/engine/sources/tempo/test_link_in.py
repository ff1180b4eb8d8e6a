"""Ableton Link through its process: a session of a toy, the real library alone, and two real ones together."""

import socket
import time
from pathlib import Path

import pytest

from latent_terrain.engine.sources.tempo import LinkError, LinkIn, inlet

from ...heard import Heard

BACKEND = "tests.engine.sources.tempo.toy_link"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOY_LINK", str(tmp_path / "link"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    return tmp_path / "link"


def joined(heard: Heard, tempo: float = 120.0, backend: str = "") -> LinkIn:
    return LinkIn(heard.beat, heard.play, heard.tell, tempo, backend)


def add(session: Path, line: str) -> None:
    with session.open("a") as file:
        file.write(f"{line}\n")


def test_tempo_peers_and_transport_of_others_are_heard(session: Path) -> None:
    heard = Heard()
    link = joined(heard, 100.0, BACKEND)
    heard.until(lambda: heard.beats)
    assert heard.beats[0][1] == 100.0
    add(session, "tempo 140")
    heard.until(lambda: heard.beats[-1][1] == 140.0)
    add(session, "peers 1")
    add(session, "play")
    heard.until(lambda: heard.playing == [True] and heard.said == ["Link: 1 peer"])
    add(session, "peers 2")
    add(session, "stop")
    heard.until(lambda: heard.playing == [True, False] and heard.said[1:] == ["Link: 2 peers"])
    link.close()


def test_what_is_asked_for_here_is_done_there_and_not_told_again(session: Path) -> None:
    heard = Heard()
    link = joined(heard, 100.0, BACKEND)
    link.set_tempo(150.0)
    heard.until(lambda: heard.beats and heard.beats[-1][1] == 150.0)
    link.set_playing(True)
    link.set_tempo(90.0)
    heard.until(lambda: heard.beats[-1][1] == 90.0)
    assert session.with_suffix(".done").read_text().splitlines() == ["tempo 150.0", "playing True", "tempo 90.0"]
    assert heard.playing == [], "who asked knows"
    link.close()


def test_a_steady_beat_is_told_once_a_second_and_is_a_straight_line(session: Path) -> None:
    heard = Heard()
    link = joined(heard, 120.0, BACKEND)
    heard.until(lambda: len(heard.beats) == 3)
    link.close()
    for before, after in zip(heard.beats, heard.beats[1:], strict=False):
        assert after[2] - before[2] >= 1.0
        assert (after[0] - before[0]) / (after[2] - before[2]) == pytest.approx(2.0, abs=0.01)


def test_its_process_may_die(session: Path) -> None:
    heard = Heard()
    link = joined(heard, 120.0, BACKEND)
    heard.until(lambda: heard.beats)
    session.write_text("die\n")
    heard.until(lambda: any("restarted" in text for text in heard.said))
    session.write_text("")
    seen = len(heard.beats)
    heard.until(lambda: len(heard.beats) > seen)
    link.close()


def test_without_the_library_it_says_what_to_install() -> None:
    heard = Heard()
    with pytest.raises(LinkError, match=r"pip install .*LinkPython-extern"):
        joined(heard, 120.0, "no_such_link")


def test_a_process_that_never_begins_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    monkeypatch.setattr(inlet, "GATEWAY", "tests.engine.sources.tempo.toy_link:nothing")
    with pytest.raises(LinkError, match="nothing"):
        joined(Heard(), 120.0)


def test_the_library_itself_keeps_a_beat_alone() -> None:
    pytest.importorskip("link", reason="Ableton Link needs LinkPython-extern")
    heard = Heard()
    link = joined(heard, 97.0)
    heard.until(lambda: heard.beats and heard.beats[-1][1] == pytest.approx(97.0, abs=0.01))
    link.set_tempo(132.0)
    heard.until(lambda: heard.beats[-1][1] == pytest.approx(132.0, abs=0.01))
    link.close()


def _hears_itself() -> bool:
    """Whether this machine's network lets programs find each other as Link does."""
    group, found = "224.76.78.75", False
    receiving = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sending = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        receiving.bind(("", 0))
        membership = socket.inet_aton(group) + socket.inet_aton("127.0.0.1")
        receiving.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        receiving.settimeout(1.0)
        sending.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        sending.sendto(b"?", (group, receiving.getsockname()[1]))
        found = receiving.recv(8) == b"?"
    except OSError:
        pass
    finally:
        receiving.close()
        sending.close()
    return found


def test_two_that_take_part_have_one_tempo_and_one_beat() -> None:
    pytest.importorskip("link", reason="Ableton Link needs LinkPython-extern")
    if not _hears_itself():
        pytest.skip("this machine has no network on which Link's programs find each other")
    one, other = Heard(), Heard()
    first, second = joined(one, 91.0), joined(other, 133.0)
    for heard in (one, other):
        heard.until(lambda heard=heard: any("peer" in text for text in heard.said))
    first.set_tempo(111.0)
    for heard in (one, other):
        heard.until(lambda heard=heard: heard.beats[-1][1] == pytest.approx(111.0, abs=0.05))
    now = time.time()
    apart = (one.at(now) - other.at(now) + 2.0) % 4.0 - 2.0
    assert abs(apart) < 0.02, "bars begin together, to some milliseconds"
    first.close()
    second.close()
