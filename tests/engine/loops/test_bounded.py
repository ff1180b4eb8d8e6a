"""Loops in code per sample end, whatever comes in: the node is muted and says so, and the rest plays."""

import inspect
import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest

from latent_terrain.engine import Engine, Palette, Param, Sample, load_palette, per_sample, spec_of
from latent_terrain.engine.loops.bounded import MOST_TURNS
from latent_terrain.engine.loops.function_text import function_text
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, connect, set_value

ROOMS = 4


@per_sample
def toy_hangs(audio: Sample, turns: Annotated[float, Param(0, 100)] = 0.0) -> float:
    """Never ends for a sound that is louder than any that it is tried with."""
    while audio > 5.0:
        audio = audio * 1.5
    for _ in range(int(turns)):
        audio = audio * 0.5
    return audio


PALETTE = Palette({**load_palette().specs, "toy_hangs": spec_of(toy_hangs)})  # type: ignore[arg-type]


def patch_of(count: int) -> Patch:
    """A constant through a gain into each of some nodes, and a tone beside them."""
    patch = add_node(add_node(Patch(), "audio_out", name="out"), "sine", name="tone")
    patch = add_node(patch, "lfo", "one", {"low": 1.0, "high": 1.0})
    for number in range(count):
        patch = add_node(add_node(patch, "gain", f"gain{number}"), "toy_hangs", f"it{number}", {"turns": 2.0})
        patch = connect(connect(patch, "one.out", f"gain{number}.audio"), f"gain{number}.out", f"it{number}.audio")
    return connect(patch, "tone.out", "out.audio")


@pytest.mark.parametrize("count", [1, 5])
def test_a_loop_that_would_never_end_mutes_its_node_alone(count: int) -> None:
    patch = patch_of(count)
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), 48_000.0, 256))
    engine.process()
    assert engine.signal("it0", "out")[0, -1] == pytest.approx(0.25)
    engine.update(set_value(patch, "gain0", "level", 24.0))
    for _ in range(20):
        assert np.abs(engine.process()).max() > 0.1
    (told,) = [str(one) for one in engine.faults()]
    assert told.startswith("it0: failed (a loop in it went round more than 100000 times for one sample")
    assert not engine.signal("it0", "out").any()
    for number in range(1, count):
        assert engine.signal(f"it{number}", "out")[0, -1] == pytest.approx(0.25)
    engine.close()


def test_what_ends_is_computed_as_it_is_written() -> None:
    patch = set_value(patch_of(1), "it0", "turns", 7.0)
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), 48_000.0, 256))
    engine.process()
    assert engine.signal("it0", "out")[0, -1] == toy_hangs.tick(1.0, 7.0) == 0.5**7
    engine.close()


def written_out(audio: float) -> float:
    for n in range(ROOMS):
        for k in range(8, -ROOMS, -1):
            audio = audio * 0.5 + n * k
    for gain in (0.5, 0.25):
        audio = audio * gain
    return audio


def shadowed(audio: float) -> float:
    def inner(ROOMS: int) -> float:
        found = 0.0
        for n in range(ROOMS):
            found += n
        return found

    return inner(int(audio))


def uses_the_name(audio: float, turns: float) -> float:
    """Counts turns of its own."""
    while turns < audio:
        turns += 1.0
    return turns


def endless_range(audio: float) -> float:
    for n in range(MOST_TURNS + 1):
        audio += n
    return audio


@pytest.mark.parametrize(
    ("function", "counted"), [(written_out, 0), (shadowed, 1), (uses_the_name, 1), (endless_range, 1)]
)
def test_only_loops_whose_turns_are_not_written_out_are_counted(function: Callable[..., float], counted: int) -> None:
    assert function_text("a test", {"tick": function}).count("raise RuntimeError") == counted


@pytest.mark.parametrize(
    ("function", "given"), [(shadowed, (5.0,)), (uses_the_name, (9.5, 1.0)), (written_out, (0.3,))]
)
def test_the_text_does_what_the_function_does(function: Callable[..., float], given: tuple[float, ...]) -> None:
    space: dict[str, Any] = {"njit": lambda **_: lambda made: made, "math": math}
    exec(function_text("a test", {"tick": function}), space)
    assert space["tick"](*given) == function(*given)
    assert list(inspect.signature(space["tick"]).parameters) == list(inspect.signature(function).parameters)


def test_in_the_text_an_endless_loop_raises() -> None:
    space: dict[str, Any] = {"njit": lambda **_: lambda made: made}
    exec(function_text("a test", {"tick": uses_the_name}), space)
    with pytest.raises(RuntimeError, match="let it end sooner"):
        space["tick"](math.inf, 0.0)
