"""A helper for tests: loaded by name in a process of its own."""

import os
import random
import signal
import sys
import threading
from typing import Any

from latent_terrain.engine.messages import Done, Message, Ready, Unable, decoder
from latent_terrain.engine.messages import General as Usual
from tests.wild import packed, value


class Toy(Message, frozen=True):
    """What is asked of it, or said by it."""

    what: str = ""
    value: Any = None


KNOWN = decoder(Toy | Usual)


def serve(parent):
    match parent.order(Toy).what:
        case "exit":
            os._exit(3)
        case "refuse":
            parent.send(Unable(text="as you wish"))
            return
        case "never ready":
            threading.Event().wait()
    parent.send(Ready())
    parent.send(Toy(value=parent.order(Toy).value))
    while True:
        match parent.receive(KNOWN):
            case Toy(what="raise"):
                raise RuntimeError("as you wish")
            case Toy(what="refuse"):
                parent.send(Unable(text="as you wish"))
                return
            case Toy(what="done"):
                parent.send(Done())
                return
            case Toy(what="die"):
                os.kill(os.getpid(), signal.SIGKILL)
            case Toy(what="noise"):
                os.write(parent._target, b"\xff\xff\xff\xff no message at all")
            case Toy(what="babble", value=count):
                babble(parent, count)
                parent.send(Toy(value="still here"))
            case Toy(what="path"):
                parent.send(Toy(value=[sys.path[0], os.environ.get("PYTHONSTARTUP", ""), os.nice(0)]))
            case Toy(what="echo") as question:
                parent.answer(question, Toy(value=question.value))


def babble(parent, count):
    chance = random.Random(count)
    for _ in range(count):
        op = chance.choice(("toy", "remark", "nothing", 5, None, [1], {}, "ready", "alive"))
        made = {"op": op, chance.choice(("value", "text", "number", "port")): value(chance)}
        try:
            os.write(parent._target, packed(made))
        except (ValueError, OverflowError, TypeError):
            continue
