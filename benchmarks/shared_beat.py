"""How near the beat that is played keeps to the beat of others: Ableton Link, and a MIDI clock that jitters.

Run: .venv/bin/python benchmarks/shared_beat.py [--seconds S] [--block 256] [--json]
Plays a ``metro`` that follows the beat, unheard on a clock. Link (needs LinkPython-extern): this process takes part in
a session of its own beside the engine's, so the two find each other only where the network lets them; told is how far
the ramp of the metro is from this process's own beat at the moment at which each block is made, in milliseconds. MIDI:
clocks at 120 bpm of which each comes up to 2 ms late, through the code that hears devices. For comparison the same
clock taken as it comes, without the line through it.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from stage import RATE, Stage

from latent_terrain.engine import load_palette
from latent_terrain.engine.sources.midi.controls import Controls
from latent_terrain.graphs import Patch, add_node, connect

SETTLING_SECONDS = 3.0
LATEST_SECONDS = 0.002


def ticking() -> Patch:
    patch = add_node(Patch(), "metro", name="m", values={"follow": "beat", "beats": 4.0})
    return connect(add_node(patch, "audio_out", name="out"), "m.phase", "out.audio")


def apart(on: Stage, beats: list[tuple[float, float]], since: float) -> dict[str, float]:
    """Milliseconds between the ramp at the beginning of blocks and the beats (when, which) told for those moments."""
    count = min(len(on.times), on.tape.place // on.block)
    times, ramps = np.array(on.times[:count]), on.tape.sound[0, : count * on.block : on.block].astype(np.float64)
    known = np.array(beats)
    wanted = np.interp(times, known[:, 0], known[:, 1])
    tempo = np.polyfit(known[:, 0], known[:, 1], 1)[0]
    kept = (times > since) & (times < known[-1, 0])
    off = ((ramps * 4.0 - wanted + 2.0) % 4.0 - 2.0)[kept] / tempo * 1000.0
    return {
        "blocks": int(kept.sum()),
        "median_ms": round(float(np.median(off)), 2),
        "away_from_it_p50_ms": round(float(np.median(np.abs(off - np.median(off)))), 2),
        "away_from_it_p99_ms": round(float(np.percentile(np.abs(off - np.median(off)), 99)), 2),
    }


def with_link(folder: Path, block: int, seconds: float) -> dict[str, Any] | None:
    try:
        import link
    except ImportError:
        return None
    from latent_terrain.engine.sources.tempo import LinkIn

    mine = link.Link(120.0)
    mine.enabled = True
    on = Stage(ticking(), load_palette(), folder, block, seconds + 30)
    taking_part = LinkIn(on.live.follow_beat, lambda is_playing: None, lambda text: None, 97.0)
    on.keep(SETTLING_SECONDS)
    since, beats = time.perf_counter(), []
    while time.perf_counter() < since + seconds:
        state, micros = mine.captureAppSessionState(), mine.clock().micros()
        beats.append((time.perf_counter(), state.beatAtTime(micros, 4.0)))
        on.keep(0.05)
    peers = mine.numPeers()
    taking_part.close()
    on.close()
    return {"peers": peers, **apart(on, beats, since)}


def with_midi(folder: Path, block: int, seconds: float, is_steadied: bool) -> dict[str, Any]:
    on = Stage(ticking(), load_palette(), folder, block, seconds + 30)
    random, controls, beats = np.random.default_rng(1), Controls(), []
    begin, number = time.perf_counter(), 0
    while (due := begin + number * 60 / 120 / 24) < begin + seconds:
        late = float(random.uniform(0.0, LATEST_SECONDS))
        time.sleep(max(0.0, due + late - time.perf_counter()))
        shift = time.time() - time.perf_counter()
        now = time.perf_counter()
        for name, numbers in controls.take(b"\xf8", now):
            if name == "clock/beat" and is_steadied:
                on.live.follow_beat(numbers[0], numbers[1], numbers[2] + shift)
        if not is_steadied:
            on.live.follow_beat(number / 24, 120.0, now + shift)
        beats.append((due, number / 24))
        number += 1
    on.close()
    return apart(on, beats, begin + SETTLING_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--block", type=int, default=256)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_RUNTIME_DIR"] = name
        folder = Path(name)
        found = {
            "block_ms": round(options.block / RATE * 1000, 2),
            "link": with_link(folder, options.block, options.seconds),
            "midi": with_midi(folder, options.block, options.seconds, True),
            "midi_as_it_comes": with_midi(folder, options.block, options.seconds, False),
        }
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for name, row in found.items():
        print(f"{name}: {row}")


if __name__ == "__main__":
    main()
