"""A real window on a screen of its own, with a real mouse and keyboard: Xvfb and xdotool, frames pumped by hand."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine.palette import load_palette
from latent_terrain.graphs import Patch
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.silent import SilentEditorSound

NEEDED = ("Xvfb", "xdotool", "import")


class Person:
    """Somebody at the window: moves the mouse, presses keys, and waits for what comes of it.

    actions: how many clicks, drags, keys and typed words there were.
    """

    actions = 0

    def __init__(self, app: Any, display: str) -> None:
        self.app, self.desk = app, app.desk
        self._environment = {**os.environ, "DISPLAY": display}

    @property
    def patch(self) -> Patch:
        """What is open."""
        return self.desk.patch

    def wait(self, frames: int = 3) -> None:
        """Let frames go by."""
        for _ in range(frames):
            self.app.frame()

    def do(self, *words: object) -> None:
        """Tell xdotool something, and see two frames of it."""
        subprocess.run(["xdotool", *map(str, words)], check=True, env=self._environment)
        self.wait(2)

    def at(self, place: tuple[float, float]) -> tuple[int, int]:
        """Where a point of the canvas is on the screen."""
        x, y = self.desk.view.to_screen(place)
        left, top = self.app.canvas.corner
        return round(left + x), round(top + y)

    def go(self, place: tuple[float, float]) -> None:
        """Move to a point of the canvas."""
        self.do("mousemove", *self.at(place))

    def drag(
        self, begin: tuple[float, float], end: tuple[float, float], button: int = 1, keys: tuple[str, ...] = ()
    ) -> None:
        """Press at one point of the canvas and let go at another."""
        self.actions += 1
        self.go(begin)
        for key in keys:
            self.do("keydown", key)
        self.do("mousedown", button)
        (ax, ay), (bx, by) = self.at(begin), self.at(end)
        for step in range(1, 7):
            self.do("mousemove", round(ax + (bx - ax) * step / 6), round(ay + (by - ay) * step / 6))
        self.do("mouseup", button)
        for key in keys:
            self.do("keyup", key)
        self.wait()

    def click(self, place: tuple[float, float], button: int = 1) -> None:
        """Click at a point of the canvas."""
        self.actions += 1
        self.go(place)
        self.do("click", button)
        self.wait()

    def double_click(self, is_taken: Callable[[], object], frames: int = 12) -> None:
        """Click twice, as often as it takes: a busy machine may see the two too far apart to be one double click."""
        for _ in range(12):
            self.do("click", "--repeat", 2, "--delay", 20, 1)
            for _ in range(frames):
                self.wait(1)
                if is_taken():
                    return
        raise AssertionError(f"no double click was taken; said: {[one.text for one in self.desk.log.entries][-6:]}")

    def key(self, *names: str) -> None:
        """Press keys, one after the other ("ctrl+z")."""
        for name in names:
            self.actions += 1
            self.do("key", name)
            self.wait()

    def type(self, text: str) -> None:
        """Type letters."""
        self.actions += 1
        self.do("type", "--delay", "0", text)
        self.wait(len(text) + 5)  # the library takes one letter a frame

    def picture(self, path: Path) -> Path:
        """What is on the screen, in a file."""
        words = ["import", "-window", "root", str(path)]
        subprocess.run(words, check=True, env=self._environment)
        return path

    def add(self, words: str, place: tuple[float, float]) -> str:
        """Add a node by search, as a person does; gives its name."""
        before = set(self.patch.nodes)
        self.go(place)
        self.key("Tab")
        self.wait(4)
        self.type(words)
        self.key("Return")
        self.wait()
        (name,) = set(self.patch.nodes) - before
        return name

    def port(self, end: str, is_input: bool) -> tuple[float, float]:
        """Where a port is, on the canvas."""
        found = self.desk.layout.port(end, is_input)
        assert found is not None, f"there is no port {end}"
        return found.place


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """A display of our own."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{', '.join(missing)} is missing; CI installs it")
        pytest.skip(f"{', '.join(missing)} is not installed (apt-get install xvfb xdotool imagemagick)")
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "+extension", "GLX", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def window(screen: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """One window for all tests of a file: the library makes a second one unwillingly."""
    before = os.environ.get("DISPLAY")
    os.environ["DISPLAY"] = screen
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("config"))
    from latent_terrain.ui.editor.app import App
    from latent_terrain.ui.editor.panels import all_panels

    desk = Desk(load_palette(), SilentEditorSound(), Settings(window=[1280, 800], learns_by_itself=False))
    app = App(desk, all_panels(), is_framed=False)
    person = Person(app, screen)
    person.wait(5)
    yield person
    app.close()
    desk.close()
    os.environ.pop("DISPLAY")
    if before is not None:
        os.environ["DISPLAY"] = before


@pytest.fixture
def person(window: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody before an empty patch."""
    monkeypatch.chdir(tmp_path)
    window.app.canvas.hand.cancel()
    window.desk.asks.clear()
    window.desk.begin()
    window.desk.is_locked = False
    window.desk.view = type(window.desk.view)()
    window.wait(3)
    return window
