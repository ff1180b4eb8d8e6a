"""Compiled code gives numpy's bits, whatever plays, however it is turned, from whichever block on."""

from itertools import product

import numpy as np
import pytest

from latent_terrain.engine.batch import Batch
from latent_terrain.engine.kernels.cells import OPS
from latent_terrain.engine.kernels.code import code
from latent_terrain.engine.wave import SineWave
from latent_terrain.graphs import Patch, add_node, connect

from ..batches import PALETTE, Step, engine_of, many, play

LFOS = [("lfo", {"shape": shape}) for shape in ("sine", "triangle", "saw", "square")]
SCALES = [("scale", {"clip": clip}) for clip in (True, False)]
KINDS = [("sine", {}), *LFOS, ("phasor", {}), ("gain", {}), ("pan", {}), ("add", {}), ("multiply", {}), *SCALES]
TURNED = {"shape": 0.0, "low": -0.3, "high": 70.0, "phase": 0.4, "frequency": 4711.0, "level": 3.0, "curve": 2.0}


def of(type_: str, values: dict[str, object], channels: int) -> Patch:
    """
    sine-n --> (pan-n -->) voice-n
    """
    patch = many("sine", 5, frequency=[200.0, 300.0, 5000.0])
    for index in range(5):
        source = f"sine-{index}.out"
        if channels == 2:
            patch = connect(add_node(patch, "pan", name=f"wide-{index}"), source, f"wide-{index}.audio")
            source = f"wide-{index}.out"
        patch = add_node(patch, type_, name=f"voice-{index}", values=values)
        for port in PALETTE.specs[type_].inputs:
            patch = connect(patch, source, f"voice-{index}.{port}")
    return patch


def by_numpy_and_compiled(patch: Patch, script: list[Step], block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code.play is not None, code.problem
    compiled, single = play(patch, script, True, block), play(patch, script, False, block)
    monkeypatch.setattr(code, "play", None)
    together = play(patch, script, True, block)
    for one, other, third in zip(compiled, single, together, strict=True):
        for name, sound in one.items():
            np.testing.assert_array_equal(sound, other[name], err_msg=name)
            np.testing.assert_array_equal(sound, third[name], err_msg=name)


@pytest.mark.parametrize("block", [1, 64, 256, 4096])
@pytest.mark.parametrize(("type_", "values"), KINDS, ids=lambda one: str(one))
def test_every_op_at_rest_and_on_its_way(
    type_: str, values: dict[str, object], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[Step] = []
    for number, param in enumerate(PALETTE.specs[type_].params):
        turns += [(f"voice-{number % 5}", param, TURNED.get(param, 0.7)), 3]
    blocks = 3 if block > 1 else 300
    for channels in (1, 2):
        by_numpy_and_compiled(of(type_, values, channels), [2, *turns, blocks], block, monkeypatch)
        monkeypatch.undo()


@pytest.mark.parametrize(("type_", "values"), KINDS, ids=lambda one: str(one))
def test_every_op_with_every_param_driven_out_of_its_range_and_by_no_numbers(
    type_: str, values: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    lfo --> root, the root of what may be less than nothing --> voice-n.param
    """
    patch = add_node(of(type_, values, 1), "lfo", name="by", values={"rate": 20.0, "low": -1e6, "high": 1e6})
    patch = connect(add_node(patch, "root", name="wild"), "by.out", "wild.audio")
    for param in PALETTE.specs[type_].params:
        driven = patch
        for index in range(5):
            driven = connect(driven, "wild.out" if index % 2 else "by.out", f"voice-{index}.{param}")
        by_numpy_and_compiled(driven, [20], 64, monkeypatch)
        monkeypatch.undo()


def test_it_takes_over_between_blocks_without_a_bit_of_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    patch, there = of("lfo", {}, 1), code.play
    patch = connect(patch, "voice-0.out", "sine-0.frequency")
    first, second = engine_of(patch), engine_of(patch)
    for block in range(40):
        first.process()
        monkeypatch.setattr(code, "play", there if block > 20 else None)
        second.process()
        monkeypatch.setattr(code, "play", there)
        np.testing.assert_array_equal(first.signal("sine-0", "out"), second.signal("sine-0", "out"))
    assert all(one.is_compiled for one in second.compiled.plan._batches if isinstance(one, Batch))


def test_neighbours_play_in_one_call_also_while_knobs_turn_and_are_timed_apart() -> None:
    """
    lfo-n --> sine-n.frequency, sine-n --> gain-n --> sum-n
    """
    patch = many("lfo", 5, many("sine", 5, many("gain", 5, many("add", 5))), low=[100.0], high=[400.0])
    for index, (source, target) in product(range(5), [("lfo", "sine-{}.frequency"), ("sine", "gain-{}.audio")]):
        patch = connect(patch, f"{source}-{index}.out", target.format(index))
    for index in range(5):
        patch = connect(patch, f"gain-{index}.out", f"add-{index}.b")
        patch = connect(patch, f"add-{index - 1}.out" if index else "gain-0.out", f"add-{index}.a")
    engine = engine_of(patch)
    for blocks in (1, 100):
        for _ in range(blocks):
            engine.process()
        ticks = [tick for tick in engine.compiled.plan._ticks if getattr(tick, "__name__", "") != "_nothing"]
        assert len(ticks) == 1
        engine.turn("lfo-2", "high", 700.0)
        engine.process()
    load = engine.load()
    assert load.keys() == patch.nodes.keys()
    assert all(load.values())


def test_a_gain_that_moves_plays_aside_and_the_others_go_on() -> None:
    engine = engine_of(many("gain", 5, many("sine", 5)))
    engine.process()
    engine.turn("gain-2", "level", -12.0)
    engine.process()
    batches = [one for one in engine.compiled.plan._batches if isinstance(one, Batch)]
    assert {step.node for one in batches for step in one._aside} <= {"gain-2"}


def test_the_sine_is_true_to_a_seventh_of_a_millionth_and_never_above_one() -> None:
    quarter = np.arange(-(2**62), 2**62, 2**42 + 4711, dtype=np.int64)
    phases = np.concatenate([quarter, quarter + 2**62, quarter - 2**62, [-(2**63), 2**63 - 1, 0, 2**62, -(2**62)]])
    out = np.zeros(len(phases), np.float32)
    SineWave(out.shape).of_phases(phases, out)
    assert np.abs(out - np.sin(phases * (np.pi / 2.0**63))).max() < 1.4e-7
    assert np.abs(out).max() == 1.0
    assert list(out[-5:-2]) == [0.0, pytest.approx(0.0, abs=1e-8), 0.0]


def test_all_ops_are_tried_here() -> None:
    kernels = {
        kernel.op
        for type_, values in KINDS
        for spec in [PALETTE.specs[type_]]
        if spec.together is not None
        for kernel in [spec.together.kernel(type("N", (), {"shape": "sine", "clip": True, **values}), {"audio": 1})]
        if kernel is not None
    }
    assert kernels | {"sum of all", "product of all"} == set(OPS)
