"""A helper for tests: loaded by name in a process of its own."""

import random

from tests.wild import value


def serve(parent, first):
    parent.send({"op": "ready"})
    parent.send({"op": "say", "value": first["knows"]})
    while (message := parent.receive()) is not None:
        if message.get("op") == "raise":
            raise RuntimeError("as you wish")
        if message.get("op") == "refuse":
            parent.send({"op": "refused", "text": "as you wish"})
            return
        if message.get("op") == "babble":
            babble(parent, message["count"])
            parent.send({"op": "say", "value": "still here"})


def babble(parent, count):
    chance = random.Random(count)
    for _ in range(count):
        op = chance.choice(("say", "remark", "nothing", 5, None, [1], {}, "answers"))
        made = {"op": op, chance.choice(("value", "text", "answers", "events")): value(chance)}
        try:
            parent.send(made)
        except (ValueError, OverflowError, TypeError):
            continue
