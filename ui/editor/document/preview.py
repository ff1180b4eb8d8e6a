"""A preview: an example heard for a few seconds in place of the patch, which stays as it is."""

import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....engine.processes.interpreter import start_python
from ....graphs import Patch, PatchFileError, save
from ...map.line_audition import with_audition

if TYPE_CHECKING:
    from .desk import Desk

SECONDS = 8.0
COMMAND = ("-m", "latent_terrain.ui.cli", "render")


class Preview:
    """Renders a patch in a process of its own, then plays the file: the engine that plays live has no time to lose.

    name: of what is heard or being made ready; "" for nothing.
    """

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._made: dict[str, Path] = {}
        self._process: subprocess.Popen[Any] | None = None
        self._rendered = Path()
        self._until: float | None = None
        self._was_off = False
        self.name = ""

    def play(self, name: str, patch: Patch) -> None:
        """Hear a patch for a few seconds, in place of what is previewed now."""
        self.stop()
        self.name = name
        if name in self._made:
            self._hear(self._made[name])
            return
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="latent-terrain-preview-")
            self._rendered = sound = Path(self._folder.name) / f"{name}.wav"
            file = sound.with_suffix(".ltp")
            save(patch, file)
            words = (*COMMAND, str(file), "-o", str(sound), "--seconds", f"{SECONDS:g}")
            self._process = start_python(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except (OSError, PatchFileError) as error:
            self.name = ""
            self._desk.say(f"{name} can't be previewed ({error}); open it instead", "warning")

    def stop(self) -> None:
        """Hear the patch again, with audio off if it was off."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._until is not None:
            self._until = None
            self._desk.play_instead(None)
            if self._was_off:
                self._desk.sound.switch(False)
        self.name = ""

    def tick(self, now: float) -> None:
        """Once per frame: begin when it is rendered, end when it is over."""
        if self._process is not None and self._process.poll() is not None:
            failed, self._process = self._process.returncode != 0, None
            if failed:
                self._desk.say(f"{self.name} can't be previewed; open it to see why", "warning")
                self.name = ""
            else:
                self._made[self.name] = self._rendered
                self._hear(self._made[self.name])
        if self._until is not None and (now >= self._until or not self._desk.plays_instead):
            self.stop()

    def close(self) -> None:
        """End it, and what was rendered."""
        self.stop()
        if self._folder is not None:
            self._folder.cleanup()

    def _hear(self, sound: Path) -> None:
        self._was_off = not self._desk.sound.status.is_on
        self._desk.play_instead(partial(with_audition, palette=self._desk.palette, path=sound))
        self._desk.sound.switch(True)
        self._until = time.monotonic() + SECONDS
