"""The editor's sound, with an engine in another process: it never waits, and nothing is lost when the engine dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages import Panic
from latent_terrain.engine.processes.alive import is_running
from latent_terrain.engine.session import Client
from latent_terrain.engine.session.registry import find_engines
from latent_terrain.graphs import Patch, add_node, connect, load_file, remove_node, set_content, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.editor.sound.engine_sound import EngineSound
from latent_terrain.ui.editor.sound.interface import DeviceChoice, EditorSound, Happening, JobResult, SoundStatus

from ....waiting import eventually as until

HERE = Path(__file__).parent
PALETTE = load_palette()
Make = Callable[..., EngineSound]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[EngineSound] = []

    def begin(wish: DeviceChoice | None = None, player: str = "toy_host:ToyHost", **how: Any) -> EngineSound:
        made.append(EngineSound(PALETTE, wish, player=player, **how))
        return made[-1]

    yield begin
    for sound in made:
        sound.close()


def tone() -> Patch:
    patch = add_node(add_node(Patch(), "sine", "sine"), "audio_out", "out")
    return connect(patch, "sine.out", "out.audio")


def eventually(sound: EngineSound, is_true: Callable[[SoundStatus], bool], seconds: float = 30.0) -> None:
    """Live as a window does until something is so; fails when it never is."""
    end = time.monotonic() + seconds
    while True:
        sound.tick(time.monotonic())
        if is_true(sound.status):
            return
        assert time.monotonic() < end, f"it never happened; {sound.status}, {sound.happenings()}"
        time.sleep(0.005)


def plays(sound: EngineSound, *nodes: str) -> None:
    eventually(sound, lambda status: status.numbers.get("nodes") == sorted(nodes))


def next_edit(sound: EngineSound) -> Callable[[Patch], Patch]:
    """What somebody else has edited, once it has come."""
    edits: list[Callable[[Patch], Patch]] = []

    def came(status: SoundStatus) -> bool:
        edit = sound.edited()
        edits.extend([edit] if edit else [])
        return bool(edits)

    eventually(sound, came)
    return edits[-1]


def collected(sound: EngineSound, what: Callable[[Happening], bool]) -> list[Happening]:
    """All that happened until something did."""
    found: list[Happening] = []

    def came(status: SoundStatus) -> bool:
        found.extend(sound.happenings())
        return any(what(one) for one in found)

    eventually(sound, came)
    return found


def test_it_is_what_the_editor_needs(make: Make) -> None:
    sound: EditorSound = make()
    assert not sound.status.is_heard


def test_nothing_starts_before_the_window_is_there(make: Make, tmp_path: Path) -> None:
    sound = make()
    sound.play(tone(), tmp_path)
    assert find_engines() == []
    plays(sound, "sine", "out")
    assert len(find_engines()) == 1


def test_the_status_says_how_it_goes(make: Make, tmp_path: Path) -> None:
    sound = make()
    sound.play(tone(), tmp_path)
    eventually(sound, lambda status: status.is_on)
    status = sound.status
    assert (status.is_heard, status.is_starting, status.device) == (True, False, "toy")
    assert (status.load, status.xruns, status.late_frames, status.latency_ms) == (0.25, 2, 1, 12.5)
    assert status.numbers["host"]["folder"] == str(tmp_path)


def test_an_edit_is_played_and_its_problems_and_news_come_back(make: Make, tmp_path: Path) -> None:
    sound = make()
    sound.play(tone(), tmp_path)
    sound.play(add_node(tone(), "gain", "odd"), tmp_path)
    eventually(sound, lambda status: bool(sound.problems))
    assert [(one.node, one.text) for one in sound.problems] == [("odd", "a gain too much")]
    found = collected(sound, lambda one: one.kind == "fault")
    assert (found[-1].node, found[-1].text, found[-1].severity) == ("odd", "it broke", "warning")
    assert sound.happenings() == []


def test_turns_are_heard_at_once_and_the_latest_wins(make: Make, tmp_path: Path) -> None:
    sound = make()
    sound.play(tone(), tmp_path)
    plays(sound, "sine", "out")
    updates = sound.status.numbers["updates"]
    for step in range(1000):
        sound.turn("sine", "frequency", 100.0 + step)
        sound.play(set_value(tone(), "sine", "frequency", 100.0 + step), tmp_path)
    eventually(sound, lambda status: bool(status.numbers["turns"]))
    eventually(sound, lambda status: status.numbers["turns"][-1] == ["sine", "frequency", 1099.0])
    sound.turn("nobody", "frequency", 1.0)
    sound.play(set_value(tone(), "sine", "frequency", 1099.0), tmp_path)
    client = Client.attach(find_engines()[0], lambda news: None)
    assert client.patch.nodes["sine"].values["frequency"] == 1099.0
    assert sound.status.numbers["updates"] == updates
    client.close()


def test_panic_and_sound_off_reach_the_engine(make: Make, tmp_path: Path) -> None:
    sound = make()
    sound.play(tone(), tmp_path)
    plays(sound, "sine", "out")
    sound.do(Panic())
    eventually(sound, lambda status: status.numbers["panics"] == 1)
    sound.switch(False)
    eventually(sound, lambda status: status.numbers["host"]["is_on"] is False)
    assert not sound.status.is_on
    sound.switch(True)
    eventually(sound, lambda status: status.numbers["host"]["is_on"] is True)
    assert sound.status.is_on


def test_no_call_waits_for_an_engine_that_is_busy(make: Make, tmp_path: Path) -> None:
    sound = make()
    sound.play(tone(), tmp_path)
    plays(sound, "sine", "out")
    slow = add_node(tone(), "gain", "slow")
    sound.play(slow, tmp_path)
    updates = sound.status.numbers["updates"]
    for step in range(100):
        patch = set_content(slow, "slow", {"drawn": np.full((1000, 100), step, np.float32)})
        sound.play(patch, tmp_path)
        sound.turn("sine", "frequency", 200.0 + step)
        sound.tick(0.0)
    eventually(sound, lambda status: "slow" in status.numbers["nodes"])
    eventually(sound, lambda status: status.numbers["turns"][-1:] == [["sine", "frequency", 299.0]])
    assert sound.status.numbers["updates"] - updates < 100


def test_another_device_is_asked_of_the_same_engine_another_rate_takes_another(make: Make, tmp_path: Path) -> None:
    sound = make(DeviceChoice(sample_rate=44_100))
    sound.play(tone(), tmp_path)
    plays(sound, "sine", "out")
    first = sound.status.numbers["pid"]
    assert sound.status.numbers["how"]["sample_rate"] == 44_100
    sound.use(DeviceChoice(device="card", input=None, sample_rate=44_100))
    eventually(sound, lambda status: status.numbers["host"]["device"] == "card")
    assert sound.status.numbers["pid"] == first
    sound.use(DeviceChoice(device="card", input=None, sample_rate=48_000, block=128))
    eventually(sound, lambda status: status.numbers.get("pid", first) != first)
    how = sound.status.numbers["how"]
    assert (how["sample_rate"], how["block"], how["device"]) == (48_000, 128, "card")
    plays(sound, "sine", "out")
    assert not is_running(first)


def test_an_engine_that_dies_is_told_and_another_plays_on_with_all_that_was_asked(make: Make, tmp_path: Path) -> None:
    sound = make()
    sound.play(tone(), tmp_path)
    plays(sound, "sine", "out")
    first = sound.status.numbers["pid"]
    sound.record(tmp_path / "take.wav")
    eventually(sound, lambda status: status.numbers["host"]["record"] == str(tmp_path / "take.wav"))
    os.kill(first, signal.SIGKILL)
    sound.play(add_node(tone(), "gain", "new"), tmp_path)
    told = collected(sound, lambda one: one.kind == "engine")
    assert any("restarted" in one.text for one in told)
    eventually(sound, lambda status: status.numbers.get("pid", first) != first)
    plays(sound, "sine", "out", "new")
    assert sound.status.numbers["host"]["record"] == str(tmp_path / "take.wav")
    assert sound.status.numbers["host"]["goes_on"], "what the dead one recorded there stays"
    assert sound.status.is_on


def test_an_engine_that_does_not_start_is_a_sentence_and_can_be_tried_again(make: Make, tmp_path: Path) -> None:
    sound = make(DeviceChoice(device="refused"))
    sound.play(tone(), tmp_path)
    [told] = collected(sound, lambda one: one.severity == "error")
    assert "does not start" in told.text
    assert "off and on" in told.text
    sound.play(add_node(tone(), "gain", "new"), tmp_path)
    sound.use(DeviceChoice())
    plays(sound, "sine", "out", "new")


def test_an_editor_that_is_closed_while_it_joins_an_engine_leaves_it(make: Make, tmp_path: Path) -> None:
    other = make()
    other.play(tone(), tmp_path)
    plays(other, "sine", "out")
    assert other.client is not None
    client = other.client
    sound = make(address=find_engines()[0])
    sound.play(tone(), tmp_path)
    sound.tick(0.0)
    sound.close()
    eventually(other, lambda status: not any(one.name == "join engine" for one in threading.enumerate()))
    eventually(other, lambda status: client.status()["clients"] == 1)


def test_nothing_goes_on_in_another_document_of_the_same_folder(make: Make, tmp_path: Path) -> None:
    sound = make()
    sound.play(tone(), tmp_path)
    plays(sound, "sine", "out")
    sound.play(add_node(tone(), "gain", "new"), tmp_path)
    plays(sound, "sine", "out", "new")
    assert "is_other" not in sound.status.numbers["host"]
    sound.forget()
    sound.play(tone(), tmp_path)
    eventually(sound, lambda status: status.numbers["host"].get("is_other", False))
    sound.play(add_node(tone(), "gain", "elsewhere"), tmp_path / "elsewhere")
    eventually(sound, lambda status: not status.numbers["host"]["is_other"])
    plays(sound, "sine", "out", "elsewhere")


def test_takes_of_the_document_before_do_not_come_into_another(make: Make, tmp_path: Path) -> None:
    sound = make()
    patch = add_node(tone(), "record", "take")
    sound.play(patch, tmp_path)
    eventually(sound, lambda status: bool(sound._takes._found))
    sound.forget()
    assert sound.recorded() == {}
    assert sound.client is not None
    heard: list[Callable[..., None]] = []
    sound.client.ask_capture = lambda then, failed: heard.append(then)  # type: ignore[method-assign]
    eventually(sound, lambda status: bool(heard))
    sound.forget()
    heard[0]({"take": {"takes/0001": np.ones((3, 2), np.float32)}})
    assert sound.recorded() == {}


def test_takes_come_into_the_document_once_they_have_come_to_rest(make: Make, tmp_path: Path) -> None:
    sound = make()
    patch = add_node(tone(), "record", "take")
    sound.play(patch, tmp_path)
    found: dict[str, Any] = {}

    def came(status: SoundStatus) -> bool:
        found.update(sound.recorded())
        return bool(found)

    eventually(sound, came)
    assert found["take"]["takes/0001"].tolist() == [[0, 1], [2, 3], [4, 5]]
    sound.play(set_content(patch, "take", found["take"]), tmp_path)
    updates = sound.status.numbers["updates"]
    eventually(sound, lambda status: status.numbers["updates"] > updates)
    assert sound.recorded() == {}


def test_a_running_engine_is_played_and_left_running(make: Make, tmp_path: Path) -> None:
    other = make()
    other.play(tone(), tmp_path)
    plays(other, "sine", "out")
    [address] = find_engines()
    sound = make(address=address)
    sound.play(add_node(tone(), "gain", "mine"), tmp_path)
    plays(sound, "sine", "out", "mine")
    eventually(other, lambda status: (edit := other.edited()) is not None and "mine" in edit(tone()).nodes)
    sound.switch(False)
    told = collected(sound, lambda one: "elsewhere" in one.text)
    assert told
    sound.close()
    plays(other, "sine", "out", "mine")


def test_what_others_edited_before_the_document_heard_of_it_is_not_taken_back(make: Make, tmp_path: Path) -> None:
    other = make()
    other.play(tone(), tmp_path)
    plays(other, "sine", "out")
    address = find_engines()[0]
    client = Client.attach(address, lambda news: None)
    base = client.patch
    client.edit(lambda patch: add_node(patch, "gain", "theirs"))
    plays(other, "sine", "out", "theirs")
    sound = make(address=address, base=base)
    sound.play(add_node(base, "gain", "mine"), tmp_path)
    plays(sound, "sine", "out", "mine", "theirs")
    edit = next_edit(sound)
    merged = edit(add_node(base, "gain", "mine"))
    assert sorted(merged.nodes) == ["mine", "out", "sine", "theirs"]
    sound.play(remove_node(merged, "theirs"), tmp_path)
    plays(sound, "sine", "out", "mine")
    client.close()


def test_when_an_engine_started_elsewhere_ends_switching_on_brings_one_of_the_editors_own(
    make: Make, tmp_path: Path
) -> None:
    other = make()
    other.play(tone(), tmp_path)
    plays(other, "sine", "out")
    first = other.status.numbers["pid"]
    sound = make(address=find_engines()[0])
    mine = add_node(tone(), "gain", "mine")
    sound.play(mine, tmp_path)
    plays(sound, *mine.nodes)
    other.close()
    told = collected(sound, lambda one: one.kind == "engine")
    assert "your patch is safe" in told[-1].text
    assert not sound.status.is_on
    assert not sound.status.is_starting
    sound.switch(True)
    eventually(sound, lambda status: status.numbers.get("pid", first) != first)
    plays(sound, *mine.nodes)


def test_what_another_client_edits_is_given_to_the_desk(make: Make, tmp_path: Path) -> None:
    sound = make()
    sound.play(tone(), tmp_path)
    plays(sound, "sine", "out")
    client = Client.attach(find_engines()[0], lambda news: None)
    client.edit(lambda patch: remove_node(patch, "sine"))
    edit = next_edit(sound)
    mine = add_node(tone(), "gain", "meanwhile")
    assert edit(mine) == remove_node(mine, "sine")
    client.close()


def test_the_engine_of_an_editor_that_is_killed_ends_by_itself(tmp_path: Path) -> None:
    begin = "import time; from pathlib import Path; from latent_terrain.engine import load_palette\n"
    begin += "from latent_terrain.graphs import Patch, add_node\n"
    begin += "from latent_terrain.ui.editor.sound.engine_sound import EngineSound\n"
    begin += "from latent_terrain.ui.editor.sound.interface import DeviceChoice\n"
    begin += "sound = EngineSound(load_palette(), DeviceChoice('nobody', 'none'))\n"
    begin += f"sound.play(add_node(Patch(), 'sine', 'sine'), Path({str(tmp_path)!r}))\n"
    begin += "while True: sound.tick(time.monotonic()); time.sleep(0.05)\n"
    editor = subprocess.Popen([sys.executable, "-c", begin])
    try:
        until(find_engines)
    finally:
        editor.kill()
        editor.wait()
    until(lambda: not find_engines())


def test_an_engine_that_is_to_stay_plays_on_when_the_window_is_closed(make: Make, tmp_path: Path) -> None:
    sound = make()
    sound.play(tone(), tmp_path)
    plays(sound, "sine", "out")
    sound.close(keeps_playing=True)
    client = Client.attach(find_engines()[0], lambda news: None)
    assert set(client.patch.nodes) >= {"sine", "out"}
    assert client.stop_engine()
    until(lambda: not find_engines())


def test_the_walk_is_learned_anew_and_played_by_a_real_engine(make: Make, tmp_path: Path) -> None:
    from latent_terrain.ui.hosted_player import PLAYER

    sound = make(DeviceChoice(device="none", sample_rate=44_100), PLAYER)
    patch = load_file(STARTERS["walk"].file)
    patch = set_value(set_value(patch, "terrain", "steps", 20), "terrain", "variant", 1)
    sound.play(patch, tmp_path)
    number = sound.learn(patch)
    trainings: list[str] = []
    found: list[JobResult] = []

    def is_done(status: SoundStatus) -> bool:
        trainings.extend(one.node for one in sound.trainings)
        found.extend(sound.trained())
        return any(one.is_final for one in found)

    eventually(sound, is_done, 120.0)
    assert {(one.node, one.training) for one in found} == {("terrain", number)}
    assert sound.trainings == ()
    assert set(trainings) <= {"terrain"}
    before, after = patch.nodes["terrain"].content, found[-1].content
    assert before.keys() <= after.keys()
    assert not np.array_equal(before["learn/fc_out.weight"], after["learn/fc_out.weight"])
    sound.play(set_content(patch, "terrain", after), tmp_path)
    eventually(sound, lambda status: status.is_on and status.numbers["blocks"] > 0, 60.0)
    eventually(sound, lambda status: sound.client is not None and sound.client.wait(30.0))
    assert [one for one in sound.problems if one.severity == "error"] == []
