"""Eight biosignals as a performer's belt sends them: 100 OSC messages a second, each with eight numbers.

Four muscles (EMG envelopes, mV), breath, pulse, skin conductance and a body's tilt: with drift, noise, spikes, and now
and then a number that is none. The same seed sends the same. No part of Latent Terrain; put your sensors in its place.

Run: python examples/biosignals/sensors.py 9000 [--seed 1] [--seconds 60]
"""

import argparse
import socket
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pythonosc.osc_message_builder import OscMessageBuilder

ADDRESS = "/biosignals"
CHANNELS = 8
PER_SECOND = 100


def biosignals(seed: int) -> Iterator[NDArray[np.float64]]:
    """Moment after moment, ``[8]``, 100 a second, without end."""
    rng = np.random.default_rng(seed)
    drift, tension, aim, beat = np.zeros(CHANNELS), np.zeros(4), np.zeros(4), 0.0
    moment = 0
    while True:
        now = moment / PER_SECOND
        if moment % 60 == 0:  # another gesture every 0.6 s: each muscle is tense or not
            aim = rng.gamma(1.2, 0.5, 4) * (rng.random(4) < 0.6)
        tension += (aim - tension) * 0.04
        drift += rng.normal(0.0, 0.0005, CHANNELS)
        beat = (beat + (1.15 + 0.1 * np.sin(now / 4)) / PER_SECOND) % 1.0
        body = np.array([
            *(tension * (1.0 + 0.15 * rng.normal(size=4))),
            2.0 * np.sin(np.pi * 2 * 0.23 * now + 0.6 * np.sin(now / 7)),
            np.exp(-(((beat - 0.15) / 0.07) ** 2)) + 0.35 * np.exp(-(((beat - 0.45) / 0.1) ** 2)),
            4.0 + np.sin(now / 11) + 0.2 * tension.sum(),
            30.0 * np.sin(now / 3) + 5.0 * np.sin(now * 1.7),
        ])  # fmt: skip
        body += drift + rng.normal(0.0, 0.01, CHANNELS)
        body[rng.random(CHANNELS) < 0.001] *= 40.0  # a loose electrode
        body[rng.random(CHANNELS) < 0.001] = np.nan  # a lost packet
        yield body
        moment += 1


def main() -> None:
    """Send to a port of this machine, in time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    asked = parser.parse_args()
    begin, one = time.monotonic(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for moment, values in enumerate(biosignals(asked.seed)):
        if moment / PER_SECOND > asked.seconds:
            return
        time.sleep(max(0.0, begin + moment / PER_SECOND - time.monotonic()))
        message = OscMessageBuilder(ADDRESS)
        for value in values:
            message.add_arg(float(value), "f")
        one.sendto(message.build().dgram, ("127.0.0.1", asked.port))


if __name__ == "__main__":
    main()
