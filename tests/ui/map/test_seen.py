"""What is seen of a canvas: lines by their state, only what changed painted anew, the right canvas, the right words."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import add_node, connect, dump, load, set_content
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.ui.editor.map_panel.images import seen_axes
from latent_terrain.ui.editor.map_panel.panel import foot_words
from latent_terrain.ui.editor.map_panel.sound_rows import strip, thumbnail
from latent_terrain.ui.map.gestures.gesture import length_words
from latent_terrain.ui.map.line_audition import codec_of, question, with_audition
from latent_terrain.ui.map.maps import Maps
from latent_terrain.ui.map.scene import COMPLETE, INCOMPLETE, MapScene, Trails, thinned
from latent_terrain.ui.map.sounds import MapSound, sounds_of
from latent_terrain.ui.surface.look import DARK
from latent_terrain.ui.surface.pointer import Move
from latent_terrain.ui.surface.shapes import Disc, Label, ShapeGroup, Stroke

from .sheets import Hands, map_node, sheet_of

PALETTE = load_palette()


@pytest.fixture
def hands() -> Hands:
    return Hands(sheet_of(map_node()))


def colours(piece: ShapeGroup) -> set[tuple[int, int, int, int]]:
    return {shape.colour for shape in piece.shapes if isinstance(shape, Stroke)}


def test_f77_a_line_is_grey_until_all_its_latents_have_room_and_carries_its_number_and_name(hands: Hands) -> None:
    scene = MapScene()
    hands.drag((-15, 0), (-12, 0))
    short = scene.picture(hands.hand, DARK, Trails(), None)["learn 0"]
    assert INCOMPLETE in colours(short)
    hands.drag((-12, 0), (15, 0))
    full = scene.picture(hands.hand, DARK, Trails(), None)["learn 0"]
    assert COMPLETE in colours(full)
    words = {shape.text for shape in full.shapes if isinstance(shape, Label)}
    assert {"1", "0001"} <= words


def test_f77_a_joint_under_the_hand_is_brighter(hands: Hands) -> None:
    hands.drag((-15, 0), (-10, 0))
    scene = MapScene()
    before = scene.picture(hands.hand, DARK, Trails(), None)["learn 0"]
    hands.hand.touch(Move(hands.pointer((-10, 0))))
    after = scene.picture(hands.hand, DARK, Trails(), None)["learn 0"]
    discs = [{shape.fill for shape in piece.shapes if isinstance(shape, Disc)} for piece in (before, after)]
    assert discs[0] != discs[1]


def test_f106_b43_only_what_changed_is_painted_anew(hands: Hands) -> None:
    for row in (-2, 0, 2):
        hands.drag((-12, row), (-9, row))
    scene = MapScene()
    first = scene.picture(hands.hand, DARK, Trails(), None)
    again = scene.picture(hands.hand, DARK, Trails(), None)
    assert first.keys() == again.keys()
    assert all(again[name] is piece for name, piece in first.items())
    hands.drag((-9, 2), (-8, 2))
    hands.sheet.choose()
    moved = scene.picture(hands.hand, DARK, Trails(), None)
    assert moved["learn 0"] is first["learn 0"]
    assert moved["learn 2"] is not first["learn 2"]
    hands.sheet.view = hands.sheet.view.panned((30.0, 5.0))
    assert scene.picture(hands.hand, DARK, Trails(), None)["learn 0"] is first["learn 0"], "pulled, not drawn anew"


def test_f93_a_lines_length_is_told_in_latents_or_in_seconds(hands: Hands) -> None:
    hands.drag((-15, 0), (-11, 0))
    assert length_words(hands.sheet, 0) == "0001: 11 of 22 latents"
    hands.sheet.show("play")
    hands.drag((-15, 2), (-11, 2))
    assert length_words(hands.sheet, 0) == "4.00 units"
    hands.desk.sound.readings["map", "ms_per_unit"] = np.array([116.1], np.float32)  # type: ignore[attr-defined]
    assert length_words(hands.sheet, 0) == "0.46 s"


def test_f104_playheads_leave_a_trail_that_ends_when_nothing_plays(hands: Hands) -> None:
    trails, scene = Trails(), MapScene()
    for step in range(5):
        trails.add(np.array([[step, 0.0], [0.0, step]]))
    heads = scene.picture(hands.hand, DARK, trails, None)["heads"]
    assert len([shape for shape in heads.shapes if isinstance(shape, Stroke)]) == 2
    trails.add(None)
    assert "heads" not in scene.picture(hands.hand, DARK, trails, None)


def test_a_line_of_very_many_points_is_thinned_but_keeps_its_ends() -> None:
    places = np.column_stack([np.linspace(0, 100, 5000), np.zeros(5000)])
    few = thinned(places)
    assert 40 < len(few) < 60
    assert few[0].tolist() == [0, 0]
    assert few[-1].tolist() == [100, 0]


def test_the_canvas_that_is_chosen_is_seen_and_a_terrains_own() -> None:
    patch = add_node(add_node(map_node(), "gui", name="other"), "terrain", name="second")
    patch = connect(patch, "other.coordinates", "second.coordinates")
    sheet = sheet_of(patch)
    maps = Maps(sheet.desk)
    assert maps.current is not None
    assert maps.current.sheet.node == "map"
    maps.follow(frozenset({"second"}))
    assert maps.current.sheet.node == "other"
    maps.follow(frozenset({"map"}))
    assert maps.current.sheet.node == "map"
    sheet.desk.edit(lambda patch: type(patch)(), "all goes")
    assert maps.current is None
    assert "no map" in foot_words(None, "")


def test_how_a_land_is_shown_is_saved_with_the_patch() -> None:
    sheet = sheet_of(map_node())
    maps = Maps(sheet.desk)
    maps.show("map", colour="one", channels=(2,), layers=frozenset(("density",)))
    saved = load(dump(maps.saved(sheet.desk.patch)))
    again = Maps(sheet.desk)
    again.take(saved)
    assert again.facet("map") == maps.facet("map")
    again.take(type(saved)(view={"maps": {"map": 3, "x": {"colour": 1}}}))
    assert again.facet("map").colour == "alike"


def test_a_sounds_picture_shows_its_latents_over_time() -> None:
    latents = np.zeros((10, 2), np.float32)
    latents[5:, 0] = 3.0
    picture = strip(MapSound("a", latents), 20, 4)
    assert picture.shape == (4, 20, 4)
    assert picture[0, 15, 0] > picture[0, 2, 0]
    assert not strip(MapSound("b", np.zeros((0, 0), np.float32)), 20, 4).any()


def test_sounds_are_found_at_the_canvas_or_at_the_land_that_learns_from_it() -> None:
    patch = map_node((5, 7))
    assert [(one.name, one.frames) for one in sounds_of(patch, PALETTE, "map")] == [("0001", 5), ("0002", 7)]
    assert sounds_of(add_node(patch, "gui", name="alone"), PALETTE, "alone") == ()


def test_what_is_heard_of_a_line_is_its_sound_and_the_land_along_it(hands: Hands, tmp_path: Path) -> None:
    from latent_terrain.nodes.terrain.network import TerrainShape, initial_weights

    hands.drag((-15, 0), (-12, 0))
    weights = initial_weights(TerrainShape(2, 4, width=8, features=16), 1)
    patch = set_content(hands.desk.patch, "terrain", {f"learn/{name}": one for name, one in weights.items()})
    patch = add_node(patch, "decoder", name="voice", values={"codec": "my.ts"})
    hands.desk.begin(connect(patch, "terrain.out", "voice.latents"))
    assert "latents" not in question(hands.sheet, 0, tmp_path).arrays, "a double click plays what the map makes of it"
    asked = question(hands.sheet, 0, tmp_path, is_compared=True)
    assert asked.codec == "my.ts"
    assert {"latents", "coordinates"} <= asked.arrays.keys()
    assert tuple(asked.arrays["coordinates"].shape) == (22, 2)
    assert codec_of(hands.desk.patch, PALETTE, ()) == "builtin:bank"


def test_while_one_listens_the_patch_itself_stays_as_it_is(hands: Hands, tmp_path: Path) -> None:
    patch = add_node(hands.desk.patch, "audio_out", name="out")
    heard = with_audition(patch, PALETTE, tmp_path / "line.wav")
    assert heard.nodes["out"].muted
    assert {node.type for name, node in heard.nodes.items() if name.startswith("map-audition")} == {
        "sound_player",
        "audio_out",
    }
    before = hands.desk.patch
    hands.desk.play_instead(partial(with_audition, palette=PALETTE, path=tmp_path / "line.wav"))
    sound = hands.desk.sound
    assert "map-audition" in sound.instead[-1].nodes  # type: ignore[attr-defined]
    assert hands.desk.patch is before
    hands.desk.play_instead(None)
    assert sound.instead[-1] is None  # type: ignore[attr-defined]


def test_what_is_learned_while_the_hand_draws_belongs_to_its_stroke(hands: Hands) -> None:
    from latent_terrain.ui.editor.sound.interface import JobResult

    sound = hands.desk.sound
    hands.press((-15, 0))
    for step in range(1, 4):
        hands.move((-15 + step, 0))
        hands.desk._learn()
        sound.given.append(JobResult("terrain", {"learn/x": np.full(1, step, np.float32)}, False, step))  # type: ignore[attr-defined]
        hands.desk.tick(0.0)
    hands.let_go((-11, 0))
    assert hands.steps == 1
    assert hands.last == "draw 0001"
    assert "learn/x" in hands.desk.patch.nodes["terrain"].content


def test_a_sound_that_was_heard_is_seen_as_its_wave_and_any_other_as_its_latents() -> None:
    latents = np.random.default_rng(0).standard_normal((10, 4)).astype(np.float32)
    swell = np.linspace(0, 1, 96, dtype=np.float32)
    wave = thumbnail(MapSound("a", latents, swell), 20, 10, (200, 200, 200, 255))
    light = (wave[..., 3] > 0.5).sum(axis=0)
    assert light[0] <= 2
    assert light[-1] == 10
    assert (np.diff(light) >= 0).all()
    unheard = MapSound("a", latents)
    np.testing.assert_array_equal(thumbnail(unheard, 20, 10, (0, 0, 0, 255)), strip(unheard, 20, 10))


@pytest.mark.parametrize(
    ("before", "place", "axis", "after"),
    [((0, 1), 0, 2, (2, 1)), ((0, 1), 1, 2, (0, 2)), ((0, 1), 0, 1, (1, 0)), ((2, 1), 1, 2, (1, 2))],
)
def test_the_two_axes_that_are_seen_are_never_the_same(
    before: tuple[int, int], place: int, axis: int, after: tuple[int, int]
) -> None:
    assert seen_axes(before, place, axis) == after


def test_a_line_follows_its_sound_when_sounds_come_and_go() -> None:
    takes = {f"takes/{name}": np.full((5, 4), number, np.float32) for number, name in enumerate("bcd")}
    sheet = sheet_of(set_content(map_node(), "sounds", takes))
    line = Polyline(np.array([[1.0, 1.0], [2.0, 2.0]]))
    assert sheet.lay(1, line, "draw")
    assert sheet.desk.edit(
        lambda patch: set_content(patch, "sounds", {"takes/a": takes["takes/b"] + 9, **takes}), "take"
    )
    assert [sheet.name_of(number) for number in sheet.drawing.lines] == ["c"]
    assert sheet.desk.edit(lambda patch: set_content(patch, "sounds", {"takes/d": takes["takes/d"]}), "delete")
    assert sheet.drawing.lines == {}
    assert sheet.lay(0, line, "draw")
    assert sheet.desk.edit(lambda patch: set_content(patch, "sounds", takes), "undone")
    assert [sheet.name_of(number) for number in sorted(sheet.drawing.lines)] == ["c", "d"]
