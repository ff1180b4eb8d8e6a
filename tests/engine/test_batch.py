"""Like nodes in one call: the same sound, the same faults by name, the same state, for less."""

import tracemalloc

import numpy as np
import pytest

from latent_terrain.engine import DeclarationError, Event, Signal, node, together
from latent_terrain.engine.batch import Batch
from latent_terrain.graphs import Patch, add_node, connect, remove_node

from .batches import Step, assert_same, calls_of, engine_of, many, play, touchy, voices

pytestmark = pytest.mark.usefixtures("played_by")


def test_like_voices_play_in_one_call_each_and_their_sum_in_one() -> None:
    """
    sine-n --> gain-n --> sum-n, and sum-n into the next
    """
    patch = many("add", 5, many("gain", 5, many("sine", 5)))
    for index in range(5):
        patch = connect(patch, f"sine-{index}.out", f"gain-{index}.audio")
        patch = connect(patch, f"gain-{index}.out", f"add-{index}.a")
        if index:
            patch = connect(patch, f"add-{index - 1}.out", f"add-{index}.b")
    calls = calls_of(engine_of(patch))
    numbers = range(5)
    sums = {f"add-{index}" for index in numbers if index}
    assert calls == [{f"sine-{index}" for index in numbers}, {f"gain-{index}" for index in numbers}, sums]


def test_nodes_with_a_path_between_them_do_not_play_together() -> None:
    """
    sine --> gain-0 --> gain-1 --> gain-2 --> gain-3 --> gain-4
    """
    patch = many("gain", 5, add_node(Patch(), "sine", name="sine"))
    for source, target in zip(["sine", *(f"gain-{index}" for index in range(4))], range(5), strict=True):
        patch = connect(patch, f"{source}.out", f"gain-{target}.audio")
    assert calls_of(engine_of(patch)) == []
    assert_same(patch, [20])


def test_rows_lie_as_the_nodes_that_feed_them_whatever_their_names() -> None:
    """
    sine-0 --> gain-3, sine-1 --> gain-0 …
    """
    patch = many("gain", 5, many("sine", 5, frequency=range(100, 600, 100)))
    for index in range(5):
        patch = connect(patch, f"sine-{index}.out", f"gain-{(3 * index + 3) % 5}.audio")
    engine = engine_of(patch)
    sines, gains = (call for call in engine.compiled.plan.calls if len(call.steps) > 1)
    fed = [f"gain-{(3 * int(step.node[-1]) + 3) % 5}" for step in sines.steps]
    assert [step.node for step in gains.steps] == fed
    assert isinstance(gains.batch, Batch)
    assert gains.batch._gathers == ()
    assert_same(patch, [5])


def test_one_output_may_feed_many_and_rows_may_be_taken_in_any_order() -> None:
    """
    sine-n --> multiply-n, sine-(n+2) --> multiply-n, sine-0 --> gain-n
    """
    patch = many("gain", 5, many("multiply", 5, many("sine", 5, frequency=range(100, 600, 100))), level=range(-9, 0))
    for index in range(5):
        patch = connect(patch, f"sine-{index}.out", f"multiply-{index}.a")
        patch = connect(patch, f"sine-{(index + 2) % 5}.out", f"multiply-{index}.b")
        patch = connect(patch, "sine-0.out", f"gain-{index}.audio")
    assert len(calls_of(engine_of(patch))) == 3
    assert_same(patch, [5])


def test_a_param_that_a_cord_drives_keeps_its_node_out() -> None:
    patch = add_node(voices("gain"), "lfo", name="lfo")
    patch = connect(patch, "lfo.out", "gain-2.level")
    assert {"gain-0", "gain-1", "gain-3", "gain-4"} in calls_of(engine_of(patch))
    assert_same(patch, [20])


def test_sines_that_are_moved_ahead_play_apart_from_those_that_are_not() -> None:
    calls = calls_of(engine_of(many("sine", 5, phase=[0.0, 0.2])))
    assert {frozenset(call) for call in calls} == {
        frozenset({"sine-0", "sine-2", "sine-4"}),
        frozenset({"sine-1", "sine-3"}),
    }


@pytest.mark.parametrize("block", [64, 100])
def test_turning_one_of_many_sounds_as_if_it_were_alone(block: int) -> None:
    patch = voices("gain", level=[-6.0])
    script: list[Step] = [
        3,
        ("sine-2", "frequency", 555.0),
        ("gain-1", "level", -20.0),
        1,
        ("gain-4", "level", 0.0),
        20,
    ]
    assert_same(patch, [*script, ("sine-2", "frequency", 100.0), ("sine-1", "phase", 0.3), 20], block)


def test_the_rest_stays_in_one_call_while_a_knob_turns(played_by: str) -> None:
    aside = {"numpy": ["{}"], "compiled": []}[played_by]
    engine = engine_of(many("sine", 5))
    plan = engine.compiled.plan
    engine.process()
    at_rest = plan._ticks[0]
    engine.turn("sine-2", "frequency", 300.0)
    engine.process()
    (call,) = plan.calls
    assert isinstance(call.batch, Batch)
    assert [step.node for step in call.batch._aside] == [one.format("sine-2") for one in aside]
    for _ in range(20):
        engine.process()
    assert call.batch._aside == []
    assert repr(plan._ticks[0]) == repr(at_rest)
    engine.turn("sine-4", "phase", 0.3)
    for _ in range(20):
        engine.process()
    assert [step.node for step in call.batch._aside] == [one.format("sine-4") for one in aside]


def test_a_loop_through_a_delay_sounds_the_same() -> None:
    """
    sine-n --> sum-n --> echo-n --> fade-n --> sum-n
    """
    patch = many("gain", 5, many("delay", 5, many("add", 5, many("sine", 5))), level=[-6.0])
    for index in range(5):
        patch = connect(patch, f"sine-{index}.out", f"add-{index}.a")
        patch = connect(patch, f"add-{index}.out", f"delay-{index}.audio")
        patch = connect(patch, f"delay-{index}.out", f"gain-{index}.audio")
        patch = connect(patch, f"gain-{index}.out", f"add-{index}.b")
    assert calls_of(engine_of(patch, 256))
    assert_same(patch, [60], 256)


def test_an_edit_that_changes_who_plays_together_leaves_the_others_the_same_to_the_bit() -> None:
    patch = voices("gain", 3, level=[-12.0])
    before, after = play(patch, [25], True), play(patch, [5, unheard, 20], True)
    assert after[-1].keys() > before[-1].keys()
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one[""], other[""])


def test_state_goes_along_from_alone_to_together_and_back() -> None:
    alone = many("pile", 1)
    script: list[Step] = [4, more_piles, 4, fewer_piles, 4]
    heard = [block["pile-0"][0, -1] for block in play(alone, script, True)]
    assert heard == [float(number) for number in range(1, 13)]


def test_the_end_of_a_render_takes_the_state_along_and_the_next_block_finds_it() -> None:
    engine = engine_of(many("pile", 5))
    ends: list[float] = []
    for count in (64, 10, 64, 64, 7, 64):
        engine.process(count)
        ends.append(float(engine.instance("pile-3").state[0]))
    assert ends == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_a_reset_by_hand_reaches_a_node_that_plays_with_others() -> None:
    engine = engine_of(many("pile", 5))
    for _ in range(3):
        engine.process()
    engine.instance("pile-2").reset()
    engine.process()
    assert [float(engine.signal(f"pile-{index}", "out")[0, 0]) for index in range(5)] == [4.0, 4.0, 1.0, 4.0, 4.0]


def test_one_that_fails_among_many_is_muted_and_named_alone() -> None:
    engine = engine_of(voices("touchy", limit=[50.0, 50.0, 0.5, 50.0]))
    assert {f"touchy-{index}" for index in range(5)} in calls_of(engine)
    for _ in range(20):
        engine.process()
    assert [(fault.node, fault.text) for fault in engine.faults()] == [
        ("touchy-2", "failed (too loud for me); it is muted until you change it")
    ]
    for index in range(5):
        assert np.any(engine.signal(f"touchy-{index}", "out")) == (index != 2)
    engine.turn("touchy-4", "limit", 0.25)
    for _ in range(40):
        engine.process()
    assert [fault.node for fault in engine.faults()] == ["touchy-4"]
    assert [np.any(engine.signal(f"touchy-{index}", "out")) for index in range(5)] == [True, True, False, True, False]


def test_one_that_fails_while_it_plays_aside_leaves_the_others_in_one_call() -> None:
    engine = engine_of(voices("touchy", 5))
    engine.process()
    engine.turn("touchy-1", "limit", 0.1)
    for _ in range(3):
        engine.process()
    (batch,) = (call.batch for call in engine.compiled.plan.calls if len(call.steps) > 1 and "touchy" in call.node)
    assert [fault.node for fault in engine.faults()] == ["touchy-1"]
    assert isinstance(batch, Batch)
    assert not batch._is_parted
    assert not np.any(engine.signal("touchy-1", "out"))
    assert np.any(engine.signal("touchy-0", "out"))


def test_one_that_gives_no_sound_among_many_is_reset_and_named_alone() -> None:
    patch = many("pile", 5, more=[0.01, 0.01, 99.0])
    for index in range(5):
        patch = add_node(patch, "speaker", name=f"out-{index}")
        patch = connect(patch, f"pile-{index}.out", f"out-{index}.audio")
    engine = engine_of(patch)
    for _ in range(8):
        assert np.isfinite(engine.process()).all()
    assert [fault.node for fault in engine.faults()] == ["pile-2"]
    assert [engine.instance(f"pile-{index}").resets for index in range(5)] == [0, 0, 8, 0, 0]
    engine.turn("pile-2", "more", 0.01)
    for _ in range(12):
        engine.process()
    assert np.any(engine.process())


def test_one_without_a_reset_that_gives_no_sound_is_muted_and_the_others_play_on() -> None:
    engine = engine_of(voices("root", lift=[2.0, 2.0, 2.0, -3.0, 2.0]))
    for _ in range(5):
        engine.process()
    assert [fault.node for fault in engine.faults()] == ["root-3"]
    assert not np.any(engine.signal("root-3", "out"))
    assert np.any(engine.process())


def test_what_cannot_be_made_to_play_together_plays_one_by_one() -> None:
    engine = engine_of(many("hollow", 5, value=range(5)))
    engine.process()
    assert calls_of(engine) == []
    assert [float(engine.signal(f"hollow-{index}", "out")[0, 0]) for index in range(5)] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_every_node_of_a_batch_is_timed() -> None:
    engine = engine_of(voices("gain"))
    for _ in range(64):
        engine.process()
    load = engine.load()
    assert load.keys() == engine.patch.nodes.keys()
    assert all(spent > 0 for spent in load.values())
    assert len({round(load[f"sine-{index}"], 9) for index in range(5)}) == 1


def test_a_batch_takes_no_memory_while_it_plays() -> None:
    """But for the 64 KiB that numpy itself takes and gives back where shapes differ, whatever the block."""
    patch = many("scale", 5, voices("pan", place=[-0.5, 0.5]), out_high=[2.0, 3.0])
    patch = many("phasor", 5, many("lfo", 5, many("multiply", 5, patch, value=[0.5, 0.6])))
    for index in range(5):
        patch = connect(patch, f"lfo-{index}.out", f"scale-{index}.audio")
        patch = connect(patch, f"scale-{index}.out", f"multiply-{index}.a")
        patch = connect(patch, f"phasor-{index}.out", f"multiply-{index}.b")
    engine = engine_of(patch, 8192)
    assert len(calls_of(engine)) == 6
    for _ in range(20):
        engine.process()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(100):
        engine.process()
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert now - before < 4_000
    assert peak - before < 80_000


def test_only_nodes_from_signals_to_one_signal_may_play_together() -> None:
    with pytest.raises(DeclarationError, match="only nodes from signals to one signal"):
        together(heard)(lambda out: None)
    with pytest.raises(DeclarationError, match="touchy has no audioo; name its inputs or out"):
        together(touchy)(lambda audioo, out: None)
    with pytest.raises(DeclarationError, match="let alike take the params of touchy: limit"):
        together(touchy, alike=lambda loud: loud)(lambda audio, out: None)


@node
def heard(event: Event, out: Signal) -> Signal:
    """Takes events."""
    return out


def unheard(patch: Patch) -> Patch:
    """Five more sines with gains after them, that nobody hears."""
    for index in range(5):
        patch = add_node(add_node(patch, "sine", name=f"extra-{index}"), "gain", name=f"more-{index}")
    return patch


def more_piles(patch: Patch) -> Patch:
    for index in range(1, 5):
        patch = add_node(patch, "pile", name=f"pile-{index}")
    return patch


def fewer_piles(patch: Patch) -> Patch:
    for index in range(1, 5):
        patch = remove_node(patch, f"pile-{index}")
    return patch
