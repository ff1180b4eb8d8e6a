"""Sounds to find by hand, in a real window: dropped by another program, pasted, and sung into a microphone.

Run in a process of its own by test_in_a_window.py: the library takes one window a process.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node, save
from latent_terrain.nodes.gui.drawing import read_drawing
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.engine_sound import EngineSound
from latent_terrain.ui.editor.sound.interface import DeviceChoice

from ...map.test_seeking import trained  # noqa: F401
from ..window.conftest import screen  # noqa: F401
from ..window.pressing import press
from .map_by_hand import Player
from .singing_host import SONG

HERE = Path(__file__).parent
DROPPING = HERE.parent / "window" / "dropping.py"


@pytest.fixture
def singer(
    screen: str,  # noqa: F811
    trained: Patch,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Player]:
    """A map of three sounds; whoever listens at the microphone hears ``high``."""
    song = tmp_path / "own" / "high.wav"
    for name, value in (
        ("DISPLAY", screen),
        ("XDG_CONFIG_HOME", str(tmp_path / "config")),
        ("XDG_DATA_HOME", str(tmp_path / "data")),
        ("XDG_RUNTIME_DIR", str(tmp_path)),
        (SONG, str(song)),
        ("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])),
    ):
        monkeypatch.setenv(name, value)
    from latent_terrain.ui.editor.app import App
    from latent_terrain.ui.editor.document.desk import Desk
    from latent_terrain.ui.editor.panels import all_panels
    from latent_terrain.ui.terrain_image.thumbnails import Pictures

    palette, pictures = load_palette(), Pictures()
    rate = soundfile.info(str(song)).samplerate
    sound = EngineSound(
        palette, DeviceChoice(device="studio", input=None, sample_rate=rate), player="singing_host:SingingHost"
    )
    settings = Settings(window=[1280, 800], panels=["map"], learns_by_itself=False)
    desk = Desk(palette, sound, settings)
    app = App(desk, all_panels(), is_framed=False)
    person = Player(app, screen)
    assert desk.open(save(add_node(trained, "audio_out", name="out"), tmp_path / "piece.ltp"))
    person.wait(6)
    yield person
    app.close()
    pictures.close()
    desk.close()


def played(player: Player) -> int:
    return len(read_drawing(player.patch.nodes["map"].content).play)


def said(player: Player, words: str) -> bool:
    return any(words in one.text for one in player.desk.log.entries)


def test_sounds_are_dropped_pasted_and_sung_and_each_path_is_kept(singer: Player, tmp_path: Path) -> None:
    import dearpygui.dearpygui as dpg

    before = played(singer)
    x, y = singer.spot((0.0, 0.0))
    singer.do("mousemove", x, y)
    assert singer.app.drops.is_offered
    uri = (tmp_path / "own" / "low.wav").as_uri()
    dropping = subprocess.Popen([sys.executable, str(DROPPING), str(x), str(y), f"{uri}\r\n"])
    singer.until(lambda: dropping.poll() is not None, "the drop")
    assert dropping.returncode == 0
    singer.wait(4)
    press(singer, "Find on the map")
    singer.until(lambda: played(singer) == before + 1, "the path of what was dropped")
    assert said(singer, "low.wav sounds like low")

    dpg.set_clipboard_text(f"copy\n{uri}")
    singer.do("mousemove", x, y + 2)
    singer.key("ctrl+v")
    singer.until(lambda: played(singer) == before + 2, "the path of what was pasted")

    singer.until(lambda: singer.desk.sound.status.numbers.get("inputs") == 1, "the microphone")
    singer.key("ctrl+shift+m")

    def seconds() -> float:
        found = singer.desk.sound.reading("map-recording", "seconds")
        return 0.0 if found is None else float(found[0])

    singer.until(lambda: seconds() > 2.0, "two seconds of song")
    singer.key("ctrl+shift+m")
    singer.until(lambda: played(singer) == before + 3, "the path of what was sung")
    [recording] = (tmp_path / "recordings").iterdir()
    assert soundfile.info(str(recording)).frames > 0
    assert said(singer, f"{recording.name} sounds like high")
    assert singer.patch.nodes.keys() == {"encode", "map", "terrain", "out"}
    steps = [singer.desk.document.history.undo_label]
    singer.do("mousemove", x, y)
    singer.key("ctrl+z")
    assert steps == [f"Find {recording.name}"]
    assert played(singer) == before + 2
