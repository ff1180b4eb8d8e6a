"""The recipe of the built-in codec: sounds from a seed, parts from a sound, weights from parts."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from latent_terrain.nodes.codec.bank import load_bank_file
from latent_terrain.nodes.codec.bank.decoder import BankDecoder
from latent_terrain.nodes.codec.bank.filterbank import BANDS, Filterbank
from latent_terrain.nodes.codec.bank.layers import read_weights
from latent_terrain.nodes.codec.bank.layout import LOOK_BACK, noise_centres, partial_frequencies
from latent_terrain.nodes.codec.likeness import distance
from latent_terrain.nodes.codec.recipe import band
from latent_terrain.nodes.codec.recipe.demo_sounds import make_demo_sounds
from latent_terrain.nodes.codec.recipe.instruments import drum, pad, times
from latent_terrain.nodes.codec.training.analysis import analyse, load_features, save_features
from latent_terrain.nodes.codec.training.evaluate import oracle

pytestmark = pytest.mark.slow

pytest.importorskip("scipy", reason="the recipe needs scipy: pip install '.[recipe]'")

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
    onset = (22050 + LOOK_BACK) // 256
    assert level[onset + 4 : onset + 8].max() > 0.4
    assert level[onset - 10].max() < 0.1


def test_a_falling_drum_is_one_gliding_partial_and_no_rumble() -> None:
    features = analyse(np.concatenate([np.zeros(8192), 0.8 * drum(0.4, 52, 220, 38, 0.14)]))
    ringing = slice((8192 + LOOK_BACK) // 256 + 6, (8192 + LOOK_BACK) // 256 + 30)
    strongest = features.amplitude[ringing].argmax(axis=1)
    assert strongest[0] > strongest[-1] >= 10
    assert np.sqrt((features.noise[ringing][:, noise_centres() < 300] ** 2).mean()) < 0.2


def test_features_survive_the_file(tmp_path: Path) -> None:
    features = analyse(pad(np.random.default_rng(0), [220.0], 0.5))
    save_features(tmp_path / "features.npz", {"pad": features})
    read = load_features(tmp_path / "features.npz")["pad"]
    np.testing.assert_allclose(read.amplitude, features.amplitude, atol=1e-3)
    np.testing.assert_allclose(read.heard, features.heard, atol=2e-3)
    np.testing.assert_allclose(read.sound, features.sound, atol=1e-3)


def test_the_bundled_sounds_are_what_the_seed_plays(tmp_path: Path) -> None:
    for path in make_demo_sounds(tmp_path):
        made, _ = soundfile.read(path)
        bundled, _ = soundfile.read(BUNDLED / path.name)
        np.testing.assert_allclose(made, bundled, atol=1e-3)


def test_missing_tools_are_named_with_the_packages_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(band.shutil, "which", lambda name: None)
    with pytest.raises(band.ToolMissing, match="apt install fluidsynth fluid-soundfont-gm espeak-ng"):
        band.require_tools()


def test_every_semitone_is_heard_in_a_band_of_its_own() -> None:
    for partial in (24, 48, 72, 96):
        heard, level = Filterbank(1).hear(
            (0.3 * np.sin(2 * np.pi * partial_frequencies()[partial] * times(1.0))[None, :40960]).astype(np.float32)
        )
        assert heard.shape == (1, 160, BANDS)
        assert heard[0, 120, :112].argmax() == partial
        assert level[0, 20] == pytest.approx(0.3 / np.sqrt(2), rel=0.02)


def test_hearing_in_parts_is_hearing_at_once() -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 6 * 1024)).astype(np.float32)
    whole = Filterbank(2).hear(sound)
    filterbank = Filterbank(2)
    parts = [filterbank.hear(sound[:, at : at + 2048]) for at in (0, 2048, 4096)]
    for place in range(2):
        np.testing.assert_allclose(np.concatenate([part[place] for part in parts], axis=1), whole[place], atol=1e-5)


def test_a_freshly_trained_network_runs_the_same_without_torch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.training.export import export
    from latent_terrain.nodes.codec.training.model import Autoencoder, Shape, shape_controls
    from latent_terrain.nodes.codec.training.train import TrainingPlan, train

    shape = Shape(5, 16, 24)
    chord = pad(np.random.default_rng(0), [220.0, 330.0], 2.5)
    save_features(tmp_path / "features.npz", {"chord": analyse(chord)})
    report = train(tmp_path / "features.npz", tmp_path / "checkpoint.pt", TrainingPlan(2, 1, shape=shape))
    labels = export(tmp_path / "checkpoint.pt", tmp_path / "features.npz", tmp_path / "weights.npz", shape)
    codec = load_bank_file(tmp_path / "weights.npz", "mine.npz")
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as arrays:
        stored = {name: arrays[name] for name in arrays.files if name != "about"}
    weights = read_weights(stored)
    model = Autoencoder(shape)
    halves = {name: torch.from_numpy(stored[name]).float() for name in stored if name.startswith("decoder.")}
    model.load_state_dict(halves, strict=False)
    latents = np.random.default_rng(1).standard_normal((1, 5, 6)).astype(np.float32)
    latents[:, -1] = -2.0
    inside = np.einsum("ij,bjt->bit", weights["unwhiten"], latents[:, :-1]) + weights["mean"][:, None]
    rms = 10 ** ((latents[:, -1] * weights["level"][1] + weights["level"][0]) / 20)
    with torch.no_grad():
        raw = model.decoder(torch.from_numpy(inside))
        amplitude, bend, noise = (part[0].T.numpy() for part in shape_controls(raw, torch.from_numpy(rms)))
    decoder = BankDecoder(weights, 1)
    frames = [[np.array(one[0]) for one in decoder.controls(latents[:, :, k])] for k in range(6)]
    played, hertz, hissed = (np.concatenate(parts) for parts in zip(*frames, strict=True))
    np.testing.assert_allclose(played, amplitude, atol=1e-5, rtol=1e-4)
    np.testing.assert_allclose(hertz, partial_frequencies() * 2 ** (bend / 12), rtol=1e-5)
    np.testing.assert_allclose(hissed, noise, atol=1e-5, rtol=1e-4)
    assert (report.steps, len(labels), labels[-1]) == (3, 5, "loudness")
    assert np.isfinite(codec.decode(latents)).all()
    assert codec.encode(np.zeros((1, 1, 2048), np.float32)).shape == (1, 5, 2)


def test_what_is_rendered_while_learning_is_what_the_voice_plays() -> None:
    torch = pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.training.audible import render, spectral_distance

    torch.manual_seed(0)
    sound = 0.3 * np.sin(2 * np.pi * 440 * times(1.2)) + np.random.default_rng(0).uniform(-0.05, 0.05, 52920)
    found = analyse(sound)
    controls = [
        torch.from_numpy(np.ascontiguousarray(one.T))[None] for one in (found.amplitude, found.bend, found.noise)
    ]
    learnt = render(*controls)[0].numpy()[LOOK_BACK:]
    played = oracle(sound)[: len(learnt)]
    likeness = distance(learnt[: len(played)].astype(np.float64), played)
    assert likeness.linear < 0.15
    assert abs(likeness.level_db) < 0.1
    ours = spectral_distance(torch.from_numpy(played[None]), torch.from_numpy(sound[None, : len(played)]))
    theirs = distance(played, sound[: len(played)])
    assert float(ours[0]) == pytest.approx(theirs.linear, abs=0.05)
    assert float(ours[1]) == pytest.approx(theirs.log, abs=0.05)


def test_learning_brings_a_sound_nearer(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.training.model import Shape
    from latent_terrain.nodes.codec.training.train import TrainingPlan, train

    chord = pad(np.random.default_rng(0), [220.0, 330.0], 4.0)
    save_features(tmp_path / "features.npz", {"chord": analyse(chord)})
    report = train(tmp_path / "features.npz", tmp_path / "checkpoint.pt", TrainingPlan(20, 5, shape=Shape(4, 16, 24)))
    again = train(tmp_path / "features.npz", tmp_path / "again.pt", TrainingPlan(20, 5, shape=Shape(4, 16, 24)))
    assert report == again
    one = train(tmp_path / "features.npz", tmp_path / "one.pt", TrainingPlan(1, 0, shape=Shape(4, 16, 24)))
    assert sum(report.validation[-1]) < sum(one.validation[-1])


def test_sounds_too_short_to_learn_from_are_refused_in_words(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.training.train import TrainingPlan, train

    save_features(tmp_path / "features.npz", {"click": analyse(np.ones(2048))})
    with pytest.raises(ValueError, match="at least one of 2 seconds"):
        train(tmp_path / "features.npz", tmp_path / "checkpoint.pt", TrainingPlan(1, 0))


def test_slices_of_all_of_a_sound_are_held_back_and_nothing_is_in_both() -> None:
    pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.training.train import PIECE_HOPS, split

    long, short = (analyse(np.linspace(0, 1, seconds * 44100) ** 2) for seconds in (40, 2))
    learning, checking = split({"long": long, "short": short})
    assert all(len(one) == PIECE_HOPS for one in checking)
    assert len(checking) == round(len(long) / (12 * PIECE_HOPS))
    assert sum(map(len, learning)) + sum(map(len, checking)) == len(long) + len(short)
    levels = sorted(float(np.abs(one.sound).mean()) for one in checking)
    assert levels[0] < 0.1 < 0.6 < levels[-1], "from the beginning and from the end"
    seen = np.concatenate([one.sound for one in (*learning[:-1], *checking)])
    assert len(np.unique(seen)) >= len(np.unique(long.sound)) * 0.99


def test_a_training_of_which_nothing_comes_ends_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.training import train as training
    from latent_terrain.nodes.codec.training.model import Shape

    monkeypatch.setattr(training, "LOOK", 1)
    monkeypatch.setattr(training, "_validate", lambda model, clips: (1.0, 1.0))
    chord = pad(np.random.default_rng(0), [220.0, 330.0], 2.5)
    save_features(tmp_path / "features.npz", {"chord": analyse(chord)})
    plan = training.TrainingPlan(50, 50, shape=Shape(5, 16, 24))
    report = training.train(tmp_path / "features.npz", tmp_path / "checkpoint.pt", plan)
    assert report.steps == 6, "the first look and two that are no better, in each part"


def test_the_salience_loss_knows_a_wrong_fundamental_from_another_timbre() -> None:
    torch = pytest.importorskip("torch", reason="the recipe needs torch")
    from latent_terrain.nodes.codec.training.losses import HARMONICS, _salience, _unlike

    def note(place: int, fall: float) -> Any:
        amplitude = torch.zeros(1, 112, 1)
        for number, above in enumerate(HARMONICS):
            amplitude[0, place + above] = 0.3 * (number + 1) ** -fall
        return amplitude

    wanted = _salience(note(30, 1.0))
    assert int(wanted[0, :, 0].argmax()) == 30
    assert float(_unlike(wanted, wanted)) == pytest.approx(0.0, abs=1e-6)
    duller, fifth = float(_unlike(_salience(note(30, 1.6)), wanted)), float(_unlike(_salience(note(37, 1.0)), wanted))
    assert 0 < duller < fifth / 5
    silent = torch.zeros(1, 112, 4, requires_grad=True)
    torch.autograd.backward(_unlike(_salience(silent), _salience(note(30, 1.0))))
    assert silent.grad is not None
    assert bool(torch.isfinite(silent.grad).all()), "silence ends no training"


def test_a_codec_that_goes_on_with_more_latents_plays_what_it_played() -> None:
    torch = pytest.importorskip("torch", reason="the recipe needs torch")
    from latent_terrain.nodes.codec.bank.codec import bundled_weights
    from latent_terrain.nodes.codec.training.export import restore
    from latent_terrain.nodes.codec.training.model import Autoencoder, Shape

    weights, facts = bundled_weights()
    models = []
    for latents in (facts.latent_dim, 24):
        state = restore(weights, latents)
        models.append(Autoencoder(Shape(latents, 160, 208)))
        models[-1].load_state_dict(state)
    heard = torch.rand(1, BANDS, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        few, many = (model.encoder(heard)[0] for model in models)
        assert torch.equal(few, many[:, :15])
        assert float(many[:, 15:].std()) > 0.01, "what is new hears something"
        one, other = models[0].decoder(few), models[1].decoder(many)
        rest = models[1].decoder(torch.cat([few, torch.zeros_like(many[:, 15:])], 1))
    torch.testing.assert_close(one, rest)
    assert float((one - other).abs().mean()) < 0.25 * float(one.std()), "and is hardly heard yet"


def test_chords_and_arrangements_are_as_long_as_asked_and_end() -> None:
    soundfont = _soundfont()
    for play in (band.play_chords, band.play_music):
        one, again = (play(np.random.default_rng(3), soundfont, (0, 24), 4.0) for _ in range(2))
        assert len(one) == 4 * 44100
        assert np.sqrt((one**2).mean()) > 1e-3
        np.testing.assert_array_equal(one, again)


def _soundfont() -> Path:
    try:
        return band.require_tools()
    except band.ToolMissing as error:
        pytest.skip(str(error))
