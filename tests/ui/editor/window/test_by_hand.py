"""The whole way by hand: a real mouse and real keys on a real window build, change, save and open a patch."""

import os
import subprocess
from pathlib import Path

import pytest

from latent_terrain.graphs import load_file
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.patcher.scene import NEAR

from .conftest import Person

pytestmark = pytest.mark.slow


def test_the_walk_is_built_from_nothing_by_hand(person: Person, tmp_path: Path) -> None:
    person.actions = 0
    names = {
        "encode": person.add("encode", (120, 120)),
        "gui": person.add("nn.terrain.gui", (340, 120)),
        "terrain": person.add("terr", (600, 120)),
        "decoder": person.add("rave", (800, 330)),
        "out": person.add("dac~", (600, 520)),
    }
    assert {node.type for node in person.patch.nodes.values()} == {"encode", "gui", "terrain", "decoder", "audio_out"}
    for source, target in (
        (f"{names['encode']}.latents", f"{names['gui']}.latents"),
        (f"{names['encode']}.latents", f"{names['terrain']}.latents"),
        (f"{names['gui']}.coordinates", f"{names['terrain']}.coordinates"),
        (f"{names['gui']}.xy", f"{names['terrain']}.position"),
        (f"{names['terrain']}.out", f"{names['decoder']}.latents"),
        (f"{names['decoder']}.out", f"{names['out']}.audio"),
    ):
        person.drag(person.port(source, False), person.port(target, True))
        assert (source, target) in {(cord.source, cord.target) for cord in person.patch.cords}
    assert person.actions <= 25, "each search is a key, a word and Enter; each cord one drag"
    steps = len(person.desk.document.history.labels)
    for _ in range(3):
        person.key("ctrl+z")
    assert len(person.patch.cords) == 3
    for _ in range(3):
        person.key("ctrl+shift+z")
    assert len(person.patch.cords) == 6
    assert len(person.desk.document.history.labels) == steps
    built = person.patch
    person.desk.document.save(tmp_path / "by-hand.ltp")
    assert load_file(tmp_path / "by-hand.ltp") == built
    person.key("ctrl+a", "Delete")
    assert not person.patch.nodes
    assert person.desk.open(tmp_path / "by-hand.ltp")
    person.wait()
    assert person.patch == built


def test_a_card_is_dragged_and_undone_in_one_step(person: Person) -> None:
    name = person.add("sine", (300, 200))
    x, y = person.patch.nodes[name].position
    person.drag((x + 40, y + 10), (x + 200, y + 130))
    assert person.patch.nodes[name].position == pytest.approx((x + 160, y + 120), abs=8)
    person.key("ctrl+z")
    assert person.patch.nodes[name].position == (x, y)


def test_a_number_is_dragged_and_typed(person: Person) -> None:
    name = person.add("gain", (300, 200))
    box = next(one.box for one in person.desk.layout.nodes[name].controls if one.name == "level")
    person.drag(box.middle, (box.middle[0] + 40, box.middle[1]))
    louder = person.patch.nodes[name].values["level"]
    assert isinstance(louder, float)
    assert louder > 0
    assert len(person.desk.document.history.labels) == 2, "one gesture is one step"
    person.go(box.middle)
    person.do("keydown", "ctrl")
    person.do("click", 1)
    person.do("keyup", "ctrl")
    person.wait(4)
    person.key("ctrl+a")
    person.type("3*2")
    person.key("Return")
    assert person.patch.nodes[name].values["level"] == 6.0


def test_a_cord_dropped_on_the_empty_canvas_finds_a_node_that_fits(person: Person) -> None:
    name = person.add("sine", (200, 200))
    person.drag(person.port(f"{name}.out", False), (600, 400))
    person.wait(4)
    person.type("gain")
    person.key("Return")
    assert [(cord.source, cord.target) for cord in person.patch.cords] == [(f"{name}.out", "gain-1.audio")]
    assert person.desk.selection == {"gain-1"}


def test_keys_of_the_computer_play_notes(person: Person) -> None:
    person.desk.add("keyboard", (0.0, 0.0))
    name = next(name for name, node in person.patch.nodes.items() if node.type == "keyboard")
    person.key("ctrl+k")
    person.do("keydown", "d")
    assert person.patch.nodes[name].values["note"] == 64.0
    assert person.patch.nodes[name].values["gate"] == 1.0
    person.do("keydown", "m")
    person.do("keyup", "m")
    person.do("keyup", "d")
    person.wait()
    assert person.patch.nodes[name].values["gate"] == 0.0
    person.key("ctrl+k")
    person.key("d")
    assert person.patch.nodes[name].values["gate"] == 0.0


def test_the_wheel_zooms_at_the_pointer_and_the_middle_button_pans(person: Person) -> None:
    person.add("sine", (300, 200))
    person.go((300, 200))
    before = person.at((300, 200))
    for _ in range(3):
        person.do("click", 4)
    assert person.desk.view.scale > 1.2
    assert person.at((300, 200)) == pytest.approx(before, abs=2)
    corner = person.desk.view.corner
    person.drag((300, 200), (340, 260), button=2)
    assert person.desk.view.corner != corner
    person.key("Home")
    assert person.desk.view.scale <= 1.0


def test_cords_are_cut_with_a_stroke(person: Person) -> None:
    one, other = person.add("sine", (150, 200)), person.add("gain", (500, 200))
    person.drag(person.port(f"{one}.out", False), person.port(f"{other}.audio", True))
    assert len(person.patch.cords) == 1
    x = (person.port(f"{one}.out", False)[0] + person.port(f"{other}.audio", True)[0]) / 2
    y = person.port(f"{one}.out", False)[1]
    person.drag((x, y + 150), (x, y - 150), keys=("ctrl",))
    assert not person.patch.cords
    person.key("ctrl+z")
    assert len(person.patch.cords) == 1


def test_locked_for_playing_nothing_is_moved_or_deleted(person: Person) -> None:
    name = person.add("gain", (300, 200))
    person.key("ctrl+e")
    x, y = person.patch.nodes[name].position
    person.drag((x + 40, y + 10), (x + 200, y + 130))
    person.key("ctrl+a", "Delete")
    assert person.patch.nodes[name].position == (x, y)
    box = next(one.box for one in person.desk.layout.nodes[name].controls if one.name == "level")
    person.drag(box.middle, (box.middle[0] - 40, box.middle[1]))
    turned = person.patch.nodes[name].values["level"]
    assert isinstance(turned, float)
    assert turned < 0, "controls can still be turned"
    person.key("ctrl+e")


def test_letters_typed_into_the_search_are_no_keys_of_the_canvas(person: Person) -> None:
    name = person.add("gain", (300, 200))
    person.go((600, 500))
    person.key("Tab")
    person.wait(4)
    person.type("mbx")
    person.key("Escape")
    assert not person.patch.nodes[name].muted
    assert list(person.patch.nodes) == [name]


@pytest.mark.parametrize("starter", STARTERS)
def test_every_example_can_be_read_and_is_seen_whole_by_a_key(person: Person, starter: str) -> None:
    person.desk.settings.panels[:] = ["inspector"]
    person.desk.settings.opens_map = False
    person.desk.start_from(starter)
    person.wait(4)
    layout = person.desk.layout
    assert set(layout.nodes) == set(person.patch.nodes)
    assert len(layout.cords) == len(person.patch.cords), "every cord has both its ports"
    assert person.desk.view.scale >= NEAR, "texts on cards are shown"
    assert layout.bounds is not None
    person.go((10, 10))
    person.key("Home")
    seen = person.desk.view.seen(person.desk.window_size)
    assert seen.holds((layout.bounds.x0, layout.bounds.y0))
    assert seen.holds((layout.bounds.x1, layout.bounds.y1))


def test_a_window_that_rests_wakes_when_the_mouse_moves(person: Person) -> None:
    if person.app._last_input() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the system does not tell of input; CI installs libxss1")
        pytest.skip("the system does not tell of input (apt-get install libxss1)")
    person.go((100, 100))
    before = person.app._busy_until = 0.0
    mover = subprocess.Popen(["sh", "-c", "sleep 0.4; xdotool mousemove 333 222"])
    assert person.app.rest(60.0)
    mover.wait()
    assert person.app._busy_until > before


def test_the_pointer_is_where_one_sees_it(person: Person, tmp_path: Path) -> None:
    """A card's title is coloured, on the screen, exactly where the hand finds it."""
    from PIL import Image

    name = person.add("gain", (300, 200))
    person.desk.select()
    person.do("mousemove", 5, 5)
    person.wait(4)
    box = person.desk.layout.nodes[name].title
    picture = person.picture(tmp_path / "window.png")
    pixels = Image.open(picture).convert("RGB")
    inside = person.at((box.x1 - 12, box.y0 + 5))
    above, right = person.at((box.x1 - 12, box.y0 - 6)), person.at((box.x1 + 8, box.y0 + 5))
    assert pixels.getpixel(inside) != pixels.getpixel(above)
    assert pixels.getpixel(inside) != pixels.getpixel(right)
    assert pixels.getpixel(above) == pixels.getpixel(right), "both are the ground"
