"""What is told while one plays: the bar, toasts, history, log and scopes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.graphs import add_node, set_content, set_value
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.panels.bar import (
    FLOOR_DB,
    fallen,
    is_marked,
    latency_words,
    loudness,
    sound_words,
    work_words,
)
from latent_terrain.ui.editor.panels.lists import OPENED, found_entries, go_to, log_text, steps, steps_to
from latent_terrain.ui.editor.panels.scopes import (
    PAST,
    LatentHistory,
    latents_of,
    losses_of,
    spectrum,
    steadied,
    wave_of,
)
from latent_terrain.ui.editor.panels.starters_page import recent_words, start
from latent_terrain.ui.editor.panels.toast import MOST, Toasts
from latent_terrain.ui.editor.sound.interface import JobStatus, SoundStatus
from latent_terrain.ui.editor.sound.silent import SilentEditorSound

from ...patcher.benches import PALETTE, chain, desk_of


class Sound(SilentEditorSound):
    """Sound whose status and lessons a test chooses."""

    def __init__(self) -> None:
        super().__init__()
        self.now = SoundStatus(True, True, False, "Interface", 0.25, 0, 0, 61.0)
        self.taught_now: tuple[JobStatus, ...] = ()

    @property
    def status(self) -> SoundStatus:
        return self.now

    @property
    def trainings(self) -> tuple[JobStatus, ...]:
        return self.taught_now


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def sound() -> Sound:
    return Sound()


@pytest.fixture
def desk(sound: Sound) -> Desk:
    desk = Desk(PALETTE, sound, Settings(learns_by_itself=False))
    desk.begin(chain())
    return desk


def test_the_bar_says_only_what_is_worth_a_look(desk: Desk, sound: Sound) -> None:
    assert sound_words(desk)[0] == "Interface   CPU 25 %"
    sound.now = replace(sound.now, xruns=1, late_frames=3)
    desk.tick(100.0)
    assert sound_words(desk)[0] == "Interface   CPU 25 %   1 xrun   3 dropouts"
    desk.tick(109.0)
    assert "1 xrun" in sound_words(desk)[0]
    desk.tick(111.0)
    assert sound_words(desk)[0] == "Interface   CPU 25 %"
    assert "1 xruns, 3 dropouts" in latency_words(desk), "it can still be looked up"
    sound.now = replace(sound.now, xruns=2)
    desk.tick(112.0)
    assert "2 xruns" in sound_words(desk)[0]
    desk.begin(chain())
    desk.tick(113.0)
    assert sound_words(desk)[0] == "Interface   CPU 25 %"
    assert "0 xruns, 0 dropouts" in latency_words(desk), "of another patch"
    sound.now = replace(sound.now, xruns=1, late_frames=0)
    desk.tick(114.0)
    assert "1 xrun" in sound_words(desk)[0], "another engine counts from 0"
    sound.now = replace(sound.now, is_heard=False)
    assert "No audio device" in sound_words(desk)[0]
    sound.now = SoundStatus()
    assert sound_words(desk)[0] == ""
    sound.now = SoundStatus(is_starting=True)
    assert "Starting" in sound_words(desk)[0]


@pytest.mark.parametrize("latency", [{"device": 10.5, "block": 5.3, "codec": 0.0}, None, "soon", {}])
def test_the_delay_is_split_by_cause_whatever_the_engine_tells(desk: Desk, sound: Sound, latency: object) -> None:
    numbers: Mapping[str, object] = {"latency_ms": latency}
    sound.now = replace(sound.now, numbers=numbers)
    text = latency_words(desk)
    assert "61 ms" in text
    assert ("device 10.5 ms" in text) == bool(latency and isinstance(latency, dict))
    assert "the sound model" not in text.replace("late codec frames", ""), "what takes no time is left out"


def test_levels_are_of_the_output_or_of_what_feeds_it(desk: Desk, sound: Sound) -> None:
    assert loudness(desk) is None
    sound.readings["gain", "peak.out"] = np.array([1.0], np.float32)
    assert loudness(desk) == (0.0, 0.0), "mono is heard on both sides"
    desk.edit(lambda patch: set_value(patch, "out", "level", -20.0), "turn it down")
    assert loudness(desk) == pytest.approx((-20.0, -20.0), abs=0.01), "at the output's level"
    sound.readings["out", "peak"] = np.array([0.1, 0.0], np.float32)
    left, right = loudness(desk) or (0.0, 0.0)
    assert left == pytest.approx(-20.0, abs=0.01)
    assert right < FLOOR_DB
    sound.readings["out", "peak"] = np.array([0.0, 0.1, 1.0, 0.0], np.float32)
    assert loudness(desk) == pytest.approx((0.0, -20.0), abs=0.01), "of four the loudest odd and even ones"


@given(st.floats(-120, 20), st.floats(-120, 20), st.floats(0, 10))
def test_a_meter_rises_at_once_and_falls_in_its_time(before: float, now: float, seconds: float) -> None:
    shown = fallen(before, now, seconds)
    assert shown >= now
    assert shown >= FLOOR_DB
    assert shown <= max(before, now, FLOOR_DB)


def test_menu_items_have_ticks_for_what_is_open_or_on(desk: Desk, sound: Sound) -> None:
    desk.settings.panels = ["inspector"]
    assert is_marked(desk, "view.inspector") is True
    assert is_marked(desk, "view.log") is False
    assert is_marked(desk, "sound.switch") is True
    assert is_marked(desk, "edit.undo") is None
    perform(desk, ACTIONS["view.lock"])
    assert is_marked(desk, "view.lock") is True


def test_learning_is_told_in_one_line(desk: Desk, sound: Sound) -> None:
    assert work_words(desk) == ""
    sound.taught_now = (JobStatus("land", "learn", 0.5, "loss 0.03"), JobStatus("sounds", "encode", 0.1))
    assert work_words(desk) == "land: loss 0.03 and 1 more"
    desk.exports = (JobStatus("map", "export", 0.5, "writing map.png"),)
    assert work_words(desk) == "land: loss 0.03 and 2 more"
    sound.now = SoundStatus(numbers={"pace": 0.05})
    assert work_words(desk) == "slowed to 5 % for the sound · land: loss 0.03 and 2 more"
    sound.taught_now = ()
    assert work_words(desk) == "map: writing map.png"


def test_a_deletion_can_be_taken_back_from_its_toast(desk: Desk) -> None:
    toasts = Toasts(desk)
    assert toasts.latest(0.0) is None
    desk.select(["gain"])
    perform(desk, ACTIONS["edit.delete"])
    toast = toasts.latest(1.0)
    assert toast is not None
    assert (toast.text, toast.can_undo) == ("deleted gain", True)
    assert toasts.latest(1.0 + toast.seconds) is toast
    assert toasts.latest(1.1 + toast.seconds) is None
    desk.undo()
    assert toasts.latest(20.0) is None, "going back deletes nothing"
    desk.redo()
    assert "gain" not in desk.patch.nodes


def test_a_toast_that_offers_undo_goes_with_the_next_step(desk: Desk) -> None:
    toasts = Toasts(desk)
    desk.select(["gain"])
    perform(desk, ACTIONS["edit.delete"])
    assert toasts.latest(0.0) is not None
    desk.edit(lambda patch: set_value(patch, "tone", "frequency", 220.0), "lower")
    assert toasts.latest(0.1) is None, "its button would take back something else"


def test_warnings_are_shown_for_a_while_and_can_be_put_away(desk: Desk) -> None:
    toasts = Toasts(desk)
    desk.say("all is well")
    assert toasts.latest(0.0) is None
    desk.say("the device is gone", "warning")
    toast = toasts.latest(0.0)
    assert toast is not None
    assert (toast.text, toast.can_undo) == ("the device is gone", False)
    toasts.dismiss()
    assert toasts.latest(0.1) is None


def test_sentences_are_shown_one_after_the_other_each_for_as_long_as_it_takes_to_read(desk: Desk) -> None:
    toasts = Toasts(desk)
    short, long = "the device is gone", "the model can't be read: " + "because " * 20
    for text in (short, long, short):
        desk.say(text, "warning")
    first = toasts.latest(0.0)
    assert first is not None
    assert (first.text, toasts.waiting) == (short, 1), "the same sentence twice is one"
    second = toasts.latest(first.seconds + 0.1)
    assert second is not None
    assert second.text == long
    assert second.seconds > first.seconds + 5.0
    assert toasts.latest(first.seconds + 0.2 + second.seconds) is None


def test_a_sentence_under_the_pointer_stays(desk: Desk) -> None:
    toasts = Toasts(desk)
    desk.say("the device is gone", "warning")
    assert toasts.latest(0.0) is not None
    assert toasts.latest(60.0, is_held=True) is not None
    shown = toasts.latest(61.0)
    assert shown is not None
    assert toasts.latest(61.0 + shown.seconds) is None


def test_a_deletion_is_shown_at_once_and_what_it_interrupts_comes_again(desk: Desk) -> None:
    toasts = Toasts(desk)
    desk.say("the device is gone", "warning")
    assert toasts.latest(0.0) is not None
    desk.select(["gain"])
    perform(desk, ACTIONS["edit.delete"])
    toast = toasts.latest(0.1)
    assert toast is not None
    assert toast.can_undo
    toasts.dismiss()
    toast = toasts.latest(0.2)
    assert toast is not None
    assert toast.text == "the device is gone"


def test_a_hundred_warnings_do_not_take_minutes(desk: Desk) -> None:
    toasts = Toasts(desk)
    for number in range(100):
        desk.say(f"warning {number}", "warning")
    assert toasts.latest(0.0) is not None
    assert toasts.waiting < MOST
    assert len(desk.log.entries) >= 100


def test_the_history_shows_what_is_done_and_what_was_taken_back(desk: Desk) -> None:
    for value in (1.0, 2.0, 3.0):
        desk.edit(partial(set_value, node="gain", key="level", value=value), f"to {value:g}")
    desk.undo()
    assert [(one.label, one.is_now, one.is_undone) for one in steps(desk)] == [
        (OPENED, False, False),
        ("to 1", False, False),
        ("to 2", True, False),
        ("to 3", False, True),
    ]


@given(st.lists(st.integers(-2, 7), max_size=6))
def test_any_way_through_the_history_ends_where_it_was_clicked(ways: list[int]) -> None:
    desk = desk_of(chain())
    seen = [desk.patch]
    for value in range(1, 5):
        desk.edit(partial(set_value, node="gain", key="level", value=float(value)), f"to {value}")
        seen.append(desk.patch)
    for index in ways:
        steps_to(desk, index)
        assert desk.patch == seen[min(max(index, 0), 4)]
    assert isinstance(desk.sound, SilentEditorSound)
    assert desk.sound.played[-1] is desk.patch, "what is seen is heard"


def test_the_log_is_filtered_by_words_by_node_and_by_weight(desk: Desk) -> None:
    desk.say("saved mine.ltp")
    desk.say("the model can't be read", "error", "gain")
    desk.say("a bit late", "warning", "out")
    assert [one.text for one in found_entries(desk, "SAVED")] == ["saved mine.ltp"]
    assert [one.text for one in found_entries(desk, "gain")] == ["the model can't be read"]
    assert [one.severity for one in found_entries(desk, "", "warnings")] == ["error", "warning"]
    assert [one.severity for one in found_entries(desk, which="errors")] == ["error"]
    text = log_text(found_entries(desk))
    assert "error gain: the model can't be read" in text
    assert len(text.splitlines()) == 3


def test_what_a_node_raised_stands_beneath_its_sentence_when_the_log_is_copied(desk: Desk) -> None:
    desk.say("failed", "error", "gain", 'Traceback:\n  File "gain.py", line 3\n')
    desk.say("failed", "error", "gain", "")
    (entry,) = found_entries(desk, "failed")
    assert (entry.count, entry.details) == (2, 'Traceback:\n  File "gain.py", line 3\n')
    assert log_text([entry]).endswith('gain: failed  (2 times)\nTraceback:\n  File "gain.py", line 3')


def test_a_click_in_the_log_shows_the_node_if_it_is_still_there(desk: Desk) -> None:
    before = desk.view
    go_to(desk, "nobody")
    assert desk.view is before
    go_to(desk, "level")
    assert desk.selection == {"level"}
    x, y = desk.layout.nodes["level"].box.middle
    assert desk.view.seen(desk.window_size).holds((x, y))


@pytest.mark.parametrize("hertz", [220.0, 1000.0, 9000.0])
def test_a_spectrum_peaks_at_the_tone_and_reads_its_level(hertz: float) -> None:
    samples = 0.5 * np.sin(2 * np.pi * hertz * np.arange(4096) / 48_000)
    where, loud = spectrum(samples, 48_000)
    assert where[int(np.argmax(loud))] == pytest.approx(hertz, abs=48_000 / 4096)
    assert loud.max() == pytest.approx(-6.0, abs=1.5)


@given(st.integers(0, 40))
def test_a_spectrum_of_any_few_samples_is_finite(count: int) -> None:
    where, loud = spectrum(np.zeros(count), 48_000)
    assert len(where) == len(loud)
    assert np.isfinite(loud).all()
    assert (where > 0).all(), "an axis of octaves has no zero"


@given(st.floats(0, 6.28), st.integers(0, 600))
def test_a_steady_tone_stands_still_on_the_scope(phase: float, count: int) -> None:
    wave = np.sin(2 * np.pi * np.arange(count) / 50 + phase)
    shown = steadied(wave)
    assert len(shown) <= max(count, 0)
    if count >= 300:
        assert shown[0] <= 1e-9
        assert shown[1] > 0


def test_the_chosen_scope_is_shown_before_the_first(desk: Desk, sound: Sound) -> None:
    assert wave_of(desk) is None
    for name in ("one", "two"):
        desk.edit(partial(add_node, type="scope", name=name), "scope")
        sound.readings[name, "samples"] = np.zeros((1, 8), np.float32)
    assert (wave_of(desk) or ("", None))[0] == "one"
    desk.select(["two"])
    assert (wave_of(desk) or ("", None))[0] == "two"


def test_latents_and_losses_are_of_the_chosen_or_the_first_land(desk: Desk, sound: Sound) -> None:
    assert latents_of(desk) is None
    assert losses_of(desk) is None
    desk.edit(lambda patch: add_node(patch, "terrain", "land"), "land")
    sound.readings["land", "latent.out"] = np.arange(4, dtype=np.float32)
    found = latents_of(desk)
    assert found is not None
    assert found[0] == "land.out"
    assert found[1].tolist() == [0, 1, 2, 3]
    assert losses_of(desk) is None, "it is not trained yet"


def test_latents_over_time_keep_the_newest_at_the_right() -> None:
    past = LatentHistory()
    assert past.map().shape == (1, PAST)
    for value in range(PAST + 5):
        past.add("land.out", np.array([value, -value], np.float32))
    past.add("land.out", np.array([PAST + 4, -PAST - 4], np.float32))
    found = past.map()
    assert found.shape == (2, PAST)
    assert found[0, -1] == PAST + 4
    assert found[0, -2] == PAST + 3, "the same frame twice is one"
    past.add("other.out", np.zeros(3, np.float32))
    assert past.map().shape == (3, PAST)
    assert not past.map().any()


def test_an_example_asks_before_it_takes_the_place_of_unsaved_work(desk: Desk, sound: Sound) -> None:
    desk.edit(lambda patch: set_content(patch, "gain", {"x/y": np.zeros(2)}), "something")
    before = desk.patch
    start(desk, "walk")
    assert desk.patch is before
    ask = desk.asks.popleft()
    dict(ask.choices)["Don't save"]()  # type: ignore[union-attr]
    assert "terrain" in {node.type for node in desk.patch.nodes.values()}
    assert sound.is_on


def test_recent_files_are_named_with_where_they_lie() -> None:
    assert recent_words(str(Path.home() / "music" / "one.ltp")) == ("one", "~/music")
    assert recent_words("/far/away/two.ltp") == ("two", "/far/away")
