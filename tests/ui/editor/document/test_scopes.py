"""The inside of a definition on the canvas: what is shown, chosen, added, told of there, and the ways in and out."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine.problems import Problem
from latent_terrain.graphs import Patch, add_node, connect, set_value
from latent_terrain.graphs.definitions import encapsulate
from latent_terrain.graphs.notes import groups
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.scopes_shown import ROOT
from latent_terrain.ui.editor.panels.node_search import find
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.patcher.window_requests import TypeText

from ...patcher.benches import Hands, chain, desk_of


def nested() -> Patch:
    """
    tone --> voice-1 --> out
    voice: inlet-1 --> gain --> filter-1 --> outlet-1        filter: inlet-1 --> soft --> outlet-1
    """
    patch = add_node(Patch(), "sine", "tone", position=(0, 0))
    patch = add_node(patch, "gain", "gain", position=(300, 0))
    patch = add_node(patch, "gain", "soft", position=(500, 0))
    patch = add_node(patch, "audio_out", "out", position=(800, 0))
    for source, target in (("tone.out", "gain.audio"), ("gain.out", "soft.audio"), ("soft.out", "out.audio")):
        patch = connect(patch, source, target)
    patch, inner = encapsulate(patch, ["soft"], "filter")
    return encapsulate(patch, ["gain", inner], "voice")[0]


@pytest.fixture
def desk() -> Desk:
    return desk_of(nested())


def do(desk: Desk, action: str) -> bool:
    return perform(desk, ACTIONS[action])


def answer(desk: Desk, text: str) -> None:
    ask = desk.asks.popleft()
    assert isinstance(ask, TypeText)
    ask.then(text)


def sound(desk: Desk) -> SilentEditorSound:
    assert isinstance(desk.sound, SilentEditorSound)
    return desk.sound


def test_only_what_is_in_the_scope_is_laid_out(desk: Desk) -> None:
    assert set(desk.layout.nodes) == {"tone", "voice-1", "out"}
    assert len(desk.layout.cords) == 2
    assert desk.open_definition("voice-1")
    assert set(desk.layout.nodes) == {"voice/gain", "voice/filter-1", "voice/inlet-1", "voice/outlet-1"}
    assert len(desk.layout.cords) == 3, "every cord has both its ports, those of the inner instance too"
    assert desk.layout is desk.layout
    assert not desk.open_definition("voice/gain"), "it is no instance"
    assert desk.open_definition("voice/filter-1")
    assert [one.scope for one in desk.scopes.levels] == ["", "voice", "filter"]
    assert desk.scopes.level.prefix == "voice-1/filter-1/"


def test_a_patch_without_definitions_is_shown_as_it_is() -> None:
    desk = desk_of(chain())
    assert desk.scopes.patch is desk.patch
    assert desk.palette is desk.scopes.node_types


def test_a_double_click_opens_and_escape_goes_up_with_the_instance_chosen(desk: Desk) -> None:
    hands = Hands(desk)
    at = desk.layout.nodes["voice-1"].title.middle
    hands.press(at)
    hands.let_go(at)
    hands.press(at, clicks=2)
    hands.let_go(at)
    assert desk.scopes.scope == "voice"
    assert not desk.selection
    desk.select(["voice/gain"])
    do(desk, "edit.select_none")
    assert desk.scopes.scope == "voice", "it selects nothing first"
    do(desk, "edit.select_none")
    assert desk.scopes.scope == ""
    assert desk.selection == {"voice-1"}
    do(desk, "edit.open")
    do(desk, "edit.up")
    assert desk.selection == {"voice-1"}
    assert not do(desk, "edit.up"), "there is nothing above the patch"


def test_what_was_seen_of_each_is_remembered_and_saved_of_the_patch(desk: Desk) -> None:
    outer = desk.view = desk.view.panned((40.0, 30.0))
    desk.open_definition("voice-1")
    inner = desk.view = desk.view.zoomed(0.7, (10.0, 10.0))
    assert desk.scopes.root_view == outer
    desk.scopes.up()
    assert desk.view == outer
    desk.open_definition("voice-1")
    assert desk.view == inner
    desk.scopes.go(ROOT)
    assert desk.view == outer


def test_new_nodes_copies_and_notes_go_where_one_is(desk: Desk) -> None:
    desk.open_definition("voice-1")
    assert desk.add("delay", (0.0, 0.0)) == "voice/delay-1"
    desk.select(["voice/gain", "voice/filter-1"])
    do(desk, "edit.copy")
    do(desk, "edit.paste")
    assert desk.selection == {"voice/gain-1", "voice/filter-2"}
    assert ("voice/gain-1.out", "voice/filter-2.inlet-1") in {(one.source, one.target) for one in desk.patch.cords}
    do(desk, "edit.duplicate_fed")
    assert desk.selection == {"voice/gain-2", "voice/filter-3"}
    assert any(one.target == "voice/gain-2.audio" for one in desk.patch.cords) == any(
        one.target == "voice/gain-1.audio" for one in desk.patch.cords
    )
    do(desk, "edit.group")
    assert set(desk.layout.groups) == {"voice/group-1"}
    do(desk, "edit.select_all")
    assert {name.partition("/")[0] for name in desk.selection} == {"voice"}
    desk.scopes.up()
    assert not desk.layout.groups
    do(desk, "edit.paste")
    assert desk.selection == {"gain", "filter-1"}, "copied inside, pasted outside"
    assert set(groups(desk.patch)) == {"voice/group-1"}


def test_instances_bring_their_definitions_to_another_patch(desk: Desk) -> None:
    desk.select(["voice-1"])
    do(desk, "edit.copy")
    other = desk_of(Patch())
    other.clipboard_text = desk.clipboard_text
    do(other, "edit.paste")
    assert other.selection == {"voice-1"}
    assert {name for name in other.patch.nodes if "/" in name} == {name for name in desk.patch.nodes if "/" in name}
    before = other.patch
    do(other, "edit.paste")
    assert {*other.patch.nodes} - {*before.nodes} == {"voice-2"}, "a definition that is there is used"


def test_a_definition_is_not_put_into_itself(desk: Desk) -> None:
    desk.open_definition("voice-1")
    desk.open_definition("voice/filter-1")
    before = desk.patch
    assert desk.add("voice", (0.0, 0.0)) is None
    assert desk.patch is before
    assert "filter -> voice -> filter" in desk.toasts[-1]


def test_what_is_chosen_is_seen(desk: Desk) -> None:
    desk.select(["filter/soft"])
    assert desk.scopes.scope == "filter"
    assert desk.scopes.level.path == ("voice-1", "filter-1")
    desk.select(["tone"])
    assert desk.scopes.scope == ""


def test_the_scope_follows_renames_and_falls_back_where_its_definition_goes(desk: Desk) -> None:
    desk.open_definition("voice-1")
    desk.open_definition("voice/filter-1")
    do(desk, "edit.rename_definition")
    answer(desk, "low-pass")
    assert desk.scopes.scope == "low-pass"
    desk.undo()
    assert desk.scopes.scope == "filter"
    do(desk, "edit.select_all")
    do(desk, "edit.delete")
    assert desk.scopes.scope == "voice"
    desk.undo()
    desk.scopes.go(ROOT)
    desk.select(["voice-1"])
    do(desk, "edit.delete")
    desk.select(["voice/gain"])
    assert desk.scopes.scope == "voice"
    assert desk.scopes.level.prefix is None, "no instance plays it"
    assert [one.scope for one in desk.scopes.levels] == ["", "voice"]
    desk.begin(chain())
    assert desk.scopes.level is ROOT


def test_encapsulate_unpack_and_make_unique_are_steps_of_undo() -> None:
    desk = desk_of(chain())
    before = desk.patch
    desk.select(["tone", "gain"])
    do(desk, "edit.encapsulate")
    assert desk.selection == {"definition-1-1"}
    assert set(desk.layout.nodes) == {"definition-1-1", "out", "level"}
    assert len(desk.layout.cords) == 1
    do(desk, "edit.duplicate")
    do(desk, "edit.make_unique")
    assert {desk.patch.nodes[name].type for name in ("definition-1-1", *desk.selection)} == {
        "definition-1",
        "definition-2",
    }
    do(desk, "edit.unpack")
    assert {desk.patch.nodes[name].type for name in desk.selection} == {"sine", "gain"}
    for _ in range(4):
        desk.undo()
    assert desk.patch is before
    assert not desk.selection


def test_what_cant_be_done_is_a_sentence(desk: Desk) -> None:
    desk.select(["voice-1"])
    do(desk, "edit.rename_definition")
    answer(desk, "filter")
    assert "choose another name" in desk.toasts[-1]
    desk.select(["tone"])
    assert not do(desk, "edit.unpack")
    assert not do(desk, "edit.open")


def test_renamed_ports_and_params_keep_the_cords_and_values_of_instances(desk: Desk) -> None:
    desk.open_definition("voice-1")
    assert desk.add("param", (0.0, 0.0)) == "voice/param-1"
    desk.edit(lambda patch: set_value(patch, "voice-1", "param-1", 0.5), "set")
    for name, wish in (("voice/param-1", "level"), ("voice/inlet-1", "in"), ("voice/outlet-1", "mix")):
        desk.select([name])
        do(desk, "edit.rename")
        answer(desk, wish)
        assert desk.selection == {f"voice/{wish}"}
    assert dict(desk.patch.nodes["voice-1"].values) == {"level": 0.5}
    assert {(one.source, one.target) for one in desk.patch.cords if "/" not in one.source} == {
        ("tone.out", "voice-1.in"),
        ("voice-1.mix", "out.audio"),
    }


def test_problems_and_loads_are_told_at_the_card_that_is_seen(desk: Desk) -> None:
    sound(desk).wrong = (Problem("voice-1/filter-1/soft", "audio", "has no input"), Problem("", "", "no output"))
    sound(desk).numbers = {"node_us": {"voice-1/gain": 2.0, "voice-1/filter-1/soft": 3.0, "tone": 1.0}}
    assert set(desk.heard.problems) == {"", "voice-1"}
    assert desk.heard.loads == {"voice-1": 5.0, "tone": 1.0}
    desk.open_definition("voice-1")
    assert set(desk.heard.problems) == {"", "voice/filter-1"}
    assert desk.heard.loads["voice/filter-1"] == 3.0
    assert desk.heard.loads["voice/gain"] == 2.0
    desk.open_definition("voice/filter-1")
    assert set(desk.heard.problems) == {"", "filter/soft"}
    assert desk.heard.name_of("voice-1/filter-1/soft") == "filter/soft"
    assert desk.heard.name_of("voice-1/nothing") == ""


def test_readings_are_those_of_the_instance_that_was_opened(desk: Desk) -> None:
    desk.select(["voice-1"])
    do(desk, "edit.duplicate")
    sound(desk).readings = {
        ("tone", "peak.out"): np.full(1, 0.1, np.float32),
        ("voice-1/filter-1/soft", "peak.out"): np.full(1, 0.2, np.float32),
        ("voice-2/filter-1/soft", "peak.out"): np.full(1, 0.3, np.float32),
        ("voice-2/gain", "peak.out"): np.full(1, 0.4, np.float32),
    }

    def heard(node: str, name: str) -> float | None:
        found = desk.heard.reading(node, name)
        return None if found is None else round(float(found[0]), 3)

    assert heard("voice-1", "peak.outlet-1") == 0.2, "of what feeds its outlet"
    assert heard("voice-2", "peak.outlet-1") == 0.3
    assert heard("filter/soft", "peak.out") == 0.2, "of the first instance"
    desk.open_definition("voice-2")
    assert heard("voice/gain", "peak.out") == 0.4
    assert heard("voice/filter-1", "peak.outlet-1") == 0.3
    assert heard("voice/inlet-1", "peak.out") is None, "nothing is connected to voice-2"
    desk.scopes.up()
    desk.open_definition("voice-1")
    assert heard("voice/inlet-1", "peak.out") == 0.1
    assert heard("voice/gain", "peak.out") is None


def test_definitions_are_found_and_described_like_node_types(desk: Desk) -> None:
    from latent_terrain.ui.editor.panels.finder import matching
    from latent_terrain.ui.patcher.window_requests import OpenSearch

    assert "filter" in {one.type for one in matching(desk, OpenSearch((0.0, 0.0)), "filter")}
    assert desk.add("filter", (0.0, 400.0)) == "filter-1"
    assert {port.port for port in desk.layout.nodes["filter-1"].ports} == {"inlet-1", "outlet-1"}


def test_definitions_of_the_library_are_found_added_and_kept(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    desk.select(["voice-1"])
    assert do(desk, "edit.keep_definition")
    assert (tmp_path / "latent-terrain" / "definitions" / "voice.ltp").is_file()
    other = desk_of(Patch())
    other.scopes.look_at_library()
    assert "voice" in {one.type for one in find(other.palette, "voice")}
    name = other.add("voice", (0.0, 0.0))
    assert name is not None
    assert other.patch.nodes[name].type == "voice"
    inside = {one for one in desk.patch.nodes if "/" in one}
    assert {one for one in other.patch.nodes if "/" in one} == inside
    other.undo()
    assert not other.patch.nodes
    desk.select(["voice-1"])
    do(desk, "edit.keep_definition")
    assert any("in the library already" in entry.text for entry in desk.log.entries)
