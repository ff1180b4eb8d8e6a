"""Every kind of file that the product reads, damaged in thousands of ways: read, or refused in one sentence.

The fast set takes about a hundred of each kind, the slow set some thousand. What each may raise is what its reader
says it does, and nothing else; a child with little memory holds them all to it.
"""

import io
import itertools
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TypeVar

import msgpack
import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.snapshots import recalled, slots, stored
from latent_terrain.graphs import (
    EditError,
    Patch,
    PatchFileError,
    add_node,
    as_json,
    connect,
    dump,
    load,
    load_file,
    save,
    set_view,
    show,
)
from latent_terrain.graphs.archives import read_npz
from latent_terrain.graphs.file_read import ReadError
from latent_terrain.graphs.notes import add_comment, add_group, comments, groups
from latent_terrain.nodes.audiofile import SoundError, SoundFile, permission, unfinished
from latent_terrain.nodes.codec import library, trust
from latent_terrain.nodes.codec.bank import BankCodec
from latent_terrain.nodes.codec.bank.codec import load_bank_file
from latent_terrain.nodes.codec.interface import CodecError
from latent_terrain.nodes.gui.exchange import Exchange, read_exchange, write_exchange
from latent_terrain.nodes.gui.tables import read_csv, read_dataset
from latent_terrain.nodes.gui.units import MapError
from latent_terrain.nodes.terrain.checkpoint import read as read_checkpoint
from latent_terrain.nodes.terrain.checkpoint import write_npz, write_pt
from latent_terrain.nodes.terrain.network import TerrainError, TerrainShape, initial_weights
from latent_terrain.ui.control.mapping import ControlMapping, mapped, mappings_of
from latent_terrain.ui.editor.actions.keymap import Keymap
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings, load_settings
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.missing_models import with_found

from ..mutations import damaged, damaged_archives, wrong_values

FAST = 100
MANY = [pytest.param(FAST, id="fast"), pytest.param(2000, id="thousands", marks=pytest.mark.slow)]
SOME = [pytest.param(FAST, id="fast"), pytest.param(500, id="hundreds", marks=pytest.mark.slow)]
FEW = [pytest.param(20, id="fast"), pytest.param(200, id="hundreds", marks=pytest.mark.slow)]
PALETTE = load_palette()
T = TypeVar("T")


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def held(copies: Iterable[T], use: Callable[[T], object], *refusals: type[Exception]) -> int:
    """Use each copy; what is refused must be refused in one sentence of one of these kinds. Gives how many were."""
    said: list[str] = []
    for number, copy in enumerate(copies):
        try:
            use(copy)
        except refusals as error:
            said.append(str(error))
        except Exception as error:
            raise AssertionError(f"copy {number}: {type(error).__name__}: {error}") from error
    assert not [one for one in said if not one or "\n" in one]
    return len(said)


def small_patch() -> Patch:
    weights = initial_weights(TerrainShape(2, 3, width=8, features=16), seed=1)
    patch = add_node(Patch(), "sine", name="sine-1", values={"frequency": 440.0})
    patch = add_node(patch, "gui", name="map", content={"lines/0001": np.zeros((4, 2), np.float32)})
    learned = {f"learn/{name}": array for name, array in weights.items()}
    patch = add_node(patch, "terrain", name="land", values={"width": 8, "features": 16}, content=learned)
    patch = connect(patch, "map.xy", "land.position")
    patch = stored(stored(patch, PALETTE, "1"), PALETTE, "two")
    patch = mapped(patch, ControlMapping("midi:x/1/cc/2", "sine-1", "frequency", 20.0, 2000.0))
    patch = add_group(patch, "a group", (0.0, 0.0, 10.0, 10.0))[0]
    patch = add_comment(patch, "a comment", (0.0, 0.0, 10.0, 10.0))[0]
    for key, value in {
        "window": {"x": 1.0, "y": 2.0, "scale": 1.0},
        "maps": {"map": {"colour": "one", "channels": [1], "cut": [0.0], "axes": [0, 1], "layers": ["density"]}},
        "models": {"a.ts": "a" * 64},
    }.items():
        patch = set_view(patch, key, value)
    return patch


def use_patch(data: bytes) -> None:
    patch = load(data)
    show(patch)
    as_json(patch)
    assert dump(patch)


@pytest.mark.parametrize("count", MANY)
def test_patches(tmp_path: Path, count: int) -> None:
    whole = dump(small_patch())
    assert held(damaged(whole, 1, count // 2), use_patch, PatchFileError) > count // 4
    raw = msgpack.unpackb(whole)
    packed = (msgpack.packb(one) for one in wrong_values(raw, 2, count // 2))
    held((one for one in packed if one is not None), use_patch, PatchFileError)
    path = tmp_path / "patch.ltp"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PatchFileError, match=re.escape(str(path))):
        load_file(path)


def use_view(view: object) -> None:
    """What the editor, the command line and controllers do with a patch's view."""
    if not isinstance(view, dict):
        return
    patch = small_patch()
    for key, value in view.items():
        patch = set_view(patch, key, value)
    patch = load(dump(patch))
    for slot in slots(patch):
        for node, param, value in recalled(patch, PALETTE, slot).turns:
            assert PALETTE[patch.nodes[node].type].params[param].name == param, value
    stored(patch, PALETTE, "3")
    mapped(patch, mappings_of(patch)[0] if mappings_of(patch) else ControlMapping("osc:/x", "sine-1", "phase", 0, 1))
    groups(patch)
    comments(patch)
    with_found(patch, PALETTE, Path())
    desk = Desk(PALETTE, SilentEditorSound())
    desk.begin(patch)
    desk.tick(1.0)
    desk.maps.saved(patch)
    assert desk.layout.nodes


@pytest.mark.parametrize("count", SOME)
def test_views_snapshots_mappings_and_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.chdir(tmp_path)
    whole = as_json(small_patch())["view"]
    copies = wrong_values(json.loads(json.dumps(whole)), 4, count)
    held(copies, use_view, EditError, PatchFileError)


@cache
def weights_file() -> bytes:
    return resources.files("latent_terrain.nodes.codec.bank").joinpath("weights.npz").read_bytes()


@pytest.mark.parametrize("count", SOME)
def test_codecs_of_this_program(tmp_path: Path, count: int) -> None:
    path = tmp_path / "mine.npz"

    def use(data: bytes) -> None:
        path.write_bytes(data)
        codec = load_bank_file(path, "mine.npz")
        assert isinstance(codec, BankCodec)
        assert np.isfinite(codec.decode(np.zeros((1, codec.facts.latent_dim, 1), np.float32))).all()

    copies = itertools.chain(damaged(weights_file(), 5, count // 2), damaged_archives(weights_file(), 6, count // 2))
    assert held(copies, use, CodecError) > count // 2


@pytest.mark.parametrize("count", SOME)
@pytest.mark.parametrize("suffix", [".npz", ".pt"])
def test_terrains(tmp_path: Path, suffix: str, count: int) -> None:
    if suffix == ".pt":
        pytest.importorskip("torch", reason="a .pt is written with torch")
    weights = initial_weights(TerrainShape(2, 3, width=8, features=16), seed=1)
    path = tmp_path / f"land{suffix}"
    (write_pt if suffix == ".pt" else write_npz)(weights, path)
    whole = path.read_bytes()

    def use(data: bytes) -> None:
        path.write_bytes(data)
        assert read_checkpoint(path)

    copies = itertools.chain(damaged(whole, 7, count // 2), damaged_archives(whole, 8, count // 2))
    assert held(copies, use, TerrainError) > count // 4


@pytest.mark.parametrize("count", MANY)
def test_archives_of_arrays(count: int) -> None:
    file = io.BytesIO()
    np.savez_compressed(file, first=np.arange(12.0).reshape(3, 4), second=np.array(["a", "b"]), third=np.float32(1))
    copies = itertools.chain(damaged(file.getvalue(), 9, count // 2), damaged_archives(file.getvalue(), 10, count // 2))
    assert held(copies, lambda data: read_npz(data, "set.npz"), ReadError) > count // 4


@pytest.mark.parametrize("count", MANY)
def test_dictionaries_data_sets_and_tables(count: int) -> None:
    line = np.linspace(0.0, 1.0, 10).reshape(5, 2)
    whole = write_exchange(Exchange(coordinates=(line, line + 1), latents=(line, line))).encode()
    held(damaged(whole, 11, count), read_exchange, MapError)
    trees = (json.dumps(one).encode() for one in wrong_values(json.loads(whole), 12, count))
    held(trees, read_exchange, MapError)
    data_set = {"cols": 2, "data": {"a": [1.0, 2.0], "b": [3.0, 4.5]}}
    trees = (json.dumps(one).encode() for one in wrong_values(data_set, 13, count))
    held(trees, read_dataset, MapError)
    held(damaged(b"id,x,y\na,1,2\nb,3,4.5\n", 14, count), read_csv, MapError)


SOUNDS = ("WAV", "AIFF", "FLAC", "OGG", "MP3", "AU", "CAF", "W64", "RF64")


@pytest.mark.parametrize("count", FEW)
@pytest.mark.parametrize("form", SOUNDS)
def test_sounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, count: int) -> None:
    soundfile = pytest.importorskip("soundfile")
    if form not in soundfile.available_formats():
        pytest.skip(f"this libsndfile has no {form}")
    monkeypatch.setenv("PATH", "")  # without ffmpeg, which would be asked about each
    path = tmp_path / f"sound.{form.lower()}"
    audio = (0.3 * np.sin(np.arange(9000) / 20)).astype(np.float32)
    soundfile.write(path, audio, 44_100, format=form)
    whole = path.read_bytes()

    def use(data: bytes) -> None:
        path.unlink()  # another file, as what is known of one is remembered
        path.write_bytes(data)
        with SoundFile(path) as sound:
            assert np.isfinite(sound.read(0, min(sound.frames, 1 << 20))).all()

    held(damaged(whole, 15, count), use, SoundError)


def own_files(folder: Path) -> dict[str, tuple[Path, Callable[[], object]]]:
    """The program's own files, each written by it, and what reads it."""
    settings = Settings(path=folder / "settings.json", keys={"file.new": ["Ctrl+N"]}, recent=["/x/y.ltp"])
    settings.save()
    (folder / "models").mkdir(exist_ok=True)
    (folder / "models" / "a.npz").write_bytes(b"1234")
    trust.trust("a" * 64, "mine.ts")
    owned = library.Library()
    owned.add_folder(folder / "models")
    owned.models()
    owned.mark("a", licence="mine")
    permission.allow_write(folder / "far" / "take.wav", folder)
    note = unfinished.notes_folder() / "recording.1-aa.json"
    note.parent.mkdir(parents=True, exist_ok=True)
    part = str(folder / "x.part").encode().hex()
    note.write_text(json.dumps({"process": 1 << 22, "part": part, "wanted": part, "rate": 48_000, "channels": 2}))

    def use_settings() -> None:
        read = load_settings(settings.path)
        keys = Keymap({"file.new": ("Ctrl+N",)}, read)
        keys.keys("file.new")
        keys.action_for("Ctrl+N")
        width, height = read.window
        assert width + height > 0
        assert len({Path(one) for one in (*read.recent, *read.panels, read.opening, read.theme)}) > 0
        assert isinstance(read.device, str | None)
        read.opened(Path("/a"))

    def use_trust() -> None:
        assert all(isinstance(about, dict) for about in trust.trusted().values())
        trust.trust("b" * 64, "other.ts")
        trust.distrust("mine.ts")
        assert trust.is_trusted("b" * 64)

    def use_library() -> None:
        known = library.Library()
        known.models()
        known.find("a" * 64)
        known.note_use(folder / "models" / "a.npz")
        known.add_folder(folder / "models")
        assert [one.name for one in known.models()]

    def use_permission() -> None:
        permission.may_write(folder / "far" / "take.wav", folder)
        permission.allow_write(folder / "far" / "other.wav", folder)
        assert permission.may_write(folder / "far" / "other.wav", folder)

    return {
        "settings": (folder / "settings.json", use_settings),
        "trust": (trust.store(), use_trust),
        "library": (library.store(), use_library),
        "permission": (permission.store(), use_permission),
        "note": (note, unfinished.recover),
    }


@pytest.mark.parametrize("count", SOME)
@pytest.mark.parametrize("kind", ["settings", "trust", "library", "permission", "note"])
def test_the_programs_own_files_are_never_the_end_of_it(tmp_path: Path, kind: str, count: int) -> None:
    path, use = own_files(tmp_path)[kind]
    whole = path.read_bytes()
    trees = (json.dumps(one).encode() for one in wrong_values(json.loads(whole), 16, count // 2))
    for copy in itertools.chain(damaged(whole, 17, count // 2), trees):
        path.write_bytes(copy)
        held([copy], lambda _: use())
        for aside in path.parent.glob("*.damaged-*"):
            assert aside.read_bytes() == copy, "what was damaged is kept as it was"
            aside.unlink()


BOMB = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from latent_terrain.ui.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def bomb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small archive whose arrays unpack to gigabytes of nothing."""
    path = tmp_path_factory.mktemp("bomb") / "bomb.npz"
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (1 << 28,)})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in ("about", "mean", "fc2.weight", "fc2.bias"):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                file.write(head.getvalue())
                for _ in range(1 << 8):
                    file.write(bytes(1 << 22))
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited otherwise elsewhere")
@pytest.mark.parametrize("what", ["codec", "terrain", "data set"])
def test_an_archive_that_unpacks_to_gigabytes_is_refused_within_one(tmp_path: Path, bomb: Path, what: str) -> None:
    path = bomb
    assert path.stat().st_size < 25_000_000
    patch = add_node(Patch(), "decoder", name="voice", values={"codec": str(path)})
    words = {
        "codec": ["check", str(save(patch, tmp_path / "patch.ltp"))],
        "terrain": ["terrain", "info", str(path)],
        "data set": ["terrain", "fit", str(path), str(path), "-o", str(tmp_path / "land.npz")],
    }[what]
    command = [sys.executable, "-c", BOMB, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (1, 2, 3), done.stderr
    assert "bomb.npz" in done.stderr + done.stdout
    assert "internal error" not in done.stderr, done.stderr
