"""Dialogs, toasts and the bar by hand: what is asked twice, what Enter answers, what stands where.

Run in a process of its own by test_in_windows.py: the library takes one window a process.
"""

import time
from pathlib import Path

import pytest

from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.dialogs.dialogs import Dialogs
from latent_terrain.ui.editor.panels.toast import ToastView
from latent_terrain.ui.patcher.window_requests import Ask, ChooseFile, ChooseOne, Confirm, TypeText, TypeValue

from .conftest import Person
from .pressing import middle, press

LONG = "\n".join(f"line {number}: {'word ' * 30}" for number in range(60))


def nothing(*given: object) -> None:
    pass


ASKS: tuple[Ask, ...] = (
    TypeText("Rename gain", "gain", nothing),
    TypeValue("gain-1", "level"),
    ChooseFile("Open a patch", (".ltp",), False, nothing),
    ChooseOne("Which take?", (("one", lambda: None), ("two", lambda: None))),
    Confirm("Sure?", (("Yes", lambda: None), ("No", lambda: None))),
)


@pytest.fixture
def asked(person: Person) -> Person:
    """Somebody who is asked nothing yet."""
    person.desk.settings.panels[:] = []
    dialogs_of(person).close()
    person.desk.maps.way = "docked"
    person.wait(2)
    return person


def dialogs_of(person: Person) -> Dialogs:
    return next(panel for panel in person.app.panels if isinstance(panel, Dialogs))


def toasts_of(person: Person) -> ToastView:
    return next(panel for panel in person.app.panels if isinstance(panel, ToastView))


def windows() -> int:
    import dearpygui.dearpygui as dpg

    return sum(dpg.is_item_shown(one) for one in dpg.get_windows())


@pytest.mark.parametrize("ask", ASKS, ids=[type(one).__name__ for one in ASKS])
def test_what_is_asked_twice_is_asked_once(asked: Person, ask: Ask) -> None:
    asked.add("gain", (300, 200))
    before = windows()
    for _ in range(3):
        asked.desk.ask(ask)
        asked.wait(3)
    assert windows() == before + 1
    asked.key("Escape")
    asked.wait(4)
    assert windows() == before, "nothing waited behind it"
    asked.desk.ask(ask)
    asked.wait(3)
    assert windows() == before + 1, "it can be asked again"


def test_another_question_waits_until_the_first_is_answered(asked: Person) -> None:
    said: list[str] = []
    for name in ("one", "two", "one", "two"):
        asked.desk.ask(Confirm(name, ((f"Yes {name}", lambda name=name: said.append(name)), ("No", nothing))))
    asked.wait(4)
    press(asked, "Yes one")
    asked.wait(4)
    press(asked, "Yes two")
    asked.wait(4)
    assert said == ["one", "two"]


@pytest.mark.parametrize("text", ["Short.", LONG, "x" * 9000])
def test_the_answers_are_seen_however_long_the_text_is(asked: Person, text: str) -> None:
    said: list[str] = []
    choices = (("Trust", lambda: said.append("trust")), ("Cancel", lambda: said.append("cancel")))
    for label, answer in (("Trust", "trust"), ("Cancel", "cancel")):
        asked.desk.ask(Confirm(text, choices, "Untrusted model file", default=-1))
        asked.wait(5)
        assert middle(asked, label)[1] < 780
        press(asked, label)
        assert said[-1] == answer


def test_enter_gives_the_answer_that_harms_nothing(asked: Person) -> None:
    said: list[str] = []
    choices = (("Trust", lambda: said.append("trust")), ("Cancel", lambda: said.append("cancel")))
    asked.desk.ask(Confirm("Trust it?", choices, default=-1))
    asked.wait(4)
    asked.key("Return")
    assert said == ["cancel"]


def test_a_file_is_not_replaced_by_pressing_enter_on(asked: Person, tmp_path: Path) -> None:
    there, chosen = tmp_path / "there.ltp", list[Path]()
    there.write_text("mine")
    asked.desk.ask(ChooseFile("Save as", (".ltp",), True, chosen.append, name="there.ltp"))
    asked.wait(6)
    asked.key("Return")
    asked.wait(6)
    asked.key("Return")
    asked.wait(4)
    assert not chosen


TOASTS = ("the device is gone", "the model cannot be read: " + "because " * 60, "x" * 900)


@pytest.mark.parametrize("way", ["view.map", "view.map_full", "view.map_floating"])
@pytest.mark.parametrize("text", TOASTS, ids=["short", "long", "one word"])
def test_a_notice_covers_no_tool_and_is_read_in_full(asked: Person, way: str, text: str) -> None:
    import dearpygui.dearpygui as dpg

    asked.desk.settings.panels[:] = []
    asked.wait(2)
    perform(asked.desk, ACTIONS[way])
    asked.wait(3)
    before = set(dpg.get_windows())
    asked.desk.say(text, "error")
    asked.wait(4)
    (window,) = set(dpg.get_windows()) - before
    (x, y), (wide, high) = dpg.get_item_pos(window), dpg.get_item_rect_size(window)
    room = toasts_of(asked).room
    assert room.holds((x, y))
    assert room.holds((x + wide, y + high))
    written = [item for item in items_in(window) if dpg.get_item_type(item).endswith("mvText")]
    assert [dpg.get_value(item) for item in written] == [text]
    if way != "view.map_floating":
        across, down = middle(asked, "Move")
        assert not (x <= across < x + wide and y <= down < y + high)
    press(asked, "OK")
    asked.wait(4)
    assert not dpg.does_item_exist(window)


def test_a_notice_stays_while_the_pointer_is_on_it_and_the_next_waits(asked: Person) -> None:
    import dearpygui.dearpygui as dpg

    before = set(dpg.get_windows())
    for text in TOASTS[:2]:
        asked.desk.say(text, "warning")
    asked.wait(4)
    (window,) = set(dpg.get_windows()) - before
    x, y = dpg.get_item_pos(window)
    asked.do("mousemove", round(x + 8), round(y + 8))
    toasts_of(asked).refresh(time.monotonic() + 100.0)
    assert dpg.does_item_exist(window)
    press(asked, "Next (1)")
    press(asked, "OK")
    assert set(dpg.get_windows()) == before


def items_in(item: int) -> list[int]:
    """An item and all in it."""
    import dearpygui.dearpygui as dpg

    return [item, *(one for child in dpg.get_item_children(item, 1) for one in items_in(child))]
