"""The search, menus and help: what they offer, and what choosing does."""

import pytest

from latent_terrain.engine.labels import label_of, title_of
from latent_terrain.graphs import Cord, Patch, add_node
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.panels.finder import SUMMARY, elided, kinds_of, matching, promise
from latent_terrain.ui.editor.panels.help_page import help_of, nodes_listed, paragraphs
from latent_terrain.ui.editor.panels.menus import MenuEntry, entries
from latent_terrain.ui.editor.panels.node_search import find
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.editor.window.themes import SIZES
from latent_terrain.ui.patcher.hits import Hit, OnControl, OnCord, OnNode, OnPort
from latent_terrain.ui.patcher.window_requests import OpenMenu, OpenSearch, ShowHelp, TypeValue
from latent_terrain.ui.surface.hits import OnNothing
from latent_terrain.ui.surface.look import measure

from ...patcher.benches import PALETTE, chain, desk_of

HERE = (10.0, 20.0)
CORD = Cord("tone.out", "gain.audio")


@pytest.fixture
def desk() -> Desk:
    return desk_of(chain())


def menu(desk: Desk, hit: Hit) -> dict[str, MenuEntry]:
    return {one.label: one for one in entries(desk, OpenMenu(HERE, hit))}


def test_without_words_what_was_added_lately_comes_first(desk: Desk) -> None:
    desk.add("pan", (0, 600))
    desk.add("lfo", (0, 800))
    assert [one.type for one in matching(desk, OpenSearch(HERE), "")[:2]] == ["lfo", "pan"]


def test_a_cord_in_hand_offers_first_what_takes_it_as_it_is() -> None:
    desk = desk_of(chain())
    name = desk.add("latent_smooth", (0, 600))
    port = desk.layout.port(f"{name}.out", False)
    assert port is not None
    found = [one.type for one in matching(desk, OpenSearch(HERE, port), "")]
    assert "decoder" in found
    assert found.index("decoder") < found.index("gain"), "a decoder takes latents, a gain only what is made of them"
    assert "metro" not in found


def test_on_a_cord_only_what_can_sit_on_it_is_offered(desk: Desk) -> None:
    found = {one.type for one in matching(desk, OpenSearch(HERE, on_cord=CORD), "")}
    assert {"gain", "delay"} <= found
    assert not {"sine", "audio_out", "metro"} & found


def test_what_enter_will_do_is_said_before(desk: Desk) -> None:
    gain = next(one for one in matching(desk, OpenSearch(HERE), "gain") if one.type == "gain")
    assert promise(OpenSearch(HERE), gain) == "Enter: add gain"
    on_cord = OpenSearch(HERE, on_cord=CORD)
    assert promise(on_cord, gain) == "Enter: insert gain between tone.out and gain.audio"
    port = desk.layout.port("tone.out", False)
    ask = OpenSearch(HERE, port)
    found = next(one for one in matching(desk, ask, "gain") if one.type == "gain")
    assert promise(ask, found) == "Enter: add gain and connect its audio to tone.out"
    assert promise(ask, None) == ""


def test_each_type_is_marked_with_what_it_takes_and_gives(desk: Desk) -> None:
    assert kinds_of(desk, "decoder") == (("latent",), ("signal",))
    assert kinds_of(desk, "sine")[1] == ("signal",)
    assert kinds_of(desk, "nothing of that name") == ((), ())


def test_a_nodes_menu_chooses_it_and_has_its_actions_with_keys(desk: Desk) -> None:
    found = menu(desk, OnNode("gain", True))
    assert desk.selection == {"gain"}
    assert found["Mute"].key == "M"
    found["Mute"].act()
    assert desk.patch.nodes["gain"].muted
    found["Delete"].act()
    assert "gain" not in desk.patch.nodes


def test_a_nodes_menu_keeps_a_choice_that_it_belongs_to(desk: Desk) -> None:
    desk.select(["gain", "tone"])
    menu(desk, OnNode("gain", True))["Delete"].act()
    assert set(desk.patch.nodes) == {"out", "level"}


def test_a_cord_can_get_a_node_or_be_taken_out(desk: Desk) -> None:
    found = menu(desk, OnCord(CORD, "middle"))
    found["Insert a node …"].act()
    assert desk.asks.popleft() == OpenSearch(HERE, on_cord=CORD)
    found["Disconnect"].act()
    assert CORD not in desk.patch.cords


def test_a_ports_menu_counts_its_cords(desk: Desk) -> None:
    port = desk.layout.port("tone.out", False)
    assert port is not None
    found = menu(desk, OnPort(port))
    found["Disconnect"].act()
    assert CORD not in desk.patch.cords
    assert "Disconnect" not in menu(desk, OnPort(port))
    found["Help"].act()
    assert desk.asks.popleft() == ShowHelp("sine")


def test_a_params_menu_resets_types_throws_and_lists(desk: Desk) -> None:
    control = next(one for one in desk.layout.nodes["gain"].controls if one.name == "level")
    desk.turn("gain", "level", -12.0, "hand")
    desk.end_gesture()
    found = menu(desk, OnControl(control))
    found["Type a value …"].act()
    assert desk.asks.popleft() == TypeValue("gain", "level")
    found["Reset to default"].act()
    assert "level" not in desk.patch.nodes["gain"].values
    assert "Randomize" not in found, "a level is never left to chance"
    pitch = next(one for one in desk.layout.nodes["tone"].controls if one.name == "frequency")
    menu(desk, OnControl(pitch))["Randomize"].act()
    low, high = PALETTE["sine"].params["frequency"].span
    frequency = desk.patch.nodes["tone"].values["frequency"]
    assert isinstance(frequency, float)
    assert low <= frequency <= high


def test_a_list_on_a_card_offers_its_words(desk: Desk) -> None:
    name = desk.add("gui", (0, 600))
    assert name is not None
    controls = [one for one in desk.layout.nodes[name].controls if one.kind == "menu" and not one.is_setting]
    control = controls[0]
    choices = PALETTE["gui"].params[control.name].choices
    found = menu(desk, OnControl(control))
    assert {*choices, "external XY"} - {"outside"} <= set(found)
    found["external XY"].act()
    assert desk.patch.nodes[name].values[control.name] == "outside", "the file keeps the word"


def test_a_setting_on_a_card_is_chosen_from_its_menu_but_not_while_locked(desk: Desk) -> None:
    name = desk.add("lfo", (0, 600))
    assert name is not None
    control = next(one for one in desk.layout.nodes[name].controls if one.kind == "menu" and one.is_setting)
    choices = PALETTE["lfo"].settings[control.name].choices
    menu(desk, OnControl(control))[choices[-1]].act()
    assert desk.patch.nodes[name].values[control.name] == choices[-1]
    desk.is_locked = True
    assert menu(desk, OnControl(control)) == {}


def test_what_learns_can_be_taught_again_from_its_menu(desk: Desk) -> None:
    name = desk.add("terrain", (0, 600))
    assert name is not None
    menu(desk, OnNode(name, True))["Retrain"].act()
    assert isinstance(desk.sound, SilentEditorSound)
    assert desk.sound.learned == [(name, True)]
    assert "Retrain" not in menu(desk, OnNode("gain", True))


@pytest.mark.parametrize("hit", [OnNode("gain", True), OnCord(CORD, "middle"), OnNothing()])
def test_locked_for_playing_no_menu_changes_the_structure(desk: Desk, hit: Hit) -> None:
    desk.is_locked = True
    before = [(name, node.type) for name, node in desk.patch.nodes.items()], desk.patch.cords
    for entry in entries(desk, OpenMenu(HERE, hit)):
        entry.act()
    assert ([(name, node.type) for name, node in desk.patch.nodes.items()], desk.patch.cords) == before
    assert not any(isinstance(one, OpenSearch) for one in desk.asks)


@pytest.mark.parametrize("type_", PALETTE.specs)
def test_every_type_has_a_page_that_names_all_its_ports_and_params(type_: str) -> None:
    desk, spec = desk_of(chain()), PALETTE[type_]
    found = help_of(desk, type_)
    assert found is not None
    assert found.summary == spec.summary
    assert [one.name for one in found.inputs] == list(map(label_of, spec.inputs.values()))
    assert [one.name for one in found.outputs] == list(map(label_of, spec.outputs.values()))
    assert [one.name for one in found.params] == list(map(label_of, spec.params.values()))
    assert [one.name for one in found.settings] == list(map(label_of, spec.settings.values()))
    assert all("\n" not in part for part in found.about)


def test_pages_of_what_is_unknown_are_none(desk: Desk) -> None:
    assert help_of(desk, "from the future") is None


def test_a_text_loses_the_line_breaks_of_its_source_only() -> None:
    assert paragraphs("one\ntwo\n\nthree  \n\n\n") == ("one two", "three")


def test_the_list_of_all_nodes_is_searched_as_the_search_is(desk: Desk) -> None:
    assert [one.type for one in nodes_listed(desk, "")] == sorted(PALETTE.specs)
    assert nodes_listed(desk, "dac~")[0].type == "audio_out"
    assert nodes_listed(desk, "zzzz") == []


# What musicians type, and what it finds first; the second are nearest only, as there is no such thing here.
FOUND = {
    "load": "sound_player",
    "folder": "encode",
    "xy": "gui",
    "random": "lfo",
    "mixer": "mix",
    "joystick": "gamepad",
    "vco": "sine",
    "notein": "keyboard",
    "lfo": "lfo",
    "vca": "gain",
    "mic": "audio_in",
    "record": "record",
    "sampler": "sound_player",
    "delay": "delay",
    "echo": "delay",
    "envelope": "line",
    "clock": "metro",
    "noise": "noise",
    "pan": "pan",
    "stereo": "pan",
    "scope": "scope",
    "level": "gain",
    "fader": "gain",
    "lowpass": "smooth",
    "knob": "slider",
    "touch": "pad",
    "cc": "midi_in",
    "headphones": "audio_out",
    "save": "file_recorder",
    "clip": "scale",
    "train": "terrain",
    "gen~": "expr",
    "formula": "expr",
}
NEAREST = {
    "reverb": "delay",
    "chorus": "delay",
    "filter": "smooth",
    "eq": "smooth",
    "adsr": "line",
    "limiter": "scale",
    "quantize": "scale",
    "compressor": "gain",
    "button": "gamepad",
    "sequencer": "metro",
    "trigger": "metro",
    "crossfade": "mix",
    "looper": "sound_player",
    "switch": "pick",
    "mouse": "pad",
    "spectrum": "scope",
}


@pytest.mark.parametrize(("words", "type_"), [*FOUND.items(), *NEAREST.items()])
def test_what_musicians_type_finds_what_is_meant_or_says_that_it_is_nearest(words: str, type_: str) -> None:
    first = find(PALETTE, words)[0]
    assert first.type == type_
    assert first.is_nearest == (words in NEAREST)
    assert first.words().startswith("nearest: ") == (words in NEAREST)


def test_no_name_is_both_an_equivalent_and_only_nearest() -> None:
    names = {name for spec in PALETTE.specs.values() for name in (spec.type, title_of(spec), *spec.other_names)}
    assert not names & {name for spec in PALETTE.specs.values() for name in spec.nearest_to}


def test_a_summary_ends_where_the_list_does() -> None:
    for spec in PALETTE.specs.values():
        line = elided(spec.summary, SUMMARY)
        assert measure(line, SIZES["text"]) <= SUMMARY
        assert line == spec.summary or (line.endswith("…") and spec.summary.startswith(line[:-1]))


def test_few_settings_of_a_terrain_are_in_sight() -> None:
    assert len([one for one in PALETTE["terrain"].settings.values() if not one.about.advanced]) <= 5
    assert PALETTE["terrain"].settings["steps"].about.advanced
    assert PALETTE["encode"].settings["average"].about.advanced
    shown = {one.name for one in desk_of(add_node(Patch(), "terrain", "one")).layout.nodes["one"].controls}
    assert not shown & {"pairing", "method", "order", "device"}
