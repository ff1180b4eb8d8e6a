"""A program in a file that is saved while it plays: the one before plays on until the new one crosses over."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine
from latent_terrain.nodes import faust
from latent_terrain.nodes.faust_program import file_watch
from latent_terrain.nodes.faust_program.library import Program
from latent_terrain.nodes.faust_program.source import FaustSource

from ...waiting import eventually
from ..land import PALETTE, draw, setup_for

pytest.importorskip("cyfaust", reason="Faust programs need the package cyfaust-llvm")


class Playing:
    """A sine through a program in a file, live."""

    def __init__(self, folder: Path, text: str, **values: object) -> None:
        self.file = folder / "room.dsp"
        self.file.write_text(text)
        self._times = self.file.stat().st_mtime_ns
        patch = draw(
            "tone.out -> made.audio",
            "made.out -> out.audio",
            tone=("sine", {"frequency": 330.0}),
            made=("faust", {"file": "room.dsp", **values}),
            out="audio_out",
        )
        self.engine = Engine(patch, PALETTE, replace(setup_for(patch, 64, folder=folder), offline=False))
        self.told = [one.text for one in self.engine.remarks()]

    def save(self, text: str, name: str = "room.dsp") -> None:
        """As an editor does, each time a second later."""
        file = self.file.with_name(name)
        file.write_text(text)
        self._times += 10**9
        os.utime(file, ns=(self._times, self._times))

    def hear(self, blocks: int = 40) -> np.ndarray:
        parts = []
        for _ in range(blocks):
            self.engine.process()
            parts.append(self.engine.compiled.plan.outputs["made", "out"].array.copy())  # type: ignore[union-attr]
        return np.concatenate(parts, axis=1)

    def follow(self) -> str:
        """Until something is told of the file: a remark or a fault."""
        told: list[str] = []

        def has_told() -> bool:
            self.engine.tidy()
            told.extend(one.text for one in (*self.engine.remarks(), *self.engine.faults()))
            return bool(told)

        eventually(has_told)
        return " ".join(told)


@pytest.fixture(autouse=True)
def _looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_watch, "LOOK_SECONDS", 0.0)


@pytest.fixture
def playing(tmp_path: Path) -> Iterator[Playing]:
    made = Playing(tmp_path, 'process = *(hslider("level [unit:x]", 0.8, 0, 1, 0.1));', turn_1=0.8)
    yield made
    made.engine.close()


def test_a_saved_program_crosses_over_without_a_click(playing: Playing) -> None:
    parts = [playing.hear()]
    playing.save('process = *(hslider("half", 0.5, 0, 0.5, 0.1));')
    said = playing.follow()
    assert said.startswith("room.dsp has changed and is played as it is now: 1 in, 1 out; turn_1: half 0 to 0.5")
    parts += [playing.hear(), playing.hear()]
    sound = np.concatenate(parts, axis=1)[0]
    steady = np.abs(np.diff(sound[640:2560])).max()
    assert np.abs(sound[-2560:]).max() == pytest.approx(np.abs(sound[640:2560]).max() / 2, rel=1e-3)
    assert np.abs(np.diff(sound[64:])).max() <= 1.1 * steady
    assert playing.engine.compiled.instances["made"].node.faces()["turn_1"].label == "half"
    playing.engine.tidy()
    assert not playing.engine.compiled.instances["made"].node._left


def test_a_mistake_is_told_and_the_one_before_plays_on_until_it_is_corrected(playing: Playing) -> None:
    before = np.abs(playing.hear()).max()
    playing.save("process = *(0.3;")
    said = playing.follow()
    assert said.startswith("room.dsp has changed, but room.dsp, line 1: ")
    assert said.endswith("as it was before, it plays on")
    assert np.abs(playing.hear()[:, 640:]).max() == pytest.approx(before, rel=1e-3)
    playing.save("process = *(0.2);")
    assert "played as it is now" in playing.follow()
    assert np.abs(playing.hear()[:, 640:]).max() == pytest.approx(before / 4, rel=1e-3)


def test_a_control_that_is_named_by_a_setting_and_has_gone_is_told(tmp_path: Path) -> None:
    playing = Playing(tmp_path, 'process = *(hslider("level", 0.8, 0, 1, 0.1));', turned=["level"])
    playing.save("process = *(0.5);")
    assert "but the program has no control 'level'" in playing.follow()
    playing.engine.close()


def test_a_file_that_is_saved_as_it_was_or_gone_for_a_moment_changes_nothing(playing: Playing) -> None:
    playing.hear(2)
    node = playing.engine.compiled.instances["made"].node
    text, player = playing.file.read_text(), node._player
    playing.file.unlink()
    for _ in range(4):
        playing.engine.tidy()
    playing.save(text)
    watch = node._watch
    eventually(lambda: playing.engine.tidy() or watch._known == file_watch._stamps(watch._source))
    if watch._thread is not None:
        watch._thread.join()
    playing.engine.tidy()
    assert (node._player, node._next) == (player, None)
    assert not playing.engine.remarks()


def test_other_channels_are_told_and_those_that_there_are_play(playing: Playing) -> None:
    before = np.abs(playing.hear()).max()
    playing.save("process = _ <: *(0.1), *(0.2), *(0.3);")
    said = playing.follow()
    assert "room.dsp now has 1 in, 3 out; the node keeps 1 in, 1 out until" in said
    playing.hear()
    assert np.abs(playing.hear()).max() == pytest.approx(before * 0.1 / 0.8, rel=1e-3)
    playing.save("process = 0.25;")
    assert "now has 0 in" in playing.follow()
    playing.hear()
    assert playing.hear(1)[0, -1] == 0.25


def test_what_it_imports_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "half.lib").write_text("amount = 0.5;\n")
    playing = Playing(tmp_path, 'import("half.lib");\nprocess = _ * 0 + amount;')
    playing.hear()
    playing.save("amount = 0.75;\n", "half.lib")
    assert "played as it is now" in playing.follow()
    assert playing.hear()[0, -1] == 0.75
    playing.engine.close()


def test_what_is_compiled_for_a_node_that_has_gone_is_let_go_of(playing: Playing) -> None:
    node = playing.engine.compiled.instances["made"].node
    playing.save("process = *(0.4);")
    eventually(lambda: playing.engine.tidy() or node._watch._thread is not None)
    node.close()
    node._watch._thread.join()
    assert not node._watch._made


def test_what_is_saved_while_it_is_compiled_is_seen_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = faust.program

    def saved_meanwhile(source: FaustSource) -> tuple[Program, float]:
        if "0.5" in source.text:
            os.utime(tmp_path / "room.dsp", ns=(0, 0))
            (tmp_path / "room.dsp").write_text("process = _ * 0 + 0.25;")
        return first(source)

    monkeypatch.setattr(faust, "program", saved_meanwhile)
    playing = Playing(tmp_path, "process = _ * 0 + 0.5;")
    assert playing.hear(1)[0, -1] == 0.5
    assert "played as it is now" in playing.follow()
    assert playing.hear()[0, -1] == 0.25
    playing.engine.close()
