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
from latent_terrain.graphs.starters import parts
from latent_terrain.nodes.encode import encoded
from latent_terrain.nodes.terrain.learned import learned_weights
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.engine_sound import EngineSound
from latent_terrain.ui.editor.sound.interface import DeviceChoice
from latent_terrain.ui.sound_list import listed

from ..map_panel.map_by_hand import Player
from .conftest import screen  # noqa: F401
from .pressing import box_with, press, shows

DROPPING = Path(__file__).parent / "dropping.py"
SOUNDS = 12


class Musician(Player):
    """Somebody who counts: a click, a key or a drop is an action."""

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
    known = sorted((Path(parts.__file__).parent / "sounds").glob("*.flac"))
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


def test_a_folder_is_dropped_and_heard_in_one_action(musician: Musician, own: Path) -> None:
    assert musician.app.drops.is_offered
    musician.drop((500, 600), own / "my sounds" / "more")
    musician.until(lambda: musician.hears_a_map(4), "a map of four sounds that plays")
    assert musician.actions == 1
    musician.desk.undo()
    musician.wait()


def test_sounds_are_listed_searched_removed_and_come_back(musician: Musician, own: Path, tmp_path: Path) -> None:
    musician.desk.sounds.add([own / "my sounds"])
    musician.until(lambda: musician.hears_a_map(SOUNDS), "the map")
    press(musician, "List")
    musician.wait(6)
    assert shows("Sounds of this patch")
    musician.picture(tmp_path / "list.png")
    press(musician, "1")
    press(musician, "Remove")
    musician.until(lambda: musician.hears_a_map(SOUNDS - 1), "the map without one sound")
    musician.picture(tmp_path / "removed.png")
    assert not any("01 " in one for one in listed(musician.patch, "sounds"))
    musician.key("Escape")
    musician.desk.undo()
    assert any("01 " in one for one in listed(musician.patch, "sounds"))
    musician.wait(6)
    musician.do("mousemove", *box_with("Search sounds…"))
    musician.do("click", 1)
    musician.wait(3)
    musician.type("pluck")
    musician.wait(4)
    rows = musician.app.map.rows._rows
    assert 0 < len(rows) < SOUNDS


def test_bars_are_dragged_and_the_map_is_opened_by_its_picture(musician: Musician, own: Path, tmp_path: Path) -> None:
    desk = musician.desk
    desk.start_from("walk")
    musician.wait(6)
    before = desk.settings.map_share
    left, top = musician.app.canvas.corner
    musician.do("mousemove", round(left + 200), round(top - 3))
    musician.do("mousedown", 1)
    musician.do("mousemove", round(left + 200), round(top - 60))
    musician.do("mousemove", round(left + 200), round(top - 103))
    musician.do("mouseup", 1)
    musician.wait(4)
    assert desk.settings.map_share < before - 0.08
    musician.key("F4")
    assert "map" not in desk.settings.panels
    musician.wait(4)
    box = next(one.box for one in desk.layout.nodes["terrain"].controls if one.kind == "picture")
    musician.go(((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2))
    musician.double_click(lambda: "map" in desk.settings.panels)
    musician.wait(20)
    musician.picture(tmp_path / "opened.png")
    for side in ("beside", "below", "above"):
        desk.settings.map_side = side
        musician.wait(6)
        musician.picture(tmp_path / f"{side}.png")
        view, canvas = musician.app.map.view, musician.app.canvas
        assert {
            "above": view.corner[1] < canvas.corner[1],
            "below": view.corner[1] > canvas.corner[1],
            "beside": view.corner[0] > canvas.corner[0] + canvas.size[0],
        }[side]


def test_the_list_of_sounds_is_made_wider_and_a_double_click_takes_that_back(musician: Musician) -> None:
    desk = musician.desk
    desk.settings.map_side = "above"
    desk.start_from("walk")
    musician.wait(6)
    before = desk.settings.list_width
    left, top = musician.app.map.view.corner
    musician.do("mousemove", round(left - 11), round(top + 80))
    musician.do("mousedown", 1)
    musician.do("mousemove", round(left + 20), round(top + 80))
    musician.do("mousemove", round(left + 59), round(top + 80))
    musician.do("mouseup", 1)
    musician.wait(4)
    assert desk.settings.list_width == pytest.approx(before + 70, abs=4)
    assert musician.app.map.view.corner[0] == pytest.approx(left + 70, abs=4)
    musician.double_click(lambda: desk.settings.list_width == before)
