"""Editing while playing: nothing clicks, what did not change goes on."""

from collections.abc import Callable

import numpy as np
import pytest

from latent_terrain.engine import Engine
from latent_terrain.graphs import Patch, add_node, connect, disconnect, remove_node, set_muted, set_value

from .toys import PALETTE, draw, setup_for

Edit = Callable[[Patch], Patch]


def tune() -> Patch:
    """
    tone --> quiet --> out
    """
    return draw(
        "tone.out -> quiet.audio",
        "quiet.out -> out.audio",
        tone=("tone", {"frequency": 300.0}),
        quiet=("gain", {"level": -12.0}),
        out="speaker",
    )


def play(engine: Engine, blocks: int) -> np.ndarray:
    return np.concatenate([engine.process()[0].copy() for _ in range(blocks)])


def insert_gain(patch: Patch) -> Patch:
    patch = add_node(patch, "gain", name="late", values={"level": -3.0})
    return connect(connect(patch, "quiet.out", "late.audio"), "late.out", "out.audio")


def second_tone(patch: Patch) -> Patch:
    patch = add_node(add_node(patch, "tone", name="other", values={"frequency": 200.0}), "speaker", name="out-2")
    patch = add_node(patch, "gain", name="soft", values={"level": -12.0})
    return connect(connect(patch, "other.out", "soft.audio"), "soft.out", "out-2.audio")


@pytest.mark.parametrize(
    "edit",
    [
        lambda patch: set_value(patch, "quiet", "level", -3.0),
        insert_gain,
        second_tone,
        lambda patch: disconnect(patch, "quiet.out", "out.audio"),
        lambda patch: remove_node(patch, "tone"),
        lambda patch: set_muted(patch, "tone", True),
    ],
    ids=["turn a param", "insert a node", "add a branch", "cut a cord", "remove a node", "mute"],
)
def test_an_edit_and_its_undo_do_not_click(edit: Edit) -> None:
    engine = Engine(tune(), PALETTE, setup_for(tune()))
    steady = np.abs(np.diff(play(engine, 20), 2)).max()
    parts = [play(engine, 3)]
    for patch in (edit(tune()), tune()):
        engine.update(patch)
        parts.append(play(engine, 20))
    assert np.abs(np.diff(np.concatenate(parts), 2)).max() < steady + 0.003


def test_the_click_test_can_fail() -> None:
    engine = Engine(tune(), PALETTE, setup_for(tune()))
    sound = play(engine, 20)
    sound[2600:] *= 0.5
    assert np.abs(np.diff(sound, 2)).max() > 0.05


def test_an_unchanged_node_keeps_its_state_through_an_edit() -> None:
    whole = play(Engine(tune(), PALETTE, setup_for(tune())), 40)
    engine = Engine(tune(), PALETTE, setup_for(tune()))
    before = play(engine, 20)
    engine.update(add_node(tune(), "tone", name="unheard"))
    np.testing.assert_array_equal(np.concatenate([before, play(engine, 20)]), whole)


def test_turning_a_param_recompiles_nothing_and_glides() -> None:
    engine = Engine(tune(), PALETTE, setup_for(tune()))
    plan = engine.compiled.plan
    play(engine, 4)
    engine.update(set_value(tune(), "quiet", "level", 0.0))
    sound = play(engine, 8)
    assert engine.compiled.plan is plan
    assert np.abs(sound[:64]).max() < 0.6
    assert np.abs(sound[-256:]).max() == pytest.approx(1.0, abs=0.01)


def test_a_cord_taken_off_a_param_gives_it_back_its_own_value() -> None:
    """
    wobble --> tone.frequency
    """
    patch = connect(add_node(tune(), "tone", name="wobble", values={"frequency": 3.0}), "wobble.out", "tone.frequency")
    engine = Engine(patch, PALETTE, setup_for(patch))
    play(engine, 4)
    engine.update(disconnect(patch, "wobble.out", "tone.frequency"))
    play(engine, 4)
    spectrum = np.abs(np.fft.rfft(play(engine, 100)))
    assert np.argmax(spectrum) == pytest.approx(300 * 25600 / 48000, abs=1)


def test_edits_in_quick_succession_all_arrive_in_order() -> None:
    engine = Engine(tune(), PALETTE, setup_for(tune()))
    for edit in (insert_gain, second_tone):
        engine.update(edit(engine.patch))
    engine.update(remove_node(remove_node(engine.patch, "other"), "soft"))
    sound = play(engine, 60)
    assert np.abs(sound[-256:]).max() == pytest.approx(10 ** (-15 / 20), rel=0.02)


def test_a_patch_with_errors_keeps_the_rest_playing() -> None:
    engine = Engine(tune(), PALETTE, setup_for(tune()))
    problems = engine.update(add_node(tune(), "gian", name="odd"))
    assert [problem.node for problem in problems] == ["odd"]
    assert np.abs(play(engine, 20)[-256:]).max() > 0.2
