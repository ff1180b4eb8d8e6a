"""What plays a patch from outside while it runs: OSC, MIDI, gamepads, Link, pad, OSCQuery, as named by options."""

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from typing import TYPE_CHECKING

from ..control.pad import TOKEN
from .output import Failure, say
from .patches import OpenedPatch

if TYPE_CHECKING:
    from ...engine import Palette
    from ...engine.session import Server
    from ..control.outside_controls import Inputs, OutsideControls


def inputs_of(
    osc: str,
    osc_to: str,
    midi: Sequence[str],
    gamepads: Sequence[str] = (),
    link: bool = False,
    midi_to: Sequence[str] = (),
) -> "Inputs":
    """What to listen to. Raises Failure for addresses that are none."""
    from ...engine.sources.osc import OscError, address
    from ..control.outside_controls import Inputs, names_from

    try:
        found, to = address(osc), address(osc_to)
    except OscError as error:
        raise Failure(str(error)) from None
    if to is not None and found is None:
        raise Failure("--osc-to needs --osc")
    return Inputs(found, names_from(midi), to, link=link, gamepads=names_from(gamepads), midi_to=names_from(midi_to))


def controls_for(
    server: "Server", opened: OpenedPatch, palette: "Palette", inputs: "Inputs"
) -> "OutsideControls | None":
    """OSC, MIDI, gamepads and Link on what a server plays. Raises Failure."""
    from ...engine.sources.gamepad import GamepadError
    from ...engine.sources.midi import MidiError
    from ...engine.sources.osc import OscError
    from ...engine.sources.tempo import LinkError
    from ..control.outside_controls import OutsideControls

    if not inputs.any:
        return None
    try:
        controls = OutsideControls(server, palette, inputs, opened.folder, opened.file, say)
    except (OscError, MidiError, GamepadError, LinkError) as error:
        server.close()
        raise Failure(str(error)) from None
    if controls.osc is not None:
        say(f"listening for OSC on {controls.osc.host}:{controls.osc.port}")
    return controls


def pad_beside(is_wanted: bool) -> AbstractContextManager[object]:
    """A pad in a process of its own, as long as it plays; its address goes to standard error."""
    from ..child_command import ChildCommand

    token = {TOKEN: secrets.token_urlsafe(16)}
    return closing(ChildCommand("the pad", ["pad", "--wait", "10"], say, token)) if is_wanted else nullcontext()


def oscquery_beside(is_wanted: bool, inputs: "Inputs") -> AbstractContextManager[object]:
    """OSCQuery in a process of its own, as long as it plays; its address goes to standard error."""
    from ..child_command import ChildCommand

    if not is_wanted:
        return nullcontext()
    if inputs.osc is None:
        raise Failure("--oscquery needs --osc")
    return closing(ChildCommand("OSCQuery", ["oscquery", "--osc-port", str(inputs.osc[1]), "--wait", "10"], say))
