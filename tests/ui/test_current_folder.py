"""What lies in the folder where one stands is data: no command, and no process of one, runs any of it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.graphs import load_file, save
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.nodes.audiofile import write_sound

pytestmark = pytest.mark.slow
NAMES = ("json", "numpy", "msgpack", "typer", "subprocess", "sitecustomize", "usercustomize", "latent_terrain_x")
PACKAGES = ("torch", "soundfile", "rich")
COMMANDS = (
    ("nodes",),
    ("check", "walk.ltp"),
    ("show", "walk.ltp"),
    ("render", "walk.ltp", "-o", "walk.wav", "--seconds", "0.1"),
    ("run", "walk.ltp", "--device", "none", "--seconds", "0.3"),
    ("model", "builtin:bank"),
    ("model", "m.ts"),
    ("engines",),
    ("devices",),
    ("terrain", "info", "walk.ltp"),
    ("terrain", "plot", "walk.ltp", "-o", "land.png"),
    ("terrain", "listen", "walk.ltp", "-o", "heard", "--compare"),
    ("find", "walk.ltp", "tone.wav"),
    ("diff", "walk.ltp", "walk.ltp"),
    ("merge", "walk.ltp", "walk.ltp", "walk.ltp", "-o", "merged.ltp"),
    ("new", "orbit", "-o", "orbit.ltp"),
    ("encode", "builtin:bank", "tone.wav", "-o", "latents.json"),
    ("export", "walk.ltp", "-o", "land.pt"),
    ("demo", "--sounds", ".", "--out", "made", "--seconds", "1"),
    ("models", "list"),
    ("models", "allowed"),
    ("codec", "eval", "builtin:bank", "tone.wav"),
    ("doctor", "--device", "none", "--seconds", "0.5"),
    ("repl", "walk.ltp"),
    ("tone", "--device", "none"),
    ("pad",),
    ("oscquery",),
    ("listen", "--osc", "0"),
    ("gui", "walk.ltp"),
)
MAY_FAIL = ("tone", "pad", "oscquery", "listen", "gui", "repl", "doctor", "codec", "demo")
"""What needs an engine, a display, a sound device or more sounds than one; how far it comes is enough here."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a stranger would send it."""
    made = tmp_path_factory.mktemp("sent")
    trap = f"import sys\nopen({str(made / 'ran')!r}, 'a').write(__name__ + chr(10))\nraise SystemExit('trapped')\n"
    for name in NAMES:
        (made / f"{name}.py").write_text(trap)
    for name in PACKAGES:
        (made / name).mkdir()
        (made / name / "__init__.py").write_text(trap)
    save(load_file(STARTERS["walk"].file), made / "walk.ltp")
    write_sound(made / "tone.wav", np.sin(np.arange(44_100, dtype=np.float32) / 20)[np.newaxis], 44_100)
    torch = pytest.importorskip("torch", reason="a model file is among what was sent")
    torch.jit.script(torch.nn.Identity()).save(str(made / "m.ts"))
    return made


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_runs_nothing_of_the_folder_it_is_used_in(
    words: tuple[str, ...], folder: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}  # no engine is attached to
    environment.pop("DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "-m", "latent_terrain.ui.cli", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    assert not (folder / "ran").exists(), (folder / "ran").read_text()
    assert "trapped" not in done.stderr
    if words[0] not in MAY_FAIL:
        assert done.returncode == (3 if "m.ts" in words else 0), done.stderr


def test_the_trap_closes_where_nothing_holds_it(folder: Path) -> None:
    """The test above means something only if this one shows what it prevents."""
    done = subprocess.run(
        [sys.executable, "-c", "import json"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "trapped" in done.stderr
    (folder / "ran").unlink()
