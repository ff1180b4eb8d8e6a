"""Any patch sounds the same with like nodes in one call, whatever is edited and turned meanwhile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.graphs import (
    Patch,
    add_node,
    connect,
    disconnect,
    remove_node,
    set_bypassed,
    set_muted,
    set_value,
)

from .batches import PORTS, Edit, Step, assert_same

pytestmark = pytest.mark.usefixtures("played_by")

PARAMS = {
    "sine": {"frequency": (20.0, 2000.0), "phase": (0.0, 1.0)},
    "lfo": {"rate": (1.0, 40.0), "low": (-2.0, 0.0), "high": (0.0, 2.0), "phase": (0.0, 1.0)},
    "phasor": {"frequency": (1.0, 500.0)},
    "noise": {},
    "gain": {"level": (-40.0, 6.0)},
    "add": {"value": (-1.0, 1.0)},
    "multiply": {"value": (0.0, 1.0)},
    "scale": {"in_low": (-1.0, 0.0), "in_high": (0.0, 1.0), "out_low": (-1.0, 1.0), "curve": (0.5, 2.0)},
    "pan": {"place": (-1.0, 1.0)},
}
NAMES = [f"{type_}-{index}" for type_ in PORTS for index in range(5)]


@st.composite
def turns(draw: st.DrawFn) -> tuple[str, str, float]:
    name = draw(st.sampled_from([name for name in NAMES if PARAMS[name.split("-")[0]]]))
    param, (low, high) = draw(st.sampled_from(sorted(PARAMS[name.split("-")[0]].items())))
    return name, param, draw(st.sampled_from([low, high, (low + high) / 2, 0.3 * low + 0.7 * high]))


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """One edit, which does nothing where the patch has no such node or cord."""
    kind = draw(st.sampled_from(["add", "connect", "connect", "turn", "mute", "bypass", "remove", "disconnect"]))
    name, source = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
    type_ = name.split("-")[0]
    turn, flag, number = draw(turns()), draw(st.booleans()), draw(st.integers(0, 99))

    def edit(patch: Patch) -> Patch:
        if kind == "turn":
            return set_value(patch, *turn) if turn[0] in patch.nodes else patch
        if kind == "add":
            return patch if name in patch.nodes else add_node(patch, type_, name=name)
        if kind == "disconnect":
            cord = patch.cords[number % len(patch.cords)] if patch.cords else None
            return disconnect(patch, cord.source, cord.target) if cord else patch
        if name not in patch.nodes:
            return patch
        if kind == "connect":
            target = [*PORTS[type_], *PARAMS[type_]]
            if source not in patch.nodes or not target:
                return patch
            return connect(patch, f"{source}.out", f"{name}.{target[number % len(target)]}")
        if kind == "remove":
            return remove_node(patch, name)
        return (set_muted if kind == "mute" else set_bypassed)(patch, name, flag)

    return edit


@st.composite
def patches(draw: st.DrawFn) -> Patch:
    """Up to five nodes of each kind, and cords from a kind to one of those after it."""
    patch, later = Patch(), list(PORTS)
    for type_ in PORTS:
        for index in range(draw(st.sampled_from([0, 1, 3, 5]))):
            name = f"{type_}-{index}"
            patch = add_node(patch, type_, name=name)
            for param, (low, high) in PARAMS[type_].items():
                if draw(st.booleans()):
                    patch = set_value(patch, name, param, draw(st.floats(low, high)))
    for name in patch.nodes:
        type_ = name.split("-")[0]
        before = [one for one in patch.nodes if later.index(one.split("-")[0]) < later.index(type_)]
        for port in (*PORTS[type_], *PARAMS[type_]):
            if before and draw(st.sampled_from([port in PORTS[type_], False])):
                patch = connect(patch, f"{draw(st.sampled_from(before))}.out", f"{name}.{port}")
    return patch


@given(patches(), st.lists(st.one_of(edits(), turns(), st.integers(1, 9)), max_size=12), st.sampled_from([64, 37]))
def test_any_patch_sounds_the_same_in_one_call_and_one_by_one(patch: Patch, script: list[Step], block: int) -> None:
    assert_same(patch, [2, *script, 9], block)
