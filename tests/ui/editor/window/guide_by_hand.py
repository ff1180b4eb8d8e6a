"""The guided start by hand: the welcome page, the tour with its five steps, tips on the canvas, examples that play.

Run in a process of its own by test_guide.py: the library takes one window a process.
"""

import time
from pathlib import Path

from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.nodes.gui.drawing import line_of
from latent_terrain.ui.editor.document.tour import STEPS
from latent_terrain.ui.editor.window.landmarks import box_of

from ..map_panel.map_by_hand import LIMIT_SECONDS
from .conftest import screen  # noqa: F401
from .first_day_by_hand import Musician, musician, own, window  # noqa: F401
from .pressing import press, shows


def title(person: Musician) -> str:
    step = person.desk.tour.current
    return step.title if step is not None else ""


def framed(person: Musician) -> object:
    """What the tour's frame is around."""
    panel = next(one for one in person.app.panels if one.name == "tour")
    return panel._framed[0] if panel._framed is not None else None


def point_at(person: Musician, name: str) -> bool:
    """Go to the control that the tour points at, which is that one."""
    person.wait(3)
    box = box_of(name)
    assert box is not None
    assert framed(person) == box
    person.do("mousemove", round((box[0] + box[2]) / 2), round((box[1] + box[3]) / 2))
    return True


def test_the_tour_is_taken_by_doing_its_five_things(musician: Musician, tmp_path: Path) -> None:  # noqa: F811
    desk = musician.desk
    musician.app.key("Shift+F1")
    musician.wait(4)
    assert shows("Welcome to Latent Terrain")
    musician.until(lambda: not musician.app.panels[9]._page._homes, "the pictures of the examples")
    musician.wait(6)
    musician.picture(tmp_path / "0 welcome.png")
    press(musician, "Take the tour")
    musician.wait(6)
    assert title(musician) == "Sounds"
    musician.picture(tmp_path / "1 sounds.png")
    musician.press("Add sounds …")
    musician.press("my sounds/")
    musician.press("Add whole folder")
    musician.until(lambda: title(musician) == "Lines", "the second step")
    musician.until(lambda: musician.hears_a_map(12), "a map that plays")
    musician.wait(10)
    musician.picture(tmp_path / "2 lines.png")
    point_at(musician, "tool move")
    musician.do("click", 1)
    musician.wait(4)
    assert point_at(musician, "map")
    left, top = musician.app.map.view.corner
    begin = musician.spot(tuple(line_of(musician.sheet.drawing.lines[0]).anchors[0][:2]))
    musician.do("mousemove", *begin)
    musician.do("mousedown", 1)
    for step in (10, 25, 40):
        musician.do("mousemove", begin[0] + step, begin[1] - step // 2)
    musician.do("mouseup", 1)
    musician.until(lambda: title(musician) == "Learn", "the third step")
    musician.picture(tmp_path / "3 learn.png")
    musician.until(lambda: title(musician) == "Play", "the fourth step")
    if not desk.sound.status.is_on:
        press(musician, "Sound off")
    musician.wait(4)
    point_at(musician, "tool hand")
    musician.do("click", 1)
    musician.wait(4)
    assert framed(musician) == box_of("map")
    musician.picture(tmp_path / "4 play.png")
    musician.do("mousemove", round(left + 220), round(top + 120))
    musician.do("mousedown", 1)
    musician.do("mousemove", round(left + 320), round(top + 160))
    musician.do("mouseup", 1)
    musician.until(lambda: title(musician) == "Record", "the fifth step")
    musician.wait(4)
    musician.picture(tmp_path / "5 record.png")
    point_at(musician, "record")
    musician.do("click", 1)
    musician.until(lambda: desk.recording_to is not None, "a recording")
    desk_end = time.monotonic() + 0.5
    musician.until(lambda: time.monotonic() > desk_end, "half a second")
    point_at(musician, "record")
    musician.do("click", 1)
    musician.until(lambda: desk.tour.step is None, "the end of the tour")
    assert desk.settings.tour_done
    musician.key("Escape")
    musician.wait(4)
    musician.picture(tmp_path / "6 done.png")


def test_the_tour_is_left_by_escape_and_by_its_button(musician: Musician, tmp_path: Path) -> None:  # noqa: F811
    tour = musician.desk.tour
    tour.begin()
    musician.wait(4)
    musician.go((900, 500))
    musician.key("Escape")
    musician.wait(3)
    assert tour.step is None
    tour.begin()
    musician.wait(6)
    press(musician, "Leave the tour")
    assert tour.step is None
    tour.begin()
    musician.wait(6)
    press(musician, "Next")
    musician.until(lambda: len(STEPS) > 1 and tour.step == 1, "the sounds that come along")
    press(musician, "Leave the tour")
    musician.until(lambda: not musician.desk.trainings, "the training")
    assert musician.hears_a_map(8) or musician.patch.nodes


def test_tips_come_where_the_pointer_rests(musician: Musician, tmp_path: Path) -> None:  # noqa: F811

    patch = add_node(Patch(), "sine", "tone", position=(0, 0))
    patch = add_node(patch, "delay", "echo", position=(300, 0))
    musician.desk.begin(connect(patch, "tone.out", "echo.audio"))
    musician.desk.settings.panels[:] = ["inspector"]
    musician.wait(6)
    tip = musician.app.canvas._tip
    place = musician.desk.layout.nodes["echo"]
    control = next(one for one in place.controls if one.name == "time")
    spots = {
        "title": ((place.title.x0 + place.title.x1) / 2, (place.title.y0 + place.title.y1) / 2),
        "port": musician.port("echo.audio", True),
        "param": ((control.box.x0 + control.box.x1) / 2, (control.box.y0 + control.box.y1) / 2),
    }
    wanted = {"title": "delay", "port": "audio (input)", "param": "time"}
    for name, spot in spots.items():
        musician.go(spot)
        musician.wait(2)
        assert tip.shown is None, "not before the pointer rests"
        musician.until(
            lambda name=name: tip.shown is not None and tip.shown.title == wanted[name], f"the tip of a {name}"
        )
        musician.wait(3)
        musician.picture(tmp_path / f"tip {name}.png")
    musician.go((600, 400))
    musician.wait(3)
    assert tip.shown is None


def test_an_example_is_heard_and_the_patch_stays(musician: Musician, tmp_path: Path) -> None:  # noqa: F811
    from latent_terrain.ui.patcher.window_requests import Show, ShowHelp

    desk = musician.desk
    desk.begin(add_node(Patch(), "slider", "mine"))
    before = desk.patch
    desk.sound.switch(False)
    musician.until(lambda: not desk.sound.status.is_on, "silence")
    desk.ask(Show("starters"))
    musician.wait(8)
    press(musician, "Play")
    musician.until(lambda: desk.plays_instead and desk.sound.status.is_on, "the example")
    musician.wait(3)
    musician.picture(tmp_path / "heard.png")
    press(musician, "Stop")
    musician.until(lambda: not desk.plays_instead and not desk.sound.status.is_on, "silence again")
    assert desk.patch is before
    desk.ask(ShowHelp("delay"))
    musician.wait(8)
    musician.picture(tmp_path / "help.png")
    press(musician, "Play")
    musician.until(lambda: desk.plays_instead, "the example of delay")
    musician.key("Escape")
    musician.until(lambda: not desk.plays_instead, "the patch again")
    assert desk.patch is before
    assert LIMIT_SECONDS
