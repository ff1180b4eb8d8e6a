"""A session like Ableton Link's, alone in its process, whose other side is a file: what others do is written to it.

Lines: ``tempo 140``, ``play``, ``stop``, ``peers 2``, ``die``. What this side commits is appended to ``FILE.done``.
"""

import os
import time
from pathlib import Path

FILE = Path(os.environ.get("TOY_LINK", "link"))


class State:
    def __init__(self, link):
        self.link, self.wishes = link, []

    def tempo(self):
        return self.link.bpm

    def beatAtTime(self, micros, quantum):
        return self.link.beat_at(micros)

    def isPlaying(self):
        return self.link.playing

    def setTempo(self, tempo, micros):
        self.wishes.append(("tempo", tempo, micros))

    def setIsPlaying(self, playing, micros):
        self.wishes.append(("playing", playing, micros))


class Link:
    def __init__(self, bpm):
        self.bpm, self.playing, self.peers, self.seen = bpm, False, 0, 0
        self.origin, self.beat = self.micros(), 0.0
        FILE.touch()

    def clock(self):
        return self

    def micros(self):
        return time.monotonic_ns() // 1000

    def beat_at(self, micros):
        return self.beat + (micros - self.origin) * self.bpm / 60e6

    def set(self, tempo, micros):
        self.beat, self.origin = self.beat_at(micros), micros
        self.bpm = tempo

    def numPeers(self):
        return self.peers

    def captureAppSessionState(self):
        lines = FILE.read_text().splitlines()
        for line in lines[self.seen :]:
            word, _, number = line.partition(" ")
            if word == "tempo":
                self.set(float(number), self.micros())
            elif word == "peers":
                self.peers = int(number)
            elif word == "die":
                os._exit(3)
            else:
                self.playing = word == "play"
        self.seen = len(lines)
        return State(self)

    def commitAppSessionState(self, state):
        for what, value, micros in state.wishes:
            if what == "tempo":
                self.set(value, micros)
            else:
                self.playing = value
            with FILE.with_suffix(".done").open("a") as done:
                done.write(f"{what} {value}\n")
