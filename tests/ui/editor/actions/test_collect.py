"""Packing: all that belongs to a patch comes along, and nothing that a stranger's patch only names."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.graphs import Patch, add_node, load_file
from latent_terrain.nodes.audiofile import write_sound
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.actions import collect as collection
from latent_terrain.ui.editor.actions.collect import pack, planned
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.patcher.window_requests import ChooseFile, Confirm

from ...patcher.benches import PALETTE


def sound(path: Path, level: float = 0.5) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sound(path, np.full((1, 100), level, np.float32), 44_100)
    return path


def desk_with(folder: Path, sounds: list[str], **codec: str) -> Desk:
    folder.mkdir(exist_ok=True)
    desk = Desk(PALETTE, SilentEditorSound())
    desk.begin(add_node(Patch(), "encode", "ear", values={"sounds": sounds, **codec}))
    desk.document.path = folder / "piece.ltp"
    return desk


def named(patch: Patch) -> list[object]:
    found = patch.nodes["ear"].values["sounds"]
    assert isinstance(found, list | tuple)
    return list(found)


def test_all_files_of_a_patch_are_packed_beside_it_and_what_comes_with_the_program_is_not(tmp_path: Path) -> None:
    old, target = tmp_path / "old", tmp_path / "new" / "piece.ltp"
    one, other = sound(old / "a.wav"), sound(old / "more" / "a.wav", 0.25)
    desk = desk_with(old, ["a.wav", "more/a.wav#t=1,2", "bundled:", "lost.wav", "a.wav"])
    found = planned(desk, target)
    patch = pack(desk, found, target, with_outside=False)
    assert named(patch) == ["files/a.wav", "files/a-2.wav#t=1,2", "bundled:", "lost.wav", "files/a.wav"]
    copies = sorted((tmp_path / "new" / "files").iterdir())
    assert [copy.read_bytes() for copy in copies] == [other.read_bytes(), one.read_bytes()]
    assert found.left == ("ear.sounds: lost.wav: it is not there",)
    again = planned(desk, target)
    assert named(pack(desk, again, target, with_outside=False)) == named(patch), "equal files are used again"
    sound(copies[1], 0.75)
    assert named(pack(desk, planned(desk, target), target, with_outside=False))[0] == "files/a-3.wav"


def test_what_is_no_sound_and_no_model_is_never_packed(tmp_path: Path) -> None:
    secret = tmp_path / ".ssh" / "id_ed25519"
    secret.parent.mkdir()
    secret.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    os.mkfifo(tmp_path / "pipe.wav")
    names = ["../.ssh/id_ed25519", str(secret), "/etc/passwd", "/dev/zero", "../pipe.wav"]
    desk = desk_with(tmp_path / "patch", names, codec=str(secret))
    target = tmp_path / "new" / "piece.ltp"
    begin = time.monotonic()
    found = planned(desk, target)
    assert time.monotonic() - begin < 5
    assert not found.items
    assert len(found.left) == len(names) + 1
    pack(desk, found, target, with_outside=True)
    assert not (tmp_path / "new").exists()


def test_a_link_is_where_it_leads(tmp_path: Path) -> None:
    on_disk = sound(tmp_path / "private" / "diary.wav")
    desk = desk_with(tmp_path / "patch", ["innocent.wav"])
    (tmp_path / "patch" / "innocent.wav").symlink_to(on_disk)
    assert [one.source.name for one in planned(desk, tmp_path / "new" / "x.ltp").outside] == ["innocent.wav"]


def test_a_whole_disk_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "MOST_FILES", 3)
    for number in range(6):
        sound(tmp_path / "patch" / "many" / f"{number}.wav")
    (tmp_path / "patch" / "many" / "notes.txt").write_text("no sound")
    found = planned(desk_with(tmp_path / "patch", ["many"]), tmp_path / "new" / "x.ltp")
    assert len(found.items) == 3
    assert all("beyond 3 files" in one for one in found.left)


def test_files_from_elsewhere_are_listed_with_sizes_and_wait_for_a_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    mine, far = sound(tmp_path / "patch" / "mine.wav"), sound(tmp_path / "far" / "big.wav")
    desk = desk_with(tmp_path / "patch", ["mine.wav", str(far)])
    perform(desk, ACTIONS["file.pack"])
    ask = desk.asks.pop()
    assert isinstance(ask, ChooseFile)
    ask.then(tmp_path / "out" / "piece.ltp")
    question = desk.asks.pop()
    assert isinstance(question, Confirm)
    assert str(far) in question.text
    assert "MB" in question.text
    assert str(mine) not in question.text
    assert not (tmp_path / "out").exists(), "nothing is copied before the answer"
    own = dict(question.choices)["Patch folder only"]
    own()
    target = tmp_path / "out" / "piece" / "piece.ltp"
    assert named(load_file(target)) == ["files/mine.wav", str(far)]
    dict(question.choices)["Collect all"]()
    assert named(load_file(target)) == ["files/mine.wav", "files/big.wav"]
