"""Played live, codecs run in workers: the sound is that of a render, one lookahead later, and swaps do not click."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import FloatArray, load_palette
from latent_terrain.engine.live import LiveSetup
from latent_terrain.engine.offline import offline_setup, render
from latent_terrain.graphs import Patch, add_node, connect, load_file, set_value
from latent_terrain.graphs.starters import STARTERS

from .codec.models import Humming, save
from .playing_live import live, play

PALETTE = load_palette()
BLOCK = 256


def rendered(patch: Patch, rate: float, samples: int) -> FloatArray:
    parts = render(patch, PALETTE, offline_setup(patch, Path(), rate, 2048), samples)
    return np.concatenate([part.copy() for part in parts], axis=1).T


def roughness(sound: FloatArray) -> float:
    """The largest change of slope between neighbouring samples: clicks stand out in it."""
    return float(np.abs(np.diff(sound, 2, axis=0)).max())


@pytest.mark.parametrize(("name", "rate"), [("walk", 44_100.0), ("walk", 48_000.0), ("two_players", 44_100.0)])
def test_b10_live_sound_is_the_render_shifted_by_the_lookahead(name: str, rate: float) -> None:
    patch = load_file(STARTERS[name.replace("_", "-")].file)
    with live(patch, PALETTE, LiveSetup(sample_rate=rate, block=BLOCK, lookahead=4 * BLOCK)) as session:
        sound = play(session, 300)
        assert session.status()["late_frames"] == 0
    still = rendered(patch, rate, len(sound) - 4 * BLOCK)
    assert not sound[: 4 * BLOCK].any()
    np.testing.assert_allclose(sound[4 * BLOCK :], still, atol=2e-6)


def test_f34_several_voices_of_one_decoder_sound_as_decoders_of_their_own() -> None:
    patch = add_node(Patch(), "decoder", name="both", values={"voices": 2})
    alone = add_node(Patch(), "decoder", name="one")
    setup = offline_setup(patch, Path(), 44_100.0, 1024)
    from latent_terrain.engine import Engine

    together, single = Engine(patch, PALETTE, setup).instance("both"), Engine(alone, PALETTE, setup).instance("one")
    from latent_terrain.engine import FrameTimes

    times = FrameTimes(together.ratio, 1024)
    random = np.random.default_rng(1)
    pair = np.zeros((2, 1024), np.float32)
    for number in range(8):
        times.move_to(number * 1024)
        latents = random.normal(size=(32, times.count)).astype(np.float32)
        pair, one = np.zeros((2, 1024), np.float32), np.zeros((1, 1024), np.float32)
        together.process(latents, times, pair)
        single.process(latents[16:], times, one)
        np.testing.assert_allclose(pair[1], one[0], atol=1e-5)
    assert pair.any()


def with_codec(folder: Path, name: str, level: float, ratio: int = 512, latents: int = 4) -> str:
    return str(save(Humming(ratio, latents, level), folder / name))


def walking(codec: str) -> Patch:
    """A slow movement heard through a codec."""
    patch = add_node(Patch(), "lfo", name="slow", values={"rate": 0.7})
    patch = add_node(patch, "decoder", name="voice", values={"codec": codec})
    patch = add_node(patch, "audio_out", name="out")
    patch = connect(patch, "slow.out", "voice.latents")
    return connect(patch, "voice.out", "out.audio")


def test_an_encoder_hears_live_and_gives_its_latents_a_frame_later() -> None:
    patch = load_file(STARTERS["live-record"].file)
    encoders = [name for name, node in patch.nodes.items() if node.type == "encode"]
    with live(patch, PALETTE, LiveSetup(sample_rate=44_100.0, block=BLOCK, lookahead=4 * BLOCK)) as session:
        play(session, 8)
        opened = {opened.node for opened in session.frames.streams()}
        assert set(encoders) <= opened
        sound = play(session, 100)
        assert np.isfinite(sound).all()
        assert session.status()["late_frames"] == 0


def test_f49_f110_another_codec_takes_over_in_a_crossfade_without_a_click(tmp_path: Path) -> None:
    first, second = with_codec(tmp_path, "one.ts", 0.4), with_codec(tmp_path, "two.ts", 0.2, ratio=1024, latents=3)
    patch = walking(first)
    how = LiveSetup(sample_rate=44_100.0, block=BLOCK, lookahead=4 * BLOCK)
    with live(patch, PALETTE, how) as session:
        before = play(session, 100)
        session.update(set_value(patch, "voice", "codec", second))
        after = play(session, 200)
        assert [opened.order.arguments["codec"] for opened in session.frames.streams()] == [second]
        assert [one for one in session.news() if one["kind"] != "slow"] == []  # a machine may be busy
    allowed = max(roughness(before[30 * BLOCK :]), roughness(after[-100 * BLOCK :]))
    assert np.abs(before).max() > 0.05
    assert np.abs(after[-50 * BLOCK :]).max() > 0.02
    assert roughness(np.concatenate([before[30 * BLOCK :], after])) <= 1.5 * allowed
    middle = after[: 100 * BLOCK].reshape(-1, BLOCK, 2)
    assert np.abs(middle).max(axis=(1, 2)).min() > 0.01, "it never falls silent"


def test_f49_b26_where_a_codec_is_not_there_the_one_before_goes_on_playing(tmp_path: Path) -> None:
    patch = walking(with_codec(tmp_path, "one.ts", 0.4))
    with live(patch, PALETTE, LiveSetup(sample_rate=44_100.0, block=BLOCK, lookahead=2 * BLOCK)) as session:
        before = play(session, 40)
        problems = session.update(set_value(patch, "voice", "codec", str(tmp_path / "nowhere.ts")))
        assert any("no model file" in str(problem) for problem in problems)
        after = play(session, 20)
        assert session.update(patch) == ()
        after = np.concatenate([after, play(session, 20)])
        assert roughness(np.concatenate([before[10 * BLOCK :], after])) <= 1.01 * roughness(before[10 * BLOCK :])
        assert np.abs(after).max() > 0.3
