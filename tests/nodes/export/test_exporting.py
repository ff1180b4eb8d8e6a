"""What is exported plays elsewhere as it plays here: the same numbers, in buffers of any size, after any reset."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.nodes.codec.bank import load_bank
from latent_terrain.nodes.codec.interface import CodecError
from latent_terrain.nodes.codec.loader import load_codec
from latent_terrain.nodes.codec.stream import clear_residue
from latent_terrain.nodes.export.wavetable import CYCLE, wavetable
from latent_terrain.nodes.export.write import export_codec, export_instrument, export_terrain
from latent_terrain.nodes.terrain.network import TerrainError, TerrainShape, Weights, evaluate, initial_weights
from latent_terrain.nodes.terrain.residual import made_residual

from ..codec import models, odd_models
from ..land import draw, heard, output

torch = pytest.importorskip("torch", reason="exporting writes TorchScript, which needs torch")
from latent_terrain.nodes.export.instrument import Between  # noqa: E402

FRAMES, RATIO, LATENTS = 24, 1024, 16
CLOSE = 1e-5


def land(control_dim: int = 2, latents: int = LATENTS, gauss: float = 0.1) -> Weights:
    weights = dict(initial_weights(TerrainShape(control_dim, latents, gauss, 32, 16), 3))
    weights["fc_out.weight"] = weights["fc_out.weight"] * 6
    return weights


def exact(axes: int = 2) -> Weights:
    """A land with what its network misses, along the walk."""
    missed = np.random.default_rng(1).normal(0, 1, (FRAMES, LATENTS)).astype(np.float32)
    return {**land(axes), **made_residual(walk(axes)[0].T + np.float32(0.02), missed, (FRAMES,), 8.0, 1.0)}


def walk(axes: int = 2, frames: int = FRAMES, lanes: int = 1) -> np.ndarray:
    random = np.random.default_rng(0)
    return np.cumsum(random.normal(0, 0.3, (lanes, axes, frames)), axis=2).astype(np.float32)


def opened(path: Path) -> Any:
    module = torch.jit.load(str(path)).eval()
    for buffer in module.buffers():
        buffer.requires_grad_(False)
    return module


def played(module: Any, method: str, given: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return np.array(getattr(module, method)(torch.from_numpy(given)).numpy())


@pytest.fixture(scope="module")
def instrument(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "walker.ts"
    export_instrument(land(), load_bank(), path)
    return path


@pytest.mark.parametrize(("control_dim", "gauss"), [(2, 0.1), (1, 0.0), (3, 0.5)])
def test_an_instrument_plays_what_land_and_codec_play_here(control_dim: int, gauss: float, tmp_path: Path) -> None:
    weights, places = land(control_dim, gauss=gauss), walk(control_dim)
    export_instrument(weights, load_bank(), tmp_path / "one.ts")
    latents = evaluate(weights, places[0].T).T[None]
    here = load_bank().decode(np.ascontiguousarray(latents, np.float32))
    there = played(opened(tmp_path / "one.ts"), "forward", places)
    assert np.abs(here).max() > 0.01
    np.testing.assert_allclose(there, here, atol=CLOSE, rtol=0)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_what_is_put_back_at_lines_goes_along(axes: int, tmp_path: Path) -> None:
    weights, places = exact(axes), np.concatenate([walk(axes), walk(axes) + np.float32(0.1), walk(axes) + 50], axis=2)
    export_terrain(weights, RATIO, 44100, load_bank().facts.labels, tmp_path / "exact.ts")
    there = played(opened(tmp_path / "exact.ts"), "forward", places)[0].T
    here = evaluate(weights, places[0].T)
    assert np.abs(here - evaluate(land(axes), places[0].T)).max() > 0.1
    np.testing.assert_allclose(there, here, atol=CLOSE, rtol=CLOSE)


@pytest.mark.parametrize("split", [1, 2, 5, 8])
def test_buffers_of_any_size_give_the_same_sound(split: int, instrument: Path) -> None:
    places = walk()
    whole = played(opened(instrument), "forward", places)
    module = opened(instrument)
    parts = [played(module, "forward", places[:, :, k : k + split]) for k in range(0, FRAMES, split)]
    np.testing.assert_allclose(np.concatenate(parts, axis=2), whole, atol=CLOSE, rtol=0)


def test_zeroing_the_memory_as_hosts_do_is_a_reset(instrument: Path) -> None:
    module = opened(instrument)
    first = played(module, "forward", walk())
    played(module, "forward", -walk())
    clear_residue(module)
    np.testing.assert_array_equal(played(module, "forward", walk()), first)


def test_a_file_is_saved_with_an_empty_memory(instrument: Path) -> None:
    names = dict(opened(instrument).named_buffers())
    memories = [buffer for name, buffer in names.items() if name.rpartition(".")[2] in ("pad", "cache")]
    assert len(memories) > 10
    assert all(float(buffer.abs().sum()) == 0 for buffer in memories)


def test_lanes_are_players_of_their_own(instrument: Path) -> None:
    places = walk(lanes=3)
    together = played(opened(instrument), "forward", places)
    for lane in range(3):
        alone = played(opened(instrument), "forward", places[lane : lane + 1])
        np.testing.assert_allclose(together[lane : lane + 1], alone, atol=CLOSE, rtol=0)


def test_a_host_finds_methods_params_labels_and_attributes(instrument: Path) -> None:
    module = opened(instrument)
    assert module.get_methods() == ["forward", "latents", "decode"]
    assert module.forward_params.tolist() == [2, RATIO, 1, 1]
    assert module.latents_params.tolist() == [2, RATIO, LATENTS, RATIO]
    assert module.decode_params.tolist() == [LATENTS, RATIO, 1, 1]
    assert list(module.forward_input_labels) == ["x", "y"]
    assert list(module.latents_output_labels) == list(load_bank().facts.labels)
    assert module.get_sample_rate() == 44100
    assert module.get_attributes() == ["scale", "offset", "smoothing", "glide"]
    assert [getattr(module, f"{name}_params").tolist() for name in module.get_attributes()] == [[2]] * 4


def test_attributes_move_scale_and_smooth_the_coordinates(instrument: Path) -> None:
    places = walk()
    moved = opened(instrument)
    assert (moved.set_scale(0.5), moved.set_offset(1.0)) == (0, 0)
    assert (moved.get_scale(), moved.get_offset()) == ([0.5], [1.0])
    expected = played(opened(instrument), "latents", places * 0.5 + 1.0)
    np.testing.assert_allclose(played(moved, "latents", places), expected, atol=CLOSE)
    smooth = opened(instrument)
    assert smooth.set_smoothing(0.9) == 0
    assert smooth.set_smoothing(1.5) == -1
    assert smooth.get_smoothing() == pytest.approx([0.9])
    step = np.zeros((1, 2, FRAMES), np.float32)
    step[:, :, 4:] = 2.0
    after = 2.0 * (1 - 0.9 ** np.maximum(0, np.arange(FRAMES) - 3))
    expected = played(opened(instrument), "latents", np.tile(after.astype(np.float32), (1, 2, 1)))
    np.testing.assert_allclose(played(smooth, "latents", step), expected, atol=1e-4)


def test_coordinates_that_are_no_numbers_hold_the_last_place(instrument: Path) -> None:
    places = walk()
    broken, held = places.copy(), places.copy()
    broken[:, :, 5:9] = np.nan
    broken[:, 1, 12] = np.inf
    held[:, :, 5:9] = places[:, :, 4:5]
    held[:, 1, 12] = places[:, 1, 11]
    module = opened(instrument)
    np.testing.assert_allclose(
        played(module, "forward", broken), played(opened(instrument), "forward", held), atol=CLOSE
    )


def test_a_land_alone_gives_its_latents(tmp_path: Path) -> None:
    made = export_terrain(land(), RATIO, 44100, load_bank().facts.labels, tmp_path / "land.ts")
    assert made.methods == {"forward": (2, RATIO, LATENTS, RATIO)}
    there = played(opened(tmp_path / "land.ts"), "forward", walk())
    np.testing.assert_allclose(there[0].T, evaluate(land(), walk()[0].T), atol=CLOSE)


@pytest.mark.parametrize("name", ["scale", "offset", "smoothing", "glide"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e30, -1e30])
def test_what_is_no_number_or_absurd_is_refused_by_every_setter(name: str, value: float, instrument: Path) -> None:
    module = opened(instrument)
    before = getattr(module, f"get_{name}")()
    assert getattr(module, f"set_{name}")(value) == -1
    assert getattr(module, f"get_{name}")() == before


def test_a_land_alone_carries_what_its_latents_pass_on_the_way(tmp_path: Path) -> None:
    between = Between((0.8,) * LATENTS, (0.1,) * LATENTS, 60.0)
    export_terrain(land(), RATIO, 44100, load_bank().facts.labels, tmp_path / "land.ts", between)
    export_instrument(land(), load_bank(), tmp_path / "one.ts", between)
    alone, whole = (opened(tmp_path / name) for name in ("land.ts", "one.ts"))
    assert alone.get_glide() == whole.get_glide() == [60.0]
    there = played(alone, "forward", walk())
    np.testing.assert_array_equal(there, played(whole, "latents", walk()))
    assert alone.set_glide(0.0) == 0
    assert np.abs(there - played(alone, "forward", walk())).max() > 0.05


def test_before_latents_come_a_decoder_is_silent_in_its_host(instrument: Path, tmp_path: Path) -> None:
    z = np.random.default_rng(4).standard_normal((2, LATENTS, 6)).astype(np.float32)
    z[0, :, :3] = 0.0
    export_codec(load_bank(), tmp_path / "bank.ts")
    for path in (instrument, tmp_path / "bank.ts"):
        sound = played(opened(path), "decode", z)
        assert not sound[0, :, : 3 * RATIO].any()
        assert np.abs(sound[0, :, 3 * RATIO :]).max() > 0.01
        assert np.abs(sound[1, :, :RATIO]).max() > 0.001
    model = load_codec(str(models.save(models.Codec(), tmp_path / "m.ts")))
    export_instrument(land(latents=models.LATENT), model, tmp_path / "other.ts")
    module = opened(tmp_path / "other.ts")
    assert not played(module, "decode", np.zeros((1, models.LATENT, 4), np.float32)).any()
    assert played(module, "decode", np.ones((1, models.LATENT, 1), np.float32)).any()
    assert played(module, "decode", np.zeros((1, models.LATENT, 1), np.float32)).any(), "a place like others, from then"


def test_the_codec_alone_comes_back_as_a_model_that_sounds_the_same(tmp_path: Path) -> None:
    export_codec(load_bank(), tmp_path / "bank.ts")
    here, there = load_bank(), load_codec(str(tmp_path / "bank.ts"))
    assert (there.facts.latent_dim, there.facts.ratio, there.facts.labels) == (LATENTS, RATIO, here.facts.labels)
    assert (there.facts.is_streaming, there.facts.is_stochastic) == (True, False)
    latents = np.random.default_rng(0).standard_normal((1, LATENTS, FRAMES)).astype(np.float32)
    np.testing.assert_allclose(there.decode(latents), here.decode(latents), atol=CLOSE, rtol=0)
    sound = (np.random.default_rng(1).standard_normal((1, 1, FRAMES * RATIO)) * 0.1).astype(np.float32)
    np.testing.assert_allclose(there.encode(sound), here.encode(sound), atol=1e-4)


def test_a_model_file_can_be_the_voice_of_an_instrument(tmp_path: Path) -> None:
    export_codec(load_bank(), tmp_path / "bank.ts")
    model = load_codec(str(tmp_path / "bank.ts"))
    made = export_instrument(land(), model, tmp_path / "one.ts")
    assert "licence" in made.notes[0]
    there = played(opened(tmp_path / "one.ts"), "forward", walk())
    latents = np.ascontiguousarray(evaluate(land(), walk()[0].T).T[None], np.float32)
    np.testing.assert_allclose(there, load_bank().decode(latents), atol=CLOSE, rtol=0)


def test_latents_that_a_model_would_draw_are_zeros_in_an_instrument_too(tmp_path: Path) -> None:
    knowing = load_codec(str(models.save(models.Dicing(tells=True), tmp_path / "knowing.ts")))
    export_instrument(land(latents=models.LATENT), knowing, tmp_path / "one.ts")
    there = played(opened(tmp_path / "one.ts"), "forward", walk())
    latents = np.ascontiguousarray(evaluate(land(latents=models.LATENT), walk()[0].T).T[None], np.float32)
    here = knowing.new_instance().decode(latents)
    assert np.abs(here).max() > 0.01
    np.testing.assert_allclose(there, here, atol=CLOSE, rtol=0)


def test_an_instrument_with_a_noisy_model_sounds_alike_whatever_the_dice(tmp_path: Path) -> None:
    model = load_codec(str(models.save(odd_models.Noisy(), tmp_path / "noisy.ts")))
    export_instrument(land(latents=models.LATENT), model, tmp_path / "one.ts")
    sounds = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        sounds.append(played(opened(tmp_path / "one.ts"), "forward", walk()))
    assert np.abs(sounds[0] - sounds[1]).max() <= 2 * odd_models.NOISE
    assert np.abs(sounds[0]).max() > 0.05


def test_a_land_of_another_codec_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(TerrainError, match=r"the terrain gives 4 latents and builtin:bank takes 16"):
        export_instrument(land(latents=4), load_bank(), tmp_path / "no.ts")
    assert not list(tmp_path.iterdir())


def test_what_is_a_model_file_already_is_not_written_again(tmp_path: Path) -> None:
    export_codec(load_bank(), tmp_path / "bank.ts")
    with pytest.raises(CodecError, match="copy its file"):
        export_codec(load_codec(str(tmp_path / "bank.ts")), tmp_path / "again.ts")


def test_a_wavetable_has_cycles_that_close_and_differ() -> None:
    table = wavetable(land(), load_bank(), (-4, -4, 4, 4), 8)
    assert table.shape == (1, 8 * CYCLE)
    cycles = table.reshape(8, CYCLE)
    assert np.abs(table).max() == pytest.approx(10 ** (-1 / 20), abs=1e-3)
    for cycle in cycles:
        steps = np.abs(np.diff(np.append(cycle, cycle[0])))
        assert steps[-1] <= steps.max()
        assert np.sqrt(np.mean(cycle**2)) > 0.02
    assert np.abs(np.diff(cycles, axis=0)).max() > 0.05


def test_an_instrument_sounds_as_its_patch_renders(tmp_path: Path) -> None:
    """
    lfo x, lfo y --> join --> terrain --> latent_scale --> latent_smooth --> decoder --> out
    """
    content = {f"learn/{name}": array for name, array in land().items()}
    patch = draw(
        "x.out -> place.a",
        "y.out -> place.b",
        "place.out -> land.position",
        "land.out -> more.latents",
        "more.out -> slow.latents",
        "slow.out -> voice.latents",
        "voice.out -> out.audio",
        x=("lfo", {"rate": 0.7, "low": -8.0, "high": 8.0}),
        y=("lfo", {"rate": 1.1, "low": -3.0, "high": 3.0}),
        place="join",
        land=("terrain", {}, content),
        more=("latent_scale", {"scale": 0.8, "offset": 0.1, "scales": [1.0, 0.5], "offsets": [0.2]}),
        slow=("latent_smooth", {"time": 60.0}),
        voice="decoder",
        out="audio_out",
    )
    here = heard(patch, 1.0, 512)[0]
    places = output(patch, "place", "out", 90)[:, ::RATIO]
    between = Between((0.8, 0.4, *[0.8] * 14), (0.3, *[0.1] * 15), 60.0)
    export_instrument(land(), load_bank(), tmp_path / "one.ts", between)
    there = played(opened(tmp_path / "one.ts"), "forward", places[None, :, :40])[0, 0]
    assert np.abs(here).max() > 0.01
    assert len(there) == 40 * RATIO
    np.testing.assert_allclose(there, here[: 40 * RATIO], atol=CLOSE, rtol=0)
