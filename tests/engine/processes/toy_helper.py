"""A helper for tests: loaded by name in a process of its own."""

import os
import random
from typing import Any

from latent_terrain.engine.messages import General as Usual
from latent_terrain.engine.messages import Message, Ready, Remark, Unable, decoder
from tests.wild import packed, value


class Toy(Message, frozen=True):
    """What is asked of it, or said by it."""

    what: str = ""
    value: Any = None


KNOWN = decoder(Ready | Remark | Toy | Usual)


def serve(parent):
    parent.send(Ready())
    parent.send(Toy(value=parent.order(Toy).value))
    while True:
        match parent.receive(KNOWN):
            case Toy(what="raise"):
                raise RuntimeError("as you wish")
            case Toy(what="refuse"):
                parent.send(Unable(text="as you wish"))
                return
            case Toy(what="babble", value=count):
                babble(parent, count)
                parent.send(Toy(value="still here"))


def babble(parent, count):
    chance = random.Random(count)
    for _ in range(count):
        op = chance.choice(("toy", "remark", "nothing", 5, None, [1], {}, "ready"))
        made = {"op": op, chance.choice(("value", "text", "number", "port")): value(chance)}
        try:
            os.write(parent._target, packed(made))
        except (ValueError, OverflowError, TypeError):
            continue
