"""Pages over the canvas: examples to start from, help, keys, settings, devices. One at a time; patching goes on."""

import atexit
from collections.abc import Mapping

from ...patcher.window_requests import Ask, Show, ShowHelp
from ..actions.control_processes import MAP_WINDOW, ControlProcesses, follow
from ..document.desk import Desk
from ..window.centred import Floating
from ..window.panel import Place
from .actions_page import ActionsPage
from .controls_page import ControlsPage
from .devices_page import DevicesPage
from .help_page import AllNodesPage, HelpPage
from .keys_page import KeysPage
from .page import Page
from .settings_page import SettingsPage
from .sounds_page import SoundsPage
from .starters_page import StartersPage
from .thumbnails import Thumbnails


class Pages:
    """The page that is open."""

    name, title = "pages", "Pages"
    place: Place = "popup"

    def build(self, parent: int, desk: Desk) -> None:
        """Nothing is made before it is asked for."""
        self.desk = desk
        self._floating = Floating(desk, self._closed)
        self._thumbnails = Thumbnails(desk.scopes.node_types)
        self._page: Page | None = None
        self._processes = ControlProcesses()
        atexit.register(self._processes.close)

    @property
    def panes(self) -> Mapping[str, int]:
        """The page that is open."""
        return {self.name: self._floating.window} if self._floating.window is not None else {}

    @property
    def is_typing(self) -> bool:
        """Whether a box on the page has the keys, or had them for the key that closed it."""
        is_typing_now = self._page is not None and self._page.is_typing
        return is_typing_now or (self._floating.holds_keys and not self._floating.is_open)

    def takes(self, ask: Ask) -> bool:
        """Open a page."""
        if ask == Show("map window"):
            self._map_window()
            return True
        page = self._page_for(ask)
        if page is None:
            return False
        self.open(page)
        return True

    def open(self, page: Page) -> None:
        """Show a page in place of what is shown."""
        self._closed()
        window = self._floating.open(page.title, *page.size)
        self._page = page
        page.fill(window)

    def refresh(self, now: float) -> None:
        """Follow."""
        follow(self.desk, self._processes)
        self._floating.tick()
        if self._page is not None and self._floating.is_open:
            self._page.refresh(now)

    def _map_window(self) -> None:
        """Open a window for a second screen, or close it."""
        try:
            is_on = self._processes.switch(MAP_WINDOW)
        except OSError as error:
            self.desk.say(f"the map window can't be opened ({error})", "warning")
            return
        self.desk.say(
            "opening the map in a window of its own; F11 there fills the screen" if is_on else "map window closed"
        )

    def close(self) -> None:
        """Close the page."""
        self._floating.dismiss()

    def _page_for(self, ask: Ask) -> Page | None:
        match ask:
            case ShowHelp(""):
                return AllNodesPage(self.desk, lambda type_: self.desk.ask(ShowHelp(type_)))
            case ShowHelp(type_):
                return HelpPage(self.desk, type_, self.close)
            case Show("starters"):
                return StartersPage(self.desk, self._thumbnails, self.close)
            case Show("keys"):
                return KeysPage(self.desk)
            case Show("actions"):
                return ActionsPage(self.desk, self._floating)
            case Show("sounds"):
                return SoundsPage(self.desk)
            case Show("settings"):
                return SettingsPage(self.desk)
            case Show("controls"):
                return ControlsPage(self.desk, self._processes)
            case Show("devices"):
                return DevicesPage(self.desk, self.close)
        return None

    def _closed(self) -> None:
        if self._page is not None:
            self._page.close()
        self._page = None
