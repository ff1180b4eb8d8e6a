"""An edit compiles what it touches, and sounds, measures and complains to the bit as if all were compiled anew."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latent_terrain.engine import Engine, FloatArray
from latent_terrain.engine import compile as compiling
from latent_terrain.engine.buffers import SignalBuffer
from latent_terrain.engine.compile.adapt import adapt
from latent_terrain.engine.compile.batch import clusters
from latent_terrain.engine.compile.carried import control_outputs
from latent_terrain.engine.compile.cords import wire
from latent_terrain.engine.compile.infer import infer
from latent_terrain.engine.compile.likeness import likenesses
from latent_terrain.engine.compile.loops import short_loops
from latent_terrain.engine.compile.order import order
from latent_terrain.graphs import (
    EditError,
    Patch,
    add_node,
    connect,
    disconnect,
    remove_node,
    set_bypassed,
    set_muted,
    set_value,
)

from .batches import PALETTE, engine_of, many, setup_for, voices

pytestmark = pytest.mark.usefixtures("played_by")

TYPES = [
    "sine",
    "lfo",
    "gain",
    "gain",
    "add",
    "add",
    "multiply",
    "pan",
    "scale",
    "delay",
    "join",
    "split",
    "smooth",
    "mix",
]
TYPES += ["noise", "metro", "phasor", "touchy", "pile", "audio_out"]
Edit = Callable[[Patch], Patch]


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[Edit, int]]:
    """Edits of a patch that begins empty, each with the number of blocks that are played after it."""
    found: list[tuple[Edit, int]] = []
    names: list[str] = []
    for number in range(draw(st.integers(4, 24))):
        what = draw(st.sampled_from(["add", "add", "cord", "cord", "cord", "cut", "value", "mute", "pass", "remove"]))
        if what == "add" or len(names) < 3:
            type_ = draw(st.sampled_from(TYPES))
            names.append(f"{type_}-{number}")
            found.append((partial(add_node, type=type_, name=names[-1]), draw(st.integers(0, 2))))
            continue
        one, other = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        specs = [PALETTE.specs[name.partition("-")[0]] for name in (one, other)]
        outs, ins = list(specs[0].outputs), [*specs[1].inputs, *specs[1].params]
        if what in ("cord", "cut") and outs and ins:
            ends = f"{one}.{draw(st.sampled_from(outs))}", f"{other}.{draw(st.sampled_from(ins))}"
            edit: Edit = partial(connect if what == "cord" else disconnect, source=ends[0], target=ends[1])
        elif what == "value" and specs[0].params:
            name, param = draw(st.sampled_from(list(specs[0].params.items())))
            edit = partial(set_value, node=one, key=name, value=param.default)
            if param.kind == "float":
                share = draw(st.floats(0.1, 0.9))
                low, high = param.span
                edit = partial(set_value, node=one, key=name, value=low + share * (high - low))
        elif what == "mute":
            edit = partial(set_muted, node=one, muted=draw(st.booleans()))
        elif what == "pass":
            edit = partial(set_bypassed, node=one, bypassed=draw(st.booleans()))
        else:
            edit = partial(remove_node, name=one)
            names.remove(one)
        found.append((edit, draw(st.integers(0, 5))))
    return found


def heard(script: list[tuple[Edit, int]], block: int) -> tuple[list[dict[str, FloatArray]], list[list[str]], set[str]]:
    """What every signal output gave in every block, what was said of each edit, and of nodes that failed."""
    engine = Engine(Patch(), PALETTE, setup_for(Patch(), block), strict=False)
    sounds: list[dict[str, FloatArray]] = []
    said: list[list[str]] = []
    failed: set[str] = set()
    for edit, blocks in script:
        patch = engine.patch
        with suppress(EditError):
            patch = edit(patch)
        said.append(sorted(map(str, engine.update(patch))))
        for _ in range(blocks):
            found = {"": engine.process().copy()}
            signals = [key for key, one in engine._last.outputs.items() if isinstance(one, SignalBuffer)]
            sounds.append(found | {".".join(key): engine.signal(*key).copy() for key in signals})
        failed |= {str(one) for one in engine.faults()}
    engine.close()
    return sounds, said, failed


@given(edits(), st.sampled_from([64, 100]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_edits_sound_as_if_all_were_compiled_anew(script: list[tuple[Edit, int]], block: int) -> None:
    known = heard(script, block)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compiling, "changes_since", lambda *known: None)
        patched.setattr(compiling, "reinfer", lambda *known: None)
        anew = heard(script, block)
    assert known[1:] == anew[1:]
    for one, other in zip(known[0], anew[0], strict=True):
        assert one.keys() == other.keys()
        for name, sound in one.items():
            np.testing.assert_array_equal(sound, other[name], err_msg=name)


@given(edits())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_sizes_are_those_of_all_ports_measured_anew(script: list[tuple[Edit, int]]) -> None:
    engine = Engine(Patch(), PALETTE, setup_for(Patch()), strict=False)
    for edit, _ in script:
        with suppress(EditError):
            engine.update(edit(engine.patch))
        compiled = engine.compiled
        anew = infer(compiled.resolved, engine.setup.default_ratio)
        assert compiled.shapes.sizes == anew.sizes
        assert compiled.shapes.assumed == anew.assumed
        assert compiled.shapes.problems == anew.problems


@given(edits())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_order_and_what_plays_together_are_those_of_all_nodes_looked_at_anew(script: list[tuple[Edit, int]]) -> None:
    engine = Engine(Patch(), PALETTE, setup_for(Patch()), strict=False)
    for edit, _ in script:
        with suppress(EditError):
            engine.update(edit(engine.patch))
        compiled = engine.compiled
        resolved, shapes = compiled.resolved, compiled.shapes
        wiring = wire(resolved)
        ordered, adapted = order(resolved, wiring), adapt(resolved, shapes, {})
        assert compiled.order == ordered
        assert compiled.cords == adapted
        assert list(compiled.cords) == list(adapted)
        loops, _ = short_loops(compiled.patch, resolved, ordered, compiled.plan.block)
        in_loops = frozenset[str]().union(*loops)
        alike = likenesses(resolved, shapes, adapted.values(), in_loops, True, None, frozenset())
        assert compiled.clusters == clusters(resolved, wiring, ordered, alike, loops)
        assert compiled.controls == control_outputs(resolved, wiring)
    engine.close()


def test_a_cord_elsewhere_leaves_calls_and_buffers_as_they_are() -> None:
    engine = engine_of(connect(many("add", 2, voices("gain", 6)), "add-0.out", "add-1.a"))
    before = engine.compiled
    engine.update(disconnect(engine.patch, "add-0.out", "add-1.a"))
    after = engine.compiled
    kept = {key for key, one in after.plan.outputs.items() if before.plan.outputs.get(key) is one}
    assert {name for name, _ in after.plan.outputs} - {name for name, _ in kept} == set()
    calls = [call for call in after.plan.calls if call in before.plan.calls]
    assert {step.node for call in calls for step in call.steps} >= {f"gain-{index}" for index in range(6)}


def test_what_a_muted_node_gave_last_is_not_heard_again() -> None:
    engine = engine_of(voices("gain"))
    for _ in range(5):
        engine.process()
    engine.update(set_muted(engine.patch, "gain-2", True))
    for _ in range(20):
        engine.process()
    assert not engine.signal("gain-2", "out").any()
    assert engine.signal("gain-1", "out").any()


def test_a_bypassed_node_that_nothing_feeds_any_more_falls_silent() -> None:
    engine = engine_of(set_bypassed(voices("gain"), "gain-2", True))
    for _ in range(5):
        engine.process()
    assert engine.signal("gain-2", "out").any()
    engine.update(remove_node(engine.patch, "sine-2"))
    for _ in range(20):
        engine.process()
    assert not engine.signal("gain-2", "out").any()


def test_a_knob_turned_while_an_edit_fades_arrives() -> None:
    engine = engine_of(voices("gain"))
    for _ in range(5):
        engine.process()
    engine.update(disconnect(engine.patch, "sine-2.out", "gain-2.audio"))
    engine.process()
    engine.turn("gain-1", "level", -20.0)
    engine.turn("sine-2", "frequency", 100.0)
    for _ in range(60):
        engine.process()
    loudest = 0.0
    for _ in range(20):
        engine.process()
        loudest = max(loudest, float(np.abs(engine.signal("gain-1", "out")).max()))
    assert loudest == pytest.approx(0.1, rel=0.02)
