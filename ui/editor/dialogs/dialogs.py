"""Small questions: a text, a value, a file, a yes or no. The sound plays on behind them."""

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

from ....engine.labels import name_label
from ....engine.typed import Where, read_value
from ....engine.typed import shown as shown_value
from ...patcher.values import shown, value_of
from ...patcher.window_requests import Ask, ChooseFile, ChooseOne, ChooseSounds, Confirm, TypeText, TypeValue
from ..actions.setting_questions import asks_elsewhere
from ..document.desk import Desk
from ..window.centred import Floating
from ..window.panel import Place
from ..window.setting_values import KINDS, put_file, put_value
from ..window.widgets import button, loud, px, words
from .file_dialog import Choosing
from .sound_dialog import ChoosingSounds

Question: TypeAlias = TypeText | TypeValue | ChooseFile | ChooseSounds | ChooseOne | Confirm

# Pixels: a short answer, about a letter, a line of a question.
BUTTON, LETTER, LINE = 90, 8, 17
# A line of a list to choose from, and how many are seen at once.
CHOICE, MOST_CHOICES = 29, 12
# What the answers of a question take at its foot.
FOOT = 38


def to_type(desk: Desk, ask: TypeValue) -> TypeText | ChooseFile | None:
    """The question by which a param or a setting gets its value; None if there is no such thing any more."""
    place = desk.layout.nodes.get(ask.node)
    spec = place.spec if place is not None else None
    if place is None:
        return None
    label = f"{ask.node}: {name_label(spec, ask.name)}"
    setting = spec.settings.get(ask.name) if spec is not None else None
    if setting is not None and setting.about.file:
        take = partial(_put_file, desk, ask.node, ask.name)
        is_saving = setting.about.writes
        kinds = (".wav", ".flac") if is_saving else KINDS.get(setting.about.file, ())
        return ChooseFile(label, kinds, is_saving, take, keeps=is_saving)
    param = spec.params.get(ask.name) if spec is not None else None
    now = value_of(place, ask.name)

    def typed(text: str) -> None:
        try:
            if param is not None and param.face is not None:
                value = param.face.place_of(param.face.read(text))
            else:
                value = read_value(text, param, setting, Where(desk.document.folder))
        except ValueError as error:
            desk.say(f"{ask.node}.{ask.name}: {error}", "warning", ask.node)
            return
        put_value(desk, ask.node, ask.name, value)

    has_face = param is not None and param.face is not None
    return TypeText(label, shown(place, ask.name, now) if has_face else shown_value(now), typed)


def is_same(one: Question, other: Question) -> bool:
    """Whether two questions are one that was asked twice: about the same thing, in the same words."""
    return type(one) is type(other) and _subject(one) == _subject(other)


def saved_over(path: Path, ask: ChooseFile) -> Confirm | None:
    """The question before a file is written in place of another; None where there is none."""
    if ask.keeps or not (ask.is_saving and path.exists()):
        return None
    replace, leave = ("Replace", partial(ask.then, path)), ("Cancel", lambda: None)
    return Confirm(f"{path.name} already exists.", (replace, leave), "Replace file", default=-1)


class Dialogs:
    """One question at a time; what is asked meanwhile waits, once. Enter gives the answer in colour, Escape none."""

    name, title = "dialogs", "Dialogs"
    place: Place = "popup"

    def build(self, parent: int, desk: Desk) -> None:
        """Nothing is made before it is asked for."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._floating = Floating(desk, self._given_up, is_first=True)
        self._box: int | None = None
        self._done: Callable[[], None] = lambda: None
        self._leave: Callable[[], None] = lambda: None
        self._asked: Question | None = None
        self._waiting: deque[Question] = deque()
        self._choosing: Choosing | None = None
        self._is_fresh = 0
        with dpg.handler_registry():
            dpg.add_key_press_handler(dpg.mvKey_Return, callback=self._enter)
            dpg.add_key_press_handler(dpg.mvKey_NumPadEnter, callback=self._enter)

    @property
    def is_typing(self) -> bool:
        """While a question is open, and for the key that answered it."""
        return self._floating.holds_keys

    def takes(self, ask: Ask) -> bool:
        """Open the question, or have it wait."""
        if not isinstance(ask, TypeText | TypeValue | ChooseFile | ChooseSounds | ChooseOne | Confirm):
            return False
        if isinstance(ask, TypeValue) and asks_elsewhere(self.desk, ask.node, ask.name):
            return True
        if self._floating.is_free:
            self._ask(ask)
            return True
        open_now = [self._asked] if self._floating.is_open and self._asked is not None else []
        if not any(is_same(ask, one) for one in (*open_now, *self._waiting)):
            self._waiting.append(ask)
        return True

    def refresh(self, now: float) -> None:
        """Give a fresh box the keys; open what waited."""
        import dearpygui.dearpygui as dpg

        self._floating.tick()
        if self._is_fresh and self._box is not None and dpg.does_item_exist(self._box):
            self._is_fresh -= 1
            dpg.focus_item(self._box)
        if self._floating.is_free and self._waiting:
            self._ask(self._waiting.popleft())

    def close(self) -> None:
        """Give it up."""
        self._floating.dismiss()

    def _ask(self, ask: Question) -> None:
        self._asked, self._choosing, self._box = ask, None, None
        self._done = self._leave = lambda: None
        match ask:
            case TypeValue():
                question = to_type(self.desk, ask)
                if question is not None:
                    self._ask(question)
                    self._asked = ask
            case TypeText():
                self._text(ask)
            case ChooseFile():
                self._choosing = Choosing(self.desk, self._floating, ask, partial(self._chosen, ask))
                self._box, self._is_fresh = (None, 0) if ask.is_folder else (self._choosing.box, 3)
                self._done = self._choosing.accept
            case ChooseSounds():
                self._choosing = ChoosingSounds(self.desk, self._floating, ask)
                self._done = self._choosing.accept
            case ChooseOne():
                self._one_of(ask)
            case Confirm():
                self._confirm(ask)

    def _text(self, ask: TypeText) -> None:
        import dearpygui.dearpygui as dpg

        desk = self.desk
        window = self._floating.open(ask.title, 420, 252 if ask.is_long else 116)
        box: int = dpg.add_input_text(
            parent=window,
            default_value=ask.text,
            width=-1,
            multiline=ask.is_long,
            height=px(desk, 150) if ask.is_long else 0,
            auto_select_all=not ask.is_long,
        )
        self._box, self._is_fresh = box, 3

        def done() -> None:
            given = dpg.get_value(box)
            self._floating.close()
            ask.then(given)

        self._answers(window, (("OK", done), ("Cancel", self.close)))
        self._done = (lambda: None) if ask.is_long else done

    def _confirm(self, ask: Confirm) -> None:
        import dearpygui.dearpygui as dpg

        wide = max(440, 20 + sum(8 + max(BUTTON, LETTER * len(label)) for label, _ in ask.choices))
        lines = sum(1 + len(line) * LETTER // (wide - 30) for line in ask.text.splitlines())
        window = self._floating.open(ask.title, wide, 60 + FOOT + LINE * lines)
        # the text scrolls where the window is too small for it, so that the answers are always seen
        said: int = dpg.add_child_window(parent=window, border=False, height=-px(self.desk, FOOT))
        words(self.desk, said, ask.text, colour=None, wrap=px(self.desk, wide - 44))
        answers = tuple((label, partial(self._answered, act)) for label, act in ask.choices)
        self._answers(window, answers, ask.default)
        self._done, self._leave = answers[ask.default][1], ask.choices[-1][1]

    def _one_of(self, ask: ChooseOne) -> None:
        import dearpygui.dearpygui as dpg

        desk = self.desk
        rows = min(MOST_CHOICES, max(2, len(ask.choices)))
        window = self._floating.open(ask.title, 460, 84 + CHOICE * rows)
        with dpg.child_window(parent=window, height=px(desk, 6 + CHOICE * rows), border=False) as listed:
            for label, act in ask.choices:
                button(listed, label, partial(self._answered, act), px(desk, 430))
        self._answers(window, (("Cancel", self.close),))

    def _answered(self, act: Callable[[], None]) -> None:
        self._floating.close()
        act()

    def _answers(self, window: int, choices: tuple[tuple[str, Callable[[], None]], ...], default: int = 0) -> None:
        import dearpygui.dearpygui as dpg

        with dpg.group(horizontal=True, parent=window) as row:
            for index, (label, act) in enumerate(choices):
                item = button(row, label, act, px(self.desk, BUTTON) if len(label) < 11 else 0)
                if index == default % len(choices):
                    dpg.bind_item_theme(item, loud(self.desk))

    def _chosen(self, ask: ChooseFile, path: Path) -> None:
        confirm = saved_over(path, ask)
        if confirm is not None:
            self._waiting.appendleft(confirm)
        else:
            ask.then(path)

    def _given_up(self) -> None:
        self._leave()

    def _enter(self) -> None:
        if self._floating.is_open and not (self._choosing is not None and self._choosing.is_typing_folder):
            self._done()


def _subject(ask: Question) -> tuple[str, str]:
    match ask:
        case TypeValue(node, name):
            return node, name
        case Confirm():
            return ask.title, ask.text
        case _:
            return ask.title, ""


def _put_file(desk: Desk, node: str, name: str, path: Path) -> None:
    put_file(desk, node, name, path)
