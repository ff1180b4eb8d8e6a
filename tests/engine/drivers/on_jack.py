"""What plays on a JACK server, each in a process of its own; called by test_on_jack with the name of a function."""

import json
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np

from latent_terrain.engine.drivers import (
    BlockingDriver,
    CallbackDriver,
    Driver,
    Supervisor,
    WantedDevice,
    list_devices,
    offers,
    rescan,
)

RATE, BLOCK = 48_000, 256
TRIES, LIMIT_SECONDS = 5, 90.0


def silence(heard: Any, out: Any) -> None:
    out.fill(0.0)


def rate() -> Any:
    """The callback rate over a second and a half, after a second of warming up, of the best of a few tries."""
    best: dict[str, Any] = {}
    for _ in range(TRIES):
        driver = CallbackDriver(silence, WantedDevice("system", sample_rate=RATE, block=BLOCK), print)
        driver.start()
        time.sleep(1.0)
        before, began = driver.timing.blocks, time.perf_counter()
        time.sleep(1.5)
        measured = (driver.timing.blocks - before) / (time.perf_counter() - began)
        driver.stop()
        report = driver.timing.report()
        found = {"expected": RATE / BLOCK, "measured": measured, "frames_hz": report.rate_hz, **facts(driver)}
        if not best or abs(measured - RATE / BLOCK) < abs(best["measured"] - RATE / BLOCK):
            best = found
        if abs(measured / (RATE / BLOCK) - 1) < 0.02:
            break
    return best


def facts(driver: Driver) -> dict[str, Any]:
    """What a driver says of itself."""
    shape = driver.format
    return {
        "device": shape.device,
        "inputs": shape.inputs,
        "outputs": shape.outputs,
        "output_latency": shape.output_latency_seconds,
        "input_latency": shape.input_latency_seconds,
        "is_realtime": driver.is_realtime,
        "blocks": driver.timing.report().whole.blocks,
        "load_max": driver.timing.report().whole.load.max,
    }


class Echo:
    """Sends noise, and keeps what comes back of it. ``stall`` makes one block late by so many seconds."""

    def __init__(self) -> None:
        random = np.random.default_rng(7)
        self.sent = (random.random((3 * RATE // BLOCK * BLOCK, 2), np.float32) - 0.5) * 0.9
        self.got = np.zeros_like(self.sent)
        self.place, self.stall = 0, 0.0

    def play(self, heard: Any, out: Any) -> None:
        begin = self.place % len(self.sent)
        out[:] = self.sent[begin : begin + len(out)]
        self.got[begin : begin + len(out)] = heard
        self.place += len(out)
        stall, self.stall = self.stall, 0.0
        time.sleep(stall)

    def heard_from(self, begin: int) -> dict[str, int]:
        """How it came back in the half second that begins at a place or later, once that is over."""
        end = time.monotonic() + LIMIT_SECONDS
        while self.place < begin + RATE // 2:
            if time.monotonic() > end:
                raise SystemExit("the device asks for nothing")
            time.sleep(0.02)
        return compare(self.sent, self.got, begin)


def loopback() -> Any:
    """Send noise out, wire it back in, and say how long it came back the same to the bit, at which lag."""
    best = {"equal": 0, "lag": -1}
    for _ in range(TRIES):
        echo = Echo()
        driver = CallbackDriver(echo.play, WantedDevice("system", sample_rate=RATE, block=BLOCK), print)
        driver.start()
        time.sleep(0.2)
        wire_back()
        found = echo.heard_from(echo.place + 4 * BLOCK)
        driver.stop()
        best = max(best, found, key=lambda one: one["equal"])
        if best["equal"] >= RATE // 4:
            break
    return best


def blocking_loopback() -> Any:
    """The same with a device that is written to: before and after a block that is later than the rings last."""
    best: dict[str, Any] = {}
    for _ in range(TRIES):
        echo = Echo()
        wanted = WantedDevice("system", sample_rate=RATE, block=BLOCK, ring_seconds=0.02)
        driver = BlockingDriver(echo.play, wanted, print)
        driver.start()
        time.sleep(0.2)
        wire_back()
        before = echo.heard_from(echo.place + 2 * driver.ring_samples)
        still = driver.timing.report().whole
        echo.stall = 0.3
        after = echo.heard_from(echo.place + 3 * driver.ring_samples)
        driver.stop()
        whole = driver.timing.report().whole
        found = {
            "before": before,
            "after": after,
            "ring": driver.ring_samples,
            "latency": RATE * (driver.format.output_latency_seconds + driver.format.input_latency_seconds),
            "early_overflows": still.overflows,
            "overflows": whole.overflows - still.overflows,
            "underruns": whole.underruns - still.underruns,
            **facts(driver),
        }
        best = max(found, best or found, key=lambda one: min(one["before"]["equal"], one["after"]["equal"]))
        if min(best["before"]["equal"], best["after"]["equal"]) >= RATE // 4:
            break
    return best


def wire_back() -> None:
    """Lead what we play to what we hear."""
    for channel in (0, 1):
        wire("jack_disconnect", f"system:capture_{channel + 1}", f"PortAudio:in_{channel}")
        wire("jack_connect", f"PortAudio:out_{channel}", f"PortAudio:in_{channel}")


def wire(program: str, source: str, target: str) -> None:
    subprocess.run([program, source, target], check=True, capture_output=True)


def compare(sent: Any, got: Any, begin: int) -> dict[str, int]:
    """The longest stretch of what came back that is what was sent, and its lag in samples."""
    best = {"equal": 0, "lag": -1}
    heard = np.arange(begin, begin + RATE // 2) % len(sent)
    for lag in range(0, 16 * BLOCK, BLOCK):
        same = (got[heard] == sent[(heard - lag) % len(sent)]).all(axis=1)
        ends = np.flatnonzero(np.diff(np.concatenate(([0], same.astype(np.int8), [0]))))
        longest = int((ends[1::2] - ends[::2]).max(initial=0))
        if longest > best["equal"]:
            best = {"equal": longest, "lag": lag}
    return best


def blocking() -> Any:
    """Write half a second, then fall asleep once for longer than the ring lasts."""
    stalls = threading.Event()
    stalled = threading.Event()

    def play(heard: Any, out: Any) -> None:
        out.fill(0.0)
        if stalls.is_set() and not stalled.is_set():
            time.sleep(0.3)
            stalled.set()

    driver = BlockingDriver(play, WantedDevice("system", "none", RATE, BLOCK, ring_seconds=0.04), print)
    driver.start()
    time.sleep(0.7)
    before, blocks = driver.timing.report().whole.underruns, driver.timing.blocks
    stalls.set()
    stalled.wait(LIMIT_SECONDS)
    time.sleep(0.2)
    driver.stop()
    after = driver.timing.report().whole.underruns
    return {**facts(driver), "before": before, "after": after, "early_blocks": blocks, "ring": driver.ring_samples}


def devices() -> Any:
    """The devices, what the first offers, and the devices after looking anew."""
    first = list_devices()
    offered = offers(first[0])
    rescan()
    return {
        "names": [one.label for one in first],
        "again": [one.label for one in list_devices()],
        "rates": offered.rates,
        "blocks": offered.blocks,
    }


def supervise() -> None:
    """Play until told to end, saying what happens in lines."""
    asked = threading.Event()
    calls = [0]
    inside = threading.Lock()

    def play(heard: Any, out: Any) -> None:
        if not inside.acquire(blocking=False):
            print("two threads at once", flush=True)
        calls[0] += 1
        out.fill(0.0)
        inside.release()

    def listen() -> None:
        for line in sys.stdin:
            if line.strip() == "end":
                break
        asked.set()

    threading.Thread(target=listen, daemon=True).start()
    supervisor = Supervisor(
        play, WantedDevice("system", sample_rate=RATE, block=BLOCK), lambda text: print("told:", text)
    )
    supervisor.start(time.monotonic())
    end, seen, was_heard = time.monotonic() + LIMIT_SECONDS, 0, None
    while not asked.wait(0.05) and time.monotonic() < end:
        supervisor.poll(time.monotonic())
        if supervisor.is_heard != was_heard:
            was_heard, seen = supervisor.is_heard, calls[0]
        if seen and calls[0] > seen + 20:
            print("plays on", supervisor.format.device if supervisor.format else None, flush=True)
            seen = 0
    supervisor.stop()
    print("stopped", flush=True)


if __name__ == "__main__":
    work = {"rate": rate, "loopback": loopback, "blocking": blocking, "devices": devices}
    work["blocking_loopback"] = blocking_loopback
    if sys.argv[1] == "supervise":
        supervise()
    else:
        print(json.dumps(work[sys.argv[1]]()))
