"""A render does not depend on the block, and repeats to the bit."""

from types import MappingProxyType

import numpy as np
import pytest

from latent_terrain.engine import Engine, Palette, Setup, Signal, node, spec_of
from latent_terrain.engine.offline import play
from latent_terrain.graphs import Patch, add_node, connect

from .toys import PALETTE, draw, heard, setup_for


def feedback() -> Patch:
    """
    tone --> sum --> delay --> out
              ^--- gain <--'
    """
    return draw(
        "tone.out -> sum.a",
        "echo.out -> fade.audio",
        "fade.out -> sum.b",
        "sum.out -> echo.audio",
        "echo.out -> out.audio",
        tone=("tone", {"frequency": 333.0}),
        sum="add",
        echo=("delay", {"time": 64.0}),
        fade=("gain", {"level": -6.0}),
        out="speaker",
    )


def frames() -> Patch:
    """
    tone --> twice --> pulse --> out, with an event-held delay beside it
    """
    return draw(
        "tone.out -> twice.latent",
        "twice.out -> pulse.latent",
        "pulse.out -> echo.audio",
        "echo.out -> sum.a",
        "click.tick -> sum.b",
        "sum.out -> soft.audio",
        "soft.out -> out.audio",
        tone=("tone", {"frequency": 7.0}),
        twice="twice",
        pulse="pulse",
        echo=("delay", {"time": 10.0}),
        click=("clicker", {"every": 131}),
        sum="add",
        soft=("gain", {"level": -60.0}),
        out="speaker",
    )


@pytest.mark.parametrize("patch", [feedback(), frames()], ids=["feedback", "frames"])
@pytest.mark.parametrize("block", [1, 64, 100, 2048, 32_768])
def test_the_block_does_not_change_the_sound(patch: Patch, block: int) -> None:
    reference = heard(patch, 5000, 256)
    assert np.abs(reference).max() > 0.01
    np.testing.assert_allclose(heard(patch, 5000, block), reference, atol=1e-5)


def test_a_render_repeats_to_the_bit() -> None:
    assert heard(feedback(), 5000).tobytes() == heard(feedback(), 5000).tobytes()


@pytest.mark.parametrize("patch", [feedback(), frames()], ids=["feedback", "frames"])
@pytest.mark.parametrize("samples", [1, 63, 1000, 2049])
def test_a_render_plays_exactly_as_long_as_asked_and_not_a_sample_more(patch: Patch, samples: int) -> None:
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    sound = np.concatenate([part[0].copy() for part in play(engine, samples)])
    assert engine.setup.clock.sample == len(sound) == samples
    np.testing.assert_allclose(sound, heard(patch, 5000)[:samples], atol=1e-5)


def test_what_an_output_gave_is_that_of_the_block_just_played_also_when_it_was_a_short_one() -> None:
    patch = draw("count.ramp -> out.audio", count="clicker", out="speaker")
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    seen = np.concatenate([engine.signal("count", "ramp")[0].copy() for _ in play(engine, 1000)])
    np.testing.assert_array_equal(seen, np.arange(1000))


@node
class Onlooker:
    """Makes a node's setup while a block is played, as the thread that edits may."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def process(self, audio: Signal, out: Signal) -> Signal:
        """Give zeros."""
        self.setup.for_node("another", lambda text: None)
        out.fill(0.0)
        return out


def test_an_edit_may_make_nodes_while_a_plan_of_shorter_blocks_runs() -> None:
    patch = connect(add_node(feedback(), "onlooker", "look"), "echo.out", "look.audio")
    palette = Palette(MappingProxyType({**PALETTE.specs, "onlooker": spec_of(Onlooker)}))
    engine = Engine(patch, palette, setup_for(patch, 256))
    assert engine.compiled.plan.block < 256
    engine.process()
    assert engine.faults() == []
