"""The codec of the patch: chosen once, for all nodes that follow it, as one step that can be undone."""

import threading
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine.compile.infer import USE_ONE_CODEC
from latent_terrain.graphs import Patch, add_node, connect, set_content
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.nodes.codec.trust import digest_of, trust
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.patch_codec import use_codec
from latent_terrain.ui.patcher.window_requests import ChooseFile, ChooseOne

from ...patcher.benches import desk_of


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A patch that was learned with the built-in codec. A lesson that is begun is noted in ``desk.begun``."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    patch = add_node(add_node(Patch(), "encode", name="sounds"), "terrain", name="terrain")
    patch = add_node(patch, "decoder", name="decoder")
    patch = connect(connect(patch, "sounds.latents", "terrain.latents"), "terrain.out", "decoder.latents")
    desk = desk_of(set_content(patch, "terrain", {"learn/fc_out.bias": np.zeros(16, np.float32)}))
    begun: list[Patch] = []
    monkeypatch.setattr(desk.sound, "learn", lambda patch, **how: begun.append(patch))
    desk.begun = begun  # type: ignore[attr-defined]
    return desk


def settle(desk: Desk) -> None:
    """Wait for what is done beside the window."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "<lambda>" in thread.name:
            thread.join(10)
    desk.untrusted.tick()


def codecs(desk: Desk) -> set[str]:
    return {str(desk.patch.nodes[name].values.get("codec")) for name in ("sounds", "decoder")}


def test_the_built_in_one_the_library_and_a_file_are_offered(desk: Desk) -> None:
    assert perform(desk, ACTIONS["edit.codec"])
    settle(desk)
    ask = desk.asks.popleft()
    assert isinstance(ask, ChooseOne)
    assert "now builtin:bank" in ask.title
    assert [label for label, _ in ask.choices] == ["builtin:bank", "builtin:sounds", "Find …"]
    ask.choices[-1][1]()
    assert isinstance(desk.asks.popleft(), ChooseFile)


def test_all_nodes_get_it_in_one_step_and_what_was_learned_is_learned_again(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "mine.npz").write_bytes(b"weights")
    use_codec(desk, tmp_path / "mine.npz")
    settle(desk)
    assert codecs(desk) == {"mine.npz"}
    assert desk.begun == [desk.patch]  # type: ignore[attr-defined]
    desk.undo()
    assert codecs(desk) == {"None"}


def test_a_model_that_nobody_allowed_is_asked_about_before_it_is_learned_with(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new.ts").write_bytes(b"a model")
    asked: list[str] = []
    monkeypatch.setattr(desk.untrusted, "ask", lambda name, then: asked.append(name))
    use_codec(desk, tmp_path / "new.ts")
    settle(desk)
    assert (asked, desk.begun) == (["new.ts"], [])  # type: ignore[attr-defined]
    trust(digest_of(b"a model"), "new.ts")
    use_codec(desk, tmp_path / "new.ts")
    settle(desk)
    assert desk.begun == [desk.patch]  # type: ignore[attr-defined]


def test_a_patch_without_codecs_has_nothing_to_choose() -> None:
    assert not perform(desk_of(Patch()), ACTIONS["edit.codec"])


def test_the_card_of_a_terrain_of_another_codec_says_so_and_what_to_do(tmp_path: Path) -> None:
    from latent_terrain.engine import check_patch
    from latent_terrain.engine.offline import offline_setup
    from latent_terrain.graphs import load_file, set_value
    from latent_terrain.nodes.codec.loader import codec_file

    from ...patcher.benches import PALETTE

    with np.load(codec_file("builtin:bank")) as file:
        arrays = {name: one * 2 if name == "encoder.enter.bias" else one for name, one in file.items()}
    np.savez(tmp_path / "other.npz", **arrays)
    patch = set_value(load_file(STARTERS["points"].file), "decoder", "codec", "other.npz")
    problems = check_patch(patch, PALETTE, offline_setup(patch, tmp_path))
    assert [(one.node, one.severity) for one in problems if USE_ONE_CODEC in one.text] == [("terrain", "warning")]
    assert ACTIONS["edit.codec"].label.rstrip(" …") in USE_ONE_CODEC
