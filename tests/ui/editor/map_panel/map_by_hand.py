"""The canvas by hand: a real mouse draws two lines, the land learns them, a playhead walks, and there is sound.

Run in a process of its own by test_in_a_window.py: the library takes one window a process.
"""

import os
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine.palette import load_palette
from latent_terrain.graphs import Patch, add_node, connect, load_file, set_content, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.nodes.gui.drawing import line_of
from latent_terrain.nodes.terrain.learned import learned_weights
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.engine_sound import EngineSound
from latent_terrain.ui.editor.sound.interface import DeviceChoice
from latent_terrain.ui.map.hand import MapHand
from latent_terrain.ui.map.sheet import Sheet

from ..window.conftest import Person, screen  # noqa: F401

LIMIT_SECONDS = 90.0
LATENTS = 16


def _timbre(begin: list[float], end: list[float]) -> np.ndarray:
    """Thirty latents from one timbre to another, at a good level (the last latent)."""
    first, last = (np.array([*one, *[0.0] * (LATENTS - 1 - len(one)), 0.7]) for one in (begin, end))
    return np.linspace(first, last, 30).astype(np.float32)


TIMBRES = {
    "takes/0001": _timbre([2.0, 0, 0.5, 0, -1], [2.0, 1, 0.5, 0, -1]),
    "takes/0002": _timbre([0.0, 1.2, 2, -1, 0, 0, 1], [0.0, -1.2, 2, -1, 0, 0, 1]),
}


def blank() -> Patch:
    """
    sounds (two takes) --> map, terrain; map --> terrain --> decoder --> out
    """
    patch = add_node(Patch(), "record", name="sounds", content=TIMBRES, position=(0, 300))
    patch = add_node(patch, "gui", name="map", position=(0, 0))
    patch = add_node(patch, "terrain", name="terrain", values={"width": 48, "features": 128}, position=(300, 0))
    patch = add_node(patch, "decoder", name="decoder", position=(560, 0))
    patch = add_node(patch, "audio_out", name="out", position=(800, 0))
    for source, target in (
        ("sounds.takes", "map.latents"),
        ("sounds.takes", "terrain.latents"),
        ("map.coordinates", "terrain.coordinates"),
        ("map.xy", "terrain.position"),
        ("terrain.out", "decoder.latents"),
        ("decoder.out", "out.audio"),
    ):
        patch = connect(patch, source, target)
    return patch


class Player(Person):
    """Somebody at the map."""

    @property
    def hand(self) -> MapHand:
        found = self.desk.maps.current
        assert found is not None
        return found

    @property
    def sheet(self) -> Sheet:
        return self.hand.sheet

    def spot(self, place: tuple[float, float]) -> tuple[int, int]:
        """Where a place of the canvas is on the screen."""
        left, top = self.app.map.view.corner
        x, y = self.sheet.view.to_screen(place)
        return round(left + float(x)), round(top + float(y))

    def stroke(self, *places: tuple[float, float], keys: tuple[str, ...] = ()) -> None:
        """Press at the first place, move through the others, let go at the last."""
        self.do("mousemove", *self.spot(places[0]))
        for key in keys:
            self.do("keydown", key)
        self.do("mousedown", 1)
        for begin, end in pairwise(places):
            for step in (1, 2, 3):
                at = tuple(begin[axis] + (end[axis] - begin[axis]) * step / 3 for axis in (0, 1))
                self.do("mousemove", *self.spot((at[0], at[1])))
        self.do("mouseup", 1)
        for key in keys:
            self.do("keyup", key)
        self.wait()

    def until(self, is_so: object, what: str) -> None:
        """Let frames go by until something is so."""
        end = time.monotonic() + LIMIT_SECONDS
        while not is_so():  # type: ignore[operator]
            assert time.monotonic() < end, f"{what} did not happen"
            self.app.frame()


@pytest.fixture(scope="module")
def player(screen: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:  # noqa: F811
    os.environ["DISPLAY"] = screen
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("config"))
    from latent_terrain.ui.editor.app import App
    from latent_terrain.ui.editor.document.desk import Desk
    from latent_terrain.ui.editor.panels import all_panels
    from latent_terrain.ui.terrain_image.thumbnails import Pictures

    palette, pictures = load_palette(), Pictures()
    sound = EngineSound(palette, DeviceChoice(device="none"))
    desk = Desk(palette, sound, Settings(window=[1280, 800], panels=["map"]))
    app = App(desk, all_panels(), is_framed=False)
    app.pictures = pictures
    person = Player(app, screen)
    desk.begin(blank())
    person.wait(6)
    yield person
    app.close()
    pictures.close()
    desk.close()


def test_two_lines_are_drawn_learned_walked_and_heard(player: Player, tmp_path: Path) -> None:
    desk = player.desk
    player.stroke((-12, 2), (-9, -2))
    player.stroke((6, -2), (9, 2))
    lines = {number: np.round(line_of(path).anchors) for number, path in player.sheet.drawing.lines.items()}
    assert {number: anchors.tolist() for number, anchors in lines.items()} == {
        0: [[-12, 2], [-9, -2]],
        1: [[6, -2], [9, 2]],
    }
    player.until(lambda: bool(learned_weights(desk.patch.nodes["terrain"].content)), "learning")
    player.until(lambda: not desk.sound.trainings, "the end of the lesson")
    player.until(lambda: player.app.map.images.terrain.picture is not None, "a picture of the land")
    desk.sound.switch(True)
    player.until(lambda: desk.sound.status.is_on, "sound")
    take = tmp_path / "take.wav"
    desk.sound.record(take)
    walked: set[float] = set()

    def has_walked() -> bool:
        places = desk.sound.reading("map", "places")
        if places is not None:
            walked.add(round(float(places[0, 0]), 2))
        return len(walked) > 20

    player.until(has_walked, "the walk")
    desk.sound.record(None)
    import soundfile

    def is_written() -> bool:
        try:
            return float(np.abs(soundfile.read(str(take))[0]).max()) > 0.005
        except (OSError, RuntimeError):
            return False

    player.until(is_written, "sound in the recording")


def test_tools_and_keys_belong_to_the_map_while_the_pointer_is_on_it(player: Player) -> None:
    player.sheet.show("play")
    player.do("mousemove", *player.spot((0, 0)))
    player.key("f")
    assert player.sheet.tool == "free"
    wave = [(-14 + step, 3 * np.sin(step / 2)) for step in range(0, 28, 3)]
    player.stroke(*wave)
    assert len(line_of(player.sheet.drawing.play[0]).anchors) > 4
    player.do("mousemove", *player.spot((0, 3.8)))
    player.key("ctrl+z")
    assert not player.sheet.drawing.play
    player.key("d")
    player.stroke((-14, 3), (14, 3))
    player.key("ctrl+a", "Delete")
    assert not player.sheet.drawing.play
    player.key("ctrl+z")
    assert set(player.sheet.drawing.play) == {0}


def test_a_lands_view_is_zoomed_moved_and_seen_whole_again(player: Player) -> None:
    player.do("mousemove", *player.spot((4, 1)))
    before = player.sheet.view.to_values(player.hand.last_place)
    for _ in range(4):
        player.do("click", 4)
    player.wait(4)
    assert player.sheet.view.shown.scale > 1.5
    np.testing.assert_allclose(player.sheet.view.to_values(player.hand.last_place), before, atol=0.1)
    player.key("Home")
    assert player.sheet.view.shown.scale == 1.0


def test_what_of_the_land_is_seen_is_chosen_and_its_range_is_held(player: Player) -> None:
    images = player.app.map.images
    before = images.terrain.picture
    images._chose_colour(0, "one latent")
    images._chose_fixed(0, True)
    player.until(lambda: images.terrain.picture is not before and "-1.00 … 4.00" in images.legend, "another picture")
    images._chose_range(0, [-2.0, 2.0, 0.0, 0.0])
    player.until(lambda: "-2.00 … 2.00" in images.legend, "another range")
    images._chose_fixed(0, False)
    images._chose_layer(0, True, "density")
    player.until(lambda: "hatched" in images.legend, "the layer")
    images._chose_colour(0, "similarity")
    images._chose_layer(0, False, "density")
    player.until(lambda: images.legend == "similar colours sound similar", "the usual picture")


def test_a_pad_is_kept_and_played_with_a_key_and_a_line_is_listened_to(player: Player) -> None:
    desk = player.desk
    player.do("mousemove", *player.spot((0, 0)))
    player.key("k")
    player.do("mousemove", *player.spot((-5, -1)))
    player.do("click", 1)
    assert set(player.sheet.drawing.pads) == {1}
    player.key("1")
    player.until(lambda: abs(_place(player)[0] + 5) < 0.2, "the glide")
    player.key("d")
    player.sheet.show("learn")
    begin = player.spot((-10.5, 0))
    player.do("mousemove", *begin)
    listening = player.app.map.images.listening

    def is_heard() -> bool:
        return any("terrain" in one.text for one in desk.log.entries)

    player.double_click(lambda: listening.is_busy or is_heard(), frames=60)
    player.until(is_heard, "the line is heard")
    assert desk.patch.nodes.keys() == {"sounds", "map", "terrain", "decoder", "out"}, "the patch stays as it is"


def test_the_map_floats_fills_the_window_and_is_put_away(player: Player) -> None:
    from latent_terrain.ui.editor.actions import ACTIONS, perform

    for name in ("view.map_floating", "view.map_full", "view.map"):
        perform(player.desk, ACTIONS[name])
        player.wait(4)
        assert player.app.map.view.size[0] > 300
        assert player.desk.maps.current is not None
    perform(player.desk, ACTIONS["view.map"])
    player.wait(3)
    assert not player.app.map.is_open
    assert set_value(player.desk.patch, "map", "mode", "loop").nodes


def _place(player: Player) -> tuple[float, float]:
    places = player.desk.sound.reading("map", "places")
    return (float(places[0, 0]), float(places[0, 1])) if places is not None else (1e9, 1e9)


def test_another_patch_with_the_same_names_shows_nothing_of_the_one_before(player: Player) -> None:
    desk, app = player.desk, player.app
    desk.settings.panels = ["map"]
    desk.begin(load_file(STARTERS["walk"].file))
    player.until(lambda: app.map.images.terrain.picture is not None, "a picture of the terrain")
    player.until(lambda: app.canvas._pictures, "a thumbnail")
    player.until(lambda: len(app.map.view._trails[1].past) > 2, "a trail")
    legend = app.map.images.legend
    assert legend
    bare = desk.patch
    for name in ("map", "terrain"):
        bare = set_content(bare, name, {})
    desk.begin(bare)
    app.frame()
    assert app.map.images.terrain.picture is None
    assert app.map.images.legend == ""
    assert not app.canvas._pictures
    assert len(app.map.view._trails[1].past) <= 1
    assert not app.map.view._trails[1].places.size
    desk.begin(load_file(STARTERS["walk"].file))
    app.frame()
    assert app.map.images.terrain.picture is None, "not before it has been painted"
    player.until(lambda: app.map.images.terrain.picture is not None, "a picture of the terrain")
