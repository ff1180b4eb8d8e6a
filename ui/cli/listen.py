"""Listen: OSC, MIDI, gamepads and Ableton Link for what plays already, the editor or run."""

import threading
from typing import Annotated

import typer

from .follow import Following
from .output import RUN, USAGE, Failure, say, stoppable, tell_ready
from .outside import inputs_of
from .pad import Engine, attached


def listen(
    osc: Annotated[
        str, typer.Option("--osc", metavar="HOST:PORT", help="Receive OSC at this address, or off.")
    ] = "off",
    osc_to: Annotated[str, typer.Option("--osc-to", metavar="HOST:PORT", help="Where osc_out nodes send.")] = "off",
    midi: Annotated[
        list[str] | None, typer.Option("--midi", metavar="NAME", help="MIDI input devices (by name), or all.")
    ] = None,
    midi_to: Annotated[
        list[str] | None,
        typer.Option("--midi-to", metavar="NAME", help="MIDI output devices for midi_out nodes, or all."),
    ] = None,
    gamepad: Annotated[
        list[str] | None, typer.Option("--gamepad", metavar="NAME", help="Gamepads (by name), or all.")
    ] = None,
    link: Annotated[bool, typer.Option("--link", help="Sync to Ableton Link.")] = False,
    wait: Annotated[float, typer.Option("--wait", min=0, max=60, help="Wait this many seconds for an engine.")] = 0.0,
    engine: Engine = None,
) -> int:
    """Play what runs already (the editor, or run) by OSC, MIDI, gamepads and Ableton Link.

    Controllers that are mapped in the patch turn its params, commands are followed, nodes osc_in, midi_in and keyboard
    hear theirs. Ctrl-C ends it; the patch plays on.
    """
    from pathlib import Path

    from ...engine import load_palette
    from ...engine.sources.gamepad import GamepadError
    from ...engine.sources.midi import MidiError
    from ...engine.sources.osc import OscError
    from ...engine.sources.tempo import LinkError
    from ..control.outside_controls import OutsideControls

    inputs = inputs_of(osc, osc_to, midi or [], gamepad or [], link, midi_to or [])
    if not inputs.any:
        raise Failure("listen: no input given; use --osc 9000, --midi all, --link, or several", USAGE)
    client = attached(wait, engine)
    client.subscribe()
    follows = Following(client, "listen")
    controls: OutsideControls | None = None
    try:
        controls = OutsideControls(client, load_palette(), inputs, Path.cwd(), None, say)
        if controls.osc is not None:
            say(f"listening for OSC on {controls.osc.host}:{controls.osc.port}")
        tell_ready()
        rest = threading.Event()
        with stoppable() as stop:
            while not stop.asked:
                if not follows.look():
                    break
                if not controls.is_heard:
                    return RUN
                rest.wait(0.1)
    except (OscError, MidiError, GamepadError, LinkError) as error:
        raise Failure(str(error)) from None
    finally:
        if controls is not None:
            controls.close()
        client.close()
    return 0
