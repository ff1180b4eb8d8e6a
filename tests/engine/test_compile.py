"""Compiling patches: sizes, ratios, order, checks, and what the messages say."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import PatchError, check_patch, compile_patch
from latent_terrain.graphs import Patch

from .toys import PALETTE, draw, heard, setup_for


def complaints(patch: Patch) -> list[str]:
    return [str(problem) for problem in check_patch(patch, PALETTE, setup_for(patch)) if problem.severity == "error"]


@given(order=st.permutations(["tone", "first", "second", "out"]))
def test_nodes_run_in_cord_order_however_they_were_added(order: list[str]) -> None:
    """
    tone --> first --> second --> out
    """
    types = {"tone": "tone", "first": "gain", "second": "gain", "out": "speaker"}
    patch = draw(
        "second.out -> out.audio",
        "tone.out -> first.audio",
        "first.out -> second.audio",
        **{name: types[name] for name in order},
    )
    plan = compile_patch(patch, PALETTE, setup_for(patch)).plan
    assert [call.node for call in plan.calls] == ["tone", "first", "second", "out"]


def test_all_errors_are_collected_each_with_node_port_and_mend() -> None:
    patch = draw(
        tone=("tone", {"frequency": 99_999.0, "colour": 3}),
        quiet="gain",
        odd="gian",
        file=("picky", {"file": "gone.wav"}),
    )
    found = complaints(patch)
    assert "tone.frequency: 99999 Hz is out of range; give 0 to 20000 Hz" in found
    assert "tone.colour: tone has no param or setting 'colour'; it has frequency" in found
    assert "odd: unknown node type 'gian'; did you mean 'gain'?" in found
    assert "file.file: there is no 'gone.wav'; choose a file that is there" in found


def test_unknown_ports_are_named_with_a_suggestion() -> None:
    patch = draw("tone.ut -> quiet.audio", "tone.out -> other.audoi", tone="tone", quiet="gain", other="gain")
    assert set(complaints(patch)) == {
        "tone.ut: tone has no such output; did you mean 'out'?",
        "other.audoi: gain has no such input; did you mean 'audio'?",
    }


def test_kinds_that_do_not_go_together_are_refused_with_a_sentence() -> None:
    """
    paths --trajectories--> gain.audio (signal)
    """
    assert complaints(draw("paths.paths -> quiet.audio", paths="paths", quiet="gain")) == [
        "quiet.audio: takes a signal, but paths.paths gives trajectories; connect ports of the same colour"
    ]


def test_a_loop_without_a_delay_is_named() -> None:
    """
    first --> second --> first
    """
    patch = draw("first.out -> second.audio", "second.out -> first.audio", first="gain", second="gain")
    found = complaints(patch)
    assert len(found) == 1
    assert found[0].endswith("this loop has no delay; put a delay node in it")


def test_two_loops_are_both_named() -> None:
    patch = draw(
        "a.out -> b.audio",
        "b.out -> a.audio",
        "c.out -> d.audio",
        "d.out -> c.audio",
        a="gain",
        b="gain",
        c="gain",
        d="gain",
    )
    assert len(complaints(patch)) == 2


def test_the_first_error_is_raised_and_the_rest_come_along() -> None:
    patch = draw(a="nothing", b="nowhere")
    with pytest.raises(PatchError, match="a: unknown node type") as caught:
        compile_patch(patch, PALETTE, setup_for(patch))
    assert len(caught.value.problems) == 2


def test_a_broken_node_is_left_out_and_the_rest_plays_when_not_strict() -> None:
    patch = draw("tone.out -> out.audio", "tone.out -> odd.audio", tone="tone", out="speaker", odd="gian")
    compiled = compile_patch(patch, PALETTE, setup_for(patch), strict=False)
    assert {call.node for call in compiled.plan.calls} == {"tone", "out"}
    assert [problem.node for problem in compiled.plan.problems] == ["odd"]


def test_the_codec_says_size_and_ratio_and_everything_before_it_follows() -> None:
    """
    tone --signal--> twice --> again --> pulse (2 latents, 100 samples per frame)
    """
    patch = draw(
        "tone.out -> twice.latent",
        "twice.out -> again.latent",
        "again.out -> pulse.latent",
        tone="tone",
        twice="twice",
        again="twice",
        pulse="pulse",
    )
    shapes = compile_patch(patch, PALETTE, setup_for(patch)).shapes
    assert shapes.sizes["twice", "in", "latent"] == 2
    assert shapes.ratios["twice", "in", "latent"] == Fraction(100)


def test_two_codecs_of_different_size_on_one_chain_are_refused_with_both_numbers() -> None:
    patch = draw("twice.out -> one.latent", "twice.out -> two.latent", twice="twice", one="pulse", two="wide_pulse")
    found = complaints(patch)
    assert (
        "twice.out: has 2 latents (set by one), two takes 3; use one codec for sounds and decoder, then retrain"
        in found
    )
    assert any("100 samples per frame (set by one), two has 150" in text for text in found)


def test_channels_are_inferred_copied_and_averaged() -> None:
    """
    tone --+--> both (2) --> gain (2) --> out
    other -+
    """
    patch = draw(
        "tone.out -> both.a",
        "other.out -> both.b",
        "both.out -> quiet.audio",
        "quiet.out -> out.audio",
        "both.out -> sum.a",
        "tone.out -> sum.b",
        tone="tone",
        other=("tone", {"frequency": 100}),
        both="both",
        quiet="gain",
        out="speaker",
        sum="add",
    )
    compiled = compile_patch(patch, PALETTE, setup_for(patch))
    assert compiled.shapes.sizes["quiet", "out", "out"] == 2
    assert compiled.shapes.sizes["sum", "out", "out"] == 2
    labels = {one.cord.name: one.label for one in compiled.plan.adapted}
    assert labels["tone.out", "sum.b"] == "mono copied to all channels"


def test_three_channels_cannot_meet_two() -> None:
    patch = draw(
        "t.out -> two.a",
        "t.out -> two.b",
        "two.out -> three.a",
        "t.out -> three.b",
        "two.out -> sum.a",
        "three.out -> sum.b",
        t="tone",
        two="both",
        three="both",
        sum="add",
    )
    assert complaints(patch) == ["sum.a: takes 3 channels, but two.out gives 2; put a join or a split between"]


def test_an_unconnected_input_is_silence_and_a_warning() -> None:
    patch = draw("quiet.out -> out.audio", quiet="gain", out="speaker")
    assert [str(problem) for problem in check_patch(patch, PALETTE, setup_for(patch))] == [
        "quiet.audio: no input connected"
    ]
    assert not heard(patch).any()


def test_a_cord_that_can_not_work_is_no_missing_one() -> None:
    patch = draw("gone.out -> quiet.audio", "quiet.out -> out.audio", gone="missing", quiet="gain", out="speaker")
    found = [str(problem) for problem in check_patch(patch, PALETTE, setup_for(patch))]
    assert not [one for one in found if "no input connected" in one], found
    assert any(one.startswith("gone") for one in found)


def test_a_latent_takes_a_signal_at_each_frames_instant_exactly() -> None:
    """
    clicker.ramp (0, 1, 2 …) --> twice --> pulse
    """
    patch = draw(
        "count.ramp -> twice.latent",
        "twice.out -> pulse.latent",
        "pulse.out -> quiet.audio",
        "quiet.out -> out.audio",
        count="clicker",
        twice=("twice", {"amount": 1.0}),
        pulse="pulse",
        quiet=("gain", {"level": -60.0}),
        out="speaker",
    )
    sound = heard(patch, 400)
    np.testing.assert_allclose(sound[[0, 100, 200, 300]], np.array([0, 200, 400, 600]) / 1000, atol=1e-6)
    assert np.count_nonzero(sound) == 3


def test_a_cord_into_a_param_modulates_it_within_its_range() -> None:
    """
    count.ramp --> gain.level (clipped at 12 dB)
    """
    patch = draw(
        "tone.out -> quiet.audio",
        "count.ramp -> quiet.level",
        "quiet.out -> out.audio",
        tone=("tone", {"frequency": 100.0}),
        count="clicker",
        quiet="gain",
        out="speaker",
    )
    whole = compile_patch(patch, PALETTE, setup_for(patch)).plan
    whole.run()
    values = whole.outputs["quiet", "out"]
    plain = whole.outputs["tone", "out"]
    ramp = np.minimum(np.arange(256), 12.0)
    np.testing.assert_allclose(values.array[0], plain.array[0] * 10 ** (ramp / 20), rtol=1e-5)  # type: ignore[union-attr]
