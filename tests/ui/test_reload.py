"""``run --reload``: somebody writes a node and hears each version of it without stopping."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.graphs import Patch, add_node, connect, save

from ..waiting import eventually

HEARD_BYTES = 100_000
"""Some 0.4 s of a recording: stereo, 24 bit."""

HUM = '''"""A pack of one node."""
import numpy as np
from latent_terrain import Setup, Signal, node

@node
class TheirHum:
    """Give a tone."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def process(self, out: Signal) -> Signal:
        """Fill out."""
        times = (self.setup.clock.sample + np.arange(out.shape[1])) / self.setup.sample_rate
        out[:] = 0.3 * np.sin(2 * np.pi * {hz} * times)
        return out
'''


def more_is_recorded(folder: Path) -> None:
    """Wait until a take that is being recorded, under whatever name meanwhile, has grown."""

    def size() -> int:
        return sum(file.stat().st_size for file in folder.glob("*take*"))

    before = size()
    eventually(lambda: size() >= before + HEARD_BYTES)


@pytest.mark.skipif(os.name == "nt", reason="interrupts are sent otherwise on Windows")
def test_a_node_is_written_while_it_plays(tmp_path: Path) -> None:
    pack = tmp_path / "their_hum.py"
    pack.write_text(HUM.format(hz=200.0))
    (tmp_path / "their_hum-1.0.dist-info").mkdir()
    (tmp_path / "their_hum-1.0.dist-info" / "METADATA").write_text("Name: their-hum\nVersion: 1.0\n")
    (tmp_path / "their_hum-1.0.dist-info" / "entry_points.txt").write_text("[latent_terrain.nodes]\nhum = their_hum\n")
    patch = add_node(add_node(Patch(), "their_hum", name="hum"), "audio_out", name="out")
    save(connect(patch, "hum.out", "out.audio"), tmp_path / "hum.ltp")
    words = ["run", str(tmp_path / "hum.ltp"), "--device", "none", "--reload", "--record", str(tmp_path / "take.wav")]
    where = {**os.environ, "PYTHONPATH": str(tmp_path)}
    program = [sys.executable, "-m", "latent_terrain.ui.cli", *words]
    running = subprocess.Popen(program, stderr=subprocess.PIPE, text=True, env=where)
    assert running.stderr is not None
    try:
        for text, awaited in (
            ("", "playing"),
            (HUM.format(hz=300.0), "their_hum.py reloaded: their_hum"),
            ("def half(:", "their_hum.py, line 1"),
        ):
            if text:
                more_is_recorded(tmp_path)  # so that each version is heard for a while
                pack.write_text(text)
            assert any(awaited in line for line in iter(running.stderr.readline, "")), awaited
        more_is_recorded(tmp_path)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 0
    sound, rate = soundfile.read(tmp_path / "take.wav")
    tone = sound[:, 0]
    for part, hz in ((tone[: rate // 5], 200.0), (tone[-rate // 5 :], 300.0)):
        assert np.argmax(np.abs(np.fft.rfft(part * np.hanning(len(part))))) * 5 == pytest.approx(hz, abs=10.0)
    bends = np.abs(np.diff(tone, 2))
    assert bends[2:].max() < 2.0 * 0.3 * (2 * np.pi * 300.0 / rate) ** 2 + 0.001
