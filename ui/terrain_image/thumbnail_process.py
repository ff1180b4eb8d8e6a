"""The process that draws small maps of terrains and maps, so that neither the window nor the sound waits for them.

It is asked with Draw and answers with Picture (see ``engine.messages.workers``).
"""

import logging

from ...engine.logs import failed
from ...engine.messages import Error, Ready
from ...engine.messages.workers import TO_PAINTER, Draw, Picture, arrays_of
from ...engine.processes.child import Parent
from ...nodes.terrain.colours import colours_in
from .lines import small_picture

log = logging.getLogger(__name__)


def work(parent: Parent) -> None:
    """Draw what is asked for, until nobody asks any more."""
    parent.send(Ready())
    while True:
        message = parent.receive(TO_PAINTER)
        if not isinstance(message, Draw):
            continue
        try:
            weights, lines, walks = (arrays_of(one) for one in (message.weights, message.lines, message.walks))
            colours = colours_in(arrays_of(message.colours), len(weights["fc_out.bias"])) if weights else None
            numbered = {int(number): line for number, line in lines.items()}
            pixels = small_picture(weights, colours, message.box, message.size, numbered, tuple(walks.values()))
            parent.answer(message, Picture(size=message.size, pixels=pixels.tobytes()))
        except Exception as error:
            failed(log, f"the thumbnail can't be rendered: {error}", error)
            parent.answer(message, Error(text=f"{type(error).__name__}: {error}"))
