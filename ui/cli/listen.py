"""Listen: OSC, MIDI, gamepads and Ableton Link for what plays already, the editor or run."""

import threading
from typing import Annotated

import typer

from .follow import Following
from .output import RUN, USAGE, Failure, say, stoppable, tell_ready
from .outside import Gamepads, MidiIn, MidiTo, OscAt, OscTo, WithLink, inputs_of
from .pad import Engine, attached


def listen(
    osc: OscAt = "off",
    osc_to: OscTo = "off",
    midi: MidiIn = None,
    midi_to: MidiTo = None,
    gamepad: Gamepads = None,
    link: WithLink = False,
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
