"""Things for a child to do in tests: loaded there by name, so it imports nothing of the tests."""

import os
from typing import Any

from latent_terrain.engine.messages import Error, Gone, Message, Tried, decoder
from latent_terrain.engine.messages import General as Usual


class Toy(Message, frozen=True):
    """What is asked of it, or said by it."""

    what: str = ""
    value: Any = None


KNOWN = decoder(Toy | Usual)


def echo(parent):
    parent.send(Toy(what="hello", value=parent.order(Toy).value))
    while True:
        message = parent.receive(KNOWN)
        match message:
            case Toy(what="die"):
                os._exit(3)
            case Toy(what="raise"):
                raise RuntimeError("as you wish")
            case Toy(what="babble"):
                os.write(parent._target, b"\xff\xff\xff\xff no message at all")
            case Toy(what="raw"):
                os.write(parent._target, message.value)
            case Toy(what="refuse"):
                parent.answer(message, Error(text="not that one"))
            case Toy(what="something else"):
                parent.answer(message, Toy(what=message.value))
            case Toy():
                print("prints are no messages")
                parent.answer(message, Toy(value=message.value))


def forge(parent):
    """Says what is made by the other side alone, or the same thing without end, or the same answer twice."""
    what = parent.order(Toy).what
    parent.begin()
    if what == "answers":
        request = parent.receive(KNOWN)
        for _ in range(100_000):
            parent.answer(request, Toy(value=1))
    while what == "flood":
        parent.send(Toy(what="again"))
    parent.send(Gone(code=0) if what == "gone" else Tried(text="forged"))
    parent.receive(KNOWN)
