"""``builtin:sounds`` in hosts of nn~: the same choices, grains and held moments, so the same numbers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.compile.resolve import shared_in
from latent_terrain.engine.setup import seed_for
from latent_terrain.graphs import load_file, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.nodes.codec.interface import CodecError
from latent_terrain.nodes.codec.loader import load_codec
from latent_terrain.nodes.codec.sounds import SoundsCodec, load_sounds, sounds_in
from latent_terrain.nodes.codec.sounds.chance import Chance as Drawn
from latent_terrain.nodes.codec.sounds.codec import LoadedSounds
from latent_terrain.nodes.codec.sounds.corpus import Corpus
from latent_terrain.nodes.codec.sounds.freeze import BINS
from latent_terrain.nodes.codec.sounds.layout import BLENDS, LABELS, LATENTS, RATIO, SAMPLE_RATE
from latent_terrain.nodes.codec.sounds.moment_latents import latents_of
from latent_terrain.nodes.terrain.learned import learned_weights
from latent_terrain.nodes.terrain.network import TerrainShape, Weights, evaluate, initial_weights

from ..codec.sounds.made import codec_of, drums, noise, tone
from ..land import heard, output
from .walks import walks

torch = pytest.importorskip("torch", reason="exporting writes TorchScript, which needs torch")
from latent_terrain.nodes.codec.stream import clear_residue  # noqa: E402
from latent_terrain.nodes.export import write  # noqa: E402
from latent_terrain.nodes.export.sounds_freeze import HashDraw  # noqa: E402
from latent_terrain.nodes.export.sounds_store import LANES  # noqa: E402
from latent_terrain.nodes.export.sounds_voice import rounded  # noqa: E402
from latent_terrain.nodes.export.write import Playing, export_codec, export_instrument  # noqa: E402

CLOSE = 1e-5
SEED = (7 << 32) + 11
Array = np.ndarray


@pytest.fixture(scope="module")
def codec() -> SoundsCodec:
    """Steady and stereo, hits, hiss, and one so long that it has pieces."""
    both = np.stack([tone(1.5), tone(1.5, 331.0)])
    return codec_of(both, drums(1.5), noise(0.7), np.concatenate([tone(3.0, 220.0), drums(4.0), noise(3.0)]))


@pytest.fixture(scope="module")
def lines(codec: SoundsCodec) -> list[Array]:
    return [latents_of(one.placed) for one in codec.loaded.corpus.sounds]


@pytest.fixture(scope="module")
def exported(codec: SoundsCodec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "sounds.ts"
    export_codec(codec, path, Playing(seed=SEED))
    return path


def opened(path: Path) -> Any:
    return torch.jit.load(str(path)).eval()


def played(module: Any, method: str, given: Array) -> Array:
    with torch.inference_mode():
        return np.array(getattr(module, method)(torch.from_numpy(np.ascontiguousarray(given, np.float32))).numpy())


def here(codec: SoundsCodec, latents: Array, blend: str = "together", even: float = 0.0, seed: int = SEED) -> Array:
    """Our own render of latents ``[frames, 9]``: ``[2, n]``."""
    turned = np.tile(np.array([BLENDS.index(blend), even], np.float32), (len(latents), 1))
    return codec.new_instance(1, seed).decode(np.concatenate([latents, turned], axis=1).T[np.newaxis])[0]


def there(path: Path, latents: Array, blend: str = "together", even: float = 0.0) -> Array:
    module = opened(path)
    assert (module.set_blend(blend), module.set_even(even)) == (0, 0)
    return played(module, "decode", latents.T[np.newaxis])[0]


def some_walk(lines: list[Array]) -> Array:
    """A bit of everything."""
    return np.concatenate([one[:24] for _, one in walks(lines)])


@pytest.mark.parametrize(("blend", "even"), [("together", 0.0), ("nearest", 0.5), ("cross", 1.0)])
def test_what_is_exported_plays_as_it_plays_here(
    blend: str, even: float, codec: SoundsCodec, lines: list[Array], exported: Path
) -> None:
    latents = some_walk(lines)
    made = here(codec, latents, blend, even)
    assert np.abs(made).max() > 0.1
    np.testing.assert_allclose(there(exported, latents, blend, even), made, atol=CLOSE, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize(("blend", "even"), [("together", 0.0), ("nearest", 0.5), ("cross", 1.0)])
def test_minutes_of_walks_sound_alike(
    blend: str, even: float, codec: SoundsCodec, lines: list[Array], exported: Path
) -> None:
    latents = np.concatenate([one for _, one in walks(lines, seed=1)])
    assert len(latents) * RATIO > 60 * SAMPLE_RATE
    np.testing.assert_allclose(
        there(exported, latents, blend, even), here(codec, latents, blend, even), atol=CLOSE, rtol=0
    )


def test_a_held_moment_is_frozen_by_the_same_chance(
    codec: SoundsCodec, lines: list[Array], exported: Path, tmp_path: Path
) -> None:
    held = np.repeat(lines[0][[30]], 40, axis=0)
    np.testing.assert_allclose(there(exported, held), here(codec, held), atol=CLOSE, rtol=0)
    assert np.abs(here(codec, held, seed=1) - here(codec, held)).max() > 100 * CLOSE, "chance has a part in it"
    export_codec(codec, tmp_path / "other.ts", Playing(seed=1))
    np.testing.assert_allclose(there(tmp_path / "other.ts", held), here(codec, held, seed=1), atol=CLOSE, rtol=0)


@pytest.mark.parametrize("split", [1, 7])
def test_buffers_of_any_size_give_the_same_sound(split: int, lines: list[Array], exported: Path) -> None:
    latents = some_walk(lines)[:96].T[np.newaxis]
    whole, module = played(opened(exported), "decode", latents), opened(exported)
    parts = [played(module, "decode", latents[:, :, at : at + split]) for at in range(0, latents.shape[2], split)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=2), whole)


@pytest.mark.parametrize("lanes", [3, LANES + 2])
def test_lanes_are_players_of_their_own_however_many(
    lanes: int, codec: SoundsCodec, lines: list[Array], exported: Path
) -> None:
    latents = np.stack([np.roll(some_walk(lines), 10 * lane, axis=0)[:40].T for lane in range(lanes)])
    expected = codec.new_instance(lanes, SEED).decode(latents)
    np.testing.assert_allclose(played(opened(exported), "decode", latents), expected, atol=CLOSE, rtol=0)


def test_zeroing_the_memory_as_hosts_do_is_a_reset(lines: list[Array], exported: Path) -> None:
    module, latents = opened(exported), some_walk(lines)[:60].T[np.newaxis]
    first = played(module, "decode", latents)
    played(module, "encode", first[:, :1])
    clear_residue(module)
    np.testing.assert_array_equal(played(module, "decode", latents), first)


def test_latents_that_are_all_zero_are_silence_before_and_after(lines: list[Array], exported: Path) -> None:
    latents = np.concatenate([np.zeros((5, LATENTS)), lines[0][:20], np.zeros((20, LATENTS))])
    sound = there(exported, latents, even=0.5)
    assert not sound[:, : 5 * RATIO].any()
    assert np.abs(sound[:, 5 * RATIO : 25 * RATIO]).max() > 0.05
    assert not sound[:, -2 * RATIO :].any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_latents_that_are_no_numbers_sound_as_they_do_here(
    value: float, codec: SoundsCodec, lines: list[Array], exported: Path
) -> None:
    latents = lines[1][:30].copy()
    latents[10:14, 3], latents[20, 8] = value, value
    made = there(exported, latents)
    assert np.isfinite(made).all()
    np.testing.assert_allclose(made, here(codec, latents), atol=CLOSE, rtol=0)


def test_a_sound_is_heard_as_the_same_moments(codec: SoundsCodec, exported: Path) -> None:
    sung = np.concatenate([tone(1.0, 300.0), np.zeros(4 * RATIO, np.float32), drums(1.5)])
    hissing = np.asarray(sung + 0.01 * noise(4.0)[: len(sung)], np.float32)
    sung = hissing[np.newaxis, np.newaxis, : len(sung) // RATIO * RATIO]
    expected = codec.new_instance().encode(sung)
    assert len(np.unique(expected[0, 0])) > 2
    np.testing.assert_allclose(played(opened(exported), "encode", sung), expected, atol=CLOSE)
    forth = played(opened(exported), "forward", sung)
    np.testing.assert_array_equal(forth, played(opened(exported), "decode", expected))


def test_a_host_finds_methods_params_labels_and_attributes(exported: Path) -> None:
    module = opened(exported)
    assert module.get_methods() == ["encode", "decode", "forward"]
    assert module.encode_params.tolist() == [1, 1, LATENTS, RATIO]
    assert module.decode_params.tolist() == [LATENTS, RATIO, 2, 1]
    assert module.forward_params.tolist() == [1, 1, 2, 1]
    assert list(module.decode_input_labels) == list(LABELS)
    assert module.get_sample_rate() == SAMPLE_RATE
    assert module.get_attributes() == ["blend", "even"]
    assert (module.blend_params.tolist(), module.even_params.tolist()) == ([3], [2])
    assert (module.get_blend(), module.get_even()) == (["together"], [0.0])
    assert [module.set_blend(one) for one in (*BLENDS, "loud")] == [0, 0, 0, -1]
    assert [module.set_even(one) for one in (1.0, -0.1, 1.1, float("nan"))] == [0, -1, -1, -1]
    assert (module.get_blend(), module.get_even()) == (["cross"], [1.0])


def test_the_file_can_be_the_codec_of_a_decoder_again(codec: SoundsCodec, lines: list[Array], exported: Path) -> None:
    model, latents = load_codec(str(exported)), some_walk(lines)[:120]
    facts = model.facts
    assert (facts.latent_dim, facts.ratio, facts.channels, facts.input_channels) == (LATENTS, RATIO, 2, 1)
    assert (facts.is_streaming, facts.is_stochastic, facts.latency, facts.encoder_latency) == (True, False, 0, 0)
    np.testing.assert_allclose(model.decode(latents.T[np.newaxis])[0], here(codec, latents), atol=CLOSE, rtol=0)
    two = model.new_instance(2)
    made = two.decode(np.stack([latents.T, latents[::-1].T]))
    two.reset(1)
    again = two.decode(np.stack([latents.T, latents[::-1].T]))
    np.testing.assert_array_equal(again[1], made[1])


def land() -> Weights:
    weights = dict(initial_weights(TerrainShape(2, LATENTS, 0.1, 32, 16), 3))
    weights["fc_out.weight"] = weights["fc_out.weight"] * 6
    return weights


def test_an_instrument_walks_the_sounds(codec: SoundsCodec, tmp_path: Path) -> None:
    made = export_instrument(land(), codec, tmp_path / "one.ts", playing=Playing("cross", 0.25, SEED))
    assert made.methods["forward"] == (2, RATIO, 2, 1)
    module = opened(tmp_path / "one.ts")
    assert (module.get_blend(), module.get_even()) == (["cross"], [0.25])
    places = np.cumsum(np.random.default_rng(0).normal(0, 0.3, (1, 2, 40)), axis=2).astype(np.float32)
    latents = played(module, "latents", places)
    np.testing.assert_allclose(latents[0].T, evaluate(land(), places[0].T), atol=CLOSE)
    sound = played(opened(tmp_path / "one.ts"), "forward", places)[0]
    assert np.abs(sound).max() > 0.05
    np.testing.assert_allclose(sound, here(codec, latents[0].T, "cross", 0.25), atol=CLOSE, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [1.0, 0.4])
def test_an_instrument_sounds_as_its_patch_renders(rate: float, tmp_path: Path) -> None:
    patch = set_value(load_file(STARTERS["walk"].file), "map", "rate", rate)
    codec = load_sounds(sounds_in(shared_in(patch)), tmp_path)
    weights, playing = learned_weights(patch.nodes["terrain"].content), Playing(seed=seed_for(patch.seed, "decoder"))
    export_instrument(weights, codec, tmp_path / "walk.ts", playing=playing)
    blocks, frames = 1024, 512
    expected = heard(patch, frames * RATIO / SAMPLE_RATE)
    latents = output(patch, "terrain", "out", blocks)[np.newaxis]
    places = output(patch, "map", "xy", blocks)[np.newaxis, :, ::RATIO]
    assert np.abs(expected).max() > 0.1
    sound = played(opened(tmp_path / "walk.ts"), "decode", latents)[0]
    np.testing.assert_allclose(sound, expected, atol=CLOSE, rtol=0)
    walked = opened(tmp_path / "walk.ts")
    np.testing.assert_allclose(played(walked, "latents", places), latents, atol=CLOSE, rtol=0)
    sound = played(walked, "forward", places)[0]
    apart = np.abs(sound - expected).reshape(2, frames, RATIO).max(axis=(0, 2))
    assert (apart > CLOSE).mean() < 0.1, "latents differ in the last digit, so a grain may begin elsewhere, for a while"
    assert abs(np.sqrt((sound**2).mean() / (expected**2).mean()) - 1) < 0.02


@pytest.mark.slow
def test_a_file_is_as_large_as_its_sounds_and_is_made_of_what_is_allowed(tmp_path: Path) -> None:
    sizes = []
    for seconds in (2.0, 12.0):
        export_codec(codec_of(noise(seconds)), tmp_path / "one.ts")
        sizes.append((tmp_path / "one.ts").stat().st_size)
        assert load_codec(str(tmp_path / "one.ts")).facts.channels == 2
    assert 88_000 < (sizes[1] - sizes[0]) / 10 < 105_000


def test_without_sounds_there_is_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(CodecError, match="has no sounds here; export a patch with encoded sounds"):
        export_codec(codec_of(), tmp_path / "none.ts")
    gone = SoundsCodec(LoadedSounds(Corpus([], ["there is no sound file rain.wav"])))
    with pytest.raises(CodecError, match=r"no sounds here \(there is no sound file rain.wav\)"):
        export_instrument(land(), gone, tmp_path / "none.ts")
    assert not list(tmp_path.iterdir())


def test_more_sound_than_a_file_takes_is_refused_in_words(
    codec: SoundsCodec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "MOST_SOUND_SECONDS", 6)
    with pytest.raises(CodecError, match=r"last 0\.2 minutes, and a \.ts file takes 0.*FILE#t="):
        export_codec(codec, tmp_path / "no.ts")


def test_what_could_not_be_read_is_told(codec: SoundsCodec, tmp_path: Path) -> None:
    left = replace_sounds(codec, ["there is no sound file rain.wav"])
    assert export_codec(left, tmp_path / "one.ts").notes == ("there is no sound file rain.wav",)


def replace_sounds(codec: SoundsCodec, problems: list[str]) -> SoundsCodec:
    return SoundsCodec(LoadedSounds(Corpus([replace(codec.loaded.corpus.sounds[2])], problems)))


@pytest.mark.parametrize("kind", ["short", "two samples", "silence", "a click"])
def test_odd_sounds_are_exported_too(kind: str, tmp_path: Path) -> None:
    sound = {
        "short": tone(0.02),
        "two samples": np.array([0.5, -0.5], np.float32),
        "silence": np.zeros(30_000, np.float32),
        "a click": np.eye(1, 30_000, 400, dtype=np.float32)[0],
    }[kind]
    codec = codec_of(sound)
    export_codec(codec, tmp_path / "odd.ts")
    line = latents_of(codec.loaded.corpus.sounds[0].placed)
    latents = np.concatenate([line, np.repeat(line[-1:], 15, axis=0), line[::-1], line[::2]])
    np.testing.assert_allclose(there(tmp_path / "odd.ts", latents), here(codec, latents, seed=0), atol=CLOSE, rtol=0)
    given = np.tile(noise(0.2), 2)[np.newaxis, np.newaxis, : 12 * RATIO]
    np.testing.assert_allclose(played(opened(tmp_path / "odd.ts"), "encode", given), codec.encode(given), atol=CLOSE)


class Throws(torch.nn.Module):
    """The first numbers of a seed, drawn one by one and for all bins."""

    def __init__(self) -> None:
        super().__init__()
        self.drawing = HashDraw()

    def forward(self, seed: int) -> Any:
        chance = self.drawing.begun(seed, 0)
        made = torch.zeros(0, dtype=torch.float64)
        for _ in range(3):
            one = torch.full((1,), self.drawing(chance), dtype=torch.float64)
            made = torch.cat([made, one, self.drawing.numbers(chance)])
        return made


@pytest.mark.parametrize("seed", [0, 5, SEED, (1 << 63) - 1])
def test_chance_is_the_same_numbers(seed: int) -> None:
    drawn = Drawn(seed)
    expected = [[drawn.number(), *drawn.numbers(BINS)] for _ in range(3)]
    np.testing.assert_array_equal(torch.jit.script(Throws())(seed).numpy(), np.concatenate(expected))


def test_halves_are_rounded_to_even_as_here() -> None:
    scripted = torch.jit.script(rounded)
    for number in (-1.5, -0.5, 0.5, 1.5, 2.5, 0.49999999999999994, 3.2, -3.7, 1e9 + 0.5):
        assert scripted(number) == round(number)
