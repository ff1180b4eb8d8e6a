"""What systemd and launchd are told and given, the page for health, the log, and the folder that is watched."""

import json
import plistlib
import socket
import struct
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from latent_terrain.ui.service.health_page import MOST_ASKING, HealthPage
from latent_terrain.ui.service.notify import Notify
from latent_terrain.ui.service.service_log import FILES, ServiceLog
from latent_terrain.ui.service.unit_file import launchd_plist, systemd_unit
from latent_terrain.ui.service.watched_folder import WatchedFolder

from ...waiting import eventually


def test_systemd_hears_that_it_is_ready_how_it_goes_and_that_it_lives(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as system:
        system.bind(str(tmp_path / "notify"))
        system.settimeout(5.0)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "60000000", "HOME": "/"}
        told = Notify(environment)
        assert environment == {"HOME": "/"}  # no program that it starts speaks for it
        assert told.seconds == 60.0
        told.ready()
        told.status("playing")
        told.status("playing")
        told.alive()
        told.stopping()
        found = [system.recv(100).decode() for _ in range(4)]
    assert found == ["READY=1", "STATUS=playing", "WATCHDOG=1", "STOPPING=1"]


def test_without_systemd_and_with_one_that_has_gone_nothing_happens(tmp_path: Path) -> None:
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}, {"WATCHDOG_USEC": "x", "WATCHDOG_PID": "1"}):
        told = Notify(dict(environment))
        assert told.seconds == 0.0
        told.ready()
        told.alive()


def test_a_unit_names_all_in_full_and_quotes_what_has_to_be() -> None:
    text = systemd_unit(Path("/art/my piece 50%.ltp"), ["/art/my piece 50%.ltp", "--osc", "9000", "--in", 'a "b" $c'])
    assert "Type=notify\n" in text
    assert "WatchdogSec=60\n" in text
    line = next(one for one in text.splitlines() if one.startswith("ExecStart="))
    assert line.endswith('latent_terrain.ui.cli serve "/art/my piece 50%%.ltp" --osc 9000 --in "a \\"b\\" $$c"')
    assert line.startswith("ExecStart=/")
    assert "StateDirectory=latent-terrain/my-piece-50-\n" in text


def test_a_property_list_starts_the_same() -> None:
    found = plistlib.loads(launchd_plist(Path("/art/piece.ltp"), ["/art/piece.ltp", "--pad"]).encode())
    assert found["ProgramArguments"][-3:] == ["serve", "/art/piece.ltp", "--pad"]
    assert found["KeepAlive"] is True
    assert found["Label"] == "org.latent-terrain.piece"


def test_health_is_a_page_with_the_reasons() -> None:
    health = {"is_well": True, "why": []}
    page = HealthPage("127.0.0.1", 0, lambda: health)
    try:
        address = f"http://127.0.0.1:{page.port}"
        with urllib.request.urlopen(f"{address}/health?x=1", timeout=10) as answer:
            assert answer.status == 200
            assert json.load(answer) == health
        health = {"is_well": False, "why": ["the sound stands still"]}
        with pytest.raises(urllib.error.HTTPError) as found:
            urllib.request.urlopen(f"{address}/health", timeout=10)
        assert found.value.code == 503
        assert json.load(found.value)["why"] == ["the sound stands still"]
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/other", timeout=10)
        with socket.create_connection(("127.0.0.1", page.port), 10) as one:
            one.sendall(b"\x00\xffnonsense\r\n\r\n")
            one.recv(1000)
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"{address}/health", timeout=10)
    finally:
        page.close()


def test_who_hangs_up_on_the_page_for_health_leaves_no_trace_and_nobody_fills_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = HealthPage("127.0.0.1", 0, lambda: {"is_well": True, "why": ["x" * 5_000_000]})
    try:
        where = ("127.0.0.1", page.port)
        for _ in range(2 * MOST_ASKING):
            with socket.create_connection(where, 10) as one:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, in mid-answer
                one.sendall(b"GET /health HTTP/1.0\r\n\r\n")
                one.recv(10)
        asking = [socket.create_connection(where, 10) for _ in range(MOST_ASKING)]
        try:
            with socket.create_connection(where, 10) as late:
                assert late.recv(10) == b""
        finally:
            for one in asking:
                one.close()
        ask = urllib.request.Request(f"http://127.0.0.1:{page.port}/health", method="HEAD")
        eventually(lambda: _status_of(ask) == 200)
    finally:
        page.close()
    assert capsys.readouterr() == ("", "")


def _status_of(ask: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(ask, timeout=10) as answer:
            return int(answer.status)
    except OSError:
        return 0


def test_the_log_has_times_is_kept_small_and_can_be_moved_away(tmp_path: Path) -> None:
    said: list[str] = []
    file = tmp_path / "log"
    log = ServiceLog(file, said.append, {})
    log.tell("a sentence\nand a forged line")
    assert said[0][:2] == "20"
    assert said[0].endswith(" a sentence\nand a forged line")
    assert len(file.read_text().splitlines()) == 1
    file.rename(tmp_path / "moved")
    log.reopen()
    log.tell("another")
    assert "another" in file.read_text()
    assert "another" not in (tmp_path / "moved").read_text()
    for _ in range(200):
        log.tell("x" * 100_000)
    log.close()
    assert len(list(tmp_path.glob("log*"))) == FILES + 1
    assert sum(one.stat().st_size for one in tmp_path.glob("log*")) < (FILES + 1) * 2.2 * (1 << 20)


def test_the_journal_brings_times_of_its_own() -> None:
    said: list[str] = []
    ServiceLog(None, said.append, {"JOURNAL_STREAM": "8:1"}).tell("a sentence")
    assert said == ["a sentence"]


def test_a_new_sound_is_added_once_it_has_stopped_growing(tmp_path: Path) -> None:
    added: list[str] = []
    old = tmp_path / "old.wav"
    old.write_bytes(b"old")
    watched = WatchedFolder(tmp_path, [old], lambda files: added.extend(one.name for one in files))
    night = tmp_path / "night.wav"
    night.write_bytes(b"1")
    watched.look(10.0)
    night.write_bytes(b"12")
    watched.look(20.0)
    assert added == []
    (tmp_path / "notes.txt").write_text("no sound")
    (tmp_path / "empty.wav").touch()
    watched.look(30.0)
    watched.look(40.0)
    assert added == ["night.wav"]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "more.flac").write_bytes(b"1")
    watched.look(50.0)
    watched.look(60.0)
    assert added == ["night.wav", "more.flac"]


def test_a_watched_folder_that_goes_is_waited_for(tmp_path: Path) -> None:
    added: list[Path] = []
    folder = tmp_path / "disk"
    watched = WatchedFolder(folder, [], added.extend)
    watched.look(10.0)
    folder.mkdir()
    (folder / "a.wav").write_bytes(b"1")
    watched.look(20.0)
    watched.look(30.0)
    assert [one.name for one in added] == ["a.wav"]


def test_a_sound_that_becomes_another_or_comes_back_is_added_again(tmp_path: Path) -> None:
    added: list[str] = []
    old, away = tmp_path / "old.wav", tmp_path / "away.wav"
    old.write_bytes(b"old")
    away.write_bytes(b"away")
    watched = WatchedFolder(tmp_path, [old, away], lambda files: added.extend(one.name for one in files))
    watched.look(10.0)
    watched.look(20.0)
    assert added == []
    old.write_bytes(b"another")
    held = away.rename(tmp_path.parent / "held.wav")
    watched.look(30.0)
    watched.look(40.0)
    assert added == ["old.wav"]
    held.rename(away)
    watched.look(50.0)
    watched.look(60.0)
    watched.look(70.0)
    assert added == ["old.wav", "away.wav"]


def test_sounds_that_could_not_be_added_are_added_later(tmp_path: Path) -> None:
    added: list[Path] = []

    def add(files: Sequence[Path]) -> None:
        if len(added) < 1:
            added.extend(files)
            raise RuntimeError("the engine has gone")
        added.extend(files)

    watched = WatchedFolder(tmp_path, [], add)
    (tmp_path / "night.wav").write_bytes(b"1")
    watched.look(10.0)
    with pytest.raises(RuntimeError):
        watched.look(20.0)
    for now in (30.0, 40.0):
        watched.look(now)
    assert [one.name for one in added] == ["night.wav", "night.wav"]
