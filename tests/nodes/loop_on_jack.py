"""Plays a patch on a JACK server whose output is led back to its input; called by test_whole_loop, prints JSON.

One word says how the device is served. What the patch plays, what it hears, and what its render is, are compared.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from latent_terrain.engine import load_palette
from latent_terrain.engine.drivers import BlockingDriver, CallbackDriver, WantedDevice
from latent_terrain.engine.live import Live, LiveSetup
from latent_terrain.engine.offline import offline_setup, render
from latent_terrain.graphs import Patch, add_node, connect

RATE, BLOCK, SECONDS = 48_000, 256, 1.5
TRIES, LIMIT_SECONDS = 4, 20.0
KINDS = {"callback": CallbackDriver, "blocking": BlockingDriver}


def patch() -> Patch:
    """
    hiss --> left, tone --> right --> pair --> out; and ear, which hears it come back
    """
    found = Patch(seed=5)
    for name, kind, values in (
        ("hiss", "noise", {}),
        ("left", "gain", {"level": -7.0}),
        ("tone", "sine", {"frequency": 441.3}),
        ("right", "gain", {"level": -3.0}),
        ("pair", "join", {}),
        ("out", "audio_out", {}),
        ("ear", "audio_in", {"channels": 2}),
    ):
        found = add_node(found, kind, name, values)
    for source, target in (
        ("hiss.out", "left.audio"),
        ("tone.out", "right.audio"),
        ("left.out", "pair.a"),
        ("right.out", "pair.b"),
        ("pair.out", "out.audio"),
    ):
        found = connect(found, source, target)
    return found


class Tapes:
    """What was played and what was heard, each ``[2, samples]`` from the engine's first sample on."""

    def __init__(self) -> None:
        samples = int(LIMIT_SECONDS * RATE) // BLOCK * BLOCK
        self.played, self.heard = np.zeros((2, samples), np.float32), np.zeros((2, samples), np.float32)
        self.live: Live | None = None
        self.place = 0

    def take(self, sound: Any) -> None:
        """Audio thread only."""
        if self.live is not None and self.place < self.played.shape[1]:
            part = slice(self.place, self.place + BLOCK)
            self.played[:, part] = sound
            self.heard[:, part] = self.live.engine.signal("ear", "out")
            self.place += BLOCK


def once(kind: str) -> dict[str, Any]:
    tapes = Tapes()
    live = Live(patch(), load_palette(), Path(), LiveSetup(sample_rate=RATE, block=BLOCK), tapes.take)
    tapes.live = live
    driver = KINDS[kind](live.play, WantedDevice("system", sample_rate=RATE, block=BLOCK, ring_seconds=0.02), print)
    driver.start()
    try:
        wait_for(tapes, BLOCK)
        for channel in (0, 1):
            wire("jack_disconnect", f"system:capture_{channel + 1}", f"PortAudio:in_{channel}")
            wire("jack_connect", f"PortAudio:out_{channel}", f"PortAudio:in_{channel}")
        begin = tapes.place + 32 * BLOCK
        wait_for(tapes, begin + int(SECONDS * RATE))
    finally:
        driver.stop()
        live.close()
    end = tapes.place
    setup = offline_setup(patch(), Path(), RATE, BLOCK)
    still = np.concatenate([part.copy() for part in render(patch(), load_palette(), setup, end)], axis=1)
    return {
        "inputs": driver.format.inputs,
        "asked": end - begin,
        "played_is_render": bool(np.array_equal(tapes.played[:, :end], still)),
        "peak": float(np.abs(still).max()),
        **longest(still, tapes.heard[:, :end], begin),
    }


def longest(sent: Any, heard: Any, begin: int) -> dict[str, int]:
    """The longest stretch from a sample on that was heard as it was sent, to the bit, and how much later."""
    best = {"equal": 0, "lag": -1}
    for lag in range(32 * BLOCK):
        if lag + 64 > begin or not (heard[:, -64:] == sent[:, -64 - lag : sent.shape[1] - lag]).all():
            continue
        same = (heard[:, begin:] == sent[:, begin - lag : sent.shape[1] - lag]).all(axis=0)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], same.astype(np.int8), [0]))))
        equal = int((edges[1::2] - edges[::2]).max(initial=0))
        best = max(best, {"equal": equal, "lag": lag}, key=lambda one: one["equal"])
    return best


def wait_for(tapes: Tapes, place: int) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while tapes.place < place:
        if time.monotonic() > end:
            raise SystemExit("the device asks for nothing")
        time.sleep(0.02)


def wire(program: str, source: str, target: str) -> None:
    subprocess.run([program, source, target], check=True, capture_output=True)


if __name__ == "__main__":
    best: dict[str, Any] = {}
    for _ in range(TRIES):
        found = once(sys.argv[1])
        best = max(found, best or found, key=lambda one: one["equal"])
        if best["equal"] == best["asked"]:
            break
    print(json.dumps(best))
