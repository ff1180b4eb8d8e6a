"""A model that fails or hangs after it was allowed: ``run`` says so at its node, in its report and by its exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.graphs import Patch, add_node, connect, save

pytest.importorskip("torch", reason="model files need torch")
from ..nodes.codec import harmful, models

pytestmark = [pytest.mark.slow, pytest.mark.remote]


@pytest.fixture(autouse=True)
def nothing_is_allowed_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests may have allowed a file of the same content."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def loud(codec: str, folder: Path) -> Path:
    """A patch whose latents are louder than any that a model is tried with."""
    patch = add_node(Patch(), "slider", name="loud", values={"value": 1000.0})
    patch = add_node(patch, "decoder", name="voice", values={"codec": codec})
    patch = add_node(patch, "audio_out", name="out")
    patch = connect(connect(patch, "loud.out", "voice.latents"), "voice.out", "out.audio")
    save(patch, folder / "loud.ltp")
    return folder / "loud.ltp"


def run(*words: object) -> tuple[int, Any, str]:
    done = subprocess.run(
        [sys.executable, "-m", "latent_terrain.ui.cli", *map(str, words)],
        capture_output=True,
        text=True,
        env=dict(os.environ),
        timeout=180,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: harmful.FailingLater("raise"), "too loud for me"),
        (lambda: harmful.FailingLater("size"), "is declared"),
        (lambda: harmful.FailingLater("number"), "NaN or infinity"),
        (harmful.HangingLater, "hangs"),
    ],
)
def test_what_fails_while_it_plays_is_told_at_its_node_and_by_the_exit_code(
    make: Any, words: str, tmp_path: Path
) -> None:
    models.save(make(), tmp_path / "m.ts")
    patch = loud("m.ts", tmp_path)
    seconds = 9 if words == "hangs" else 3
    code, report, errors = run("run", patch, "--device", "none", "--seconds", seconds, "--json")
    assert code == 1
    found = [one for one in report["faults"] if words in one["text"]]
    assert found, (report["faults"], errors)
    assert {one["node"] for one in found} == {"voice"}
    assert words in errors
    assert words in report["streams"]["voice"]["problem"]
    assert report["blocks"] > 100 * seconds, "what plays beside it goes on"


def test_a_render_with_a_model_that_fails_says_so(tmp_path: Path) -> None:
    models.save(harmful.FailingLater("raise"), tmp_path / "m.ts")
    words = ("render", loud("m.ts", tmp_path), "-o", tmp_path / "x.wav", "--seconds", 1, "--json")
    code, report, errors = run(*words)
    assert code == 1
    assert "too loud for me" in json.dumps(report) + errors


def test_a_model_that_cannot_be_used_is_said_to_be_so_first(tmp_path: Path) -> None:
    models.save(models.Lying(), tmp_path / "m.ts", allowed=False)
    code, report, _ = run("model", tmp_path / "m.ts", "--json")
    assert (code, report["is_codec"]) == (3, False)
    code, report, _ = run("model", tmp_path / "m.ts", "--trust", "--json")
    assert (code, report["is_allowed"]) == (3, False)
    assert "decode fails" in report["no_codec"]
