"""The host of an editor's engine: records, rests, changes devices, and knows one document from another."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages import OpenDocument, RecordTo, UseDevice
from latent_terrain.engine.session.client import Hosting
from latent_terrain.graphs import Patch, add_node, connect, set_value
from latent_terrain.nodes.audiofile.unfinished import noted, notes_folder
from latent_terrain.nodes.audiofile.write import SoundWriter
from latent_terrain.ui.editor.map_panel.queries import with_microphone
from latent_terrain.ui.hosted_player import HostedPlayer

from ..waiting import eventually
from .editor.hand_card import Machine

PALETTE = load_palette()


Start = Callable[..., HostedPlayer]


@pytest.fixture
def machine() -> Machine:
    return Machine("card", "other card")


@pytest.fixture
def start(machine: Machine) -> Iterator[Start]:
    made: list[HostedPlayer] = []

    def begin(**how: Any) -> HostedPlayer:
        made.append(HostedPlayer(Hosting(**{"device": "card", "input": "none", "block": 64, **how}), machine.means))
        return made[-1]

    yield begin
    for host in made:
        host.close()


def tone(frequency: float = 440.0) -> Patch:
    patch = add_node(Patch(), "sine", "sine", {"frequency": frequency})
    patch = add_node(patch, "audio_out", "out")
    return connect(patch, "sine.out", "out.audio")


def opened(folder: Path, *, is_other: bool) -> OpenDocument:
    return OpenDocument(base=0, change={}, folder=str(folder), is_other=is_other)


def texts(host: HostedPlayer, now: float = 1.0) -> list[str]:
    return [one["text"] for one in host.look_after(now)]


def test_a_patch_is_played_on_the_device_that_was_asked_for(start: Start, machine: Machine) -> None:
    host = start()
    host.player.update(tone())
    [driver] = machine.playing
    assert driver.format.device == "card"
    assert np.abs(driver.ask(40)).max() > 0.5


def test_switched_off_the_device_is_free_and_edits_are_still_looked_at(start: Start, machine: Machine) -> None:
    host = start()
    host.player.do(UseDevice(device="card", input="none", is_on=False))
    host.player.update(tone())
    host.look_after(1.0)
    assert not machine.playing
    assert host.player.status()["is_on"] is False
    broken = add_node(tone(), "no_such_thing", "odd")
    assert [one.node for one in host.player.update(broken)] == ["odd"]
    for level in range(50):
        more = connect(add_node(tone(), "gain", f"g{level}"), "sine.out", f"g{level}.audio")
        host.player.update(more)
    assert len(host.player.engine._stages) == 0
    host.player.do(UseDevice(device="card", input="none"))
    host.player.update(tone())
    host.look_after(2.0)
    [driver] = machine.playing
    assert np.abs(driver.ask(40)).max() > 0.5


def test_another_device_takes_over_and_the_sound_goes_on_where_it_was(start: Start, machine: Machine) -> None:
    host = start()
    host.player.update(tone())
    before = machine.playing[0].ask(100)
    host.player.do(UseDevice(device="other card", input="none"))
    host.look_after(1.0)
    [driver] = machine.playing
    assert driver.format.device == "other card"
    both = np.concatenate([before[-64:, 0], driver.ask(1)[:, 0]])
    assert np.abs(np.diff(both)).max() < 2 * np.pi * 440 / 48_000 + 1e-3
    assert not texts(host)


def test_a_device_that_is_not_there_is_told_and_waited_for(start: Start, machine: Machine) -> None:
    host = start(device="missing")
    assert [driver.format.device for driver in machine.playing] == ["clock"]
    [text] = texts(host, 0.0)
    assert "'missing'" in text
    assert "without audio output" in text
    machine.cards.append("missing")
    host.look_after(1e9)
    assert [driver.format.device for driver in machine.playing] == ["missing"]


def test_what_is_played_is_recorded_from_when_it_is_asked_until_it_is_not(
    start: Start, machine: Machine, tmp_path: Path
) -> None:
    host, file = start(), tmp_path / "take.wav"
    host.player.update(tone())
    driver = machine.playing[0]
    driver.ask(50)
    host.player.do(RecordTo(file=str(file)))
    heard = driver.ask(200)
    assert host.player.status()["recording"]["seconds"] == pytest.approx(200 * 64 / 48_000, abs=0.01)
    host.player.update(set_value(tone(), "sine", "frequency", 220.0))
    heard = np.concatenate([heard, driver.ask(100)])
    host.player.do(RecordTo())
    driver.ask(10)
    audio, rate = soundfile.read(file)
    assert rate == 48_000
    assert np.allclose(audio, heard, atol=1e-4)
    assert [text for text in texts(host) if str(file) in text]


def test_a_recording_that_is_asked_for_again_goes_on_and_replaces_nothing(
    start: Start, machine: Machine, tmp_path: Path
) -> None:
    host, file = start(), tmp_path / "take.wav"
    host.player.update(tone())
    host.player.do(RecordTo(file=str(file)))
    machine.playing[0].ask(100)
    host.player.do(RecordTo(file=str(file), goes_on=True))
    machine.playing[0].ask(100)
    host.close()
    assert soundfile.info(str(file)).frames == 200 * 64
    successor = start()
    successor.player.do(RecordTo(file=str(file), goes_on=True))
    machine.playing[-1].ask(50)
    successor.player.do(RecordTo())
    assert [soundfile.info(str(one)).frames for one in sorted(tmp_path.glob("*.wav"))] == [50 * 64, 200 * 64]


def test_a_recording_that_cannot_be_made_is_a_sentence_and_the_sound_goes_on(
    start: Start, machine: Machine, tmp_path: Path
) -> None:
    host = start()
    for file, mend in (("take.mp3", "use .wav"), ("no folder/take.wav", "create it")):
        host.player.update(tone())
        host.player.do(RecordTo(file=str(tmp_path / file)))
        [one] = [one for one in host.look_after(1.0) if one.get("severity") == "error"]
        assert mend in one["text"]
        assert np.abs(machine.playing[0].ask(40)).max() > 0.5


def test_ending_the_engine_finishes_the_recording(machine: Machine, tmp_path: Path) -> None:
    host = HostedPlayer(Hosting(device="card", input="none", block=64), machine.means)
    host.player.update(tone())
    host.player.do(RecordTo(file=str(tmp_path / "take.wav")))
    machine.playing[0].ask(100)
    host.close()
    assert len(soundfile.read(tmp_path / "take.wav")[0]) == 6400


def test_another_document_begins_anew_and_a_saved_one_goes_on(start: Start, machine: Machine, tmp_path: Path) -> None:
    host = start()
    host.player.update(tone())
    machine.playing[0].ask(7)
    sine = host.player.engine.instance("sine")
    host.player.do(opened(tmp_path / "saved here", is_other=False))
    host.player.update(tone())
    assert host.player.engine.instance("sine") is sine
    assert host.player.engine.setup.folder == tmp_path / "saved here"
    host.player.do(opened(tmp_path / "saved here", is_other=True))
    host.player.update(tone())
    assert host.player.engine.instance("sine") is not sine


def test_what_a_dead_engine_had_recorded_is_told_when_its_successor_goes_on(
    start: Start, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    writer = SoundWriter(tmp_path / "take[1].wav", 48_000, 2)
    writer.write(np.zeros((2, 24_000), np.float32))
    dead = 2**22 + 1  # above what Linux gives
    with noted(writer):
        [note] = notes_folder().iterdir()
        note.write_text(note.read_text().replace(f'"process": {os.getpid()}', f'"process": {dead}'))
        host = start()
        host.player.do(RecordTo(file=str(tmp_path / "other.wav")))
    [text] = texts(host)
    assert f"0.5 s were saved as {writer.path}" in text
    assert soundfile.info(str(writer.path)).frames == 24_000


def test_a_sound_to_find_is_recorded_from_the_input_while_the_patch_is_silent(
    start: Start, machine: Machine, tmp_path: Path
) -> None:
    host = start(input=None, folder=str(tmp_path))
    host.player.update(tone())
    [driver] = machine.playing
    assert host.player.status()["inputs"] == 2
    file = tmp_path / "sung.wav"
    host.player.update(with_microphone(tone(), PALETTE, file, 1))
    driver.ask(40)
    sung = np.random.default_rng(0).uniform(-0.5, 0.5, (100 * 64, 2)).astype(np.float32)
    assert np.abs(driver.ask(100, sung)).max() < 1e-6
    host.player.update(tone())
    driver.ask(40)
    eventually(lambda: host.look_after(1.0) is not None and file.is_file())
    recorded, rate = soundfile.read(file)
    assert rate == 48_000
    begin = int(np.flatnonzero(recorded)[0])
    np.testing.assert_allclose(recorded[begin : begin + len(sung)], sung[:, 0], atol=1e-5)
    assert np.abs(driver.ask(40)).max() > 0.5, "audio device is back"


def test_a_recording_in_several_files_has_no_gap_and_nothing_twice(
    start: Start, machine: Machine, tmp_path: Path
) -> None:
    host = start()
    host.player.update(tone())
    machine.playing[0].ask(100)
    played = []
    for number in range(4):
        host.player.do(RecordTo(file=str(tmp_path / f"{number}.wav"), goes_on=True))
        played.append(machine.playing[0].ask(50 + number))
    host.player.do(RecordTo())
    parts = [soundfile.read(tmp_path / f"{number}.wav", dtype="float32")[0] for number in range(4)]
    assert [len(one) for one in parts] == [len(one) for one in played]
    assert np.abs(np.concatenate(parts) - np.concatenate(played)).max() < 2**-22


def test_it_tells_how_loud_the_last_second_was_and_since_when_it_is_heard(start: Start, machine: Machine) -> None:
    host = start()
    host.player.update(tone())
    host.look_after(1.0)
    assert host.player.status()["last_second"] == {}
    machine.playing[0].ask(750)
    host.look_after(2.0)
    second = host.player.status()["last_second"]
    assert second["blocks"] == 750
    assert -0.5 < second["peak_db"] <= 0.1
    assert -3.6 < second["rms_db"] < -2.5
    assert host.player.status()["is_heard"] is True
    assert host.player.status()["wants_device"] is True
    machine.playing[0].ask(750)
    host.player.update(set_value(tone(), "out", "level", -60.0))
    machine.playing[0].ask(7500)
    host.look_after(3.1)
    machine.playing[0].ask(750)
    host.look_after(4.2)
    assert host.player.status()["last_second"]["peak_db"] < -50
