"""The map in a window of its own beside an editor: it comes, says that it is there, and goes when it is closed."""

from pathlib import Path

import pytest

from latent_terrain.engine.session import Server
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.child_command import ChildCommand
from latent_terrain.ui.editor.actions.control_processes import MAP_WINDOW

from ....engine.session.toy_player import ToyPlayer
from ....waiting import eventually
from .conftest import screen  # noqa: F401

pytestmark = pytest.mark.slow
LIMIT_SECONDS = 60.0


def test_the_map_window_is_ready_once_it_is_seen_and_ends_with_its_editor(
    screen: str,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    player = ToyPlayer()
    player.patch = STARTERS["walk"].build()
    server = Server(player)
    said: list[str] = []
    window = ChildCommand(MAP_WINDOW.label, MAP_WINDOW.words, said.append, {"DISPLAY": screen})
    try:
        # A child that does not say that it is ready is stopped after a minute: the projector would go dark.
        eventually(lambda: window.has_begun or not window.is_kept, LIMIT_SECONDS)
        assert window.is_kept, said
        eventually(lambda: server.clients == 1)
    finally:
        window.close()
    eventually(lambda: server.clients == 0)
    assert not window.is_kept
    assert not list(tmp_path.rglob("*.ltp*")), "it keeps nothing aside that the next start would offer"
    server.close()
