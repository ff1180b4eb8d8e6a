"""What is private stays private in every file that is made of it, and what a kill leaves is offered or goes."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from latent_terrain.graphs import add_node, load_file, save
from latent_terrain.nodes.audiofile import SoundFile
from latent_terrain.ui.editor.document.document import Document
from latent_terrain.ui.editor.document.settings import Settings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions and kills are others on Windows")


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_that_is_made_of_a_private_patch_is_private(call, tone, land, tmp_path):
    for path in (tone, land):
        path.chmod(0o600)
    out = tmp_path / "out"
    out.mkdir()
    call("merge", tone, tone, tone, "-o", out / "merged.ltp")
    call("run", tone, "--device", "none", "--seconds", "0.1", "--keep", out / "kept.ltp")
    call("terrain", "fit", land, "-o", out / "fitted.ltp")
    assert {one.name: oct(mode(one)) for one in out.iterdir()} == {
        "merged.ltp": "0o600",
        "kept.ltp": "0o600",
        "fitted.ltp": "0o600",
    }


def test_what_the_editor_keeps_of_a_private_patch_is_private(tone, tmp_path, monkeypatch):
    tone.chmod(0o600)
    document = Document(Settings(path=tmp_path / "settings.json"))
    document.open(tone)
    document.history.apply(lambda patch: add_node(patch, "sine"), "add")
    copy = document.keep_copy(1000.0)
    assert copy is not None
    assert copy.parent == tone.parent
    assert mode(copy) == 0o600
    document.history.apply(lambda patch: add_node(patch, "sine"), "add")
    monkeypatch.setattr("latent_terrain.ui.editor.document.document.autosave", _refuses)
    on_disk = document.keep_copy(5000.0)
    assert on_disk is not None
    assert on_disk.parent != tone.parent
    assert mode(on_disk) == 0o600
    document.save(tmp_path / "another.ltp")
    assert mode(tmp_path / "another.ltp") == 0o600
    document.save(tmp_path / "another.ltp")
    assert mode(tmp_path / "another.ltp.prev") == 0o600


def _refuses(*_: object) -> None:
    from latent_terrain.graphs import PatchFileError

    raise PatchFileError("this disk is full")


def test_a_render_that_is_killed_is_found_at_the_next_start(call, tone, tmp_path):
    path = tmp_path / "long.wav"
    words = ["render", str(tone), "-o", str(path), "--seconds", "80000"]
    rendering = subprocess.Popen([sys.executable, "-m", "latent_terrain.ui.cli", *words], stderr=subprocess.PIPE)
    assert rendering.stderr is not None
    assert rendering.stderr.readline()
    while not [one for one in tmp_path.glob(".long.wav.*.part") if one.stat().st_size > 1 << 20]:
        assert rendering.poll() is None
    rendering.send_signal(signal.SIGKILL)
    rendering.communicate(timeout=60)
    answer = call("render", tone, "-o", tmp_path / "short.wav", "--seconds", "0.1")
    assert "was interrupted while recording" in answer.err
    with SoundFile(path) as sound:
        assert sound.seconds > 1
    assert not list(tmp_path.glob(".*.part"))


def test_an_empty_part_of_a_sound_goes_with_the_next_one_of_its_name(call, tone, tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    empty, full = (tmp_path / f".out.wav.{gone.pid}-{mark}.part" for mark in ("00000000", "11111111"))
    empty.write_bytes(bytes(44))
    full.write_bytes(bytes(100_000))
    for one in (empty, full):
        os.utime(one, (1, 1))
    assert call("render", tone, "-o", tmp_path / "out.wav", "--seconds", "0.1").code == 0
    assert not empty.exists()
    assert full.exists(), "it may hold sound"


HALF = """
import os, signal, sys
from latent_terrain.graphs.file_write import NewFile
file = NewFile(sys.argv[1])
file.write(b"half")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_program_was_writing_goes_when_a_patch_beside_it_is_opened(call, tone, tmp_path):
    killed = subprocess.run([sys.executable, "-c", HALF, str(tone.with_name("land.npz"))], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = tone.parent.glob(".land.npz.*.part")
    before = tone.with_name(".saving-a1b2_c3d")
    before.mkdir()
    (before / "land.pt").write_bytes(b"half")
    mine = tone.with_name(".saving-for-later")
    mine.mkdir()
    young = tone.with_name(".saving-00000000")
    young.mkdir()
    call("check", tone)
    assert all(one.exists() for one in (left, before)), "somebody on another computer may be writing it"
    for one in (left, before, mine):
        os.utime(one, (1, 1))
    call("check", tone)
    assert [one.exists() for one in (left, before, mine, young)] == [False, False, True, True]


def test_a_sound_that_a_killed_program_was_writing_in_one_go_is_kept(call, tone, tmp_path):
    code = (
        "import os, signal, sys, numpy as np; from latent_terrain.nodes.audiofile import SoundWriter, write;"
        "SoundWriter.close = lambda self: os.kill(os.getpid(), signal.SIGKILL);"
        "write.write_sound(sys.argv[1], np.full((1, 48000), 0.1, np.float32), 48000)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path / "all.wav")], check=False)
    assert killed.returncode == -signal.SIGKILL
    answer = call("render", tone, "-o", tmp_path / "short.wav", "--seconds", "0.1")
    assert "all.wav was interrupted while recording" in answer.err
    with SoundFile(tmp_path / "all.wav") as sound:
        assert sound.seconds == 1


def test_saving_a_patch_takes_away_what_a_killed_save_left(tone):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tone.with_name(f".{tone.name}.{gone.pid}-00000000.part")
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    save(load_file(tone), tone)
    assert not left.exists()
