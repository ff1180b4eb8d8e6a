import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from latent_terrain.graphs import (
    EditError,
    History,
    Patch,
    add_node,
    dump,
    load,
    move_node,
    remove_node,
    set_content,
    set_muted,
    set_seed,
    set_value,
)

from .strategies import Edit, edits, patches


def started() -> History:
    return History(add_node(Patch(), "delay", "delay-1", {"time": 0.0}))


def turn(history: History, time: float, gesture: str | None = None) -> None:
    history.apply(lambda patch: set_value(patch, "delay-1", "time", time), "Turn time", gesture)


def time_now(history: History) -> object:
    return history.patch.nodes["delay-1"].values["time"]


@settings(max_examples=50)
@given(patches(), st.lists(edits(), max_size=15))
def test_undoing_all_and_redoing_all_passes_through_the_very_same_patches(patch: Patch, some: list[Edit]) -> None:
    history = History(patch)
    seen = [history.patch]
    for number, edit in enumerate(some):
        if history.apply(edit, f"edit {number}") is not seen[-1]:
            seen.append(history.patch)
    for state in reversed(seen[:-1]):
        assert history.can_undo
        assert history.undo() is state
    assert not history.can_undo
    assert dump(history.patch) == dump(patch)
    for state in seen[1:]:
        assert history.can_redo
        assert history.redo() is state
    assert not history.can_redo
    assert load(dump(history.patch)) == seen[-1]


def test_with_nothing_to_undo_or_redo_the_patch_stays() -> None:
    history = started()
    patch = history.patch
    assert history.undo() is patch
    assert history.redo() is patch
    assert (history.undo_label, history.redo_label, history.labels) == ("", "", ())


def test_one_gesture_is_one_step() -> None:
    history = started()
    for time in range(1, 50):
        turn(history, time, "drag delay-1.time")
    turn(history, 99.0)
    assert history.labels == ("Turn time", "Turn time")
    history.undo()
    assert time_now(history) == 49
    history.undo()
    assert time_now(history) == 0.0
    history.redo()
    assert time_now(history) == 49


@pytest.mark.parametrize("between", [History.end_gesture, lambda history: turn(history, 7.0, "another")])
def test_a_gesture_ends_when_it_is_ended_or_another_begins(between: object) -> None:
    history = started()
    turn(history, 1.0, "drag")
    between(history)  # type: ignore[operator]
    turn(history, 2.0, "drag")
    history.undo()
    assert time_now(history) in (1.0, 7.0)


def test_undo_in_a_gesture_takes_it_back_and_what_follows_is_a_new_step() -> None:
    history = started()
    turn(history, 1.0, "drag")
    history.undo()
    turn(history, 2.0, "drag")
    assert history.labels == ("Turn time",)
    assert history.undo() == started().patch


def test_a_gesture_that_comes_back_to_its_start_is_no_step() -> None:
    history = started()
    turn(history, 5.0, "drag")
    turn(history, 0.0, "drag")
    history.end_gesture()
    assert not history.can_undo
    assert history.labels == ()
    assert not history.is_modified


def test_an_edit_that_changes_nothing_is_no_step_and_keeps_what_can_be_redone() -> None:
    history = started()
    turn(history, 1.0)
    history.undo()
    turn(history, 0.0)
    assert history.redo_label == "Turn time"
    history.apply(set_seed(history.patch, 4), "Set seed")
    assert not history.can_redo
    assert history.undo_label == "Set seed"


def test_an_edit_that_can_not_be_made_changes_nothing() -> None:
    history = started()
    turn(history, 1.0)
    before = history.patch
    with pytest.raises(EditError):
        history.apply(lambda patch: remove_node(patch, "gone"), "Remove")
    assert history.patch is before
    assert history.labels == ("Turn time",)


def test_undoing_back_to_what_was_saved_is_unmodified() -> None:
    history = started()
    assert not history.is_modified
    turn(history, 1.0)
    assert history.is_modified
    history.mark_saved()
    assert not history.is_modified
    turn(history, 2.0)
    assert history.is_modified
    turn(history, 1.0)
    assert not history.is_modified
    history.undo()
    history.undo()
    history.undo()
    assert history.is_modified


def test_a_save_that_ends_after_further_edits_marks_what_it_saved() -> None:
    history = started()
    saving = history.patch
    turn(history, 1.0)
    history.mark_saved(saving)
    assert history.is_modified
    history.undo()
    assert not history.is_modified
    history.mark_unsaved()
    assert history.is_modified


def test_a_thousand_steps_over_a_large_array_hold_it_once() -> None:
    history = History(set_content(started().patch, "delay-1", {"line": np.zeros(10**6, np.float64)}))
    for time in range(1000):
        turn(history, time + 1)
        history.apply(move_node(history.patch, "delay-1", (time + 1, 0)), "Move")
    assert len(history.labels) == 2000
    assert 8_000_000 < history.held_bytes < 12_000_000


def test_above_its_bound_history_forgets_the_oldest_steps() -> None:
    history = History(started().patch, limit_bytes=3_500_000)
    for number in range(10):
        line = np.full(10**6, number, np.uint8)
        history.apply(lambda patch, line=line: set_content(patch, "delay-1", {"line": line}), f"Draw {number}")  # type: ignore[misc]
    assert history.labels == ("Draw 8", "Draw 9")
    assert history.held_bytes <= 3_500_000
    while history.can_undo:
        history.undo()
    assert history.patch.nodes["delay-1"].content["line"][0] == 7


def test_a_patch_larger_than_the_bound_is_kept_without_undo() -> None:
    history = History(started().patch, limit_bytes=1000)
    for number in range(3):
        history.apply(set_content(history.patch, "delay-1", {"x": np.full(10**5, number, np.uint8)}), "Draw", "drag")
    assert history.patch.nodes["delay-1"].content["x"][0] == 2
    assert not history.can_undo
    history.end_gesture()
    history.apply(set_muted(history.patch, "delay-1", True), "Mute")
    assert history.patch.nodes["delay-1"].muted


class Model(RuleBasedStateMachine):
    """A history beside the plainest thing that does the same: a list of patches and a place in it."""

    def __init__(self) -> None:
        super().__init__()
        self.history = started()
        self.states = [self.history.patch]
        self.at = 0

    @rule(edit=edits())
    def edit_once(self, edit: Edit) -> None:
        after = self.history.apply(edit, "edit")
        if after != self.states[self.at]:
            self.at += 1
            self.states[self.at :] = [after]

    @rule(some=st.lists(edits(), min_size=1, max_size=4))
    def edit_in_one_gesture(self, some: list[Edit]) -> None:
        self.history.end_gesture()
        for edit in some:
            if self.history.apply(edit, "gesture", "g") != self.states[self.at]:
                del self.states[self.at + 1 :]
        if self.history.patch != self.states[self.at]:
            self.at += 1
            self.states.append(self.history.patch)
        self.history.end_gesture()

    @rule()
    def undo(self) -> None:
        self.history.undo()
        self.at = max(self.at - 1, 0)

    @rule()
    def redo(self) -> None:
        self.history.redo()
        self.at = min(self.at + 1, len(self.states) - 1)

    @invariant()
    def is_as_the_list(self) -> None:
        assert self.history.patch == self.states[self.at]
        assert self.history.can_undo == (self.at > 0)

    def teardown(self) -> None:
        self.history.end_gesture()
        fresh = History(self.states[0])
        while self.history.can_undo:
            self.history.undo()
        self.history.apply(set_seed(self.history.patch, 12345), "last")
        fresh.apply(self.history.patch, "last")
        assert self.history.held_bytes == fresh.held_bytes


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=30, stateful_step_count=20)


def test_what_comes_of_a_step_later_is_part_of_it_and_of_all_after_it() -> None:
    history = History(add_node(Patch(), "gain", "before"))
    history.apply(lambda patch: add_node(patch, "terrain", "land"), "stroke")
    stroke = history.number
    history.apply(lambda patch: add_node(patch, "gain", "after"), "another")
    for number in range(3):
        learned = {"learn/a": np.full(3, number, np.float32)}
        assert history.amend(stroke, lambda patch, it=learned: set_content(patch, "land", it))  # type: ignore[misc]
    assert history.labels == ("stroke", "another")
    assert history.patch.nodes["land"].content["learn/a"][0] == 2
    assert "after" in history.patch.nodes
    assert history.undo().nodes["land"].content["learn/a"][0] == 2
    assert list(history.undo().nodes) == ["before"]
    history.amend(stroke, lambda patch: remove_node(patch, "land"))
    assert list(history.redo().nodes) == ["before"]
    history.apply(lambda patch: add_node(patch, "sine", "other"), "elsewhere")
    assert not history.amend(99, lambda patch: patch)
    assert history.amend(0, lambda patch: remove_node(patch, "nobody")), "what can't be made is not made"


def test_what_a_later_step_has_otherwise_stays_when_an_earlier_one_is_amended() -> None:
    history = History(add_node(Patch(), "gain", "gain"))
    for step in range(3):
        history.apply(lambda patch, v=float(step): set_value(patch, "gain", "level", v), f"step {step}")  # type: ignore[misc]
    first = 1

    def learn(patch: Patch) -> Patch:
        return set_content(patch, "gain", {"learn/a": np.zeros(2, np.float32)})

    def part(patch: Patch) -> object:
        return {name: id(array) for name, array in patch.nodes["gain"].content.items()}

    newest = np.ones(2, np.float32)
    history.apply(lambda patch: set_content(patch, "gain", {"learn/a": newest}), "learned")
    assert history.amend(first, learn, part)
    assert history.patch.nodes["gain"].content["learn/a"][0] == 1
    assert history.undo().nodes["gain"].content["learn/a"][0] == 0


def test_amended_steps_are_counted_as_what_they_hold() -> None:
    history = History()
    history.apply(lambda patch: add_node(patch, "terrain", "land"), "stroke")
    for number in range(50):
        learned = {"learn/a": np.full(100_000, number, np.float32)}
        history.amend(history.number, lambda patch, it=learned: set_content(patch, "land", it))  # type: ignore[misc]
    assert 400_000 < history.held_bytes < 420_000
