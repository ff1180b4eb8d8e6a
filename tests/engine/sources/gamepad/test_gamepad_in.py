"""Gamepads through their process: devices that come, move and go; SDL itself with a device that is made for it."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from latent_terrain.engine.sources.gamepad import GamepadError, GamepadIn, gateway
from latent_terrain.engine.sources.gamepad.sdl import GamepadState

from ...heard import Heard

BACKEND = "tests.engine.sources.gamepad.toy_pads"
REST = "0 0 0 0 0 0; 0 0"


def places(heard: Heard) -> dict[str, float]:
    """Where everything is now."""
    return {source: numbers[0] for source, numbers in heard.events}


@pytest.fixture
def devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOY_PADS", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    return tmp_path


def put(path: Path, line: str) -> None:
    new = path.with_name(f".{path.name}")
    new.write_text(line)
    new.replace(path)


def test_sticks_triggers_and_buttons_are_places(devices: Path) -> None:
    heard = Heard()
    looking = GamepadIn(["xbox"], heard.control, heard.tell, BACKEND)
    put(devices / "Xbox One", REST)
    put(devices / "Wheel", REST)
    heard.until(lambda: "gamepads: listening to Xbox One" in heard.said)
    put(devices / "Wheel", "1; 1")
    put(devices / "Xbox One", "1 -1 0.04 -0.5 0.25 1.0; 0 1")
    wanted = {"axis/0": 1.0, "axis/1": 0.0, "axis/3": 0.5 - 0.5 * (0.42 / 0.92), "axis/4": 0.25, "axis/5": 1.0}
    heard.until(lambda: len(places(heard)) == 6)
    assert places(heard) == pytest.approx(
        {f"gamepad:Xbox One/1/{what}": place for what, place in {**wanted, "button/1": 1.0}.items()}
    )
    put(devices / "Xbox One", REST)
    heard.until(lambda: places(heard)["gamepad:Xbox One/1/axis/0"] == 0.5)
    (devices / "Xbox One").unlink()
    heard.until(lambda: "gamepads: Xbox One was disconnected" in heard.said)
    looking.close()


def test_its_process_may_die(devices: Path) -> None:
    heard = Heard()
    looking = GamepadIn([""], heard.control, heard.tell, BACKEND)
    put(devices / "pad", "die")
    heard.until(lambda: any("crashed" in text for text in heard.said))
    put(devices / "pad", REST)
    heard.until(lambda: "gamepads: listening to pad" in heard.said)
    looking.close()


def test_without_the_library_it_says_what_to_install() -> None:
    with pytest.raises(GamepadError, match=r"pip install .*pygame-ce"):
        GamepadIn([""], Heard().control, Heard().tell, "no_such_pads")


def test_a_stick_at_rest_that_trembles_says_nothing() -> None:
    assert dict(gateway._places(GamepadState((0.079, -0.079), ()))) == {"axis/0": 0.5, "axis/1": 0.5}
    assert dict(gateway._places(GamepadState((1.0, -1.0), (True,)))) == {"axis/0": 1.0, "axis/1": 0.0, "button/0": 1.0}


VIRTUAL = """
import ctypes, sys
from latent_terrain.engine.sources.gamepad.sdl import Pads
pads = Pads()
assert pads.look() == {}
sdl = ctypes.CDLL(sys.argv[1])
sdl.SDL_JoystickOpen.restype = ctypes.c_void_p
for kind, axes, buttons in ((1, 6, 15), (0, 3, 2)):
    index = sdl.SDL_JoystickAttachVirtual(kind, axes, buttons, 0)
    assert index >= 0, "SDL makes no devices here"
found = pads.look()
assert sorted(len(one.axes) for one in found.values()) == [3, 6], found
stick = ctypes.c_void_p(sdl.SDL_JoystickOpen(0))
sdl.SDL_JoystickSetVirtualAxis(stick, 0, ctypes.c_int16(32767))
sdl.SDL_JoystickSetVirtualAxis(stick, 1, ctypes.c_int16(-32768))
sdl.SDL_JoystickSetVirtualButton(stick, 1, 1)
held = next(one for one in pads.look().values() if len(one.axes) == 6)
assert held.axes[:2] == (1.0, -1.0), held
assert held.buttons[:3] == (False, True, False), held
sdl.SDL_JoystickDetachVirtual(0)
assert [len(one.axes) for one in pads.look().values()] == [3]
print("seen")
"""


def test_sdl_shows_devices_that_come_move_and_go() -> None:
    pygame = pytest.importorskip("pygame", reason="gamepads need pygame-ce")
    folder = Path(pygame.__file__).parents[1] / "pygame_ce.libs"
    found = sorted(folder.glob("libSDL2-2*")) if folder.is_dir() else []
    if not found:
        pytest.skip("pygame's own SDL is not where its Linux wheels have it")
    ctypes.CDLL(str(found[0]))
    done = subprocess.run(
        [sys.executable, "-c", VIRTUAL, str(found[0])], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "seen\n", done.stderr
