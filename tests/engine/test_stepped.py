"""Cords into whole numbers, switches and choices: one value per block, from signals and from events."""

from collections.abc import Callable
from functools import partial
from math import inf, isfinite, nan
from types import MappingProxyType
from typing import Annotated, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from latent_terrain.engine import (
    Engine,
    Event,
    FloatArray,
    Palette,
    Param,
    Resting,
    Signal,
    Size,
    column,
    compile_patch,
    node,
    spec_of,
    together,
)
from latent_terrain.engine.batched import Values
from latent_terrain.engine.compile import check_patch
from latent_terrain.engine.compile.stepped import STEP_BLOCK
from latent_terrain.engine.offline import render
from latent_terrain.engine.param_numbers import nearest
from latent_terrain.engine.problems import PatchError
from latent_terrain.engine.readings import readings
from latent_terrain.graphs import Patch, add_node, connect, disconnect, set_bypassed, set_muted, set_value

from .toys import PALETTE as TOYS
from .toys import draw, setup_for

Mono = Annotated[Signal, Size(1)]
Words = Literal["low", "middle", "high"]
EACH = 40
"""Samples for which each value of a script lasts; no divisor of a block."""
NO_NUMBERS = {1e9: nan, 2e9: inf, -2e9: -inf}
"""What stands in a script for numbers that no setting can be."""


@node
class Script:
    """Values one after the other, as a signal and as events."""

    def __init__(self, values: tuple[float, ...] = (0.0,)) -> None:
        self.values, self.sample = [NO_NUMBERS.get(one, one) for one in values], 0

    def process(self, out: Mono) -> Mono:
        """Each for 40 samples, then again."""
        places = (self.sample + np.arange(out.shape[1])) // EACH % len(self.values)
        out[0] = np.array(self.values, np.float32)[places]
        self.sample += out.shape[1]
        return out


@node
class Strikes:
    """Values one after the other, as events."""

    def __init__(self, values: tuple[float, ...] = (0.0,)) -> None:
        self.values, self.sample = [NO_NUMBERS.get(one, one) for one in values], 0

    def process(self, clock: Signal, out: Event) -> Event:
        """One every 40 samples, then silent."""
        count = clock.shape[1]
        for place in range(-(-self.sample // EACH), len(self.values)):
            if place * EACH < self.sample + count:
                out.append((place * EACH - self.sample, self.values[place]))
        self.sample += count
        return out


@node
def panel(
    out: Annotated[Signal, Size(3)],
    steps: Annotated[int, Param(-3, 5)] = 2,
    on: bool = True,
    word: Words = "middle",
) -> Annotated[Signal, Size(3)]:
    """What its params are."""
    out[0], out[1], out[2] = steps, on, ("low", "middle", "high").index(word)
    return out


@node
def lift(audio: Signal, out: Signal, steps: Annotated[int, Param(0, 9)] = 1) -> Signal:
    """Adds a whole number."""
    return np.add(audio, np.float32(steps), out=out)


@together(lift, lines=True)
def lifts(audio: FloatArray, out: FloatArray) -> Resting:
    """Many in one."""

    def rest(steps: Values) -> Callable[[], object]:
        return partial(np.add, audio, column(steps), out)

    return rest


@node
def fine(out: Mono, tempo: Annotated[float, Param(1, 10, ramp=False)] = 2.0) -> Mono:
    """A number that neither glides nor is whole."""
    out.fill(tempo)
    return out


OWN = (Script, Strikes, panel, lift, fine)
PALETTE = Palette(MappingProxyType({**TOYS.specs, **{spec_of(one).type: spec_of(one) for one in OWN}}))
PARAMS = ("steps", "on", "word")
ROW = {name: index for index, name in enumerate(PARAMS)}
BEFORE = {"steps": 2.0, "on": 1.0, "word": 1.0}
LAST = {"steps": 5.0, "on": 1.0, "word": 2.0}
numbers = st.one_of(st.floats(-12, 12, width=32), st.sampled_from([*NO_NUMBERS, 0.5, 1.5, -0.5, 1e30, -1e30]))


def driven(values: list[float], source: str = "script") -> Patch:
    """
    script --> panel.steps, panel.on, panel.word
    """
    cords = [f"it.out -> panel.{name}" for name in PARAMS]
    return draw(*cords, "panel.out -> out.audio", it=(source, {"values": values}), panel="panel", out="speaker")


def engine_of(patch: Patch, block: int = 64) -> Engine:
    return Engine(patch, PALETTE, setup_for(patch, block))


def steps_of(engine: Engine, samples: int) -> NDArray[np.float32]:
    """What the panel says, ``[3, samples]``; of a plan that runs in shorter blocks than the device the last alone."""
    assert engine.compiled.plan.block == engine.setup.block
    found = []
    for _ in range(samples // engine.setup.block):
        engine.process()
        found.append(engine.signal("panel", "out").copy())
    return np.concatenate(found, axis=1)


def expected(values: list[float], block: int, samples: int, are_events: bool) -> NDArray[np.float32]:
    """The same, from the sentence that says it."""
    told = [NO_NUMBERS.get(float(np.float32(one)), one) for one in values]
    found, now = np.zeros((3, samples), np.float32), dict(BEFORE)
    for begin in range(0, samples, block):
        if are_events:
            come = [told[place] for place in range(len(told)) if begin <= place * EACH < begin + block]
        else:
            come = [told[begin // EACH % len(told)]]
        for one in come:
            if isfinite(np.float32(one)):
                held = min(max(float(np.float32(one)), -3.0), 5.0)
                now["steps"] = round(held)
                now["on"] = float(np.float32(one) >= 0.5)
                now["word"] = round(min(max(float(np.float32(one)), 0.0), 2.0))
        for name, row in ROW.items():
            found[row, begin : begin + block] = now[name]
    return found


@given(st.lists(numbers, min_size=1, max_size=20), st.sampled_from([1, 7, 64, 100, 256]))
@settings(max_examples=40, deadline=None)
def test_a_signal_steps_a_param_once_per_block_and_no_number_leaves_it(values: list[float], block: int) -> None:
    engine, samples = engine_of(driven(values), block), 768 // block * block
    np.testing.assert_array_equal(steps_of(engine, samples), expected(values, block, samples, False))
    assert engine.faults() == []


@given(st.lists(numbers, min_size=1, max_size=20), st.sampled_from([1, 7, 64, 100, 256]))
@settings(max_examples=40, deadline=None)
def test_the_last_event_of_a_block_steps_a_param_and_is_held(values: list[float], block: int) -> None:
    patch = driven(values, "strikes")
    patch = connect(draw_with(patch, "tone", "tone"), "tone.out", "it.clock")
    engine, samples = engine_of(patch, block), 1024 // block * block
    np.testing.assert_array_equal(steps_of(engine, samples), expected(values, block, samples, True))


def draw_with(patch: Patch, name: str, type_: str, **values: object) -> Patch:
    return add_node(patch, type_, name=name, values=values)


@given(st.lists(st.floats(-4, 6, width=32), min_size=1, max_size=12))
@settings(max_examples=25, deadline=None)
def test_blocks_of_64_and_256_agree_to_a_block(values: list[float]) -> None:
    """What one says, the other says at most 255 samples later: it has the newest value at the begin of its block."""
    short, long = (steps_of(engine_of(driven(values), block), 2048) for block in (64, 256))
    np.testing.assert_array_equal(short[:, ::256], long[:, ::256])
    np.testing.assert_array_equal(long, np.repeat(long[:, ::256], 256, axis=1))


def test_a_render_steps_as_often_as_what_plays_live_however_long_its_blocks() -> None:
    patch = driven([float(one) for one in range(-3, 6)])
    plan = compile_patch(patch, PALETTE, setup_for(patch, 32_768)).plan
    assert plan.block == STEP_BLOCK
    sounds = [
        np.concatenate([part.copy() for part in render(patch, PALETTE, setup_for(patch, block), 40_000)], axis=1)
        for block in (256, 512, 32_768)
    ]
    np.testing.assert_array_equal(sounds[0], sounds[1])
    np.testing.assert_array_equal(sounds[0], sounds[2])
    plain = draw("tone.out -> out.audio", tone="tone", out="speaker")
    assert compile_patch(plain, PALETTE, setup_for(plain, 32_768)).plan.block == 32_768


@pytest.mark.parametrize("source", ["script", "strikes"])
def test_a_cord_replaces_the_knob_which_is_back_when_it_goes(source: str) -> None:
    patch = set_value(set_value(driven([4.0], source), "panel", "word", "low"), "panel", "steps", -1)
    engine = engine_of(patch)
    assert steps_of(engine, 64)[:, -1].tolist() == [4.0, 1.0, 2.0]
    engine.turn("panel", "steps", 3)
    engine.turn("panel", "word", "middle")
    assert steps_of(engine, 64)[:, -1].tolist() == [4.0, 1.0, 2.0], "turned meanwhile"
    turned = set_value(set_value(patch, "panel", "steps", 3), "panel", "word", "middle")
    for name in PARAMS:
        turned = disconnect(turned, "it.out", f"panel.{name}")
    engine.update(turned)
    assert steps_of(engine, 64)[:, -1].tolist() == [3.0, 1.0, 1.0]
    engine.turn("panel", "steps", 0)
    assert steps_of(engine, 64)[:, -1].tolist() == [0.0, 1.0, 1.0]


def test_what_an_event_left_is_forgotten_with_its_cord_and_kept_by_other_edits() -> None:
    engine = engine_of(driven([5.0], "strikes"))
    assert steps_of(engine, 64)[0, -1] == 5.0
    engine.update(draw_with(engine.patch, "more", "tone"))
    assert steps_of(engine, 64)[0, -1] == 5.0
    engine.update(disconnect(engine.patch, "it.out", "panel.steps"))
    assert steps_of(engine, 64)[0, -1] == 2.0
    engine.update(connect(engine.patch, "it.out", "panel.steps"))
    assert steps_of(engine, 64)[0, -1] == 2.0, "no event came since"


def test_the_cord_says_that_it_steps_and_of_several_channels_that_they_are_averaged() -> None:
    patch = draw(
        "wide.out -> panel.steps",
        "wide.out -> tone.frequency",
        "tone.out -> out.audio",
        "panel.out -> wide.b",
        "script.out -> wide.a",
        "panel2.out -> x.audio",
        wide="both",
        panel2="panel",
        x="speaker",
        script="script",
        panel="panel",
        tone="tone",
        out="speaker",
    )
    patch = disconnect(patch, "panel.out", "wide.b")
    patch = connect(patch, "panel2.out", "wide.b")
    compiled = compile_patch(patch, PALETTE, setup_for(patch))
    labels = {one.cord.name[1]: one.label for one in compiled.plan.adapted}
    assert labels["panel.steps"] == "channels averaged to mono, stepped: one value per block"
    assert [str(one) for one in compiled.plan.problems if "averaged" in one.text] == [
        f"{port}: takes one channel, but wide.out gives 4, which are averaged; put a pick, split or mix before it"
        for port in ("panel.steps", "tone.frequency")
    ]
    assert all(one.severity == "warning" for one in compiled.plan.problems)


def test_one_channel_is_not_warned_of() -> None:
    assert check_patch(driven([1.0]), PALETTE, setup_for(Patch())) == ()


@pytest.mark.parametrize(
    ("cord", "words"),
    [
        ("it.out -> fine.tempo", "fine.tempo: this parameter takes no signal cord; it is set by hand or from outside"),
        (
            "code.out -> panel.steps",
            "panel.steps: this parameter takes no latent cord; parameters take signals and events",
        ),
    ],
)
def test_what_no_cord_can_drive_is_refused_in_a_sentence(cord: str, words: str) -> None:
    patch = draw(cord, it="script", fine="fine", panel="panel", code="twice")
    with pytest.raises(PatchError) as raised:
        compile_patch(patch, PALETTE, setup_for(patch))
    assert str(raised.value) == words


def test_like_nodes_of_which_some_are_stepped_sound_as_one_by_one() -> None:
    """
    script --> lift-0.steps, lift-1.steps; the others stand still and play together
    """
    nodes = {f"lift{index}": ("lift", {"steps": index}) for index in range(8)}
    patch = draw(
        *(f"tone.out -> lift{index}.audio" for index in range(8)),
        tone="tone",
        it=("script", {"values": [7.0, 2.0]}),
        **nodes,
    )
    patch = connect(connect(patch, "it.out", "lift0.steps"), "it.out", "lift1.steps")
    setup = setup_for(patch, 64)
    for batching in (True, False):
        plan = compile_patch(patch, PALETTE, setup, batching=batching).plan
        plan.run()
        for index in range(8):
            gives = plan.look(f"lift{index}", "out") - plan.look("tone", "out")
            np.testing.assert_allclose(gives, 7.0 if index < 2 else index, atol=1e-6)
        batched = {step.node for call in plan.calls if call.batch is not None for step in call.steps}
        assert batched == ({f"lift{index}" for index in range(2, 8)} if batching else set())


def test_readings_tell_where_a_cord_brings_a_param() -> None:
    engine = engine_of(driven([0.2, 1.7, 9.0]))
    for word in ("low", "middle"):
        engine.process()
        shown = {one.name: one.array for one in readings(engine) if one.node == "panel" and "param" in one.name}
        assert {name: one.shape for name, one in shown.items()} == {f"param.{name}": (1,) for name in PARAMS}
        assert (
            nearest(PALETTE["panel"].params["word"], float(shown["param.word"][0]))
            == {"low": "low", "middle": "high"}[word]
        )


def test_a_muted_node_and_one_that_is_bypassed_take_cords_and_play_on() -> None:
    for edit in (set_muted, set_bypassed):
        engine = engine_of(driven([5.0]))
        engine.update(edit(engine.patch, "panel", True))
        for _ in range(20):
            engine.process()
        engine.update(edit(engine.patch, "panel", False))
        for _ in range(20):
            engine.process()
        assert engine.signal("panel", "out")[:, -1].tolist() == [5.0, 1.0, 2.0]
        assert engine.faults() == []
