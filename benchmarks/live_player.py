"""One live run for ``live.py``: plays a patch on a device, disturbs it as told, and prints what happened as JSON.

A process of its own, as the engine always is. It keeps everything it played in memory and looks at it afterwards.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from latent_terrain.engine import load_palette
from latent_terrain.engine.drivers.clock import ClockDriver
from latent_terrain.engine.drivers.interface import WantedDevice
from latent_terrain.engine.drivers.portaudio import CallbackDriver
from latent_terrain.engine.live import Live, LiveSetup
from latent_terrain.engine.processes.priority import EDITS, raise_priority
from latent_terrain.graphs import Patch, add_node, connect, load_file, remove_node, set_content, set_value

SETTLING_SECONDS = 2.0
PATCH_EDITS, TERRAIN_SWAPS, MODEL_SWAPS = 200, 20, 5


class Tape:
    """Everything played, float32 ``[2, samples]``; its memory is touched before the sound begins."""

    def __init__(self, samples: int) -> None:
        self.sound = np.ones((2, samples), np.float32)
        self.sound.fill(0.0)
        self.place = 0

    def __call__(self, block: np.ndarray) -> None:
        end = min(self.place + block.shape[1], self.sound.shape[1])
        self.sound[:, self.place : end] = block[:, : end - self.place]
        self.place = end


def edited(patch: Patch, number: int) -> Patch:
    """One of the small edits that a person at work makes."""
    kind, tone = number % 4, "edit-tone"
    if kind == 0:
        patch = add_node(patch, "sine", name=tone, values={"frequency": 110.0})
        return add_node(patch, "gain", name="edit-gain", values={"level": -60.0})
    if kind == 1:
        return connect(connect(patch, f"{tone}.out", "edit-gain.audio"), "edit-gain.out", "edit-out.audio")
    if kind == 2:
        return set_value(patch, tone, "frequency", 220.0 + number)
    return remove_node(remove_node(patch, "edit-gain"), tone)


def events(seconds: float) -> list[tuple[float, str, int]]:
    """When what is done, in order, spread over the run."""

    def spread(kind: str, count: int) -> list[tuple[float, str, int]]:
        return [((place + 0.5) / count * seconds, kind, place) for place in range(count)]

    scale = seconds / 60.0
    edits = max(4, round(PATCH_EDITS * scale / 4) * 4)
    swaps, models = max(2, round(TERRAIN_SWAPS * scale)), max(1, round(MODEL_SWAPS * scale))
    return sorted([*spread("edit", edits), *spread("terrain", swaps), *spread("model", models)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patch", type=Path)
    parser.add_argument("--codecs", nargs=2)
    parser.add_argument("--lands", type=Path, help="another patch, whose terrain is swapped in")
    parser.add_argument("--device", default="system")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--block", type=int, default=128)
    parser.add_argument("--rate", type=int, default=48_000)
    parser.add_argument("--edits", action="store_true")
    options = parser.parse_args()
    palette = load_palette()
    patch = set_value(load_file(options.patch), "decoder", "codec", options.codecs[0])
    patch = add_node(patch, "audio_out", name="edit-out", values={"level": -80.0})
    lands = [patch.nodes["terrain"].content, load_file(options.lands).nodes["terrain"].content]
    samples = int((options.seconds + SETTLING_SECONDS + 2.0) * options.rate)
    tape = Tape(samples)
    how = LiveSetup(sample_rate=options.rate, block=options.block)
    live = Live(patch, palette, options.patch.parent, how, tap=tape)
    wanted = WantedDevice(device=options.device, input="none", sample_rate=options.rate, block=options.block)
    raise_priority(EDITS)
    driver = ClockDriver(live.play, wanted) if options.device == "none" else CallbackDriver(live.play, wanted, print)
    driver.start()
    news: list[str] = []
    start = time.monotonic() + SETTLING_SECONDS
    waiting = events(options.seconds) if options.edits else []
    done = {"edit": 0, "terrain": 0, "model": 0}
    slowest_update = 0.0
    before = None
    last = time.monotonic()
    while (now := time.monotonic()) < start + options.seconds:
        if before is None and now >= start:
            before = driver.timing.report().whole
            late_before, place = live.late_frames, tape.place
            live.news()
        while waiting and now - start >= waiting[0][0]:
            _, kind, number = waiting.pop(0)
            if kind == "edit":
                patch = edited(live.patch, number)
            elif kind == "terrain":
                patch = set_content(live.patch, "terrain", lands[(number + 1) % 2])
            else:
                patch = set_value(live.patch, "decoder", "codec", options.codecs[(number + 1) % 2])
            began = time.monotonic()
            live.update(patch)
            slowest_update = max(slowest_update, time.monotonic() - began)
            done[kind] += 1
        recent = driver.timing.report().recent
        live.housekeep(now - last, recent.load.p99, recent.underruns)
        last = now
        if before is not None:
            news += [f"{one.get('node', '')}: {one['text']}" for one in live.news()]
        time.sleep(0.02)
    after = driver.timing.report()
    end = tape.place
    status = live.status()
    document = {
        "device": driver.format.device,
        "block": driver.format.block,
        "blocks": after.whole.blocks - before.blocks,
        "rate_hz": round(after.rate_hz, 1),
        "xruns": after.whole.underruns - before.underruns,
        "missed": after.whole.missed - before.missed,
        "late_frames": live.late_frames - late_before,
        "load_p50": round(after.whole.load.p50, 4),
        "load_p99": round(after.whole.load.p99, 4),
        "late_ms_p99": round(after.whole.late_ms.p99, 3),
        "is_realtime": driver.is_realtime,
        "latency_ms": {
            "device": round(driver.format.output_latency_seconds * 1000, 2),
            "block": status["block_ms"],
            "codec": status["codec_ms"],
        },
        "streams": status["streams"],
        "done": done,
        "slowest_update_s": round(slowest_update, 3),
        "news": news[:20],
    }
    driver.stop()
    live.close()
    sound = tape.sound[:, place:end].astype(np.float64)
    bends = np.abs(np.diff(sound, 2, axis=1))
    document["peak"] = round(float(np.abs(sound).max()), 4)
    document["roughness"] = float(bends.max())
    document["roughness_at_s"] = round(float(bends.max(axis=0).argmax()) / options.rate, 3)
    document["silent_ms"] = round(longest_silence(sound) / options.rate * 1000, 2)
    print(json.dumps(document))


def longest_silence(sound: np.ndarray) -> int:
    """The most samples in a row below a thousandth."""
    loud = np.flatnonzero(np.abs(sound).max(axis=0) > 1e-3)
    return int(np.diff(np.concatenate([[-1], loud, [sound.shape[1]]])).max()) - 1


if __name__ == "__main__":
    main()
