"""What the inspector tells: params turned together, what flows, files that are gone."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.graphs import Asset, Patch, add_asset, add_node, connect, set_content, set_value
from latent_terrain.ui.editor.actions.named_files import ask_where, locate, missing_files
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.panels.facts import (
    content_words,
    flowing,
    ports_of_node,
    seeded,
    shared_params,
    turn_all,
    unused_by_all,
)
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.editor.window.setting_values import put_file, setting_words
from latent_terrain.ui.missing_files import is_folder
from latent_terrain.ui.patch_files import Named
from latent_terrain.ui.patcher.window_requests import ChooseFile

from ...patcher.benches import PALETTE, chain, desk_of


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def desk() -> Desk:
    return desk_of(chain())


def sound(desk: Desk) -> SilentEditorSound:
    assert isinstance(desk.sound, SilentEditorSound)
    return desk.sound


def test_one_node_shows_all_its_params_with_their_values(desk: Desk) -> None:
    desk.edit(lambda patch: set_value(patch, "gain", "level", -6.0), "softer")
    desk.select(["gain"])
    assert {one.spec.name: one.value for one in shared_params(desk)} == {
        name: -6.0 if name == "level" else spec.default for name, spec in PALETTE["gain"].params.items()
    }


def test_what_none_of_the_chosen_nodes_uses_is_known() -> None:
    patch = add_node(add_node(add_node(Patch(), "gui", "map"), "gui", "orbit"), "lfo", "slow")
    patch = set_value(patch, "orbit", "mode", "orbit")
    desk = desk_of(connect(patch, "slow.out", "map.spring"))
    desk.select(["map"])
    assert {"size_x", "hand_x", "tempo"} <= unused_by_all(desk)
    assert not {"mode", "line", "pace", "spring"} & unused_by_all(desk), "spring is patched"
    desk.select(["orbit"])
    assert {"line", "pace", "spring"} <= unused_by_all(desk)
    desk.select(["map", "orbit"])
    assert "glide" in unused_by_all(desk)
    assert not {"line", "size_x", "spring"} & unused_by_all(desk)
    desk.select(["map", "slow"])
    assert not unused_by_all(desk)


def test_nodes_of_other_types_share_only_params_that_are_alike() -> None:
    patch = add_node(add_node(add_node(Patch(), "gain", "one"), "gain", "two"), "sine", "tone")
    desk = desk_of(set_value(patch, "two", "level", 3.0))
    desk.select(["one", "two"])
    (level,) = [one for one in shared_params(desk) if one.spec.name == "level"]
    assert level.value is None, "they differ"
    desk.select(["one", "two", "tone"])
    names = {one.spec.name for one in shared_params(desk)}
    assert names <= set(PALETTE["gain"].params) & set(PALETTE["sine"].params)
    desk.select()
    assert shared_params(desk) == []


def test_a_node_of_unknown_type_among_the_chosen_shares_nothing() -> None:
    from dataclasses import replace

    from latent_terrain.graphs import Node

    patch = chain()
    desk = desk_of(replace(patch, nodes={**patch.nodes, "odd": Node("of the future")}))
    desk.select(["gain", "odd"])
    assert shared_params(desk) == []
    desk.select(["odd"])
    assert shared_params(desk) == []


def test_turning_together_is_one_step_and_heard_at_every_node() -> None:
    desk = desk_of(add_node(add_node(Patch(), "gain", "one"), "gain", "two"))
    desk.select(["one", "two"])
    for value in (-1.0, -2.0, -3.0):
        turn_all(desk, "level", value, "a drag")
    desk.end_gesture()
    assert [desk.patch.nodes[name].values["level"] for name in ("one", "two")] == [-3.0, -3.0]
    assert sound(desk).turned[-2:] == [("one", "level", -3.0), ("two", "level", -3.0)]
    assert len(desk.document.history.labels) == 1
    desk.undo()
    assert not any(desk.patch.nodes[name].values for name in ("one", "two"))


def test_ports_say_where_their_cords_go(desk: Desk) -> None:
    ports = {(one.port, one.is_input): one for one in ports_of_node(desk, "gain", PALETTE["gain"])}
    assert ports["audio", True].words() == "audio  from tone.out"
    assert ports["out", False].words() == "out  to out.audio"
    assert ("level", True) not in ports, "a param without a cord is no port here"
    desk.edit(lambda patch: connect(patch, "level.out", "gain.level"), "drive it")
    driven = next(one for one in ports_of_node(desk, "gain", PALETTE["gain"]) if one.port == "level")
    assert driven.is_param
    assert driven.ends == ("level.out",)


def test_what_flows_is_told_in_decibels_and_in_latents(desk: Desk) -> None:
    gain = {(one.port, one.is_input): one for one in ports_of_node(desk, "gain", PALETTE["gain"])}
    assert flowing(desk, gain["audio", True]) == "", "nothing is known yet"
    sound(desk).readings["tone", "peak.out"] = np.array([0.5], np.float32)
    assert flowing(desk, gain["audio", True]) == "-6 dB", "an input shows what its source gives"
    sound(desk).readings["gain", "peak.out"] = np.zeros(2, np.float32)
    assert flowing(desk, gain["out", False]) == "2 channels, silent"
    sound(desk).readings["tone", "value.out"] = np.array([-3.5, 0.25], np.float32)
    assert flowing(desk, gain["audio", True]) == "-3.50, 0.25", "coordinates are no level"
    patch = add_node(Patch(), "latent_smooth", "calm")
    calm = desk_of(patch)
    sound(calm).readings["calm", "latent.out"] = np.array([-1.5, 20.0], np.float32)
    port = next(one for one in ports_of_node(calm, "calm", PALETTE["latent_smooth"]) if not one.is_input)
    assert flowing(calm, port) == "2 latents, -1.50 … 20.00"


def test_where_a_cord_brings_a_switch_a_choice_or_a_number_is_told_in_its_words() -> None:
    patch = add_node(add_node(Patch(), "lfo", "slow"), "gui", "map")
    for name in ("mode", "playing", "pad"):
        patch = connect(patch, "slow.out", f"map.{name}")
    desk = desk_of(patch)
    ports = {one.port: one for one in ports_of_node(desk, "map", PALETTE["gui"]) if one.is_param}
    sound(desk).readings["slow", "value.out"] = np.array([1.4], np.float32)
    assert flowing(desk, ports["mode"]) == "1.40", "what comes, while nothing is known of the param"
    for name, number, words in (("mode", 2.0, "ping-pong"), ("playing", 1.0, "on"), ("pad", 4.0, "4")):
        sound(desk).readings["map", f"param.{name}"] = np.array([number], np.float32)
        assert flowing(desk, ports[name]) == words


def test_what_a_node_holds_is_counted_by_kind() -> None:
    patch = add_node(Patch(), "gui", "map")
    content = {"lines/0": np.zeros((64, 2), np.float64), "lines/1": np.zeros((64, 2), np.float64), "x/y": np.zeros(256)}
    node = set_content(patch, "map", content).nodes["map"]
    assert content_words(node, None) == ["lines: 2 kB", "x: 2 kB"]


def test_files_that_are_gone_are_found_and_bundled_ones_are_never(tmp_path: Path) -> None:
    (tmp_path / "there.wav").touch()
    patch = add_node(
        Patch(), "encode", "sounds", values={"sounds": ["there.wav#t=1,2", "gone.wav", "bundled:04-beat.flac"]}
    )
    patch = add_node(patch, "decoder", "voice", values={"codec": "models/voice.ts"})
    patch = add_node(patch, "file_recorder", "tape", values={"file": "not-yet.wav"})
    desk = desk_of(patch)
    assert {(one.node, one.path) for one in missing_files(desk)} == {
        ("sounds", "gone.wav"),
        ("voice", "models/voice.ts"),
    }
    assert missing_files(desk)[0].words() == "sounds.sounds: gone.wav"


def test_one_located_file_brings_those_beside_it_along_in_one_step(tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("a.wav", "b.wav"):
        (moved / name).touch()
    values = {"sounds": ["old/a.wav", "old/b.wav#t=0,1", "old/c.wav"]}
    desk = desk_of(add_node(Patch(), "encode", "sounds", values=values))
    gone = missing_files(desk)
    assert locate(desk, gone[0], moved / "a.wav")
    assert desk.patch.nodes["sounds"].values["sounds"] == ["moved/a.wav", "moved/b.wav#t=0,1", "old/c.wav"]
    assert [one.path for one in missing_files(desk)] == ["old/c.wav"]
    assert len(desk.document.history.labels) == 1
    desk.undo()
    assert len(missing_files(desk)) == 3


def test_a_located_folder_brings_all_that_is_in_it_and_beside_it_along(tmp_path: Path) -> None:
    for name in ("there/bells/deep/a.wav", "there/more/b.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    values = {"sounds": ["old/bells", "old/bells/deep/a.wav#t=0,1", "old/more", "else/c.wav"]}
    desk = desk_of(add_node(Patch(), "encode", "sounds", values=values))
    gone = missing_files(desk)
    assert [is_folder(one) for one in gone] == [True, False, True, False]
    ask_where(desk, gone[0], lambda path: None)
    asked = desk.asks.pop()
    assert isinstance(asked, ChooseFile)
    assert asked.is_folder
    assert locate(desk, gone[0], tmp_path / "there" / "bells")
    assert desk.patch.nodes["sounds"].values["sounds"] == [
        "there/bells",
        "there/bells/deep/a.wav#t=0,1",
        "there/more",
        "else/c.wav",
    ]


def test_an_asset_of_another_size_is_taken_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "other.ts").write_bytes(b"12")
    desk = desk_of(add_asset(Patch(), "voice", Asset("voice.ts", "0" * 64, 5)))
    assert [one.asset for one in missing_files(desk)] == ["voice"]
    assert locate(desk, missing_files(desk)[0], tmp_path / "other.ts")
    assert desk.patch.assets["voice"].path == "other.ts"
    assert "size differs" in desk.log.entries[-1].text
    assert missing_files(desk) == []


def test_a_file_that_cannot_belong_to_the_patch_changes_nothing_and_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "voice.ts").write_bytes(b"12345")
    desk = desk_of(add_asset(Patch(), "voice", Asset("voice.ts", "0" * 64, 5)))
    (tmp_path / "here").mkdir()
    desk.document.path = tmp_path / "here" / "mine.ltp"
    before = desk.patch
    assert not locate(desk, missing_files(desk)[0], folder / "voice.ts")
    assert desk.patch is before
    assert desk.log.entries[-1].severity == "warning"


def test_a_file_goes_into_a_setting_relative_to_the_patch_and_lists_grow(tmp_path: Path) -> None:
    desk = desk_of(add_node(add_node(Patch(), "encode", "sounds"), "decoder", "voice"))
    assert put_file(desk, "sounds", "sounds", tmp_path / "a.wav")
    assert put_file(desk, "sounds", "sounds", tmp_path / "b.wav")
    assert put_file(desk, "voice", "codec", Path("/far/away.ts"))
    assert desk.patch.nodes["sounds"].values["sounds"] == ["a.wav", "b.wav"]
    assert desk.patch.nodes["voice"].values["codec"] == "/far/away.ts"


def test_long_values_are_shortened_where_they_tell_least() -> None:
    codec, sounds = PALETTE["decoder"].settings["codec"], PALETTE["encode"].settings["sounds"]
    assert setting_words(codec, "/a/very/long/way/to/a/model.ts").endswith("a/model.ts")
    assert setting_words(codec, "/a/very/long/way/to/a/model.ts").startswith("…")
    assert setting_words(sounds, ["a-long-name-indeed.wav", "another-long-name.wav"]) == "2 files"
    assert setting_words(sounds, []) == "none"
    box = PALETTE["terrain"].settings["box"]
    assert setting_words(box, (-16.0, -4.0, 16.0, 4.0)) == "-16.0, -4.0, 16.0, 4.0"


def test_a_seed_is_a_whole_number_or_refused_with_a_sentence(desk: Desk) -> None:
    assert desk.edit(lambda patch: seeded(patch, " 42 "), "seed")
    assert desk.patch.seed == 42
    for text in ("-1", "two", "1.5", "9" * 40):
        before = desk.patch
        assert not desk.edit(partial(seeded, text=text), "seed")
        assert desk.patch is before


def test_a_missing_file_of_the_patch_itself_is_named_by_its_own_name() -> None:
    assert Named("a/b.ts", asset="voice").words() == "voice: a/b.ts"
