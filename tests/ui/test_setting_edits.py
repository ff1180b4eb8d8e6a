"""How many playheads a map has is one number: the voices of what they play follow in the same step."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine, PatchError, load_palette
from latent_terrain.engine.offline import offline_setup, play
from latent_terrain.graphs import Patch, add_node, connect, load_file, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.cli.patches import OpenedPatch, with_changes
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.editor.window.setting_values import put_value
from latent_terrain.ui.script import load, new
from latent_terrain.ui.setting_edits import voiced_nodes, with_setting

PALETTE = load_palette()
WALK = STARTERS["walk"].file


def voices(patch: Patch) -> dict[str, object]:
    return {name: node.values["voices"] for name, node in patch.nodes.items() if "voices" in node.values}


def test_three_players_on_the_walk_are_one_action_one_step_and_three_voices_that_differ() -> None:
    desk = Desk(PALETTE, SilentEditorSound(), Settings(learns_by_itself=False))
    desk.begin(load_file(WALK))
    assert put_value(desk, "map", "players", 3)
    assert voices(desk.patch) == {"terrain": 3, "decoder": 3}
    engine = Engine(desk.patch, PALETTE, offline_setup(desk.patch, WALK.parent))
    assert not engine.problems
    for _ in play(engine, 8192):
        pass
    sound = engine.signal("decoder", "out")
    each = sound.reshape(3, -1, sound.shape[1])
    places = engine.signal("map", "xy")[:, -1].reshape(3, 2)
    engine.close()
    assert all(np.abs(one).max() > 0.01 for one in each)
    assert not np.allclose(each[0], each[1])
    assert len(np.unique(np.round(places, 3), axis=0)) == 3, "not in unison"
    desk.undo()
    assert desk.patch.nodes["map"].values.get("players", 1) == 1
    assert not voices(desk.patch)


def test_scripts_and_the_command_line_do_as_the_editor_does() -> None:
    it = load(WALK)
    it.map.players = 4
    assert voices(it.patch) == {"terrain": 4, "decoder": 4}
    it.map.players = None
    assert voices(it.patch) == {"terrain": 1, "decoder": 1}
    it.close()
    opened = with_changes(OpenedPatch(load_file(WALK), "walk", WALK.parent), PALETTE, ["map.players=2"])
    assert voices(opened.patch) == {"terrain": 2, "decoder": 2}


def test_cords_that_come_after_the_players_bring_them_voices() -> None:
    """``it.add("gui", players=3)``, then its cords: one of three playheads was heard."""
    it = new().add("terrain", "land").add("decoder", "voice").add("decoder", "duo", voices=2)
    it.connect("land.out", "voice.latents").add("gui", "map", players=3).connect("map.xy", "land.position")
    assert voices(it.patch) == {"land": 3, "voice": 3, "duo": 2}
    it.set("voice", voices=1).connect("land.out", "duo.latents")
    assert voices(it.patch) == {"land": 3, "voice": 1, "duo": 2}, "what somebody has set stays"
    it.add("gui", "one").add("terrain", "other").connect("one.xy", "other.position")
    assert "voices" not in it.patch.nodes["other"].values
    it.close()


def test_what_keeps_its_channels_is_passed_and_what_takes_them_apart_is_not() -> None:
    """map --> smooth --> terrain --> spread --> other decoder        map --> split --> second terrain"""
    patch = Patch()
    for name, type_ in (
        ("map", "gui"),
        ("soft", "smooth"),
        ("terrain", "terrain"),
        ("voice", "decoder"),
        ("wide", "spread"),
        ("again", "encode"),
        ("apart", "split"),
        ("second", "terrain"),
    ):
        patch = add_node(patch, type_, name=name)
    patch = connect(connect(patch, "map.xy", "soft.audio"), "soft.out", "terrain.position")
    patch = connect(connect(patch, "terrain.out", "voice.latents"), "voice.out", "wide.audio")
    patch = connect(connect(patch, "map.xy", "apart.audio"), "apart.a", "second.position")
    assert voiced_nodes(patch, PALETTE, "map") == ("terrain", "voice")


def test_playheads_that_somebody_has_set_apart_stay_as_they_are() -> None:
    patch = set_value(load_file(WALK), "map", "phase", 0.25)
    assert with_setting(patch, PALETTE, "map", "players", 3).nodes["map"].values["phase"] == 0.25
    two = set_value(set_value(load_file(WALK), "map", "players", 2), "map", "mode", "loop")
    assert "phase" not in with_setting(two, PALETTE, "map", "players", 3).nodes["map"].values


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"map.players": 3}, "terrain.position: map.players is 3, but terrain.voices is 1; set terrain.voices to 3"),
        (
            {"map.players": 3, "terrain.voices": 3},
            "terrain.out: terrain.voices is 3, but decoder.voices is 1; set decoder.voices to 3",
        ),
    ],
)
def test_voices_that_differ_are_said_with_the_number_to_set(changes: dict[str, int], words: str) -> None:
    patch = load_file(WALK)
    for where, value in changes.items():
        node, _, key = where.partition(".")
        patch = set_value(patch, node, key, value)
    with pytest.raises(PatchError) as found:
        Engine(patch, PALETTE, offline_setup(patch, Path(WALK).parent))
    assert words in str(found.value)
