"""Lines belong to sounds: by name and content, whatever comes, goes, is renamed or sorted otherwise."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine.training.jobs import inputs_of, run_jobs
from latent_terrain.graphs import Patch, set_content, set_value
from latent_terrain.nodes.gui.drawing import line_of, read_drawing
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.ownership import SoundMark, names_aside, renumbered
from latent_terrain.ui.map.sheet import with_drawing

from ..land import PALETTE, draw, setup_for

A, B, C, D = (SoundMark(name, bytes([index]) * 32) for index, name in enumerate("abcd", 1))


def drawn(*xs: float, first: int = 0) -> dict[str, np.ndarray]:
    return {f"lines/{first + n:04d}": np.array([[x, 0], [x, 1]], np.float32) for n, x in enumerate(xs)}


def where(content: dict[str, np.ndarray]) -> dict[int, float]:
    return {number: float(line_of(path).anchors[0, 0]) for number, path in read_drawing(content).lines.items()}


def settled(content: dict[str, np.ndarray], *sounds: SoundMark) -> dict[str, np.ndarray]:
    return dict(renumbered(content, sounds))


def test_a_line_stays_with_its_sound_when_others_come_go_and_change_places() -> None:
    known = settled(drawn(1, 2, 3), A, B, C)
    assert where(settled(known, D, A, B, C)) == {1: 1, 2: 2, 3: 3}
    assert where(settled(known, C, B, A)) == {0: 3, 1: 2, 2: 1}
    assert where(settled(known, B, C)) == {0: 2, 1: 3}


def test_the_line_of_a_sound_that_went_comes_back_with_it() -> None:
    known = settled(drawn(1, 2, 3), A, B, C)
    without = settled(known, A, C)
    assert (where(without), names_aside(without)) == ({0: 1, 1: 3}, ("b",))
    again = settled(without, C, B, A)
    assert (where(again), names_aside(again)) == ({0: 3, 1: 2, 2: 1}, ())
    assert again["lines/0001"] is known["lines/0001"], "what did not change is the same array"


def test_a_line_that_was_drawn_meanwhile_stays_and_the_one_kept_aside_stays_there() -> None:
    without = settled(settled(drawn(1, 2), A, B), A)
    another = settled({**without, **drawn(9, first=1)}, A, D)
    assert where(settled(another, A, D, B)) == {0: 1, 1: 9, 2: 2}
    fresh = settled({**without, **drawn(9, first=1), "sounds/0001": settled(drawn(1), B)["sounds/0000"]}, A, B)
    assert (where(fresh), names_aside(fresh)) == ({0: 1, 1: 9}, ("b",))


def test_a_renamed_and_an_edited_sound_keep_their_lines() -> None:
    known = settled(drawn(1, 2), A, B)
    renamed, edited = SoundMark("z", B.mark), SoundMark("a", D.mark)
    assert where(settled(known, edited, renamed)) == {0: 1, 1: 2}
    assert where(settled(known, renamed, edited)) == {0: 2, 1: 1}
    swapped = SoundMark("a", B.mark), SoundMark("b", A.mark)
    assert where(settled(known, *swapped)) == {0: 2, 1: 1}, "what a sound is counts more than its name"


def test_two_sounds_that_are_alike_keep_a_line_each() -> None:
    known = settled(drawn(1, 2), A, A)
    assert where(settled(known, D, A, A)) == {1: 1, 2: 2}


def test_curves_and_weights_go_with_their_sound_and_what_is_played_stays() -> None:
    content = {
        "curves/0001": np.zeros((4, 2), np.float32),
        "weights/0001": np.array([3.0], np.float32),
        "play/0001": np.zeros((2, 2), np.float32),
        "pads/0001": np.zeros(2, np.float32),
    }
    moved = settled(settled(content, A, B), B, A)
    assert {"curves/0000", "weights/0000", "play/0001", "pads/0001"} <= moved.keys()


def test_lines_without_a_sound_and_drawings_whose_sounds_are_not_known_stay_as_they_are() -> None:
    content = drawn(1, 2, 3)
    assert renumbered(content, ()) is content
    assert where(settled(content, A, B)) == {0: 1, 1: 2, 2: 3}
    known = settled(content, A, B)
    assert renumbered(known, (A, B)) is known
    assert renumbered({}, (A, B)) == {}


@given(
    st.lists(st.permutations(range(5)).flatmap(lambda order: st.integers(1, 5).map(lambda n: order[:n])), max_size=6)
)
def test_no_line_is_ever_lost_or_moved_to_another_sound(steps: list[list[int]]) -> None:
    sounds = [SoundMark(str(n), bytes([n + 1]) * 32) for n in range(5)]
    content = settled(drawn(*range(5)), *sounds)
    for step in steps:
        content = settled(content, *(sounds[n] for n in step))
        assert where(content) == dict(enumerate(step))
    assert where(settled(content, *sounds)) == {n: n for n in range(5)}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 7), st.sampled_from("abc")),
        st.tuples(st.just("remove"), st.integers(0, 7), st.just("")),
        st.tuples(st.just("rename"), st.integers(0, 7), st.sampled_from("abcd")),
        st.tuples(st.just("sort"), st.integers(0, 5039), st.just("")),
    ),
    max_size=14,
)


@given(STEPS)
def test_lines_stay_with_what_their_sounds_are_however_these_are_added_removed_renamed_and_sorted(
    steps: list[tuple[str, int, str]],
) -> None:
    """Many have the same name, as in folders of takes; each sound is drawn for when it is first there."""
    content: dict[str, np.ndarray] = {}
    sounds: list[tuple[int, str]] = []
    seen: set[int] = set()
    for what, number, name in steps:
        at = next((index for index, (one, _) in enumerate(sounds) if one == number), None)
        if what == "add" and at is None:
            sounds.append((number, name))
        elif what == "remove" and at is not None:
            sounds.pop(at)
        elif what == "rename" and at is not None:
            sounds[at] = (number, name)
        elif what == "sort":
            sounds = [sounds[one] for one in np.random.default_rng(number).permutation(len(sounds))]
        marks = [SoundMark(name, bytes([one + 1]) * 32) for one, name in sounds]
        content = settled(content, *marks)
        for place, (one, _) in enumerate(sounds):
            if one in seen:
                assert where(content).get(place) == one
        for place, (one, _) in enumerate(sounds):
            if one not in seen and place not in where(content):
                content |= drawn(one, first=place)
                seen.add(one)
        content = settled(content, *marks)


def test_a_sound_with_the_name_of_one_that_went_does_not_get_its_line_where_there_were_several() -> None:
    voices = [SoundMark("voice", bytes([index]) * 32) for index in (1, 2, 3)]
    known = settled(drawn(1, 2), *voices[:2])
    without = settled(known, voices[1])
    other = settled(without, voices[1], voices[2])
    assert (where(other), names_aside(other)) == ({0: 2}, ("voice",))
    assert where(settled(other, *voices)) == {0: 1, 1: 2}
    edited = settled(settled(drawn(1, 2), A, B), A)
    assert where(settled(edited, A, SoundMark("b", D.mark))) == {0: 1, 1: 2}, "it was edited while it was away"


def tone(folder: Path, name: str, pitch: float, seconds: float = 0.3) -> None:
    soundfile.write(folder / f"{name}.flac", 0.3 * np.sin(np.arange(int(44_100 * seconds)) * pitch), 44_100)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(("kick", "snare", "voice")):
        tone(tmp_path, name, 0.02 * (number + 1), 0.2 + 0.1 * number)
    return tmp_path


def patch_of(folder: Path, *, wired: bool = True) -> Patch:
    cords = ["map.coordinates -> land.coordinates", "sounds.latents -> land.latents"]
    return draw(
        *cords,
        *(["sounds.latents -> map.latents"] if wired else []),
        sounds=("encode", {"sounds": [str(folder)]}),
        map=("gui", {}, drawn(1, 2, 3)),
        land=("terrain", {"steps": 5, "width": 8, "features": 16}),
    )


def lines_by_sound(patch: Patch) -> dict[str, float]:
    inputs = inputs_of(patch, PALETTE, setup_for(patch), "land")
    places, latents = inputs["coordinates"], inputs["latents"]
    assert places is not None
    assert latents is not None
    pairs = zip(latents.names, places.arrays, strict=False)
    return {name: float(points[0, 0]) for name, points in pairs if len(points)}


@pytest.mark.parametrize("wired", [True, False])
def test_a_sound_added_to_the_folder_moves_no_line(folder: Path, wired: bool) -> None:
    patch = patch_of(folder, wired=wired)
    once = run_jobs(patch, PALETTE, setup_for(patch)).patch
    expected = {"kick": 1.0, "snare": 2.0, "voice": 3.0}
    assert lines_by_sound(once) == expected
    tone(folder, "aaa", 0.3)
    more = run_jobs(once, PALETTE, setup_for(once))
    assert lines_by_sound(more.patch) == expected
    (folder / "snare.flac").unlink()
    (folder / "voice.flac").rename(folder / "bird.flac")
    less = run_jobs(more.patch, PALETTE, setup_for(once))
    assert lines_by_sound(less.patch) == {"kick": 1.0, "bird": 3.0}
    assert ["snare" in one.text and "its line is kept" in one.text for one in less.warnings if one.node == "map"] == [
        True
    ]
    tone(folder, "snare", 0.04, 0.3)
    assert lines_by_sound(run_jobs(less.patch, PALETTE, setup_for(once)).patch) == {"kick": 1, "bird": 3, "snare": 2}


def test_a_hand_that_changed_a_line_keeps_it_and_new_sounds_get_theirs_and_are_toured(folder: Path) -> None:
    patch = set_content(set_value(patch_of(folder), "map", "layout", "map"), "map", {})
    once = run_jobs(patch, PALETTE, setup_for(patch)).patch
    drawing = read_drawing(once.nodes["map"].content)
    moved = drawing.with_line(0, Polyline(line_of(drawing.lines[0]).anchors + 0.25))
    drawn_on = with_drawing(once, PALETTE, "map", moved)
    assert drawn_on.nodes["map"].values["layout"] == "map"
    before = run_jobs(drawn_on, PALETTE, setup_for(patch)).patch
    known = lines_by_sound(before)
    tone(folder, "aaa", 0.3)
    after = run_jobs(before, PALETTE, setup_for(patch)).patch
    assert lines_by_sound(after).keys() == {*known, "aaa"}
    assert {name: lines_by_sound(after)[name] for name in known} == known
    drawing = read_drawing(after.nodes["map"].content)
    assert drawing.is_toured
    walked = line_of(drawing.play[0]).anchors
    for line in drawing.lines.values():
        assert np.linalg.norm(walked - line_of(line).corners[0], axis=1).min() < 1e-4
    again = run_jobs(run_jobs(after, PALETTE, setup_for(patch)).patch, PALETTE, setup_for(patch))
    assert not again.done


def test_a_drawing_saved_before_lines_knew_their_sounds_keeps_those_it_had(folder: Path) -> None:
    patch = patch_of(folder)
    old = run_jobs(patch, PALETTE, setup_for(patch)).patch
    bare = {name: array for name, array in old.nodes["map"].content.items() if not name.startswith("sounds/")}
    old = set_content(old, "map", bare)
    tone(folder, "aaa", 0.3)
    new = run_jobs(old, PALETTE, setup_for(old)).patch
    assert lines_by_sound(new) == {"kick": 1.0, "snare": 2.0, "voice": 3.0}


def test_lines_laid_out_by_themselves_are_laid_out_again(folder: Path) -> None:
    patch = set_content(set_value(patch_of(folder), "map", "layout", "rows"), "map", {})
    once = run_jobs(patch, PALETTE, setup_for(patch)).patch
    assert len(lines_by_sound(once)) == 3
    tone(folder, "aaa", 0.3)
    assert len(lines_by_sound(run_jobs(once, PALETTE, setup_for(once)).patch)) == 4
