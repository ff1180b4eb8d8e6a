"""A node's file is saved while its node plays: it is read again and crosses over, and a mistake in it is only told."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from latent_terrain.engine import FloatArray, Palette, load_palette
from latent_terrain.engine.drivers import NOBODY, Format
from latent_terrain.engine.live import Live, LiveSetup
from latent_terrain.engine.palette import nodes_in
from latent_terrain.graphs import Patch, add_node, connect, set_value

BLOCK, RATE = 64, 48_000
HUM = '''"""Hum: a tone."""
from typing import Annotated
import numpy as np
from latent_terrain import Param, Setup, Signal, Size, node

@node
class {name}:
    """Give a tone."""

    def __init__(self, setup: Setup) -> None:
        self.rate, self.at = setup.sample_rate, 0
        {extra}

    def process(
        self, out: Annotated[Signal, Size(1)], level: Annotated[float, Param(0, 1, help="how loud")] = 0.5
    ) -> Annotated[Signal, Size(1)]:
        """Fill out."""
        times = (self.at + np.arange(out.shape[1])) / self.rate
        self.at += out.shape[1]
        out[0] = level * np.sin(2 * np.pi * {hz} * times)
        return out
'''


class Stage:
    """A file of one node, and a live session in which it plays, block by block as the test wants."""

    def __init__(self, file: Path, live: Live) -> None:
        self.file, self.live = file, live

    def save(self, text: str) -> None:
        """As an editor does, at another time than before."""
        self.file.write_text(text)
        later = time.time_ns() + 1_000_000_000
        os.utime(self.file, ns=(later, later))

    def write(self, hz: float = 200.0, extra: str = "pass") -> None:
        self.save(HUM.format(name="ReloadHum", hz=hz, extra=extra))

    def play(self, seconds: float) -> FloatArray:
        blocks = []
        for _ in range(round(seconds * RATE / BLOCK)):
            out = np.zeros((BLOCK, 2), np.float32)
            self.live.play(None, out)
            blocks.append(out[:, 0].copy())
        return np.concatenate(blocks)

    def look(self) -> list[str]:
        """What the one who looks after it does ten times a second, and what is told then."""
        self.live.housekeep(0.1)
        if self.live.wants_again():
            self.live.update(self.live.patch)
        return [one["text"] for one in self.live.news() if one["kind"] == "reload"]


def pitch(sound: FloatArray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound * np.hanning(len(sound))))) * RATE / len(sound))


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.syspath_prepend(str(tmp_path))
    file = tmp_path / "reload_hum.py"
    file.write_text(HUM.format(name="ReloadHum", hz=200.0, extra="pass"))
    specs, complaints = nodes_in("reload_hum")
    assert not complaints
    palette = Palette(MappingProxyType({**load_palette().specs, **{one.type: one for one in specs}}))
    patch = connect(add_node(add_node(Patch(), "reload_hum", "hum"), "audio_out", "out"), "hum.out", "out.audio")
    live = Live(patch, palette, tmp_path, LiveSetup(RATE, BLOCK, reload=True))
    live.expect(Format(NOBODY, "", RATE, BLOCK, outputs=2, inputs=0, output_latency_seconds=0.0))
    yield Stage(file, live)
    live.close()
    del sys.modules["reload_hum"]


def test_a_saved_file_is_heard_without_a_click(stage: Stage) -> None:
    before = stage.play(0.1)
    stage.write(300.0)
    told = stage.look()
    assert any("reloaded: reload_hum" in one for one in told)
    crossing, after = stage.play(0.1), stage.play(0.1)
    assert pitch(before) == pytest.approx(200.0, abs=15.0)
    assert pitch(after) == pytest.approx(300.0, abs=15.0)
    bends = np.abs(np.diff(np.concatenate([before, crossing, after]).astype(np.float64), 2))
    assert bends[len(before) - 2 :].max() < 2.0 * max(bends[: len(before) - 2].max(), bends[-2000:].max())
    assert stage.look() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def half(:", "line 1"),
        ("import nothing_of_that_name", "nothing_of_that_name"),
        (HUM.format(name="ReloadHum", hz=300.0, extra="pass") + "\nraise RuntimeError('half-way')", "half-way"),
        (HUM.format(name="ReloadHum", hz=300.0, extra="raise RuntimeError('no string')"), "no string"),
    ],
    ids=["syntax", "import", "half-way", "made"],
)
def test_a_mistake_is_told_and_what_played_plays_on(stage: Stage, text: str, words: str) -> None:
    before = stage.play(0.1)
    stage.save(text)
    told = stage.look()
    assert any(words in one for one in told), told
    after = stage.play(0.1)
    assert pitch(after) == pytest.approx(200.0, abs=15.0)
    bends = np.abs(np.diff(np.concatenate([before, after]).astype(np.float64), 2))
    assert bends[len(before) - 2 :].max() < 1.1 * bends[: len(before) - 2].max()
    assert stage.look() == []
    stage.write(300.0)
    stage.look()
    stage.play(0.1)
    assert pitch(stage.play(0.1)) == pytest.approx(300.0, abs=15.0)


def test_values_of_the_patch_stay(stage: Stage) -> None:
    stage.live.update(set_value(stage.live.patch, "hum", "level", 0.25))
    stage.play(0.1)
    stage.write(300.0)
    stage.look()
    stage.play(0.1)
    assert stage.play(0.1).max() == pytest.approx(0.25, abs=0.01)


def test_a_function_is_read_again_too_and_other_nodes_are_not_made_anew(stage: Stage) -> None:
    out = stage.live.engine.instance("out")
    stage.save(
        "from latent_terrain import Signal, node\n\n@node\ndef reload_hum(out: Signal) -> Signal:\n"
        '    """Give half."""\n    out[:] = 0.5\n    return out\n'
    )
    stage.look()
    stage.play(0.1)
    np.testing.assert_allclose(stage.play(0.1), 0.5, atol=1e-6)
    assert stage.live.engine.instance("out") is out


def test_files_are_left_alone_where_nobody_asked(stage: Stage, tmp_path: Path) -> None:
    live = Live(stage.live.patch, stage.live.engine.palette, tmp_path, LiveSetup(RATE, BLOCK))
    try:
        stage.write(300.0)
        live.housekeep(0.1)
        assert not live.wants_again()
    finally:
        live.close()
