"""Things for a child to do in tests: loaded there by name, so it imports nothing of the tests."""

import os


def echo(parent, first):
    parent.send({"op": "hello", "first": first})
    while (message := parent.receive()) is not None:
        if message.get("op") == "die":
            os._exit(3)
        if message.get("op") == "raise":
            raise RuntimeError("as you wish")
        if message.get("op") == "babble":
            os.write(parent._target, b"\xff\xff\xff\xff no message at all")
            continue
        if message.get("op") == "refuse":
            parent.answer(message, error="not that one")
            continue
        print("prints are no messages")
        parent.answer(message, got=message.get("value"), pid=os.getpid())


def forge(parent, first):
    """Says what is made by the other side alone, or the same thing without end, or the same answer twice."""
    parent.begin()
    if first["what"] == "answers":
        request = parent.receive()
        for _ in range(100_000):
            parent.answer(request, got=1)
    while first["what"] == "flood":
        parent.send({"op": "fault", "text": "again"})
    parent.send({"op": first["what"], "code": 0, "text": "forged"})
    parent.receive()
