"""Does anything done in the editor break the sound? The editor's sound, scripted, on jackd's dummy device.

Run: .venv/bin/python benchmarks/editor_audio.py [--seconds 20] [--block 128] [--json]
Needs jackd (Debian: jackd2), and Xvfb for the last scene. One engine plays the walk in a process of its own; this
process does what the editor does, sixty frames a second: nothing; a knob turned in every frame; a node moved in every
frame; five edits a second; learning over and over, each snapshot played and its land drawn; another document every two
seconds; all at once with a recording; and the window itself with all its panels, where a knob is turned, the view
moves, nodes come and go, and all is learned. Xruns are those that jackd's log has; then a plain C client plays as long
in each scene, beside the same work. A call's time is what the window's thread waits.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from live import RATE, Jack, c_client
from live_player import edited

FRAME_SECONDS = 1 / 60
SETTLING_SECONDS = 3.0
SCENES = ("idle", "turning", "moving", "patching", "learning", "documents", "all at once", "window")
EDIT_FRAMES = 12


class Editor:
    """What an editor does with its sound, frame by frame. waits: how long each call took, in seconds."""

    def __init__(self, folder: Path, block: int) -> None:
        from latent_terrain.engine import load_palette
        from latent_terrain.graphs import add_node, load_file
        from latent_terrain.graphs.starters import STARTERS
        from latent_terrain.ui.editor.sound.engine_sound import EngineSound
        from latent_terrain.ui.editor.sound.interface import DeviceChoice
        from latent_terrain.ui.terrain_image.thumbnails import Pictures

        walk = load_file(STARTERS["walk"].file)
        self.walk = add_node(walk, "audio_out", name="edit-out", values={"level": -80.0})
        self.orbit = load_file(STARTERS["orbit"].file)
        self.patch, self.folder = self.walk, folder
        self.sound = EngineSound(load_palette(), DeviceChoice("system", "none", RATE, block))
        self.pictures = Pictures()
        self.waits: list[float] = []
        self.done: dict[str, int] = {}
        self.said: list[str] = []
        self.frame = self.edits = 0
        self.do("play", self.sound.play, self.patch, folder)

    def do(self, name: str, call: Callable[..., Any], *arguments: Any) -> Any:
        """One call as the window's thread makes it, timed."""
        began = time.perf_counter()
        found = call(*arguments)
        self.waits.append(time.perf_counter() - began)
        self.done[name] = self.done.get(name, 0) + 1
        return found

    def live(self, scene: str) -> None:
        """One frame."""
        from latent_terrain.graphs import move_node, set_value

        sound, self.frame = self.sound, self.frame + 1
        if scene in ("turning", "all at once"):
            level = -6.0 - self.frame % 12
            self.do("turn", sound.turn, "out", "level", level)
            self.patch = set_value(self.patch, "out", "level", level)
            self.do("play", sound.play, self.patch, self.folder)
        if scene in ("moving", "all at once"):
            self.patch = move_node(self.patch, "terrain", (float(self.frame), 0.0))
            self.do("move", sound.play, self.patch, self.folder)
        if scene in ("patching", "all at once") and self.frame % EDIT_FRAMES == 0:
            self.patch = edited(self.patch, self.edits)
            self.edits += 1
            self.do("edit", sound.play, self.patch, self.folder)
        if scene in ("learning", "all at once"):
            self.learn()
        if scene == "documents" and self.frame % 120 == 0:
            folder = self.folder / str(self.frame)
            self.patch = self.orbit if self.patch is not self.orbit else self.walk
            self.do("open", sound.play, self.patch, folder)
        self.do("tick", sound.tick, time.monotonic())
        self.said += [one.text for one in sound.happenings()]

    def learn(self) -> None:
        """Learn, show and play what was learned so far."""
        from latent_terrain.graphs import set_content

        sound = self.sound
        if self.frame % 120 == 0:
            self.do("learn", sound.learn, self.patch, None, True)
        for trained in sound.trained():
            if trained.node in self.patch.nodes:
                self.patch = set_content(self.patch, trained.node, trained.content)
                self.do("taught", sound.play, self.patch, self.folder)
        self.do("picture", self.pictures.ask, "terrain", self.patch)
        self.pictures.pace(float(sound.status.numbers.get("pace", 1.0)))
        self.pictures.ready()

    def leave(self) -> None:
        """What the window's thread does last."""

    def close(self) -> None:
        """End it all."""
        self.pictures.close()
        self.sound.close()


class Window(Editor):
    """The real window, driven through its desk; made, painted and closed on the thread that stands for the window's."""

    def __init__(self, folder: Path, block: int) -> None:
        super().__init__(folder, block)
        self.app: Any = None

    def live(self, scene: str) -> None:
        """One frame: paints it, and does something at the desk."""
        from latent_terrain.engine import load_palette
        from latent_terrain.ui.editor.app import App
        from latent_terrain.ui.editor.document.desk import Desk
        from latent_terrain.ui.editor.panels import all_panels

        if self.app is None:
            desk = Desk(load_palette(), self.sound)
            desk.settings.panels = ["inspector", "log"]
            self.app = App(desk, all_panels())
            self.app.pictures = self.pictures
            desk.begin(self.walk)
        desk, self.frame = self.app.desk, self.frame + 1
        self.do("turn", desk.turn, "out", "level", -6.0 - self.frame % 12, "knob")
        desk.view = desk.view.zoomed(1.02 if self.frame // 60 % 2 else 1 / 1.02, (700.0, 400.0))
        if self.frame % EDIT_FRAMES == 0:
            number, self.edits = self.edits, self.edits + 1
            self.do("edit", desk.edit, lambda patch: edited(patch, number), "edit")
        if self.frame % 240 == 0:
            self.do("learn", self.sound.learn, desk.patch, None, True)
        self.app.wake()
        self.do("frame", self.app.frame)

    def leave(self) -> None:
        """Close the window, on its own thread."""
        if self.app is not None:
            self.app.close()
            self.app = None


@contextmanager
def display() -> Iterator[None]:
    """An X server without a screen, for this process."""
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "+extension", "GLX"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    os.environ["DISPLAY"] = f":{process.stdout.readline().strip()}"
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def frames(editor: Editor, scene: str) -> Iterator[None]:
    """An editor at work, on a thread that stands for the window's."""
    ends = threading.Event()

    def work() -> None:
        while not ends.is_set():
            began = time.perf_counter()
            editor.live(scene)
            ends.wait(max(0.0, FRAME_SECONDS - (time.perf_counter() - began)))
        editor.leave()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def play_scene(scene: str, jack: Jack, folder: Path, seconds: float, block: int) -> dict[str, Any]:
    """One scene in a fresh editor, then the C client beside the same work."""
    editor = Window(folder, block) if scene == "window" else Editor(folder, block)
    with frames(editor, scene):
        end = time.monotonic() + 30
        while not (editor.sound.status.is_heard and editor.sound.status.numbers.get("blocks", 0)):
            if time.monotonic() > end:
                raise SystemExit(f"the engine does not play: {editor.said}")
            time.sleep(0.05)
        if scene == "all at once":
            editor.do("record", editor.sound.record, folder / "take.wav")
        time.sleep(SETTLING_SECONDS)
        before, numbers = jack.xruns(), dict(editor.sound.status.numbers)
        editor.waits.clear()
        time.sleep(seconds)
        found, after = jack.xruns() - before, dict(editor.sound.status.numbers)
        waits = sorted(editor.waits)
    load, done, said = after["load"], dict(editor.done), editor.said
    with frames(editor, scene):
        editor.sound.use(editor_wish("none", block))
        theirs = c_client(jack, seconds)
    editor.close()
    blocks = round(seconds * RATE / block)
    return {
        "scene": scene,
        "blocks": blocks,
        "xruns": found,
        "xrun_share": round(found / blocks, 6),
        "c_client_xruns": theirs,
        "engine_xruns": after["xruns"] - numbers["xruns"],
        "late_frames": after["late_frames"] - numbers["late_frames"],
        "load_p99": load["p99"],
        "pace": after.get("pace"),
        "wait_ms": {
            "p50": round(1000 * waits[len(waits) // 2], 3),
            "p99": round(1000 * waits[int(0.99 * len(waits))], 3),
            "max": round(1000 * waits[-1], 3),
        },
        "done": done,
        "said": sorted(set(said))[:10],
    }


def editor_wish(device: str, block: int) -> Any:
    """Sound on a device."""
    from latent_terrain.ui.editor.sound.interface import DeviceChoice

    return DeviceChoice(device, "none", RATE, block)


def line(row: dict[str, Any], idle: dict[str, Any]) -> str:
    ratio = (row["xruns"] + 1) / (idle["xruns"] + 1)
    wait, done = row["wait_ms"], ", ".join(f"{count} {name}" for name, count in row["done"].items() if name != "tick")
    return (
        f"{row['scene']}: xruns {row['xruns']} of {row['blocks']} blocks ({row['xrun_share']:.3%}; {ratio:.1f} x idle, "
        f"one added to both; plain C client {row['c_client_xruns']}); late frames {row['late_frames']}; "
        f"load p99 {row['load_p99']:.0%}; pace {row['pace']}; a call waits {wait['p50']} ms (p99 {wait['p99']}, "
        f"max {wait['max']}); done: {done}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="per scene and client")
    parser.add_argument("--block", type=int, default=128)
    parser.add_argument("--scene", choices=SCENES, help="only this one")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not shutil.which("jackd") or not shutil.which("jack_simple_client"):
        raise SystemExit("this needs JACK; on Debian and Ubuntu: sudo apt-get install jackd2")
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        jack = Jack(options.block, Path(folder) / "jackd.log")
        os.environ.update(jack.environment)
        try:
            for scene in SCENES if options.scene is None else (options.scene,):
                if scene == "window" and not shutil.which("Xvfb"):
                    print("window: left out, as there is no Xvfb; sudo apt-get install xvfb")
                    continue
                with display() if scene == "window" else nullcontext():
                    rows.append(play_scene(scene, jack, Path(folder), options.seconds, options.block))
                if not options.json:
                    print(line(rows[-1], rows[0]), flush=True)
        finally:
            jack.stop()
    if options.json:
        print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
