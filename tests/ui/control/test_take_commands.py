"""Takes by command: recorded into one recorder or a pair, named, replaced, listed and deleted, each a step to undo."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node, connect, load_file, remove_node, set_content
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.control.dispatcher import ControlError, Dispatcher
from latent_terrain.ui.takes import delete_take, takes_of

from .toy_playing import Held

PALETTE = load_palette()
PAIR = ("latents", "places")


class Recording(Held):
    """Records a take of as many vectors as its number in whatever is turned on, when that is turned off."""

    def __init__(self, patch: Patch) -> None:
        super().__init__(patch)
        self.going: dict[str, int] = {}
        self.silent: set[str] = set()
        self.recorded = self._with_takes
        self.shows = lambda node, name: np.zeros(1, np.float32) if name == "going" else None

    def _with_takes(self, patch: Patch) -> Patch:
        for name in PAIR:
            if name not in patch.nodes:
                continue
            is_on = bool(patch.nodes[name].values.get("recording"))
            if is_on:
                self.going[name] = len(takes_of(patch, name)) + 1
            elif (number := self.going.pop(name, None)) is not None and name not in self.silent:
                width = takes_of(patch, name)[0].array.shape[1]
                key = f"takes/{number:04d}"
                content = {**patch.nodes[name].content, key: np.full((number, width), number, np.float32)}
                patch = set_content(patch, name, content)
        return patch


@pytest.fixture
def session() -> Recording:
    return Recording(load_file(STARTERS["live-record"].file))


@pytest.fixture
def dispatcher(session: Recording, tmp_path: Path) -> Iterator[Dispatcher]:
    made = Dispatcher(session, PALETTE, tmp_path, tmp_path / "own.ltp", lambda text: None)
    yield made
    made.close()


def record(dispatcher: Dispatcher, name: str, *into: int | str) -> tuple[str, list[object]]:
    dispatcher.do("/take/start", ["terrain", *into])
    dispatcher.session.keep_takes()  # blocks are played meanwhile
    return dispatcher.do("/take/stop", ["terrain", name])


def labels(patch: Patch, node: str) -> list[tuple[str, int]]:
    return [(one.label, len(one.array)) for one in takes_of(patch, node)]


def test_a_terrain_means_all_recorders_that_lead_to_it_and_they_begin_together(
    session: Recording, dispatcher: Dispatcher
) -> None:
    assert record(dispatcher, "door") == ("/done", ["door", 2, 2])
    for node in PAIR:
        assert labels(session.patch, node) == [("", 259), ("door", 2)]
    assert [one[:3] for one in session.turns if one[1] == "recording"] == [
        ("latents", "recording", True),
        ("places", "recording", True),
        ("latents", "recording", False),
        ("places", "recording", False),
    ]


def test_a_take_replaces_the_pair_that_is_named_and_keeps_its_place_and_name(
    session: Recording, dispatcher: Dispatcher
) -> None:
    record(dispatcher, "door")
    record(dispatcher, "", 1)
    record(dispatcher, "", "door")
    for node in PAIR:
        assert labels(session.patch, node) == [("", 3), ("door", 3)]
    record(dispatcher, "next", 3)  # the one after the last
    assert labels(session.patch, "places")[-1] == ("next", 3)


def test_who_ends_a_take_may_say_what_it_replaces_as_another_program_may_have_begun_it(
    session: Recording, dispatcher: Dispatcher
) -> None:
    record(dispatcher, "door")
    dispatcher.do("/take/start", ["terrain"])
    dispatcher.session.keep_takes()
    dispatcher.takes_from.clear()  # as another program has it
    with pytest.raises(ControlError, match="no take 9"):
        dispatcher.do("/take/stop", ["terrain", "", 9])
    assert dispatcher.do("/take/stop", ["terrain", "", "door"]) == ("/done", ["", 3, 3])
    assert labels(session.patch, "places") == [("", 259), ("door", 3)]


def test_a_take_is_one_step_to_undo_and_no_step_back_begins_to_record(
    session: Recording, dispatcher: Dispatcher
) -> None:
    record(dispatcher, "door")
    record(dispatcher, "gate")
    dispatcher.do("/undo", [])
    assert labels(session.patch, "places") == [("", 259), ("door", 2)]
    dispatcher.do("/undo", [])
    assert labels(session.patch, "places") == [("", 259)]
    assert not any(session.patch.nodes[node].values.get("recording") for node in PAIR)
    dispatcher.do("/redo", [])
    assert labels(session.patch, "latents") == [("", 259), ("door", 2)]
    assert not any(session.patch.nodes[node].values.get("recording") for node in PAIR)


def test_what_a_sensor_sent_last_is_no_step_to_undo(session: Recording, dispatcher: Dispatcher) -> None:
    session.edit(lambda patch: add_node(patch, "osc_in", name="body", values={"size": 8}))
    record(dispatcher, "door")
    for number in range(3):
        numbers = {"numbers": np.full(8, number, np.float32)}
        session.edit(lambda patch, numbers=numbers: set_content(patch, "body", numbers))
        dispatcher.do("/take/list", [])
    dispatcher.do("/undo", [])
    assert labels(session.patch, "places") == [("", 259)]
    assert session.patch.nodes["body"].content["numbers"][0] == 2, "it is kept all the same"


def test_takes_are_listed_named_and_deleted_in_both_of_a_pair(session: Recording, dispatcher: Dispatcher) -> None:
    record(dispatcher, "door")
    assert dispatcher.do("/take/list", ["places"]) == (
        "/take/list.reply",
        ["places", 1, "", 259, "places", 2, "door", 2],
    )
    dispatcher.do("/take/name", ["terrain", "door", "gate"])
    assert labels(session.patch, "latents")[1] == labels(session.patch, "places")[1] == ("gate", 2)
    dispatcher.do("/take/delete", ["terrain", 1])
    assert labels(session.patch, "latents") == labels(session.patch, "places") == [("gate", 2)]


@pytest.mark.parametrize(
    ("command", "arguments", "why"),
    [
        ("/take/start", ["nowhere"], "the patch has no such node; it can record into latents, places"),
        ("/take/start", ["player"], "no record node leads to it; name one of latents, places"),
        ("/take/start", ["terrain", 7], "no take 7; it has 1 take"),
        ("/take/start", ["terrain", 1.5], "no take 1.5"),
        ("/take/start", ["terrain", float("nan")], "no take nan"),
        ("/take/start", ["terrain", "door"], "no take is called 'door'"),
        ("/take/start", ["a\nb"], "printable"),
        ("/take/start", ["x" * 1000], "100 printable characters"),
        ("/take/stop", ["terrain"], "nothing is recording"),
        ("/take/delete", ["places", 0], "no take 0"),
        ("/take/delete", ["places"], "takes a node"),
        ("/take/name", ["places", 1], "takes a node"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_changes_nothing(
    session: Recording, dispatcher: Dispatcher, command: str, arguments: list[object], why: str
) -> None:
    before = session.patch
    with pytest.raises(ControlError, match=why):
        dispatcher.do(command, arguments)
    assert session.patch == before


def test_a_recorder_that_heard_nothing_says_so(session: Recording, dispatcher: Dispatcher) -> None:
    session.silent = {"places"}
    with pytest.raises(ControlError, match="places: nothing was recorded; is something connected"):
        record(dispatcher, "door")


def test_who_records_already_and_who_has_a_gate_are_told(session: Recording, dispatcher: Dispatcher) -> None:
    dispatcher.do("/take/start", ["places"])
    with pytest.raises(ControlError, match="places: recording already"):
        dispatcher.do("/take/start", ["terrain"])
    session.edit(lambda patch: connect(add_node(patch, "lfo", name="gate"), "gate.out", "latents.gate"))
    with pytest.raises(ControlError, match="latents: a cord to its gate starts and stops it"):
        dispatcher.do("/take/start", ["latents"])


def test_a_patch_without_recorders_says_so(tmp_path: Path) -> None:
    dispatcher = Dispatcher(Held(load_file(STARTERS["walk"].file)), PALETTE, tmp_path, None, lambda text: None)
    try:
        for command in ("/take/start", "/take/stop", "/take/list"):
            with pytest.raises(ControlError, match="the patch has no record node; add one"):
                dispatcher.do(command, [])
    finally:
        dispatcher.close()


def test_a_take_that_could_not_end_is_ended_by_the_next_stop_in_its_place(
    session: Recording, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(dispatcher, "door")
    dispatcher.do("/take/start", ["terrain", "door"])
    session.keep_takes()
    monkeypatch.setattr("latent_terrain.ui.control.take_commands.PATIENCE_SECONDS", 0.0)
    session.shows = lambda node, name: np.ones(1, np.float32)
    with pytest.raises(ControlError, match=r"the sound has stopped.*then send /take/stop"):
        dispatcher.do("/take/stop", ["terrain"])
    session.shows = lambda node, name: np.zeros(1, np.float32)
    assert dispatcher.do("/take/stop", ["terrain"]) == ("/done", ["", 3, 3])
    assert labels(session.patch, "places") == labels(session.patch, "latents") == [("", 259), ("door", 3)]


def test_half_of_a_pair_that_was_recorded_alone_is_named(session: Recording, dispatcher: Dispatcher) -> None:
    session.silent = {"places"}
    with pytest.raises(ControlError, match=r"places: nothing was recorded.* Without its pair is now take latents 2; "):
        record(dispatcher, "door")
    dispatcher.do("/take/delete", ["latents", 2])
    assert len(takes_of(session.patch, "latents")) == len(takes_of(session.patch, "places"))


def test_takes_are_not_renumbered_under_one_that_is_going_on(session: Recording, dispatcher: Dispatcher) -> None:
    dispatcher.do("/take/start", ["terrain"])
    for command in (["/take/delete", "places", 1], ["/take/name", "terrain", 1, "door"]):
        with pytest.raises(ControlError, match="recording; send /take/stop first"):
            dispatcher.do(command[0], command[1:])


def test_a_take_is_found_though_others_have_gone_meanwhile(session: Recording, dispatcher: Dispatcher) -> None:
    record(dispatcher, "door")
    record(dispatcher, "gate")
    dispatcher.do("/take/start", ["terrain", "gate"])
    session.keep_takes()
    for node in PAIR:
        session.edit(lambda patch, node=node: delete_take(delete_take(patch, node, 2), node, 1))
    assert dispatcher.do("/take/stop", ["terrain", "last"])[0] == "/done"
    for node in PAIR:
        assert labels(session.patch, node)[-1] == ("last", 4), "what it was to replace has gone"


def test_a_recorder_that_is_removed_while_it_records_leaves_the_other_usable(
    session: Recording, dispatcher: Dispatcher
) -> None:
    dispatcher.do("/take/start", ["terrain"])
    session.keep_takes()
    session.edit(lambda patch: remove_node(patch, "places"))
    assert dispatcher.do("/take/stop", ["terrain", "door"]) == ("/done", ["door", 2])
    with pytest.raises(ControlError, match="nothing is recording"):
        dispatcher.do("/take/stop", [])


@pytest.mark.parametrize("name", ["a/b", "ü ☃ é", "  two  spaces ", "7", "takes/0001", "-1", "'\"", "x" * 100])
def test_a_take_is_found_by_the_name_it_was_given(session: Recording, dispatcher: Dispatcher, name: str) -> None:
    told = record(dispatcher, name)[1][0]
    assert labels(session.patch, "places")[-1][0] == told == labels(session.patch, "latents")[-1][0]
    dispatcher.do("/take/name", ["terrain", name, "other"])
    record(dispatcher, name)
    dispatcher.do("/take/delete", ["terrain", name])
    assert [one for one, _ in labels(session.patch, "places")] == ["", "other"]


def test_a_hundred_takes_are_recorded_in_order(session: Recording, dispatcher: Dispatcher) -> None:
    for number in range(2, 102):
        record(dispatcher, f"take {number}")
    found = dispatcher.do("/take/list", ["places"])[1]
    assert found[2::4][1:] == [f"take {number}" for number in range(2, 102)]
    assert found[3::4][1:] == list(range(2, 102))
