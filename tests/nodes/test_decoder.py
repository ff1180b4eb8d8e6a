"""Decoder: latents become sound, at the right time, at any rate."""

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.engine import Engine, check_patch
from latent_terrain.graphs import set_muted
from latent_terrain.nodes.codec.loader import load_codec

from .land import PALETTE, RATE, draw, heard, setup_for


def still(value: float = 1.0) -> NDArray[np.float32]:
    """
    slider (one value for every latent) --> decoder --> out
    """
    return heard(
        draw(
            "value.out -> voice.latents",
            "voice.out -> out.audio",
            value=("slider", {"value": value}),
            voice="decoder",
            out="audio_out",
        ),
        0.5,
    )


def test_a_decoder_plays_exactly_what_its_codec_plays_with_no_delay_of_its_own() -> None:
    codec = load_codec("builtin:bank", None).new_instance()
    frames = -(-RATE // 2 // codec.facts.ratio)
    direct = codec.decode(np.ones((1, codec.facts.latent_dim, frames), np.float32))[0, 0, : RATE // 2]
    np.testing.assert_allclose(still()[0], direct, atol=1e-5)


def test_mono_codecs_are_heard_on_both_sides() -> None:
    sound = still()
    np.testing.assert_array_equal(sound[0], sound[1])
    assert np.abs(sound).max() > 0.01


def test_f52_f107_a_codec_at_another_rate_keeps_its_pitch() -> None:
    patch = draw(
        "value.out -> voice.latents",
        "voice.out -> out.audio",
        value=("slider", {"value": 0.7}),
        voice="decoder",
        out="audio_out",
    )

    def centre(rate: int) -> float:
        power = np.abs(np.fft.rfft(heard(patch, 2.0, rate=rate)[0, rate:])) ** 2
        hertz = np.fft.rfftfreq(rate, 1 / rate)
        inside = hertz < 15_000
        return float((power * hertz)[inside].sum() / power[inside].sum())

    assert centre(48_000) == pytest.approx(centre(44_100), rel=0.05)


@pytest.mark.parametrize("rate", [44_100, 48_000, 22_050])
@pytest.mark.parametrize("block", [64, 1000, 32_768])
def test_f31_b13_the_block_does_not_change_the_sound_at_any_rate(rate: int, block: int) -> None:
    patch = draw(
        "move.out -> voice.latents",
        "voice.out -> out.audio",
        move=("lfo", {"rate": 1.3, "low": -2.0, "high": 2.0}),
        voice="decoder",
        out="audio_out",
    )
    np.testing.assert_allclose(heard(patch, 0.6, block, rate), heard(patch, 0.6, 512, rate), atol=1e-5)


def test_a_codec_that_is_not_there_is_named_with_what_to_do() -> None:
    patch = draw(voice=("decoder", {"codec": "builtin:bnak"}), other=("decoder", {"codec": "nowhere.ts"}))
    found = [str(problem) for problem in check_patch(patch, PALETTE, setup_for(patch)) if problem.severity == "error"]
    assert len(found) == 2
    assert found[0].startswith("voice.codec:")
    assert "builtin:bank" in found[0]
    assert found[1].startswith("other.codec:")
    assert "nowhere.ts" in found[1]


def test_f51_switched_off_a_decoder_is_silent_and_on_again_it_sounds_as_before() -> None:
    patch = draw(
        "value.out -> voice.latents",
        "voice.out -> out.audio",
        value=("slider", {"value": 1.0}),
        voice="decoder",
        out="audio_out",
    )
    off = set_muted(patch, "voice", True)
    assert not heard(off, 0.5).any()
    engine = Engine(patch, PALETTE, setup_for(patch))

    def loudest(blocks: int) -> float:
        return max(float(np.abs(engine.process()).max()) for _ in range(blocks))

    before = loudest(60)
    engine.update(off)
    loudest(20)
    assert loudest(20) == 0.0
    engine.update(patch)
    assert loudest(60) > before / 2
