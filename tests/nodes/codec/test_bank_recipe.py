"""The recipe of the built-in codec: sounds from a seed, parts from a sound, weights from parts."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.nodes.codec.bank.codec import BankCodec, load_bank
from latent_terrain.nodes.codec.bank.decoder import BankDecoder
from latent_terrain.nodes.codec.bank.layers import read_weights
from latent_terrain.nodes.codec.bank.layout import noise_centres, partial_frequencies
from latent_terrain.nodes.codec.recipe import band
from latent_terrain.nodes.codec.recipe.analysis import analyse, load_features, save_features
from latent_terrain.nodes.codec.recipe.demo_sounds import make_demo_sounds
from latent_terrain.nodes.codec.recipe.instruments import drum, pad, times

pytest.importorskip("scipy", reason="the recipe needs scipy: pip install 'latent-terrain[recipe]'")

BUNDLED = Path(__file__).parents[3] / "graphs" / "starters" / "sounds"


def test_a_sine_is_heard_as_one_partial_with_its_level_and_bend() -> None:
    hertz = partial_frequencies()[60] * 2 ** (0.2 / 12)
    features = analyse(0.3 * np.sin(2 * np.pi * hertz * times(1.0)))
    middle = slice(60, 120)
    assert features.amplitude[middle, 60] == pytest.approx(0.3, abs=0.01)
    assert features.bend[middle, 60] == pytest.approx(0.2, abs=0.02)
    assert np.delete(features.amplitude[middle], 60, axis=1).max() < 0.01
    assert features.noise[middle].max() < 0.05


def test_noise_is_heard_as_noise_at_its_level() -> None:
    features = analyse(np.random.default_rng(0).uniform(-0.2, 0.2, 44100))
    middle = features.noise[40:130, (noise_centres() > 500) & (noise_centres() < 17000)]
    assert np.sqrt((middle**2).mean(axis=0)) == pytest.approx(0.2, rel=0.15)


def test_a_low_note_leaves_no_noise_below_it() -> None:
    low = noise_centres() < 300
    bass = analyse(np.asarray(0.5 * np.sin(2 * np.pi * 55 * times(1.0))))
    assert bass.noise[40:130, low].max() == 0.0


def test_a_kick_starts_where_it_starts() -> None:
    silence = np.zeros(22050)
    features = analyse(np.concatenate([silence, drum(0.4, 60, 0, 1, 0.1)]))
    level = features.amplitude.max(axis=1)
    onset = (22050 + 1024) // 256
    assert level[onset + 4 : onset + 8].max() > 0.4
    assert level[onset - 10].max() < 0.1


def test_a_falling_drum_is_one_gliding_partial_and_no_rumble() -> None:
    features = analyse(np.concatenate([np.zeros(8192), 0.8 * drum(0.4, 52, 220, 38, 0.14)]))
    ringing = slice((8192 + 1024) // 256 + 6, (8192 + 1024) // 256 + 30)
    strongest = features.amplitude[ringing].argmax(axis=1)
    assert strongest[0] > strongest[-1] >= 10
    assert np.sqrt((features.noise[ringing][:, noise_centres() < 300] ** 2).mean()) < 0.2


def test_features_survive_the_file(tmp_path: Path) -> None:
    features = analyse(pad(np.random.default_rng(0), [220.0], 0.5))
    save_features(tmp_path / "features.npz", {"pad": features})
    read = load_features(tmp_path / "features.npz")["pad"]
    np.testing.assert_allclose(read.amplitude, features.amplitude, atol=1e-3)
    np.testing.assert_allclose(read.mel, features.mel, atol=1e-3)


def test_the_bundled_sounds_are_what_the_seed_plays(tmp_path: Path) -> None:
    for path in make_demo_sounds(tmp_path):
        made, _ = soundfile.read(path)
        bundled, _ = soundfile.read(BUNDLED / path.name)
        np.testing.assert_allclose(made, bundled, atol=1e-3)


def test_missing_tools_are_named_with_the_packages_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(band.shutil, "which", lambda name: None)
    with pytest.raises(band.ToolMissing, match="apt install fluidsynth fluid-soundfont-gm espeak-ng"):
        band.require_tools()


def test_a_freshly_trained_network_runs_the_same_without_torch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.recipe.export import export
    from latent_terrain.nodes.codec.recipe.model import Autoencoder, shape_controls
    from latent_terrain.nodes.codec.recipe.train import train

    chord = pad(np.random.default_rng(0), [220.0, 330.0], 1.5)
    save_features(tmp_path / "features.npz", {"chord": analyse(chord)})
    report = train(tmp_path / "features.npz", tmp_path / "checkpoint.pt", steps=2)
    labels = export(tmp_path / "checkpoint.pt", tmp_path / "features.npz", tmp_path / "weights.npz")
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as arrays:
        stored = {name: arrays[name] for name in arrays.files if name != "about"}
    weights = read_weights(stored)
    model = Autoencoder()
    halves = {name: torch.from_numpy(stored[name]).float() for name in stored if name.startswith("decoder.")}
    model.load_state_dict(halves, strict=False)
    latents = np.random.default_rng(1).standard_normal((1, 8, 5)).astype(np.float32)
    inside = np.einsum("ij,bjt->bit", weights["unwhiten"], latents) + weights["mean"][:, None]
    with torch.no_grad():
        amplitude, bend, noise = (part[0].T.numpy() for part in shape_controls(model.decoder(torch.from_numpy(inside))))
    played, hertz, hissed = (part[0] for part in BankDecoder(weights, 1).controls(latents))
    np.testing.assert_allclose(played, amplitude * weights["partial_gain"], atol=1e-5)
    np.testing.assert_allclose(hertz, partial_frequencies() * 2 ** (bend / 12), rtol=1e-5)
    np.testing.assert_allclose(hissed, noise * weights["noise_gain"], atol=1e-5)
    assert (report.steps, len(labels)) == (2, 8)
    assert np.isfinite(BankCodec(weights, load_bank().facts).decode(latents)).all()


def test_sounds_too_short_to_learn_from_are_refused_in_words(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.recipe.train import train

    save_features(tmp_path / "features.npz", {"click": analyse(np.ones(2048))})
    with pytest.raises(ValueError, match="at least one of 2 seconds"):
        train(tmp_path / "features.npz", tmp_path / "checkpoint.pt", steps=1)
