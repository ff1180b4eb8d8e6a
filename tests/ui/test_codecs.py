"""``latent-terrain codec``: training on one's own sounds, measuring, and hearing what a codec makes of a sound."""

import numpy as np
import pytest
import soundfile

from latent_terrain.nodes.codec.bank import load_bank_file

pytestmark = pytest.mark.slow

pytest.importorskip("scipy", reason="the recipe needs scipy: pip install '.[recipe]'")

RATE = 44_100


@pytest.fixture
def chords(tmp_path):
    """Two sounds of four seconds and one of half a second."""
    folder = tmp_path / "chords"
    folder.mkdir()
    time = np.arange(4 * RATE) / RATE
    for name, root in (("low", 110.0), ("high", 330.0)):
        tones = sum(np.sin(2 * np.pi * root * ratio * time) for ratio in (1, 1.25, 1.5))
        swell = 0.1 + 0.1 * np.sin(2 * np.pi * 0.5 * time)
        soundfile.write(folder / f"{name}.wav", (tones * swell)[:, None].repeat(2, axis=1), RATE)
    soundfile.write(folder / "hit.flac", np.random.default_rng(0).uniform(-0.3, 0.3, 12_000) * 0.5, 24_000)
    return folder


SMALL = ["--steps", 3, "--audible-steps", 2]


def test_a_codec_is_trained_on_a_folder_and_used_by_its_file(call, chords, tmp_path):
    pytest.importorskip("torch", reason="training needs torch")
    path = tmp_path / "mine.npz"
    answer = call("codec", "train", chords, "-o", path, *SMALL, "--json")
    assert answer.code == 0
    assert answer.document["latents"][-1] == "loudness"
    assert len(answer.document["latents"]) == 16
    assert load_bank_file(path, "mine.npz").facts.latent_dim == 16
    preview, rate = soundfile.read(tmp_path / "mine-preview.wav")
    assert (rate, preview.ndim) == (RATE, 1)
    assert np.abs(preview).max() > 0.01
    assert call("model", path, "--json").document["labels"][-1] == "loudness"
    assert call("encode", path, chords, "-o", tmp_path / "latents.json").code == 0


def test_a_codec_can_start_from_nothing_with_fewer_latents_and_the_same_seed_repeats(call, chords, tmp_path):
    pytest.importorskip("torch", reason="training needs torch")
    made = []
    for name in ("one", "two"):
        words = ["codec", "train", chords, "-o", tmp_path / f"{name}.npz", *SMALL, "--fresh", "--latents", 5]
        assert call(*words, "--work", tmp_path / "work").code == 0
        made.append(load_bank_file(tmp_path / f"{name}.npz", name))
    latents = np.random.default_rng(0).standard_normal((1, 5, 8)).astype(np.float32)
    np.testing.assert_array_equal(made[0].decode(latents), made[1].decode(latents))


def test_training_that_cannot_be_is_said(call, chords, tmp_path):
    pytest.importorskip("torch", reason="training needs torch")
    assert "write -o" in call("codec", "train", chords, "-o", tmp_path / "mine.ts").err
    short = call("codec", "train", chords / "hit.flac", "-o", tmp_path / "mine.npz", *SMALL)
    assert "at least 5" in short.err
    assert call("codec", "train", tmp_path / "gone", "-o", tmp_path / "mine.npz").code != 0
    assert "--device" in call("codec", "train", chords, "-o", tmp_path / "mine.npz", "--device", "soup").err
    assert not (tmp_path / "mine.npz").exists()


def test_who_stops_keeps_the_best_so_far(chords, tmp_path, monkeypatch):
    pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.training import train
    from latent_terrain.nodes.codec.training.model import Shape
    from latent_terrain.nodes.codec.training.train_codec import TrainingOptions, train_codec

    monkeypatch.setattr(train, "LOOK", 2)
    told = []

    def tell(done, text):
        told.append(text)
        return "step 2" not in text

    training = TrainingOptions(train.TrainingPlan(2, 100_000, shape=Shape(4, 16, 16)), fresh=True)
    trained = train_codec([chords], tmp_path / "mine.npz", training, tell)
    assert len(load_bank_file(tmp_path / "mine.npz", "mine.npz").facts.labels) == 4
    assert trained.preview.exists()
    assert sum("step" in text for text in told) == 1


def test_who_stops_before_anything_was_learnt_is_told(chords, tmp_path):
    pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.interface import CodecError
    from latent_terrain.nodes.codec.training.train import TrainingPlan
    from latent_terrain.nodes.codec.training.train_codec import TrainingOptions, train_codec

    with pytest.raises(CodecError, match="before the analysis had finished"):
        train_codec([chords], tmp_path / "mine.npz", TrainingOptions(TrainingPlan(2, 2)), lambda done, text: False)
    assert not (tmp_path / "mine.npz").exists()


def test_a_short_training_can_be_stopped_before_it_is_first_looked_at(chords, tmp_path, monkeypatch):
    pytest.importorskip("torch", reason="training needs torch")
    from latent_terrain.nodes.codec.interface import CodecError
    from latent_terrain.nodes.codec.training import train
    from latent_terrain.nodes.codec.training.model import Shape
    from latent_terrain.nodes.codec.training.train_codec import TrainingOptions, train_codec

    monkeypatch.setattr(train, "TELL", 1)
    training = TrainingOptions(train.TrainingPlan(8, 2, shape=Shape(4, 16, 16)), fresh=True)
    with pytest.raises(CodecError, match="before the first result"):
        train_codec([chords], tmp_path / "mine.npz", training, lambda done, text: "step 6" not in text)


def test_a_codec_is_measured_beside_what_needs_none(call, chords):
    answer = call("codec", "eval", chords, "--json")
    assert answer.code == 0
    found = answer.document["reproductions"]
    assert set(found) == {"codec", "analysis oracle", "noise of its spectrum", "silence"}
    assert found["analysis oracle"]["linear"] < found["codec"]["linear"] < found["silence"]["linear"]
    assert abs(answer.document["level_db"]) < 3
    assert answer.document["split"] == 0
    assert len(answer.document["lag1"]) == 16
    text = call("codec", "eval", chords).out
    assert "builtin:bank" in text
    assert "noise of its spectrum" in text


def test_a_reconstruction_is_as_long_as_loud_and_in_time(call, chords, tmp_path):
    path = tmp_path / "out.wav"
    assert call("codec", "reconstruct", chords / "low.wav", "-o", path, "--json").code == 0
    original, _ = soundfile.read(chords / "low.wav")
    copy, rate = soundfile.read(path)
    assert (rate, len(copy)) == (RATE, len(original))
    assert abs(20 * np.log10(np.std(copy) / np.std(original[:, 0]))) < 2
    loud = np.convolve(np.abs(original[:, 0]), np.ones(4096), "same"), np.convolve(np.abs(copy), np.ones(4096), "same")
    shifts = range(-8192, 8193, 512)
    likeness = [np.corrcoef(loud[0][9000:-9000], np.roll(loud[1], shift)[9000:-9000])[0, 1] for shift in shifts]
    assert abs(shifts[int(np.argmax(likeness))]) <= 2048


def test_what_cannot_be_measured_is_said(call, tmp_path):
    soundfile.write(tmp_path / "silence.wav", np.zeros(3 * RATE), RATE)
    assert "loud and long enough" in call("codec", "eval", tmp_path / "silence.wav").err
    assert call("codec", "reconstruct", tmp_path / "gone.wav", "-o", tmp_path / "x.wav").code == 3
    assert call("codec", "eval", tmp_path, "--codec", "builtin:piano").code == 3


def test_trackers_print_a_table_of_sounds(call, sounds) -> None:
    answer = call("codec", "eval", sounds, "--trackers")
    assert answer.code == 0
    assert [row.split()[0] for row in answer.out.splitlines()] == ["builtin:bank", "high", "low", "mean"]
    document = call("codec", "eval", sounds, "--trackers", "--json").document
    assert [one["name"] for one in document["sounds"]] == ["high", "low"]
    assert document["mean"]["mel_db"] > 0
    assert call("codec", "eval", sounds / "none.wav", "--trackers").code == 3


def test_sounds_that_are_the_codec_come_back_as_they_are(call, chords, tmp_path) -> None:
    document = call("codec", "eval", chords, "--codec", "builtin:sounds", "--json").document
    assert {row["name"] for row in document["sounds"]} == {"high", "hit", "low"}
    back = tmp_path / "back.wav"
    assert call("codec", "reconstruct", chords / "low.wav", "-o", back, "--codec", "builtin:sounds").code == 0
    copy, original = (soundfile.read(path)[0] for path in (back, chords / "low.wav"))
    assert abs(20 * np.log10(np.std(copy) / np.std(original))) < 3
    assert call("codec", "eval", chords / "none.wav", "--codec", "builtin:sounds").code == 3
