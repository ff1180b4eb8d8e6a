"""Running live: the report, recording, strictness, and a real device path over JACK."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.nodes.audiofile import SoundFile

from ..engine.drivers.jack import JackServer, need_jack
from .conftest import Answer

Call = Callable[..., Answer]


def test_the_report_says_how_it_went(call: Call, tone: Path) -> None:
    document = call("run", tone, "--device", "none", "--seconds", 0.2, "--json").document
    assert {"blocks", "xruns", "late_frames", "load", "latency_ms", "streams", "node_us"} <= document.keys()
    assert document["load"].keys() == {"p50", "p99", "max"}
    assert set(document["latency_ms"]) == {"device", "block", "codec", "total"}
    assert document["is_heard"] is False


def test_what_is_played_is_recorded_whole(call: Call, tone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    document = call("run", tone, "--device", "none", "--seconds", 0.5, "--record", out, "--json").document
    with SoundFile(out) as file:
        sound = file.read(0, file.frames)
    assert sound.shape[1] == document["blocks"] * document["block"]
    assert np.abs(sound).max() > 0.05
    assert np.abs(np.diff(sound, 2)).max() < 0.02


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("--record", "out.mp3"), 1, "use .wav or .flac"),
        (("--record", "nowhere/at/all.wav"), 3, "create it"),
        (("--lookahead", "0"), 1, "give milliseconds"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_plays(
    call: Call, tone: Path, words: tuple[str, ...], code: int, text: str
) -> None:
    answer = call("run", tone, "--device", "none", "--seconds", 0.1, *words)
    assert answer.code == code
    assert text in answer.err


def test_a_patch_with_a_codec_plays_it_in_a_worker(call: Call) -> None:
    document = call("run", "walk", "--device", "none", "--seconds", 0.5, "--lookahead", 30, "--json").document
    assert document["streams"]["decoder"]["frames"] > 10
    assert document["latency_ms"]["codec"] == pytest.approx(29.0, abs=6.0)


@pytest.mark.parametrize("robust", [[], ["--robust"]])
def test_it_plays_on_a_jack_server(tone: Path, robust: list[str]) -> None:
    need_jack()
    server = JackServer(f"run{len(robust)}")
    words = ["run", str(tone), "--device", "system", "--rate", "48000", "--seconds", "2", "--json", *robust]
    try:
        server.start()
        document = json.loads(server.run_program("-m", "latent_terrain.ui.cli", *words))
    finally:
        server.stop()
    assert document["is_heard"] is True
    assert 330 <= document["blocks"] <= 750, "375 in two seconds, and a busy machine may end it later"
    assert document["xruns"] <= 0.5 * document["blocks"], "most blocks are in time, however busy the machine is"
