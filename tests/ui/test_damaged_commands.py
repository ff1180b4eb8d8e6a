"""What commands make of damaged files: an exit code and a sentence, soon, and with little memory."""

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.graphs import Patch, add_node, connect, dump, save
from latent_terrain.nodes.terrain.checkpoint import write_npz, write_pt
from latent_terrain.nodes.terrain.network import TerrainShape, initial_weights
from latent_terrain.ui.cli.output import FILE, RUN, USAGE

from ..mutations import damaged, damaged_archives
from .test_damaged import small_patch

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is limited otherwise elsewhere"),
    pytest.mark.usefixtures("own_places"),
]
MOST_SECONDS, MOST_BYTES = 5.0, 1 << 30
WAITED_SECONDS = 60.0
"""A busy machine gives a command its 5 s of the processor within that."""
TRYING = "testing it in a sandbox"
CHILD = Path(__file__).with_name("little_memory.py")
Words = list[str]
Case = tuple[Path, Words]
"""A damaged file, and a command that reads it."""
soundfile = pytest.importorskip("soundfile", reason="sounds are written with soundfile")
torch = pytest.importorskip("torch", reason="a .pt and a .ts are written with torch")


@pytest.fixture
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", "")  # without ffmpeg, which would be asked about each sound


def held(cases: Iterable[Case], most: int = MOST_BYTES) -> int:
    """Have a child do all of them; gives how many did not go well."""
    asked = list(cases)
    told = "".join(f"{json.dumps(words)}\n" for _, words in asked)
    command = [sys.executable, str(CHILD), str(most)]
    done = subprocess.run(command, input=told, capture_output=True, text=True, timeout=300, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(asked), f"{asked[len(answers)]} ended the program ({done.returncode}): {done.stderr}"
    for (file, words), answer in zip(asked, answers, strict=True):
        said = answer["err"].strip()
        about = f"{words}: {answer}"
        assert answer["code"] in (0, RUN, USAGE, FILE), about
        assert "internal error" not in said, about
        assert "Traceback" not in said, about
        assert answer["seconds"][0] < MOST_SECONDS, about
        assert answer["seconds"][1] < WAITED_SECONDS, about
        assert answer["kib"] << 10 < MOST_BYTES, about
        if answer["code"]:
            lines = (said or answer["out"].strip()).splitlines()
            assert lines, about
            assert all(line.isprintable() for line in lines), about
            assert file.name in said + answer["out"], about
        if answer["code"] == FILE:
            assert len([line for line in said.splitlines() if not line.endswith(TRYING)]) == 1, about
    return sum(bool(answer["code"]) for answer in answers)


def files(folder: Path, suffix: str, copies: Iterable[bytes]) -> Iterator[Path]:
    for number, copy in enumerate(copies):
        path = folder / f"damaged-{number}{suffix}"
        path.write_bytes(copy)
        yield path


def check(path: Path) -> Words:
    return ["check", str(path)]


def render(path: Path) -> Words:
    return ["render", str(path), "-o", str(path.with_suffix(".out.wav")), "--seconds", "0.1"]


def archives(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    return itertools.chain(damaged(data, seed, count // 2), damaged_archives(data, seed + 1, count - count // 2))


def patches(folder: Path, count: int) -> Iterator[Case]:
    for path in files(folder, ".ltp", damaged(dump(small_patch()), 21, count)):
        yield path, check(path)
        yield path, render(path)


def codecs(folder: Path, count: int) -> Iterator[Case]:
    whole = resources.files("latent_terrain.nodes.codec.bank").joinpath("weights.npz").read_bytes()
    for path in files(folder, ".npz", archives(whole, 22, count)):
        yield path, ["model", str(path)]
        patch = add_node(Patch(), "decoder", name="voice", values={"codec": str(path)})
        yield path, check(save(patch, path.with_suffix(".ltp")))


def terrains(folder: Path, count: int, suffix: str) -> Iterator[Case]:
    weights = initial_weights(TerrainShape(2, 3, width=8, features=16), seed=1)
    whole = folder / f"land{suffix}"
    (write_pt if suffix == ".pt" else write_npz)(weights, whole)
    for path in files(folder, suffix, archives(whole.read_bytes(), 24, count)):
        yield path, ["terrain", "info", str(path)]


def sounds(folder: Path, count: int, form: str) -> Iterator[Case]:
    whole = folder / f"sound.{form.lower()}"
    soundfile.write(whole, (0.3 * np.sin(np.arange(9000) / 20)).astype(np.float32), 44_100, format=form)
    for path in files(folder, whole.suffix, damaged(whole.read_bytes(), 26, count)):
        patch = add_node(Patch(), "sound_player", name="tape", values={"file": path.name})
        patch = connect(add_node(patch, "audio_out", name="out"), "tape.audio", "out.audio")
        yield path, render(save(patch, path.with_suffix(".ltp")))


def test_commands_that_read_a_damaged_file_end_with_a_sentence(tmp_path: Path) -> None:
    kinds: dict[str, Callable[[Path], Iterator[Case]]] = {
        "patch": lambda folder: patches(folder, 40),
        "codec": lambda folder: codecs(folder, 20),
        "npz": lambda folder: terrains(folder, 60, ".npz"),
        "pt": lambda folder: terrains(folder, 60, ".pt"),
        **{form: lambda folder, form=form: sounds(folder, 15, form) for form in ("WAV", "FLAC", "OGG", "MP3")},
    }
    cases: list[Case] = []
    for kind, made in kinds.items():
        folder = tmp_path / kind
        folder.mkdir()
        cases += made(folder)
    assert held(cases) > len(cases) // 3


def test_models_that_are_programs(tmp_path: Path) -> None:
    path = tmp_path / "whole.ts"
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(path))
    copies = files(tmp_path, ".ts", archives(path.read_bytes(), 28, 4))
    assert held(((path, ["model", str(path)]) for path in copies), most=0) == 4
