"""Model files that nobody allowed: the editor says so, looks at them safely, and asks once."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, connect, set_value
from latent_terrain.nodes.codec.interface import CodecError
from latent_terrain.nodes.codec.trust import digest_of, is_trusted, trust
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.untrusted_models import UntrustedModels, question
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.patcher.window_requests import Confirm

from ...patcher.benches import PALETTE, desk_of

FOUND = {"sha256": "", "size": 2_000_000, "methods": [{"name": "decode"}], "tried_without": ["a network", "your files"]}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.ts").write_bytes(b"a model")
    desk = desk_of(add_node(Patch(), "encode", name="ear"))
    desk.edit(lambda patch: set_value(patch, "ear", "codec", str(tmp_path / "new.ts")), "choose")
    return desk


def settled(untrusted: UntrustedModels) -> None:
    """Wait for the threads that read and look."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.name.endswith(("(_read)", "(_try)")):
            thread.join(10)
    untrusted.tick()


def test_a_stranger_is_noticed_and_the_built_in_codec_is_none(desk: Desk) -> None:
    desk.untrusted.of("ear")
    settled(desk.untrusted)
    assert desk.untrusted.of("ear") == (desk.patch.nodes["ear"].values["codec"],)
    desk.edit(lambda patch: set_value(patch, "ear", "codec", "builtin:bank"), "choose")
    assert desk.untrusted.of("ear") == ()


def test_what_is_not_there_is_no_stranger(desk: Desk) -> None:
    desk.edit(lambda patch: set_value(patch, "ear", "codec", "gone.ts"), "choose")
    assert desk.untrusted.of("ear") == ()


def test_it_is_looked_at_and_asked_about_and_then_plays(desk: Desk) -> None:
    digest = digest_of(b"a model")
    untrusted = UntrustedModels(desk, lambda name, folder: {**FOUND, "sha256": digest})
    untrusted.of("ear")
    untrusted.ask("new.ts")
    settled(untrusted)
    asked = desk.asks[-1]
    assert isinstance(asked, Confirm)
    assert "new.ts is an untrusted model file (2.0 MB, methods: decode)" in asked.text
    assert "in a sandbox (no network, no files)" in asked.text
    assert not is_trusted(digest)
    assert asked.choices[asked.default][0] == "Cancel", "Enter trusts nobody"
    assert isinstance(desk.sound, SilentEditorSound)
    plays = len(desk.sound.played)
    allow = dict(asked.choices)["Trust"]
    allow()
    assert is_trusted(digest)
    assert len(desk.sound.played) == plays + 1
    assert desk.sound.played[-1] is not desk.patch
    assert untrusted.of("ear") == ()


def test_what_does_harm_is_a_sentence_and_never_asked_about(desk: Desk) -> None:
    def refuse(name: str, folder: Path) -> dict[str, object]:
        raise CodecError(f"{name} is rejected: its code writes files")

    untrusted = UntrustedModels(desk, refuse)
    untrusted.ask("new.ts")
    settled(untrusted)
    assert not desk.asks
    assert "writes files" in desk.log.entries[-1].text


def test_a_process_without_limits_is_said_to_be_one() -> None:
    assert "without a sandbox" in question("a.ts", {**FOUND, "tried_without": []})


def test_a_node_whose_model_is_allowed_by_now_plays_when_the_patch_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="model files need torch")
    from ....nodes.codec import models

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = models.save(models.Streaming(), tmp_path / "new.ts", allowed=False)
    patch = add_node(add_node(Patch(), "slider", name="value", values={"value": 1.0}), "audio_out", name="out")
    patch = add_node(patch, "decoder", name="voice", values={"codec": str(path)})
    patch = connect(connect(patch, "value.out", "voice.latents"), "voice.out", "out.audio")
    engine = Engine(patch, PALETTE, offline_setup(patch, tmp_path, 44100, 512), strict=False)
    assert any("--trust" in str(problem) for problem in engine.problems)
    trust(digest_of(path.read_bytes()), "new.ts")
    engine.update(replace(patch))
    assert not [problem for problem in engine.problems if problem.severity == "error"]
    sound = [engine.process(512).copy() for _ in range(60)]
    assert np.abs(np.concatenate(sound, axis=1)).max() > 0
    engine.close()
