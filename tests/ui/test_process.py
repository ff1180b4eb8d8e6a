"""The command as a process of its own: quick to answer, polite to pipes, and whole when interrupted."""

import os
import signal
import subprocess
import sys
import time

import pytest
import soundfile

from latent_terrain.graphs import add_node, connect, load_file, save

THEIR_PACK = '''"""A package of somebody else."""
from latent_terrain.engine import node
from latent_terrain.nodes.file_recorder import FileRecorder

@node
class TheirTape(FileRecorder):
    """Records as somebody else does."""
'''
PROGRAM = [sys.executable, "-m", "latent_terrain.ui.cli"]


def process(*words, **options):
    return subprocess.run([*PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=60, **options)


def test_help_takes_hardly_longer_than_importing_numpy_and_typer():
    def seconds(command):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - began

    base = min(seconds([sys.executable, "-c", "import numpy, typer"]) for _ in range(3))
    ours = min(seconds([*PROGRAM, "--help"]) for _ in range(3))
    assert ours < 3 * base


def test_help_needs_none_of_what_it_is_about():
    code = "import sys, latent_terrain.ui.cli; sys.exit(sorted({'numpy', 'latent_terrain.engine'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0 or done.stderr.strip() == "[]", done.stderr


def test_looking_at_a_patch_never_loads_torch(tone):
    code = (
        "import sys; from latent_terrain.ui.cli import main\n"
        f"for command in ('show', 'check'): assert main([command, {str(tone)!r}]) == 0\n"
        "assert main(['--help']) == main(['nodes']) == 0\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_the_version_is_told():
    answer = process("--version")
    assert answer.returncode == 0
    assert answer.stdout.startswith("latent-terrain ")


@pytest.mark.skipif(os.name == "nt", reason="interrupts are sent otherwise on Windows")
def test_ctrl_c_finishes_the_file_and_then_exits_with_130(tone, tmp_path):
    path = tmp_path / "long.wav"
    words = ["render", str(tone), "-o", str(path), "--seconds", "80000", "--json"]
    rendering = subprocess.Popen([*PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert rendering.stderr is not None
    for line in rendering.stderr:
        if line.startswith("rendering"):
            break
    rendering.send_signal(signal.SIGINT)
    out, _ = rendering.communicate(timeout=60)
    assert rendering.returncode == 130
    assert '"is_interrupted": true' in out
    assert soundfile.info(path).samplerate == 48_000
    assert sorted(one.name for one in tmp_path.iterdir()) == ["long.wav", "tone.ltp"]


@pytest.mark.skipif(os.name == "nt", reason="interrupts are sent otherwise on Windows")
@pytest.mark.parametrize(("recorder", "code"), [("", 0), ("file_recorder", 130), ("their_tape", 130)])
def test_ctrl_c_ends_a_run_well_and_finishes_what_it_records(tone, tmp_path, tmp_path_factory, recorder, code):
    if recorder:
        patch = add_node(load_file(tone), recorder, name="tape", values={"file": "tape.wav"})
        save(connect(patch, "sine-1.out", "tape.audio"), tone)
    installed = tmp_path_factory.mktemp("installed")
    (installed / "their_pack.py").write_text(THEIR_PACK)
    (installed / "their_pack-1.0.dist-info").mkdir()
    (installed / "their_pack-1.0.dist-info" / "METADATA").write_text("Name: their-pack\nVersion: 1.0\n")
    points = "[latent_terrain.nodes]\ntheirs = their_pack\n"
    (installed / "their_pack-1.0.dist-info" / "entry_points.txt").write_text(points)
    words, where = ["run", str(tone), "--device", "none"], {**os.environ, "PYTHONPATH": str(installed)}
    running = subprocess.Popen([*PROGRAM, *words], stderr=subprocess.PIPE, text=True, env=where)
    assert running.stderr is not None
    for line in running.stderr:
        if line.startswith("playing"):
            break
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == code
    assert "blocks" in err
    assert not list(tmp_path.glob("*.part"))
    assert (tmp_path / "tape.wav").exists() == bool(recorder)
    if recorder:
        assert soundfile.info(tmp_path / "tape.wav").samplerate == 48_000


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("where", [">&-", "2>&-", ">&- 2>&-", "| true"])
@pytest.mark.parametrize("words", ["nodes", "--help", "show nothing-here --json"])
def test_closed_and_broken_pipes_are_no_trouble(words, where):
    command = f"{' '.join(PROGRAM)} {words} {where}"
    answer = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in answer.stderr
    assert "Exception" not in answer.stderr
