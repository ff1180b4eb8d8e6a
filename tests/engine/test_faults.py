"""What breaks is muted and named; the rest plays; nothing that is no sound leaves."""

import tracemalloc

import numpy as np
import pytest

from latent_terrain.engine import Engine, Fault
from latent_terrain.graphs import add_node, disconnect, remove_node

from .toys import PALETTE, draw, setup_for


def test_a_node_that_fails_is_muted_and_named_once_and_the_rest_plays() -> None:
    """
    tone --> out, tone --> bad --> out-2
    """
    patch = draw(
        "tone.out -> soft.audio",
        "soft.out -> out.audio",
        "tone.out -> bad.audio",
        "bad.out -> out-2.audio",
        **{
            "tone": "tone",
            "soft": ("gain", {"level": -12.0}),
            "out": "speaker",
            "bad": "boom",
            "out-2": "speaker",
        },
    )
    engine = Engine(patch, PALETTE, setup_for(patch))
    loudest = [float(np.abs(engine.process()).max()) for _ in range(30)]
    assert loudest[-1] > 0.2
    faults = engine.faults()
    assert [(fault.node, fault.text) for fault in faults] == [
        ("bad", "failed (too loud for me); it is muted until you change it")
    ]


def test_a_failed_node_lives_again_after_an_edit() -> None:
    patch = draw("tone.out -> bad.audio", "bad.out -> out.audio", tone="tone", bad="boom", out="speaker")
    engine = Engine(patch, PALETTE, setup_for(patch))
    engine.process()
    assert engine.faults()
    engine.update(disconnect(patch, "tone.out", "bad.audio"))
    for _ in range(20):
        engine.process()
    assert not engine.compiled.instances["bad"].has_failed


def test_nonsense_never_reaches_the_device_and_its_source_is_reset_and_named() -> None:
    """
    tone --> poison --> gain --> out
    """
    patch = draw(
        "tone.out -> poison.audio",
        "poison.out -> loud.audio",
        "loud.out -> out.audio",
        tone="tone",
        poison="poison",
        loud="gain",
        out="speaker",
    )
    engine = Engine(patch, PALETTE, setup_for(patch))
    for _ in range(5):
        assert np.isfinite(engine.process()).all()
    assert {fault.node for fault in engine.faults()} == {"poison"}
    assert engine.instance("poison").resets > 0


def test_a_node_that_never_gives_sound_is_told_twice_and_muted() -> None:
    """
    tone --> poison --> out
    """
    patch = draw("tone.out -> poison.audio", "poison.out -> out.audio", tone="tone", poison="poison", out="speaker")
    engine = Engine(patch, PALETTE, setup_for(patch))
    for _ in range(60):
        assert np.isfinite(engine.process()).all()
    assert [fault.text for fault in engine.faults()] == [
        "gave invalid numbers (NaN or too large); it was reset",
        "gave invalid numbers (NaN or too large); it is muted until you change it",
    ]


def test_a_fault_of_no_node_is_its_sentence_alone() -> None:
    assert str(Fault("", "the output had invalid numbers")) == "the output had invalid numbers"
    assert str(Fault("tone", "gave none")) == "tone: gave none"


def test_the_output_is_limited_to_one_and_the_blocks_are_counted() -> None:
    patch = draw(
        "tone.out -> loud.audio",
        "loud.out -> out.audio",
        tone="tone",
        loud=("gain", {"level": 12.0}),
        out="speaker",
    )
    engine = Engine(patch, PALETTE, setup_for(patch))
    assert max(float(np.abs(engine.process()).max()) for _ in range(5)) == 1.0
    assert engine.limited_blocks == 5


def test_every_node_is_timed() -> None:
    patch = draw("tone.out -> out.audio", tone="tone", out="speaker")
    engine = Engine(patch, PALETTE, setup_for(patch))
    for _ in range(64):
        engine.process()
    assert set(engine.load()) == {"tone", "out"}
    assert all(spent > 0 for spent in engine.load().values())


def test_a_steady_block_allocates_nothing_that_stays_and_little_that_goes() -> None:
    patch = draw(
        "tone.out -> soft.audio", "soft.out -> out.audio", tone="tone", soft=("gain", {"level": -12.0}), out="speaker"
    )
    engine = Engine(patch, PALETTE, setup_for(patch))
    for _ in range(50):
        engine.process()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(200):
        engine.process()
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert now - before < 4_000
    assert peak - before < 40_000


def test_a_node_that_leaves_is_closed_once_nothing_plays_it() -> None:
    patch = draw("tone.out -> out.audio", tone="tone", out="speaker")
    engine = Engine(patch, PALETTE, setup_for(patch))
    closed: list[str] = []
    engine.instance("tone").close = lambda: closed.append("tone")
    engine.update(remove_node(patch, "tone"))
    assert not closed
    for _ in range(20):
        engine.process()
    engine.update(add_node(engine.patch, "gain"))
    assert closed == ["tone"]


@pytest.mark.parametrize("count", [100, 256, 300])
def test_numbers_that_are_no_sound_are_told_also_in_a_block_that_is_shorter(count: int) -> None:
    """
    tone --> bad --> out
    """
    patch = draw("tone.out -> bad.audio", "bad.out -> out.audio", tone="tone", bad="poison", out="speaker")
    engine = Engine(patch, PALETTE, setup_for(patch))
    left = count
    while left:
        left -= engine.process(min(left, 256)).shape[1]
    assert {one.node for one in engine.faults()} == {"bad"}


@pytest.mark.parametrize("count", [10, 64, 100])
def test_in_a_loop_too_whose_plan_is_shorter_than_the_block(count: int) -> None:
    """
    tone --> bad --> sum --> out
                      ^-- delay <--
    """
    patch = draw(
        "tone.out -> bad.audio",
        "bad.out -> sum.a",
        "echo.out -> sum.b",
        "sum.out -> echo.audio",
        "sum.out -> out.audio",
        tone="tone",
        bad="poison",
        sum="add",
        echo="delay",
        out="speaker",
    )
    engine = Engine(patch, PALETTE, setup_for(patch))
    assert engine.compiled.plan.block == 64
    sound = engine.process(count)
    assert np.isfinite(sound).all()
    assert "bad" in {one.node for one in engine.faults()}
