"""Files, values, keys and devices: what a question offers, and what an answer means."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.ui.editor.actions import ACTIONS
from latent_terrain.ui.editor.dialogs.dialogs import saved_over, to_type
from latent_terrain.ui.editor.dialogs.file_list import MOST, listed, meant, places, size_words
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.panels.devices import (
    NONE,
    OWN,
    RATES,
    Asked,
    DeviceFacts,
    FoundDevices,
    block_words,
    inputs,
    outputs,
    rates_of,
    read_devices,
    tone_words,
    warning_of,
)
from latent_terrain.ui.editor.panels.keys_page import bind, key_rows, keymap_of, unbind
from latent_terrain.ui.editor.panels.thumbnails import FINE, cards
from latent_terrain.ui.editor.sound.interface import DeviceChoice
from latent_terrain.ui.editor.window.centred import placed
from latent_terrain.ui.patcher.window_requests import ChooseFile, TypeText, TypeValue
from latent_terrain.ui.surface.look import DARK

from ...patcher.benches import PALETTE, chain, desk_of

INTERFACE = DeviceFacts("Interface", "ALSA", 2, 2, (44_100, 48_000), (128, 256))
MICROPHONE = DeviceFacts("Microphone", "ALSA", 1, 0, (16_000, 48_000))
OLD = DeviceFacts("Old card", "ALSA", 1, 0, (22_050,))
FOUND = FoundDevices((INTERFACE, MICROPHONE, OLD))


def opening(*kinds: str) -> ChooseFile:
    return ChooseFile("Open", kinds, False, lambda path: None)


def saving(*kinds: str) -> ChooseFile:
    return ChooseFile("Save", kinds, True, lambda path: None, name="mine.ltp")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return desk_of(chain())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.ltp", "A.LTP", "c.wav", ".hidden.ltp"):
        (tmp_path / name).write_bytes(b"123")
    (tmp_path / "sub").mkdir()
    (tmp_path / "away").symlink_to(tmp_path / "nowhere")
    return tmp_path


def test_a_folder_lists_folders_then_files_of_the_wanted_kind(folder: Path) -> None:
    found, complaint = listed(folder, opening(".ltp"))
    assert [one.name for one in found] == ["sub/", "A.LTP", "b.ltp"]
    assert complaint == ""
    everything, _ = listed(folder, opening(".ltp"), shows_all=True)
    assert {one.name for one in everything} == {"sub/", "A.LTP", "b.ltp", "c.wav", ".hidden.ltp"}
    folders, _ = listed(folder, ChooseFile("Where", (), False, lambda path: None, is_folder=True))
    assert [one.name for one in folders] == ["sub/"]


def test_a_folder_that_cannot_be_read_or_is_huge_says_so(folder: Path) -> None:
    found, complaint = listed(folder / "nowhere", opening())
    assert found == []
    assert "can't be opened" in complaint
    many = folder / "sub"
    for number in range(MOST + 3):
        (many / f"{number}.ltp").touch()
    found, complaint = listed(many, opening(".ltp"))
    assert len(found) == MOST
    assert "type the name" in complaint


def test_names_that_no_window_can_show_are_not_listed_which_is_told(folder: Path) -> None:
    odd = folder / os.fsdecode(b"caf\xe9.ltp")
    try:
        odd.touch()
    except OSError:
        pytest.skip("this system has no such names")
    found, complaint = listed(folder, opening(".ltp"))
    assert odd not in [one.path for one in found]
    assert "not UTF-8" in complaint


def test_a_typed_name_means_a_file_a_folder_or_gets_its_suffix(folder: Path) -> None:
    assert meant(folder, "b.ltp", opening(".ltp")) == folder / "b.ltp"
    assert meant(folder, "sub", opening(".ltp")) == folder / "sub"
    assert meant(folder, str(folder / "b.ltp"), opening(".ltp")) == folder / "b.ltp"
    assert meant(folder, "sub/../new", saving(".ltp")) == folder / "new.ltp"
    assert meant(folder, "take 1.2", saving(".wav")) == folder / "take 1.2.wav"
    for typed, ask in (
        ("", opening()),
        ("nothing.ltp", opening()),
        ("no/where.ltp", saving(".ltp")),
        ("a\0b", saving()),
    ):
        with pytest.raises(ValueError, match=r"\w{3}"):
            meant(folder, typed, ask)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_path_or_a_sentence(text: str) -> None:
    for ask in (opening(".ltp"), saving(".ltp")):
        try:
            found, said = meant(Path("/tmp"), text, ask), ""
        except (ValueError, OSError) as error:
            found, said = None, str(error)
        assert said or (found is not None and found.is_absolute())


def test_the_places_are_those_that_are_there_each_once(desk: Desk, folder: Path) -> None:
    desk.settings.recent = [str(folder / "sub" / "one.ltp"), str(folder / "b.ltp"), "/gone/for/good.ltp"]
    found = [path for _, path in places(desk)]
    assert found[0] == folder
    assert folder / "sub" in found
    assert len(found) == len(set(found))
    assert all(path.is_dir() for path in found)


@pytest.mark.parametrize(("size", "said"), [(12, "12 B"), (1500, "2 kB"), (3_000_000, "3 MB"), (7_000_000_000, "7 GB")])
def test_sizes_are_said_in_a_few_letters(size: int, said: str) -> None:
    assert size_words(size) == said


def test_a_file_is_written_over_only_after_a_question(folder: Path) -> None:
    written: list[Path] = []
    ask = ChooseFile("Save", (".ltp",), True, written.append)
    assert saved_over(folder / "new.ltp", ask) is None
    assert saved_over(folder / "b.ltp", opening()) is None, "opening writes nothing"
    confirm = saved_over(folder / "b.ltp", ask)
    assert confirm is not None
    answers = dict(confirm.choices)
    answers["Cancel"]()
    assert written == []
    answers["Replace"]()
    assert written == [folder / "b.ltp"]


def test_a_value_is_asked_for_as_it_stands_and_put_as_it_is_meant(desk: Desk) -> None:
    ask = to_type(desk, TypeValue("gain", "level"))
    assert isinstance(ask, TypeText)
    assert ask.text == "0.0"
    ask.then("-3 * 2 dB")
    assert desk.patch.nodes["gain"].values["level"] == -6.0
    before = desk.patch
    ask.then("loud")
    assert desk.patch is before
    assert "gain.level" in desk.log.entries[-1].text
    assert to_type(desk, TypeValue("nobody", "level")) is None


def test_a_file_setting_asks_for_a_file_of_its_kind(desk: Desk, folder: Path) -> None:
    name = desk.add("decoder", (0, 600))
    assert name is not None
    ask = to_type(desk, TypeValue(name, "codec"))
    assert isinstance(ask, ChooseFile)
    assert ".ts" in ask.kinds
    ask.then(folder / "voice.ts")
    assert desk.patch.nodes[name].values["codec"] == "voice.ts"
    tape = desk.add("file_recorder", (0, 900))
    assert tape is not None
    written = to_type(desk, TypeValue(tape, "file"))
    assert isinstance(written, ChooseFile)
    assert written.is_saving


def test_keys_are_found_by_action_menu_and_key(desk: Desk) -> None:
    assert {one.action for one in key_rows(desk)} == set(ACTIONS)
    assert [one.action for one in key_rows(desk, "ctrl+shift+z")] == ["edit.redo"]
    assert "sound.panic" in [one.action for one in key_rows(desk, "panic")]
    assert key_rows(desk, "no such thing") == []


def test_a_key_that_another_had_is_told_and_can_be_taken_back(desk: Desk) -> None:
    bind(desk, "edit.mute", "Ctrl+D")
    assert "it was" in desk.log.entries[-1].text
    rows = {one.action: one for one in key_rows(desk)}
    assert rows["edit.mute"].is_own
    assert rows["edit.mute"].keys[0] == "Ctrl+D"
    assert rows["edit.duplicate"].keys == ()
    unbind(desk, "edit.mute")
    assert keymap_of(desk).keys("edit.mute") == ()
    keymap_of(desk).reset("edit.mute")
    assert keymap_of(desk).keys("edit.mute") == ACTIONS["edit.mute"].keys


def test_devices_are_read_and_nonsense_becomes_a_sentence() -> None:
    text = json.dumps(
        {"devices": [{"name": "Interface", "outputs": 2, "offers": {"rates": [48000]}}, 5, {}], "note": None}
    )
    found = read_devices(text)
    assert [(each.name, each.outputs, each.rates) for each in found.devices] == [("Interface", 2, (48_000,))]
    assert read_devices('{"devices": [], "note": "connect"}').note == "connect"
    for broken in ("", "[]", "{}", '{"devices": 3}', '{"devices": [{"name": "x", "inputs": "many"}]}'):
        assert "doctor" in read_devices(broken).note


def test_a_device_that_is_away_stays_in_the_list_and_is_warned_of() -> None:
    assert outputs(FOUND, "Gone") == [OWN, "Interface", "Gone", NONE]
    assert inputs(FOUND, "none") == [NONE, OWN, "Interface", "Microphone", "Old card"]
    assert "not connected" in warning_of(FOUND, DeviceChoice("Gone"))
    assert warning_of(FOUND, DeviceChoice("Interface")) == ""
    assert warning_of(FOUND, DeviceChoice(None, "none")) == ""


def test_rates_are_those_that_both_ends_take() -> None:
    assert rates_of(FOUND, DeviceChoice("Interface", "Microphone")) == (48_000,)
    assert rates_of(FOUND, DeviceChoice("Interface", "none")) == (44_100, 48_000)
    assert rates_of(FOUND, DeviceChoice(None, "none")) == RATES
    assert rates_of(FOUND, DeviceChoice("Interface", "Old card")) == RATES
    assert "no sample rate in common" in warning_of(FOUND, DeviceChoice("Interface", "Old card"))
    assert "44100 or 48000" in warning_of(FOUND, DeviceChoice("Interface", "none", 96_000))


def test_a_block_is_told_with_its_length() -> None:
    assert block_words(256, 48_000) == "256 samples, 5.3 ms"


@pytest.mark.parametrize(
    ("done", "text"),
    [
        (subprocess.CompletedProcess((), 0, "fine", ""), "played"),
        (subprocess.CompletedProcess((), 4, "", "first\nthere is no such device\n"), "there is no such device"),
        (subprocess.TimeoutExpired("x", 1.0), "no answer"),
        (OSError("no room"), "no room"),
    ],
)
def test_what_is_asked_aside_comes_back_as_a_sentence_whatever_happens(done: Any, text: str) -> None:
    def run(words: Any, **how: Any) -> Any:
        assert words[-1] == "tone"
        if isinstance(done, Exception):
            raise done
        return done

    asked = Asked(["tone"], run)
    asked.wait()
    result = asked.result()
    assert result is not None
    assert text in tone_words(result[0], result[2] or result[1])


@given(st.tuples(st.integers(1, 3000), st.integers(1, 3000)), st.tuples(st.integers(200, 5000), st.integers(200, 5000)))
def test_a_window_is_always_placed_where_it_can_be_seen(size: tuple[int, int], room: tuple[int, int]) -> None:
    (x, y), (width, height) = placed(size, room)
    assert x >= 0
    assert y >= 0
    assert x + width <= room[0]
    assert y + height <= room[1]


def test_cards_are_pictured_whole_and_not_empty() -> None:
    pixels = cards(chain(), PALETTE, DARK)
    assert pixels.shape == (FINE[1], FINE[0], 4)
    assert pixels.min() >= 0
    assert pixels.max() <= 1
    assert len({tuple(one) for one in pixels.reshape(-1, 4)[::97].round(3)}) > 5
    assert cards(type(chain())(), PALETTE, DARK).shape == pixels.shape, "an empty patch has a picture too"


def test_each_examples_picture_shows_what_walks_on_it() -> None:
    """Orbits as their figures, a dot for each of many playheads: no two examples of one land look alike."""
    from latent_terrain.graphs import load_file
    from latent_terrain.graphs.starters import STARTERS
    from latent_terrain.ui.editor.panels.thumbnails import as_walked

    names = ("walk", "orbit", "choir", "two-players")
    shown = {name: as_walked(load_file(STARTERS[name].file), PALETTE, "map") for name in names}
    walked = {
        name: [array.shape for key, array in one.items() if key.startswith("play/")] for name, one in shown.items()
    }
    assert walked["orbit"] == [(600, 2)]
    assert walked["choir"].count((1, 2)) == 5
    assert (600, 2) in walked["two-players"]
    assert len({tuple(one) for one in walked.values()}) == 4
