"""Sub-patches sound as if their nodes stood in the patch, whatever is put into them and however they are edited."""

from contextlib import suppress
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latent_terrain.engine import Engine
from latent_terrain.engine import compile as compiling
from latent_terrain.engine.compile.flatten import flatten
from latent_terrain.graphs import EditError, Patch, add_node, connect, disconnect, set_muted, set_value
from latent_terrain.graphs.definitions import encapsulate, make_unique, unpack

from .batches import PALETTE, setup_for
from .test_incremental import Edit, edits

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


def patch_of(script: list[tuple[Edit, int]]) -> Patch:
    patch = Patch()
    for edit, _ in script:
        with suppress(EditError):
            patch = edit(patch)
    return patch


def ends_of(patch: Patch, names: dict[str, str]) -> set[tuple[str, str]]:
    """The cords, with nodes by other names."""

    def renamed(address: str) -> str:
        node, _, port = address.partition(".")
        return f"{names.get(node, node)}.{port}"

    return {(renamed(cord.source), renamed(cord.target)) for cord in patch.cords}


@given(edits(), st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=QUIET)
def test_what_is_encapsulated_plays_as_it_did_and_comes_back_when_unpacked(
    script: list[tuple[Edit, int]], data: st.DataObject
) -> None:
    patch = patch_of(script)
    chosen = data.draw(st.lists(st.sampled_from(sorted(patch.nodes)), min_size=1, unique=True))
    inside, instance = encapsulate(patch, chosen, "part")
    flat = flatten(inside, PALETTE).patch
    names = {f"{instance}/{name}": name for name in chosen}
    assert {names.get(name, name): node for name, node in flat.nodes.items()} == dict(patch.nodes)
    assert ends_of(flat, names) == ends_of(patch, {})
    again, back = unpack(inside, instance)
    found = {new: inner.partition("/")[2] for inner, new in back.items()}
    assert ends_of(again, found) >= ends_of(patch, {})


def tone() -> Patch:
    """
    voice: in --> ring, osc --> ring --> level --> sound; pitch is osc.frequency. lfo --> voice-1.in, voice-2.in
    """
    patch = add_node(add_node(Patch(), "inlet", name="voice/in"), "outlet", name="voice/sound")
    patch = add_node(patch, "param", name="voice/pitch", values={"value": 220.0})
    for type_, name in (("sine", "osc"), ("multiply", "ring"), ("gain", "level")):
        patch = add_node(patch, type_, name=f"voice/{name}")
    cords = [("pitch.out", "osc.frequency"), ("osc.out", "ring.a"), ("in.out", "ring.b"), ("ring.out", "level.audio")]
    for source, target in [*cords, ("level.out", "sound.audio")]:
        patch = connect(patch, f"voice/{source}", f"voice/{target}")
    patch = add_node(patch, "lfo", name="lfo", values={"rate": 3.0, "low": 0.0})
    patch = add_node(add_node(patch, "add", name="sum"), "audio_out", name="out")
    for number, port in ((1, "a"), (2, "b")):
        patch = add_node(patch, "voice", name=f"voice-{number}", values={"pitch": 200.0 * number})
        patch = connect(connect(patch, "lfo.out", f"voice-{number}.in"), f"voice-{number}.sound", f"sum.{port}")
    return connect(patch, "sum.out", "out.audio")


def played(engine: Engine, blocks: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.concatenate([engine.process().copy() for _ in range(blocks)], axis=1)


def engine_for(patch: Patch) -> Engine:
    return Engine(patch, PALETTE, setup_for(patch))


def test_a_param_of_an_instance_is_turned_alone_and_one_in_the_definition_in_all() -> None:
    engine = engine_for(tone())
    engine.turn("voice-1", "pitch", 333.0)
    engine.turn("voice/level", "level", -6.0)
    played(engine, 20)
    knobs = {name: one.knobs for name, one in engine.compiled.instances.items()}
    assert (knobs["voice-1/osc"]["frequency"].value, knobs["voice-2/osc"]["frequency"].value) == (333.0, 400.0)
    assert knobs["voice-1/level"]["level"].value == knobs["voice-2/level"]["level"].value == -6.0


def test_params_edited_in_the_patch_glide_without_a_new_plan() -> None:
    engine = engine_for(tone())
    before = engine.compiled.plan
    engine.update(set_value(engine.patch, "voice-2", "pitch", 500.0))
    engine.update(set_value(engine.patch, "voice/level", "level", -12.0))
    played(engine, 20)
    assert engine.compiled.plan is before
    anew = engine_for(engine.patch)
    for name, one in anew.compiled.instances.items():
        for key, knob in one.knobs.items():
            assert engine.compiled.instances[name].knobs[key].value == knob.value, (name, key)


def test_a_cord_into_a_param_of_an_instance_drives_what_it_is() -> None:
    patch = connect(add_node(tone(), "lfo", name="by", values={"low": 100.0, "high": 900.0}), "by.out", "voice-1.pitch")
    engine = engine_for(patch)
    cords = {(cord.source, cord.target) for cord in engine.compiled.flat.patch.cords}
    assert ("by.out", "voice-1/osc.frequency") in cords
    assert not any(target == "voice-2/osc.frequency" for _, target in cords)
    assert np.abs(played(engine, 50)).max() > 0.1


def test_a_muted_instance_is_silent_inside_and_a_bypassed_one_gives_its_first_inlet() -> None:
    patch = tone()
    muted = engine_for(set_muted(patch, "voice-1", True)).compiled.flat.patch
    assert {name for name, node in muted.nodes.items() if node.muted} == {
        f"voice-1/{name}" for name in ("pitch", "osc", "ring", "level")
    }
    from latent_terrain.graphs import set_bypassed

    flat = engine_for(set_bypassed(patch, "voice-1", True)).compiled.flat.patch
    assert ("lfo.out", "sum.a") in {(cord.source, cord.target) for cord in flat.cords}


def test_definitions_in_definitions_and_one_made_its_own() -> None:
    patch, pair = encapsulate(tone(), ["voice-1", "voice-2", "sum"], "pair")
    assert np.array_equal(played(engine_for(patch), 100), played(engine_for(tone()), 100))
    own, name = make_unique(patch, "pair/voice-2")
    assert name == "voice-2"
    own = set_value(own, f"{name}/level", "level", -90.0)
    engine = engine_for(own)
    knobs = {node: one.knobs for node, one in engine.compiled.instances.items()}
    assert knobs[f"{pair}/voice-1/level"]["level"].value == 0.0
    assert knobs[f"{pair}/voice-2/level"]["level"].value == -90.0


@given(st.lists(st.integers(0, 11), min_size=1, max_size=14))
@settings(max_examples=30, deadline=None, suppress_health_check=QUIET)
def test_edits_inside_sound_as_if_all_were_compiled_anew(numbers: list[int]) -> None:
    choices: list[Edit] = [
        partial(disconnect, source="voice/in.out", target="voice/ring.b"),
        partial(connect, source="voice/in.out", target="voice/ring.b"),
        partial(connect, source="voice/in.out", target="voice/osc.phase"),
        partial(disconnect, source="voice/in.out", target="voice/osc.phase"),
        partial(disconnect, source="voice/pitch.out", target="voice/osc.frequency"),
        partial(connect, source="voice/pitch.out", target="voice/osc.frequency"),
        partial(add_node, type="voice", name="voice-3"),
        partial(connect, source="voice-3.sound", target="sum.a"),
        partial(connect, source="voice-1.sound", target="voice-3.in"),
        partial(set_muted, node="voice-2", muted=True),
        partial(set_muted, node="voice-2", muted=False),
        partial(set_value, node="voice/level", key="level", value=-9.0),
    ]

    def heard() -> tuple[list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]], list[list[str]]]:
        engine, sounds, said = Engine(tone(), PALETTE, setup_for(tone()), strict=False), [], []
        for number in numbers:
            patch = engine.patch
            with suppress(EditError):
                patch = choices[number](patch)
            said.append(sorted(map(str, engine.update(patch))))
            sounds.append(played(engine, 4))
        return sounds, said

    known = heard()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compiling, "changes_since", lambda *known: None)
        patched.setattr(compiling, "reinfer", lambda *known: None)
        plain = compiling.flatten
        patched.setattr(compiling, "flatten", lambda patch, palette, before=None: plain(patch, palette))
        anew = heard()
    assert known[1] == anew[1]
    for one, other in zip(known[0], anew[0], strict=True):
        np.testing.assert_array_equal(one, other)
