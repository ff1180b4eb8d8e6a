"""The window: one loop that hears the desk's asks, the keys and the mouse, and paints; nothing is decided here."""

import time
from collections.abc import Callable, Sequence

from ...graphs.printable import printable
from ..patcher.window_requests import Ask, Quit, Show
from ..surface import keys
from ..surface.look import THEMES, Look
from ..surface.shapes import Box
from ..surface.window import SurfaceView
from ..terrain_image.thumbnails import Pictures
from .actions import ACTIONS, perform
from .actions.dropped import take_dropped
from .actions.keymap import Keymap
from .document.controllers import cancel_learning
from .document.desk import Desk
from .map_panel.panel import MapPanel
from .panels.toast import ToastView
from .window.canvas_view import CanvasView
from .window.drops import Drops
from .window.focus import Focus
from .window.idle import last_input
from .window.panel import Panel
from .window.panes import PaneBars, shared_out, thickness, with_gaps, without_gaps
from .window.themes import bind_theme, make_fonts

BUSY_FPS, IDLE_FPS, BUSY_SECONDS = 60.0, 12.0, 0.6
# How often the window is drawn while nothing sounds and nobody touches it: often enough to wake at once.
DOZING_FPS, DOZE_AFTER_SECONDS = 6.0, 4.0
# Where the system tells of input, hardly at all; it is asked so often, and the desk looks what others do.
RESTING_FPS, REST_AFTER_SECONDS, GLANCE_SECONDS, LOOK_SECONDS = 0.5, 6.0, 0.03, 0.25
BAR = 44
REPEATS = frozenset(
    {"edit.undo", "edit.redo", "view.left", "view.right", "view.up", "view.down", "view.in", "view.out"}
    | {"map.left", "map.right", "map.up", "map.down"}
)


class App:
    """The window of a desk. Made, then ``run`` or stepped with ``frame`` (tests do), then closed.

    is_framed: with the desktop's frame around it, where the desktop puts it.
    """

    def __init__(
        self, desk: Desk, panels: Sequence[Panel], title: str = "Latent Terrain", is_framed: bool = True
    ) -> None:
        import dearpygui.dearpygui as dpg

        self.desk, self.panels, self._title = desk, panels, title
        self.keymap = Keymap({name: one.keys for name, one in ACTIONS.items()}, desk.settings)
        self.pictures: Pictures | None = None
        self._pictured: object = None
        self._terrains: set[str] = set()
        self.is_over = False
        desk.maps.is_alone = not any(one.place == "bar" for one in panels)
        self.map = next((panel for panel in panels if isinstance(panel, MapPanel)), None)
        self._behind: list[str] = []
        """Panels in whose place another was opened, the latest last."""
        self._busy_until = 0.0
        self._down: set[int] = set()
        self._titled = ""
        self._space_alone = False
        self._tabbed = 0
        self._last_input = last_input()
        self._theme_of = (desk.settings.theme, desk.settings.ui_scale)
        width, height = desk.settings.window if len(desk.settings.window) == 2 else (1440, 900)
        dpg.create_context()
        dpg.configure_app(manual_callback_management=True)
        bare = {"disable_close": True} if is_framed else {"decorated": False, "x_pos": 0, "y_pos": 0}
        dpg.create_viewport(title=title, width=int(width), height=int(height), min_width=640, min_height=420, **bare)
        self.fonts = make_fonts(desk.settings.ui_scale)
        bind_theme(self._look, desk.settings.ui_scale)
        self.window: int = dpg.add_window(
            no_title_bar=True, no_move=True, no_resize=True, no_scrollbar=True, no_bring_to_front_on_focus=True
        )
        dpg.set_primary_window(self.window, True)
        self._build()
        with dpg.handler_registry():
            dpg.add_key_press_handler(callback=self._key)
            dpg.add_key_release_handler(callback=self._key_up)
        dpg.set_exit_callback(self._asked_to_close)
        dpg.setup_dearpygui()
        dpg.show_viewport()
        self.drops = Drops()
        self.drops.begin()

    @property
    def _look(self) -> Look:
        return THEMES[self.desk.settings.theme]

    def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Until the window is closed. started: called once the first frame is seen."""
        due = time.perf_counter()
        self.frame()
        started()
        while not self.is_over:
            self.frame()
            now = time.perf_counter()
            if now > self._busy_until + REST_AFTER_SECONDS and not self.desk.sound.status.is_on and self.rest():
                due = time.perf_counter()
                continue
            is_dozing = now > self._busy_until + DOZE_AFTER_SECONDS and not self.desk.sound.status.is_on
            due += 1.0 / (BUSY_FPS if now < self._busy_until else DOZING_FPS if is_dozing else IDLE_FPS)
            if due > now:
                time.sleep(due - now)
            else:
                due = now

    def end(self) -> None:
        """Let ``run`` come to its end after this frame, without a question; also from a signal."""
        self.is_over = True

    def frame(self) -> None:
        """One frame."""
        import dearpygui.dearpygui as dpg

        if not dpg.is_dearpygui_running():
            self.is_over = True
            return
        jobs = dpg.get_callback_queue() or []
        if jobs:
            self.wake()
        dpg.run_callbacks(jobs)
        now = time.monotonic()
        self.desk.tick(now)
        self.desk.keys.let_go(keys.is_down)
        self._answer()
        self._restyle()
        self._arrange()
        self.focus.tick()
        if self._tabbed:  # the library goes on to the next text box by Tab, within some frames, as if it meant that
            self._tabbed -= 1
            if not any(panel.is_typing for panel in self.panels if panel.place == "popup"):
                dpg.focus_item(
                    self.map.view.box if self.canvas.is_covered and self.map is not None else self.canvas.box
                )
        is_dragged = self.bars.tick(now)
        self._show_pictures()
        if self.canvas.tick() or self.desk.sound.trainings or is_dragged:
            self.wake()
        self._drop()
        for panel in self.panels:
            if isinstance(panel, ToastView):
                panel.room = self._notice_room
            panel.refresh(now)
        if self.map is not None and self.map.is_open and self.map.is_moving:
            self.wake()
        dpg.render_dearpygui_frame()

    def rest(self, seconds: float = 1.0 / RESTING_FPS) -> bool:
        """Draw nothing until somebody touches mouse or keyboard, something happens, or so long; False: can't be known.

        A frame costs most where there is no graphics card; what others do is looked at all the while.
        """
        if self.desk.sound.trainings or self.desk.asks or self._last_input() is None:
            return False
        patch, heard = self.desk.patch, len(self.desk.log.entries)
        end = looked = time.monotonic()
        end += seconds
        while time.monotonic() < end:
            time.sleep(GLANCE_SECONDS)
            since = self._last_input()
            if since is None or since <= 2 * GLANCE_SECONDS:
                self.wake()
                break
            if time.monotonic() - looked >= LOOK_SECONDS:
                looked = time.monotonic()
                self.desk.tick(looked)
                if patch is not self.desk.patch or heard != len(self.desk.log.entries) or self.desk.asks:
                    self.wake()
                    break
        return True

    def wake(self) -> None:
        """Something moves: draw often for a while."""
        self._busy_until = time.perf_counter() + BUSY_SECONDS

    def close(self) -> None:
        """Take the window away."""
        import dearpygui.dearpygui as dpg

        if self.pictures is not None:
            self.pictures.close()
        if self.map is not None:
            self.map.close()
        dpg.destroy_context()

    @property
    def is_typing(self) -> bool:
        """Whether a text box has the keys."""
        return any(panel.is_typing for panel in self.panels)

    def key(self, name: str, is_repeated: bool = False) -> bool:
        """A key, as the keymap names it. Gives whether it meant something."""
        if name == "Escape" and self.canvas.hand.is_busy:
            self.canvas.hand.cancel()
            return True
        if self.desk.keys.press(name):
            return True
        if name == "Escape" and (cancel_learning(self.desk) or self.focus.escape()):
            return True
        action = self.keymap.action_for(name, self.desk.focus)
        if action is None or (is_repeated and action not in REPEATS):
            return False
        return perform(self.desk, ACTIONS[action])

    def _build(self) -> None:
        import dearpygui.dearpygui as dpg

        desk = self.desk
        for panel in self.panels:
            if panel.place == "bar":
                panel.build(self.window, desk)
        outer: int = dpg.add_group(horizontal=True, parent=self.window, horizontal_spacing=0)
        dpg.bind_item_theme(outer, without_gaps(desk))
        left: int = dpg.add_group(parent=outer)
        middle: int = dpg.add_group(parent=left)
        self.bars = PaneBars(desk, middle, left, outer)
        self._side: int = dpg.add_child_window(parent=outer, border=True, show=False)
        self._bottom: int = dpg.add_child_window(parent=left, border=False, show=False)
        self.canvas = CanvasView(middle, desk, self.fonts)
        if self.map is not None:
            self.map.fonts = self.fonts
            self.map.build(middle, desk)
            dpg.bind_item_theme(self.map.home, with_gaps(desk))
        for pane in (self._side, self._bottom):
            dpg.bind_item_theme(pane, with_gaps(desk))
        self._homes: dict[str, int] = {}
        for panel in self.panels:
            if panel.place in ("right", "bottom"):
                parent = self._side if panel.place == "right" else self._bottom
                home: int = dpg.add_group(parent=parent, show=panel.name in desk.settings.panels)
                self._homes[panel.name] = home
                panel.build(home, desk)
            elif panel.place == "popup":
                panel.build(self.window, desk)
        seen = self.map.view if self.map is not None else None
        self.focus = Focus(desk, self.canvas, seen, self.panels, {"right": self._side, "bottom": self._bottom})

    def _arrange(self) -> None:
        import dearpygui.dearpygui as dpg

        settings, panel = self.desk.settings, self.map
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        top = 0 if self.desk.maps.is_alone else round((BAR + 28) * settings.ui_scale)
        opened, is_full = set(settings.panels), self.desk.maps.is_alone or self.desk.maps.way == "full"
        is_docked = panel is not None and panel.is_open and self.desk.maps.way != "floating"
        panes = shared_out(
            (width, max(1, height - top)),
            settings,
            has_side=any(one.place == "right" and one.name in opened for one in self.panels),
            has_bottom=any(one.place == "bottom" and one.name in opened for one in self.panels),
            map_way="none" if not is_docked else "full" if is_full else "docked",
        )
        left = width - panes.side - (thickness(self.desk) if panes.side else 0)
        dpg.configure_item(self._side, show=panes.side > 0, width=max(1, panes.side), height=max(1, height - top))
        dpg.configure_item(self._bottom, show=panes.bottom > 0, width=max(1, left), height=max(1, panes.bottom))
        self.canvas.is_covered = panes.patch[1] == 0
        dpg.configure_item(self.canvas.box, show=not self.canvas.is_covered)
        self.canvas.resize(panes.patch[0], max(50, panes.patch[1]))
        if panel is not None:
            dpg.configure_item(panel.home, show=panel.is_open)
            self.bars.order(self.canvas.box, panel.home)
            if panes.map_size is not None:
                panel.resize(*panes.map_size)
        self.bars.place(panes, left, height - top)
        settings.window = [width, height]

    @property
    def _notice_room(self) -> Box:
        """The canvas or the docked map, whichever is higher: neither is a tool that a notice might cover."""
        seen: list[SurfaceView] = [] if self.canvas.is_covered else [self.canvas]
        if self.map is not None and self.map.is_open and self.map.window is None:
            seen.append(self.map.view)
        view = max(seen, key=lambda one: one.size[1], default=self.canvas)
        return Box(0.0, 0.0, *map(float, view.size)).moved(view.corner)

    def _answer(self) -> None:
        import dearpygui.dearpygui as dpg

        while self.desk.asks:
            self.wake()
            ask: Ask = self.desk.asks.popleft()
            if isinstance(ask, Quit):
                self.is_over = True
            elif ask == Show("full screen"):
                dpg.toggle_viewport_fullscreen()
            elif isinstance(ask, Show) and ask.panel in self._homes:
                self._toggle(ask.panel)
                for name, home in self._homes.items():
                    dpg.configure_item(home, show=name in self.desk.settings.panels)
            else:
                for panel in self.panels:
                    if panel.takes(ask):
                        break

    def _toggle(self, name: str) -> None:
        """Open a panel in place of another, or close it, so that the one behind it is seen again."""
        opened = self.desk.settings.panels
        places = {one.name: one.place for one in self.panels}
        if name in opened:
            opened.remove(name)
            behind = next((one for one in reversed(self._behind) if places[one] == places[name]), None)
            opened += [behind] if behind is not None else []
        else:
            behind = next((one for one in opened if places.get(one) == places[name]), None)
            if behind is not None:
                opened.remove(behind)
                self._behind.append(behind)
            opened.append(name)
        self._behind = [one for one in self._behind if one not in opened]

    def _drop(self) -> None:
        """Do what is meant with files of other programs; the pointer is where they were dropped."""
        dropped = self.drops.take()
        if dropped:
            finder = self.map.finder if self.map is not None else None
            self.desk.focus = "map" if finder is not None else self.desk.focus
            take_dropped(self.desk, dropped, finder)

    def _restyle(self) -> None:
        import dearpygui.dearpygui as dpg

        wanted = (self.desk.settings.theme, self.desk.settings.ui_scale)
        if wanted != self._theme_of:
            self._theme_of = wanted
            bind_theme(self._look, wanted[1])
            dpg.set_global_font_scale(1.0)
            self.canvas.restyle()
            if self.map is not None:
                self.map.restyle()
        title = printable(f"{self.desk.document.title} - {self._title}")
        if title != self._titled:
            self._titled = title
            dpg.set_viewport_title(title)

    def _show_pictures(self) -> None:
        if self.pictures is None:
            return
        if self._pictured is not self.desk.document.history:
            self._pictured = self.desk.document.history
            self.pictures.forget_all()
            self.canvas.forget()
        names = self.desk.palette.names(self.desk.patch, "terrain")
        for name in self._terrains - {*names}:
            self.pictures.forget(name)
        self._terrains = {*names}
        for name in names:
            self.pictures.ask(name, self.desk.patch, self.desk.palette)
        self.canvas.show_pictures({f"picture {name}": one for name, one in self.pictures.ready().items()})

    def _asked_to_close(self) -> None:
        """The window's own cross was pressed: as the menu's Quit, with its question."""
        perform(self.desk, ACTIONS["file.quit"])

    def _key(self, sender: int, code: int) -> None:
        if code not in keys.names():
            return
        is_repeated = code in self._down
        self._down.add(code)
        name = keys.named(code)
        if name is None or self.is_typing:
            return
        if name == "Space":
            self._space_alone = True
            return
        self._space_alone = False
        if self.key(name, is_repeated) and keys.names()[code] == "Tab":
            self._tabbed = 3

    def _key_up(self, sender: int, code: int) -> None:
        self._down.discard(code)
        self.desk.keys.release(keys.names().get(code, ""))
        if keys.names().get(code) == "Space" and self._space_alone and not self.is_typing:
            self._space_alone = False
            if not self.canvas.hand.is_busy and not self.canvas.space_was_used():
                self.key("Space")
