"""A first day by hand, in a real window with a real engine: own sounds become a map that plays. Actions are counted.

Run in a process of its own by test_in_a_window.py: the library takes one window a process.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from latent_terrain.engine.palette import load_palette
from latent_terrain.graphs.starters import sounds as bundled
from latent_terrain.nodes.encode import encoded
from latent_terrain.nodes.terrain.learned import learned_weights
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.engine_sound import EngineSound
from latent_terrain.ui.editor.sound.interface import DeviceChoice

from ..map_panel.map_by_hand import Player
from .conftest import screen  # noqa: F401
from .pressing import press

DROPPING = Path(__file__).parent / "dropping.py"
SOUNDS = 12


class Musician(Player):
    """Somebody who counts: a click, a key or a drop is an action."""

    actions = 0

    def press(self, label: str) -> None:
        """Click something that is labelled so."""
        self.actions += 1
        press(self, label)

    def drop(self, place: tuple[int, int], *paths: Path) -> None:
        """Drop files as a file manager does."""
        self.actions += 1
        text = "".join(f"{path.as_uri()}\r\n" for path in paths)
        self.do("mousemove", *place)
        words = [sys.executable, str(DROPPING), str(place[0]), str(place[1]), text]
        dropping = subprocess.Popen(words)
        self.until(lambda: dropping.poll() is not None, "the drop")
        assert dropping.returncode == 0

    def hears_a_map(self, count: int) -> bool:
        """Whether so many sounds are encoded, trained, and walked."""
        patch = self.patch
        if "sounds" not in patch.nodes or len(encoded(patch.nodes["sounds"].content)) != count:
            return False
        is_trained = bool(learned_weights(patch.nodes["terrain"].content)) and not self.desk.trainings
        peaks = self.desk.sound.reading("decoder", "peak.out")
        return bool(is_trained and peaks is not None and peaks.size and abs(float(peaks.ravel()[0])) > 1e-3)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a folder of twelve sounds, some in a folder inside."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "my sounds" / "more"
    folder.mkdir(parents=True)
    known = sorted(Path(bundled.__path__[0]).glob("*.flac")) + sorted(Path(bundled.__path__[0]).glob("*.wav"))
    assert known
    for index in range(SOUNDS):
        source = known[index % len(known)]
        shutil.copy(source, (folder if index % 3 == 0 else folder.parent) / f"{index:02d} {source.name}")
    (folder.parent / "notes.txt").write_text("no sound")
    return home


@pytest.fixture(scope="module")
def window(screen: str, own: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Musician]:  # noqa: F811
    os.environ.update(DISPLAY=screen, HOME=str(own), XDG_CONFIG_HOME=str(tmp_path_factory.mktemp("config")))
    from latent_terrain.ui.editor.app import App
    from latent_terrain.ui.editor.document.desk import Desk
    from latent_terrain.ui.editor.panels import all_panels
    from latent_terrain.ui.terrain_image.thumbnails import Pictures

    palette, pictures = load_palette(), Pictures()
    desk = Desk(palette, EngineSound(palette, DeviceChoice(device="none")), Settings(window=[1280, 800]))
    app = App(desk, all_panels(), is_framed=False)
    app.pictures = pictures
    person = Musician(app, screen)
    desk.begin()
    person.wait(6)
    yield person
    app.close()
    pictures.close()
    desk.close()


@pytest.fixture
def musician(window: Musician) -> Musician:
    """Somebody before an empty patch."""
    window.desk.settings.panels[:] = ["inspector"]
    window.desk.begin()
    window.actions = 0
    window.wait(4)
    return window


def test_a_folder_is_heard_on_a_map_in_three_actions(musician: Musician, tmp_path: Path) -> None:
    musician.press("Add sounds …")
    musician.picture(tmp_path / "1.png")
    musician.press("my sounds/")
    musician.picture(tmp_path / "2.png")
    musician.press("Add whole folder")
    musician.until(lambda: musician.hears_a_map(SOUNDS), "a map of twelve sounds that plays")
    assert musician.actions <= 3
    musician.wait(30)
    musician.picture(tmp_path / "3.png")
    assert "map" in musician.desk.settings.panels
    assert musician.desk.maps.seen == "map"
    assert musician.desk.settings.sound_folder.endswith("my sounds")
