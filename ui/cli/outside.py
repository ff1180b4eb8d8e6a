"""What plays a patch from outside while it runs: OSC, MIDI, gamepads, Link, pad, OSCQuery, as named by options."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...engine.processes.interpreter import CLI, start_python
from .output import Failure, say
from .patches import Opened

if TYPE_CHECKING:
    from ...engine import FloatArray, Palette
    from ...engine.link import Server
    from ...engine.live import Performance
    from ..control.hands import Ears, Hands


def ears_of(
    osc: str,
    osc_to: str,
    midi: Sequence[str],
    gamepads: Sequence[str] = (),
    link: bool = False,
    midi_to: Sequence[str] = (),
) -> "Ears":
    """What to listen to. Raises Failure for addresses that are none."""
    from ...engine.osc import OscError, address
    from ..control.hands import Ears, names_from

    try:
        found, to = address(osc), address(osc_to)
    except OscError as error:
        raise Failure(str(error)) from None
    if to is not None and found is None:
        raise Failure("--osc-to needs --osc, whose process sends")
    return Ears(found, names_from(midi), to, link=link, gamepads=names_from(gamepads), midi_to=names_from(midi_to))


def hands_for(
    server: "Server", performance: "Performance", opened: Opened, palette: "Palette", ears: "Ears"
) -> "Hands | None":
    """OSC, MIDI, gamepads and Link on what a server plays. Raises Failure."""
    from ...engine.gamepad import GamepadError
    from ...engine.midi import MidiError
    from ...engine.osc import OscError
    from ...engine.tempo import LinkError
    from ..control.hands import Body, Hands

    if not ears.any:
        return None

    def reading(node: str, name: str) -> "FloatArray | None":
        try:
            shown: FloatArray = performance.live.engine.instance(node).shows()[name]
        except (KeyError, AttributeError):
            return None
        return shown

    body = Body(server, performance.panic, performance.status, reading, performance.follow_beat, server.wait)
    try:
        hands = Hands(body, palette, ears, opened.folder, opened.file, say)
    except (OscError, MidiError, GamepadError, LinkError) as error:
        server.close()
        raise Failure(str(error)) from None
    if hands.osc is not None:
        say(f"listening for OSC on {hands.osc.host}:{hands.osc.port}")
    return hands


@contextmanager
def pad_beside(is_wanted: bool) -> Iterator[None]:
    """A pad in a process of its own, as long as it plays; its address goes to standard error."""
    with _beside(["pad", "--port", "0", "--wait", "10"] if is_wanted else []):
        yield


@contextmanager
def oscquery_beside(is_wanted: bool, ears: "Ears") -> Iterator[None]:
    """OSCQuery in a process of its own, as long as it plays; its address goes to standard error."""
    if is_wanted and ears.osc is None:
        raise Failure("--oscquery needs --osc: it tells what can be sent there")
    words = ["oscquery", "--osc-port", str(ears.osc[1]), "--wait", "10"] if is_wanted and ears.osc else []
    with _beside(words):
        yield


@contextmanager
def _beside(words: list[str]) -> Iterator[None]:
    if not words:
        yield
        return
    process = start_python([*CLI, *words], stdin=subprocess.DEVNULL, stdout=2)
    try:
        yield
    finally:
        process.terminate()
        process.wait()
