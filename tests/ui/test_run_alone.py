"""Recording by ``run`` as a process of its own: a full disk, a kill and a closed terminal, with a clock and on JACK."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import soundfile

from latent_terrain.graphs import add_node, connect, load_file, save

from ..engine.drivers.jack import JackServer, need_jack

pytestmark = pytest.mark.skipif(os.name == "nt", reason="limits and kills are others on Windows")
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, resource.RLIM_INFINITY))
from latent_terrain.ui.cli import main
sys.exit(main(sys.argv[1:]))
"""


def start(environment: Mapping[str, str], *words: object, limited: bool = False) -> "subprocess.Popen[str]":
    how = ["-c", LIMITED] if limited else ["-m", "latent_terrain.ui.cli"]
    return subprocess.Popen(
        [sys.executable, *how, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(environment),
    )


def until(running: "subprocess.Popen[str]", words: str) -> str:
    """The first line on standard error with these words."""
    assert running.stderr is not None
    for line in running.stderr:
        if words in line:
            return line
    raise AssertionError(f"it never said {words!r}")


def check_full_disk(environment: Mapping[str, str], tone: Path, take: Path, *more: str) -> None:
    running = start(environment, "run", tone, "--record", take, "--seconds", "4", "--json", *more, limited=True)
    said = until(running, "cannot be written further")
    assert f"s were saved as {take}" in said
    out, err = running.communicate(timeout=60)
    assert "Traceback" not in err
    assert running.returncode == 3, err
    document = json.loads(out)
    assert document["seconds"] > 3.0, "the music went on"
    assert document["is_playing"]
    assert "disconnected" not in err
    assert soundfile.info(str(take)).duration == pytest.approx(document["recording"]["seconds"])
    assert document["recording"]["seconds"] > 0.3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["take.wav", "take.flac"])
def test_a_full_disk_does_not_end_the_music_on_the_clock(tone: Path, tmp_path: Path, name: str) -> None:
    check_full_disk(os.environ, tone, tmp_path / name, "--device", "none")


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--robust",)], ids=["callback", "robust"])
def test_a_full_disk_does_not_end_the_music_on_jack(tone: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    need_jack()
    server = JackServer("full-disk")
    try:
        server.start()
        check_full_disk(server.environment, tone, tmp_path / "take.wav", "--device", "system", *more)
    finally:
        server.stop()


@pytest.mark.slow
def test_a_recorder_node_on_a_full_disk_is_told_and_the_music_goes_on(tone: Path, tmp_path: Path) -> None:
    patch = add_node(load_file(tone), "file_recorder", name="tape", values={"file": "take.wav"})
    save(connect(patch, "sine-1.out", "tape.audio"), tone)
    for words in (("run", tone, "--device", "none"), ("render", tone, "-o", tmp_path / "out.wav")):
        running = start(os.environ, *words, "--seconds", "4", "--json", limited=True)
        out, err = running.communicate(timeout=60)
        assert "Traceback" not in err
        assert running.returncode in (1, 3), err
        assert "take.wav cannot be written further" in err
        if words[0] == "run":
            assert json.loads(out)["seconds"] > 3.0
        take = tmp_path / "take.wav"
        assert soundfile.info(str(take)).duration > 0.3
        take.unlink()


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGHUP, signal.SIGTERM])
def test_a_closed_terminal_ends_a_recording_as_it_should_end(
    tone: Path, tmp_path: Path, ending: signal.Signals
) -> None:
    take = tmp_path / "take.wav"
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # what runs these tests may outlive its own terminal
    try:
        running = start(os.environ, "run", tone, "--device", "none", "--record", take)
    finally:
        signal.signal(signal.SIGHUP, before)
    until(running, "playing")
    running.send_signal(ending)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 0, err
    assert f"{take}: " in err
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.slow
def test_after_a_kill_the_next_start_tells_where_the_take_is(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    take = tmp_path / "take.wav"
    running = start(os.environ, "run", tone, "--device", "none", "--record", take)
    until(running, "playing")
    while not any(part.stat().st_size > 500_000 for part in tmp_path.glob(".*.part")):
        assert running.poll() is None
    running.kill()
    running.communicate(timeout=60)
    assert not take.exists()
    again = start(os.environ, "render", tone, "-o", tmp_path / "out.wav", "--seconds", "0.1")
    said = until(again, "was interrupted while recording")
    again.communicate(timeout=60)
    assert str(take) in said
    assert soundfile.info(str(take)).frames * 6 > 480_000


def test_a_render_on_a_full_disk_leaves_an_older_file_alone(tone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    out.write_bytes(b"an older render")
    running = start(os.environ, "render", tone, "-o", out, "--seconds", "10", limited=True)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 3
    assert "Traceback" not in err
    assert "free some space" in err
    assert out.read_bytes() == b"an older render"
    assert "s were saved as" in err
    assert "out-cut.wav" in err


@pytest.mark.slow
@pytest.mark.parametrize("rate", [48_000, 44_100, 32_000])
def test_run_plays_at_the_rate_of_the_device(tmp_path: Path, rate: int) -> None:
    need_jack()
    server = JackServer("rates", rate=rate)
    try:
        server.start()
        words = ("run", "walk", "--device", "system", "--seconds", "1.5", "--json")
        for more, said in (((), ""), (("--rate", str(rate + 100)), f"--rate {rate + 100}: ")):
            running = start(server.environment, *words, *more)
            out, err = running.communicate(timeout=60)
            assert running.returncode == 0, err
            document = json.loads(out)
            assert (document["is_heard"], document["sample_rate"]) == (True, rate)
            assert said in err
            assert ("the codec's 44100 Hz are resampled" in err) == (rate != 44_100)
    finally:
        server.stop()


@pytest.mark.slow
def test_what_was_told_to_outlive_its_terminal_does(tone: Path, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        running = start(os.environ, "run", tone, "--device", "none", "--seconds", "1.0", "--json")
    finally:
        signal.signal(signal.SIGHUP, before)
    until(running, "playing")
    running.send_signal(signal.SIGHUP)
    out, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert json.loads(out)["is_interrupted"] is False
