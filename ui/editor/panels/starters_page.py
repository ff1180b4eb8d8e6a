"""Welcome: start from one's own sounds, from an example that can be heard first, or from a file opened before."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ....graphs import PatchFileError, load_file
from ....graphs.starters import STARTERS
from ..actions import ACTIONS, perform
from ..actions.files import open_recent, unless_unsaved
from ..actions.sounds import add_sounds
from ..document.desk import Desk
from ..window.widgets import bare, button, head, look_of, loud, px, small, tip, words
from .page import Page
from .thumbnails import SIZE, Thumbnails

COLUMNS, RECENT = 4, 5
PLAY, STOP, WAITING = "Play", "Stop", "…"


def start(desk: Desk, name: str) -> None:
    """Open an example and let it sound, after asking about what is unsaved."""

    def begin() -> None:
        desk.start_from(name)
        desk.sound.switch(True)

    unless_unsaved(desk, begin)


def begin_with_sounds(desk: Desk) -> None:
    """Choose sounds for a patch of their own, after asking about what is unsaved."""

    def begin() -> None:
        desk.begin()
        add_sounds(desk)

    unless_unsaved(desk, begin)


def recent_words(path: str) -> tuple[str, str]:
    """A file opened before: its name, and where it lies."""
    home, folder = Path.home(), Path(path).parent
    return Path(path).stem, f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


class StartersPage(Page):
    """Cards with pictures. close: closes the page."""

    title, size = "Welcome to Latent Terrain", (912, 600)

    def __init__(self, desk: Desk, thumbnails: Thumbnails, close: Callable[[], None]) -> None:
        self._desk, self._thumbnails, self._close = desk, thumbnails, close
        self._homes: dict[str, int] = {}
        self._plays: dict[str, int] = {}

    def fill(self, window: int) -> None:
        """The cards, their pictures yet to come."""
        import dearpygui.dearpygui as dpg

        desk = self._desk
        with dpg.group(horizontal=True, parent=window) as row:
            own = button(row, "Start from my sounds …", self._leaving(partial(begin_with_sounds, desk)), px(desk, 210))
            dpg.bind_item_theme(own, loud(desk))
            tip(desk, own, "Choose files or a folder: they are laid out on a map, learned and played")
            again = "Take the tour again" if desk.settings.tour_done else "Take the tour"
            button(row, again, self._leaving(desk.tour.begin), px(desk, 150))
            button(row, "Empty patch", self._leaving(partial(unless_unsaved, desk, desk.begin)), px(desk, 110))
            button(row, "Open file …", self._leaving(partial(perform, desk, ACTIONS["file.open"])), px(desk, 110))
        small(desk, window, "Examples")
        words(desk, window, "Click a picture to open a copy, Play to hear it first: your patch stays open meanwhile.")
        dpg.add_spacer(parent=window, height=px(desk, 4))
        names = list(STARTERS)
        for begin in range(0, len(names), COLUMNS):
            with dpg.group(horizontal=True, parent=window) as row:
                for name in names[begin : begin + COLUMNS]:
                    self._card(row, name)
        if desk.settings.recent:
            small(desk, window, "Recent")
            for path in desk.settings.recent[:RECENT]:
                name, folder = recent_words(path)
                with dpg.group(horizontal=True, parent=window) as row:
                    button(row, f"{name}##{path}", self._leaving(partial(open_recent, desk, path)))
                    words(desk, row, folder)
        self._thumbnails.ask(look_of(desk))

    def refresh(self, now: float) -> None:
        """Put pictures in as they come."""
        import dearpygui.dearpygui as dpg

        for name, item in self._plays.items():
            dpg.configure_item(item, label=f"{self._play_label(name)}##play {name}")
        if not self._homes:
            return
        width, height = (px(self._desk, one) for one in SIZE)
        for name, pixels in self._thumbnails.ready().items():
            home = self._homes.pop(name, None)
            if home is None:
                continue
            rows, columns = pixels.shape[:2]
            tag = f"starter {name}"
            if not dpg.does_item_exist(tag):
                with dpg.texture_registry():
                    dpg.add_static_texture(columns, rows, pixels.reshape(-1), tag=tag)
            dpg.configure_item(home, show=False)
            act = self._leaving(partial(start, self._desk, name))
            made = dpg.add_image_button(
                tag,
                parent=dpg.get_item_parent(home),
                before=home,
                width=width,
                height=height,
                user_data=act,
                callback=lambda sender, data, act: act(),
            )
            dpg.bind_item_theme(made, bare(self._desk))

    def _card(self, row: int, name: str) -> None:
        """A picture that can be clicked, the name and what it is."""
        import dearpygui.dearpygui as dpg

        desk = self._desk
        width, height = (px(desk, one) for one in SIZE)
        act = self._leaving(partial(start, desk, name))
        with dpg.group(parent=row) as card:
            blank = dpg.add_button(
                label=f"##{name}", width=width, height=height, user_data=act, callback=lambda sender, data, act: act()
            )
            self._homes[name] = blank
            with dpg.group(horizontal=True, parent=card) as title:
                self._plays[name] = button(title, f"{PLAY}##play {name}", partial(self._switch, name), px(desk, 46))
                head(desk, title, name)
            with dpg.child_window(
                parent=card, width=width, height=px(desk, 42), border=False, no_scrollbar=True
            ) as box:
                words(desk, box, STARTERS[name].summary)

    def close(self) -> None:
        """No example is heard any more."""
        self._desk.preview.stop()

    def _switch(self, name: str) -> None:
        """Hear an example, or no longer."""
        preview = self._desk.preview
        if preview.name == name:
            preview.stop()
            return
        try:
            preview.play(name, load_file(STARTERS[name].file))
        except PatchFileError as error:
            self._desk.say(str(error), "warning")

    def _play_label(self, name: str) -> str:
        preview = self._desk.preview
        return PLAY if preview.name != name else STOP if self._desk.plays_instead else WAITING

    def _leaving(self, act: Callable[[], object]) -> Callable[[], None]:
        def done() -> None:
            self._close()
            act()

        return done
