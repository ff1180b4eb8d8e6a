"""Model: any method of an nn~ model in the signal path."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.engine import Engine, PatchError, check_patch
from latent_terrain.engine.live import LiveSetup
from latent_terrain.graphs import Patch, set_value

from .codec import effects, models
from .land import PALETTE, RATE, draw, heard, output, setup_for
from .playing_live import live, play

torch = pytest.importorskip("torch", reason="model files need torch")

PERIOD = 128
"""The box's ratios are 1 and 128, so it is called for 128 samples at a time."""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(models.save(effects.Box(), tmp_path_factory.mktemp("models") / "box.ts"))


def effect(box: str, **values: object) -> Patch:
    """
    sine, noise --> join --> model --> out
    """
    return draw(
        "tone.out -> both.a",
        "hiss.out -> both.b",
        "both.out -> box.audio",
        "box.out -> out.audio",
        tone=("sine", {"frequency": 330.0}),
        hiss=("noise", {}),
        both="join",
        box=("model", {"file": box, **values}),
        out="audio_out",
    )


def directly(given: NDArray[np.float32], gain: float = 1.0, mode: str = "soft") -> NDArray[np.float32]:
    module = effects.Box()
    module.gain, module.mode = gain, mode
    with torch.inference_mode():
        return np.array(module(torch.from_numpy(given[None].copy())).numpy()[0])


@pytest.mark.parametrize("block", [64, 100, 512, 4096])
def test_an_effect_is_its_models_method_one_period_late_at_any_block(box: str, block: int) -> None:
    patch = effect(box)
    count = -(-8192 // block)
    given, made = (output(patch, node, "out", count, block) for node in ("both", "box"))
    wanted = directly(given)
    assert made.shape == (1, count * block)
    assert np.abs(made[:, :PERIOD]).max() == 0
    np.testing.assert_allclose(made[:, PERIOD:8000], wanted[:, : 8000 - PERIOD], atol=1e-5)


def test_features_at_a_lower_rate_are_held_as_signals(box: str) -> None:
    patch = draw(
        "tone.out -> ear.audio",
        "ear.out -> out.audio",
        tone=("sine", {"frequency": 330.0}),
        ear=("model", {"file": box, "method": "loudness"}),
        out="audio_out",
    )
    given, made = (output(patch, node, "out", 8) for node in ("tone", "ear"))
    blocks = given[0].reshape(-1, PERIOD)
    wanted = np.stack([np.sqrt((blocks**2).mean(1)), np.abs(blocks).max(1)]).repeat(PERIOD, axis=1)
    np.testing.assert_allclose(made[:, PERIOD:], wanted[:, :-PERIOD], atol=1e-5)


def test_attributes_are_settings(box: str) -> None:
    patch = effect(box, attributes=["gain=0.25", "mode=hard"])
    given, made = (output(patch, node, "out", 4) for node in ("both", "box"))
    np.testing.assert_allclose(made[:, PERIOD:], directly(given, 0.25, "hard")[:, :-PERIOD], atol=1e-5)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"method": "sing"}, "no method 'sing'; it has forward, loudness"),
        ({"attributes": ["gain"]}, "write NAME=VALUE with one of its attributes: gain, mode"),
        ({"attributes": ["gain=loud"]}, "gain takes float"),
        ({"attributes": ["gain=-1"]}, "rejects"),
        ({"attributes": ["size=3"]}, "sets nothing"),
        ({"turned": ["size 0 1"]}, "controls nothing"),
        ({"file": "gone.ts"}, "no model file"),
    ],
)
def test_what_cannot_be_is_a_sentence_at_the_setting(box: str, values: dict[str, object], words: str) -> None:
    patch = effect(box, **values)
    problems = [str(one) for one in check_patch(patch, PALETTE, setup_for(patch))]
    (setting,) = values
    assert any(one.startswith(f"box.{setting}: ") and words in one for one in problems), problems


def test_a_worker_names_the_setting_too(box: str) -> None:
    patch = effect(box, attributes=["gain=-1"])
    with (
        pytest.raises(PatchError, match=r"^box\.attributes: .*rejects"),
        live(patch, PALETTE, LiveSetup(sample_rate=RATE, block=256)),
    ):
        pass


def test_without_a_file_it_is_silent_and_says_so() -> None:
    patch = draw("tone.out -> box.audio", "box.out -> out.audio", tone="sine", box="model", out="audio_out")
    assert not heard(patch, 0.1).any()
    assert any("no model chosen" in str(one) for one in check_patch(patch, PALETTE, setup_for(patch)))


def test_a_codecs_halves_can_be_patched_as_in_max(tmp_path: Path) -> None:
    """
    sine --> model encode --> model decode --> out, against the codec in one piece
    """
    path = str(models.save(models.Codec(), tmp_path / "codec.ts"))
    patch = draw(
        "tone.out -> hear.audio",
        "hear.out -> say.audio",
        "say.out -> out.audio",
        tone=("sine", {"frequency": 330.0}),
        hear=("model", {"file": path, "method": "encode"}),
        say=("model", {"file": path, "method": "decode"}),
        out="audio_out",
    )
    given, latents, made = (output(patch, node, "out", 4) for node in ("tone", "hear", "say"))
    module, ratio = models.Codec(), models.RATIO
    with torch.inference_mode():
        there = module.encode(torch.from_numpy(given[None].copy()))
        back = np.array(module.decode(there).numpy()[0])
    np.testing.assert_allclose(latents[:, ratio:], there.numpy()[0].repeat(ratio, 1)[:, :-ratio], atol=1e-5)
    np.testing.assert_allclose(made[:, 2 * ratio :], back[:, : -2 * ratio], atol=1e-5)


@pytest.mark.parametrize("rate", [32_000, 48_000])
def test_a_model_at_another_rate_is_converted_at_its_edge(rate: int, tmp_path: Path) -> None:
    path = str(models.save(effects.Box(rate), tmp_path / "box.ts"))
    patch = draw(
        "tone.out -> both.a",
        "both.out -> box.audio",
        "box.out -> out.audio",
        "tone.out -> both.b",
        tone=("sine", {"frequency": 330.0}),
        both="join",
        box=("model", {"file": path, "attributes": ["mode=hard"]}),
        out="audio_out",
    )
    made = output(patch, "box", "out", 80)[0][16_384:]
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made))))
    peak = np.argmax(spectrum) * 44_100 / len(made)
    assert peak == pytest.approx(330.0, abs=2.0)
    rest = np.delete(spectrum, range(np.argmax(spectrum) - 6, np.argmax(spectrum) + 7))
    assert rest.max() < spectrum.max() * 1e-2


def test_reset_repeats(box: str) -> None:
    patch = effect(box)
    engine = Engine(patch, PALETTE, setup_for(patch))
    node = engine.instance("box")
    given = np.random.default_rng(0).uniform(-1, 1, (2, 512)).astype(np.float32)

    def play() -> NDArray[np.float32]:
        return np.concatenate([node.process(given, np.zeros((1, 512), np.float32)).copy() for _ in range(3)], axis=1)

    first = play()
    node.reset()
    np.testing.assert_array_equal(play(), first)
    engine.close()


def test_played_live_a_worker_computes_it_and_it_sounds_as_rendered_later_by_the_lookahead(box: str) -> None:
    patch, block = effect(box), 256
    with live(patch, PALETTE, LiveSetup(sample_rate=RATE, block=block, lookahead=4 * block)) as session:
        sound = play(session, 120)
        assert session.status()["late_frames"] == 0
    still = heard(patch, 116 * block / RATE, block).T
    assert np.abs(still).max() > 0.1
    np.testing.assert_allclose(sound[4 * block :], still, atol=1e-5)


def tone(box: str, attributes: list[str]) -> Patch:
    return draw(
        "tone.out -> both.a",
        "tone.out -> both.b",
        "both.out -> box.audio",
        "box.out -> out.audio",
        tone=("sine", {"frequency": 330.0}),
        both="join",
        box=("model", {"file": box, "attributes": attributes}),
        out="audio_out",
    )


def test_other_attributes_take_over_in_a_crossfade_while_it_plays(box: str) -> None:
    block, patch = 256, tone(box, ["gain=0.5", "mode=hard"])
    with live(patch, PALETTE, LiveSetup(sample_rate=RATE, block=block, lookahead=4 * block)) as session:
        before = play(session, 60)
        session.update(set_value(patch, "box", "attributes", ["gain=0.25", "mode=hard"]))
        after = play(session, 120)
        assert [one.order.arguments["attributes"] for one in session.frames.streams()] == [["gain=0.25", "mode=hard"]]
        silent = set_value(patch, "box", "file", "")
        session.update(silent)
        ended = play(session, 60)
        session.update(patch)
        again = play(session, 60)
    steady = before[20 * block :]
    whole = np.concatenate([steady, after, ended, again])[:, 0]
    assert np.abs(np.diff(whole)).max() <= 1.2 * np.abs(np.diff(steady[:, 0])).max(), "no click"
    loud = np.abs(after.reshape(-1, block, 2)).max(axis=(1, 2))
    assert loud.min() > 0.2 * np.abs(steady).max(), "no gap"
    assert np.abs(after[-block:]).max() == pytest.approx(0.5 * np.abs(steady).max(), rel=0.1)
    assert np.abs(ended[-block:]).max() == 0.0
    assert np.abs(again[-block:]).max() == pytest.approx(np.abs(steady).max(), rel=0.1)


def test_attributes_are_turned_by_knobs_while_it_plays(box: str) -> None:
    patch = effect(box, turned=["gain 0 2"], attributes=["mode=hard"], turn_1=0.25)
    given, made = (output(patch, node, "out", 4) for node in ("both", "box"))
    np.testing.assert_allclose(made[:, PERIOD:], directly(given, 0.5, "hard")[:, :-PERIOD], atol=1e-5)
    patch = draw(
        "tone.out -> both.a",
        "tone.out -> both.b",
        "both.out -> box.audio",
        "sweep.out -> box.turn_1",
        "box.out -> out.audio",
        tone=("sine", {"frequency": 330.0}),
        sweep=("phasor", {"frequency": 1.0}),
        both="join",
        box=("model", {"file": box, "turned": ["gain 0 2"], "attributes": ["mode=hard"]}),
        out="audio_out",
    )
    swept = output(patch, "box", "out", 80)[0]
    parts = np.abs(swept[: len(swept) // 8 * 8]).reshape(8, -1).max(1)
    assert (np.diff(parts[4:]) > 0).all(), "louder and louder as the knob is swept from the middle, 0, up"


@pytest.mark.parametrize(
    ("turned", "words"),
    [
        (["mode 0 1"], "controls nothing; write NAME LOW HIGH with a numeric attribute: gain"),
        (["gain.2 0 1"], "controls nothing"),
        (["gain 0 loud"], "has no range"),
        (["gain 0"], "has no range"),
        (["gain"] * 9, "there are 8 knobs, not 9"),
    ],
)
def test_what_cannot_be_turned_is_a_sentence(box: str, turned: list[str], words: str) -> None:
    patch = effect(box, turned=turned)
    problems = [str(one) for one in check_patch(patch, PALETTE, setup_for(patch))]
    assert any(words in one for one in problems), problems


def test_a_value_that_the_model_rejects_leaves_it_as_it_was(box: str) -> None:
    patch = effect(box, turned=["gain -2 0.5"], attributes=["mode=hard", "gain=0.25"], turn_1=0.0)
    given, made = (output(patch, node, "out", 4) for node in ("both", "box"))
    np.testing.assert_allclose(made[:, PERIOD:], directly(given, 0.25, "hard")[:, :-PERIOD], atol=1e-5)
