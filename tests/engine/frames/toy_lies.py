"""Work that writes and says what it should not: loaded in a worker's process by name, not by a test."""

import gc
import os
import struct
import sys
from typing import Any

import toy_work
from msgspec import to_builtins

from latent_terrain.engine.frames.words import DONE, POSTED
from latent_terrain.engine.processes.shared import SharedArrays


def parent():
    """Its end of the pipe, which every program in this process can find."""
    frame = sys._getframe()
    while frame is not None and "parent" not in frame.f_locals:
        frame = frame.f_back
    assert frame is not None
    return frame.f_locals["parent"]


class Writes(toy_work.Ramps):
    """After some frames it fills the words that both sides share with the largest number, again and again."""

    def open(self, how):
        words = next(one for one in gc.get_objects() if isinstance(one, SharedArrays)).arrays["words"]
        stream: Any = super().open(how)

        def run(given, is_first, offset):
            while given[1] == 1.0:
                words[POSTED] = words[DONE] = (1 << 63) - 1
            return type(stream).run(stream, given, is_first, offset)

        stream.run = run
        return stream


class Answers(toy_work.Ramps):
    """Says something else of its first frames than there is to say."""

    def __init__(self, ratio, said):
        super().__init__(ratio)
        self.parent, self.said = parent(), said

    def open(self, how):
        send = self.parent.send
        self.parent.answer = lambda request, answer: send(
            {**to_builtins(answer), **self.said, "number": request.number}
        )
        return super().open(how)


class Speaks(toy_work.Ramps):
    """Sends a message so large that reading it would keep everybody waiting, when it is wished."""

    def open(self, how):
        pipe = parent()._target
        stream: Any = super().open(how)

        def run(given, is_first, offset):
            body = b"\x82\xa2op\xa1x\xa1a\xdd" + struct.pack(">I", 32 << 20) + bytes(32 << 20)
            left = memoryview(struct.pack("<I", len(body)) + body)
            while given[1] == 1.0 and left:
                left = left[os.write(pipe, left) :]
            return type(stream).run(stream, given, is_first, offset)

        stream.run = run
        return stream
