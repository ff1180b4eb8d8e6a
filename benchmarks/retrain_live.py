"""Learning while the hand draws: how soon the land follows a line that is dragged while the patch plays.

Run: .venv/bin/python benchmarks/retrain_live.py [--seconds 6] [--json]
The walk plays in an engine process of its own (no device; its clock is the sound's), a desk without a window drags the
end of one line round and round, thirty edits a second. Told: the time between the lands that arrive while the hand
moves, from letting go to the first land and to the lesson's end, blocks that came late, frames that came late.
"""

import argparse
import json
import math
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("XDG_CONFIG_HOME", tempfile.mkdtemp())

from latent_terrain.engine.palette import load_palette
from latent_terrain.nodes.gui.drawing import line_of
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.terrain.learned import learned_weights
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.engine_sound import EngineSound
from latent_terrain.ui.editor.sound.interface import DeviceChoice
from latent_terrain.ui.map.sheet import Sheet
from latent_terrain.ui.terrain_image.thumbnails import Pictures

FRAME_SECONDS, LIMIT_SECONDS, QUIET_SECONDS = 1 / 60, 90.0, 1.5


class Watch:
    """Ticks the desk as a window does, and notes when another land is in the patch."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.arrivals: list[float] = []
        self._content: object = None

    def until(self, is_so: Callable[[], bool], seconds: float = LIMIT_SECONDS) -> float:
        """Tick until something is so, or so long; how long it took."""
        began = time.monotonic()
        while not is_so() and time.monotonic() - began < seconds:
            self.desk.tick(time.monotonic())
            content = self.desk.patch.nodes["terrain"].content
            if content is not self._content:
                self._content = content
                self.arrivals.append(time.monotonic())
            time.sleep(FRAME_SECONDS)
        return time.monotonic() - began


def measure(seconds: float) -> dict[str, Any]:
    palette, pictures = load_palette(), Pictures()
    sound = EngineSound(palette, DeviceChoice(device="none"))
    desk = Desk(palette, sound, Settings())
    watch = Watch(desk)
    desk.start_from("walk")
    watch.until(lambda: bool(learned_weights(desk.patch.nodes["terrain"].content)))
    watch.until(lambda: not sound.lessons)
    sound.switch(True)
    watch.until(lambda: sound.status.is_on and sound.status.latency_ms > 0)
    watch.until(lambda: False, 2.0)
    before = sound.status
    steps_before = len(desk.document.history.labels)
    sheet = Sheet(desk, "map")
    anchors = line_of(sheet.drawing.lines[2]).anchors.copy()
    watch.arrivals.clear()
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        angle = 2 * math.pi * (time.monotonic() - began) / 3
        moved = anchors.copy()
        moved[-1] += (2 * math.cos(angle), math.sin(angle))
        sheet.lay(2, Polyline(moved), "drag", "drag the line")
        watch.until(lambda: False, 1 / 30)
    dragged = list(watch.arrivals)
    watch.arrivals.clear()
    sheet.lay(2, Polyline(anchors + np.array([1.0, 0.5])), "drag", "drag the line")
    desk.end_gesture()
    let_go = time.monotonic()
    watch.until(lambda: bool(watch.arrivals))
    first = watch.arrivals[0] - let_go if watch.arrivals else math.inf
    watch.until(lambda: not sound.lessons and time.monotonic() - watch.arrivals[-1] > QUIET_SECONDS)
    last = watch.arrivals[-1] - let_go
    after = sound.status
    gaps = np.diff([began, *dragged]) if dragged else np.array([math.inf])
    found = {
        "lands_while_dragging": len(dragged),
        "between_them_s": [round(float(one), 3) for one in np.percentile(gaps, (50, 95))],
        "from_letting_go_to_the_first_s": round(first, 3),
        "to_the_last_s": round(last, 3),
        "xruns": after.xruns - before.xruns,
        "late_frames": after.late_frames - before.late_frames,
        "steps_of_undo": len(desk.document.history.labels) - steps_before,
    }
    desk.close()
    pictures.close()
    return found


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seconds", type=float, default=6.0)
    words.add_argument("--json", action="store_true")
    asked = words.parse_args()
    found = measure(asked.seconds)
    print(json.dumps(found) if asked.json else "\n".join(f"{name}: {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
