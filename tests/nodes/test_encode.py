"""Encode: files and live sound become latents."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

import latent_terrain.nodes.audiofile.meant as meant_module
import latent_terrain.nodes.encode as encode_module
from latent_terrain.engine.training.jobs import run_jobs, stale_files
from latent_terrain.graphs import EditError, dump, load, load_file, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.nodes.audiofile import Passage
from latent_terrain.nodes.encode import encoded, outlines, stale_sounds

from .land import PALETTE, draw, output, setup_for

RATIO = 1024


def tone(path: Path, samples: int, rate: int = 44_100, channels: int = 1) -> str:
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(samples) / rate)
    soundfile.write(path, np.repeat(wave[:, None], channels, axis=1), rate)
    return str(path)


def test_f60_g09_every_sound_becomes_as_many_frames_as_it_lasts(tmp_path: Path) -> None:
    """Golden G-09: no superfluous frame for exact multiples, no shift of the next sound."""
    lengths = (4 * RATIO, 4 * RATIO + 1, 6 * RATIO, 1)
    sounds = [tone(tmp_path / f"{index}.wav", length) for index, length in enumerate(lengths)]
    patch = draw(sounds=("encode", {"sounds": sounds}))
    content = run_jobs(patch, PALETTE, setup_for(patch)).patch.nodes["sounds"].content
    assert [len(latents) for latents in encoded(content).values()] == [4, 5, 6, 1]


def test_any_rate_and_channel_count_is_taken(tmp_path: Path) -> None:
    one = tone(tmp_path / "a.wav", 44_100)
    other = tone(tmp_path / "b.flac", 96_000, 96_000, channels=2)
    patch = draw(sounds=("encode", {"sounds": [one, other]}))
    first, second = encoded(run_jobs(patch, PALETTE, setup_for(patch)).patch.nodes["sounds"].content).values()
    assert len(first) == len(second) == -(-44_100 // RATIO)
    assert np.abs(first[4:-4] - second[4:-4]).mean() < 0.25


def test_f58_a_folder_with_a_broken_file_names_it_and_goes_on(tmp_path: Path) -> None:
    tone(tmp_path / "good.wav", 5000)
    (tmp_path / "broken.wav").write_bytes(b"RIFF not a sound at all")
    patch = draw(sounds=("encode", {"sounds": [str(tmp_path)]}))
    trained = run_jobs(patch, PALETTE, setup_for(patch))
    assert list(encoded(trained.patch.nodes["sounds"].content)) == ["0000/good"]
    assert len(trained.warnings) == 1
    assert "broken.wav" in str(trained.warnings[0])


def test_without_sounds_there_is_nothing_to_do(tmp_path: Path) -> None:
    patch = draw(sounds="encode")
    trained = run_jobs(patch, PALETTE, setup_for(patch))
    assert (trained.done, trained.skipped) == ((), ())


def test_a_folder_without_sounds_is_a_sentence(tmp_path: Path) -> None:
    patch = draw(sounds=("encode", {"sounds": [str(tmp_path)]}))
    assert [str(one) for one in run_jobs(patch, PALETTE, setup_for(patch)).skipped] == [
        "sounds: no sound files in that folder; choose another in the setting 'sounds'"
    ]


def test_a_live_input_gives_the_latents_of_the_sound_just_before_each_frame() -> None:
    """
    sine --> encode
    """
    patch = draw("tone.out -> live.audio", tone=("sine", {"frequency": 440.0}), live="encode")
    found = output(patch, "live", "out", 40, RATIO)
    assert found.shape[0] == 16
    settled = found[:, 20:]
    assert np.abs(settled - settled.mean(axis=1, keepdims=True)).max() < 0.5
    assert np.abs(settled.mean(axis=1) - found[:, 0]).max() > 0.2


def test_sounds_are_encoded_again_when_a_sound_or_the_codec_changed_and_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = tone(tmp_path / "a.wav", 5000)
    patch = draw(sounds=("encode", {"sounds": [sound]}))
    done = run_jobs(patch, PALETTE, setup_for(patch)).patch
    assert run_jobs(done, PALETTE, setup_for(done)).done == ()
    tone(tmp_path / "a.wav", 6000)
    done = run_jobs(done, PALETTE, setup_for(done)).patch
    assert len(done.nodes["sounds"].content["encode/0000/a"]) == 6
    other = tmp_path / "weights.npz"
    other.write_bytes(b"other weights")
    monkeypatch.setattr("latent_terrain.nodes.encode.codec_file", lambda name, folder: other)
    assert run_jobs(done, PALETTE, setup_for(done)).done == ("sounds.encode",)


def trained(sounds: list[str], start: dict[str, np.ndarray] | None = None, **values: object) -> dict[str, np.ndarray]:
    patch = draw(sounds=("encode", {"sounds": sounds, **values}, start or {}))
    return dict(run_jobs(patch, PALETTE, setup_for(patch)).patch.nodes["sounds"].content)


def test_f58_b27_a_sound_that_comes_or_goes_costs_no_work_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = (tone(tmp_path / f"{name}.wav", 3000 + length) for length, name in enumerate("abc"))
    before = trained([one, two])
    heard: list[str] = []
    whole = encode_module.encode_sounds

    def listen(codec: object, sounds: list[Passage], **how: object) -> object:
        heard.extend(sound.name for sound in sounds)
        return whole(codec, sounds, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(encode_module, "encode_sounds", listen)
    after = trained([three, two, one], before)
    assert heard == ["c"]
    assert list(encoded(after)) == ["0000/c", "0001/b", "0002/a"]
    assert encoded(after)["0002/a"] is not None
    assert np.array_equal(encoded(after)["0001/b"], encoded(before)["0001/b"])
    tone(tmp_path / "b.wav", 9000)
    trained([two, one], after)
    assert heard == ["c", "b"], "another sound under the same name is another sound"


def test_f63_a_part_of_a_sound_is_encoded_as_if_it_were_a_file(tmp_path: Path) -> None:
    random = np.random.default_rng(0).uniform(-0.3, 0.3, 44_100)
    soundfile.write(tmp_path / "long.wav", random, 44_100, subtype="FLOAT")
    soundfile.write(tmp_path / "part.wav", random[11_025:22_050], 44_100, subtype="FLOAT")
    latents = encoded(trained([f"{tmp_path}/long.wav#t=0.25,0.5", f"{tmp_path}/part.wav"]))
    assert list(latents) == ["0000/long 0.25-0.5", "0001/part"]
    one, other = latents.values()
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_f55_the_mean_of_several_goes_is_nearer_to_what_is_meant(tmp_path: Path) -> None:
    sound = tone(tmp_path / "a.wav", 3000)
    steady, many = (encoded(trained([sound], average=goes))["0000/a"] for goes in (1, 3))
    np.testing.assert_allclose(steady, many, atol=1e-6, err_msg="this encoder draws no random numbers")


@pytest.mark.parametrize(
    ("part", "said"),
    [("#t=3,1", "#t=BEGIN,END"), ("#t=x", "#t=BEGIN,END"), ("#t=,", "#t=BEGIN,END"), ("#t=50,60", "lasts 0.07 s")],
)
def test_a_part_that_is_none_is_a_sentence(tmp_path: Path, part: str, said: str) -> None:
    sound = tone(tmp_path / "a.wav", 3000)
    patch = draw(sounds=("encode", {"sounds": [sound + part]}))
    assert said in str(run_jobs(patch, PALETTE, setup_for(patch)).skipped[0])


def test_the_outline_of_a_sound_is_kept_with_its_latents(tmp_path: Path) -> None:
    rate, path = 44100, tmp_path / "swell.wav"
    swell = np.linspace(0, 0.8, rate) * np.sin(np.arange(rate) * 0.3)
    soundfile.write(path, np.concatenate([np.zeros(rate), swell]), rate)
    content = trained([str(path)])
    (seen,) = outlines(content).values()
    assert seen.shape == (96,)
    assert seen[:47].max() < 1e-3
    assert seen[-1] == pytest.approx(0.8, abs=0.02)
    assert set(outlines(content)) == set(encoded(content)) == {"0000/swell"}


def test_the_outline_of_a_part_is_that_of_the_part(tmp_path: Path) -> None:
    rate, path = 44100, tmp_path / "late.wav"
    soundfile.write(path, np.repeat([0.0, 0.5], rate), rate)
    before = trained([f"{path}#t=1,2"])
    assert outlines(before)["0000/late 1-2"].min() > 0.4
    again = trained([f"{path}#t=1,2", str(path)], before)
    assert [len(one) for one in outlines(again).values()] == [96, 96]


def noise_file(path: Path, seed: int, samples: int = 1_200_000) -> np.ndarray:
    audio = np.random.default_rng(seed).uniform(-0.3, 0.3, samples).astype(np.float32)
    soundfile.write(path, audio, 44_100, subtype="FLOAT")
    return audio


def test_a_sound_edited_in_its_middle_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    audio = noise_file(path, 0)
    patch = draw(sounds=("encode", {"sounds": [str(path)]}))
    done = run_jobs(patch, PALETTE, setup_for(patch)).patch
    assert run_jobs(done, PALETTE, setup_for(done)).done == ()
    audio[600_000:610_000] = 0.0
    soundfile.write(path, audio, 44_100, subtype="FLOAT")
    again = run_jobs(done, PALETTE, setup_for(done))
    assert again.done == ("sounds.encode",)
    one, other = (encoded(found.nodes["sounds"].content)["0000/long"] for found in (done, again.patch))
    assert not np.array_equal(one, other)


def test_again_means_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patch = draw(sounds=("encode", {"sounds": [tone(tmp_path / "a.wav", 3000)]}))
    done = run_jobs(patch, PALETTE, setup_for(patch)).patch
    heard: list[str] = []
    whole = encode_module.encode_sounds

    def listen(codec: object, sounds: list[Passage], **how: object) -> object:
        heard.extend(sound.name for sound in sounds)
        return whole(codec, sounds, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(encode_module, "encode_sounds", listen)
    run_jobs(done, PALETTE, setup_for(done), again=True)
    assert heard == ["a"]


def test_which_files_changed_since_they_were_encoded_can_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcd":
        tone(tmp_path / f"{name}.wav", 3000 + ord(name))
    patch = draw(sounds=("encode", {"sounds": [str(tmp_path)]}), map="gui")
    assert stale_files(patch, PALETTE, setup_for(patch)) == ()
    done = run_jobs(patch, PALETTE, setup_for(patch)).patch
    assert stale_files(done, PALETTE, setup_for(done)) == ()
    tone(tmp_path / "b.wav", 9000)
    (tmp_path / "c.wav").unlink()
    tone(tmp_path / "e.wav", 5000)
    found = {one.path.stem: one.how for one in stale_files(done, PALETTE, setup_for(done)) if one.node == "sounds"}
    assert found == {"b": "changed", "c": "gone", "e": "new"}
    named = [str(tmp_path), str(tmp_path / "not there.wav")]
    told = {path.stem: how for path, how in stale_sounds(done.nodes["sounds"].content, named, Path)}
    assert told == {**found, "not there": "gone"}
    after = run_jobs(done, PALETTE, setup_for(done)).patch
    weights = tmp_path / "weights.npz"
    weights.write_bytes(b"other weights")
    monkeypatch.setattr("latent_terrain.nodes.encode.codec_file", lambda name, folder: weights)
    assert [(one.path, one.how) for one in stale_files(after, PALETTE, setup_for(after))] == [(weights, "changed")]


def test_a_file_is_read_once_to_know_what_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patch = draw(sounds=("encode", {"sounds": [tone(tmp_path / "a.wav", 3000)]}))
    done = run_jobs(patch, PALETTE, setup_for(patch)).patch
    read: list[Path] = []
    monkeypatch.setattr(meant_module, "_read_digest", lambda path, by_its_ends: str(read.append(path)))
    assert run_jobs(done, PALETTE, setup_for(done)).done == ()
    assert read == []


def test_a_sound_whose_name_is_not_utf_8_is_encoded_and_kept(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9" + b"x" * 240 + b".wav")
    try:
        tone(tmp_path / "a.wav", 3000)
        (tmp_path / "a.wav").rename(path)
    except OSError:
        pytest.skip("this file system takes no such names")
    patch = draw(sounds=("encode", {"sounds": [str(tmp_path)]}))
    done = run_jobs(patch, PALETTE, setup_for(patch))
    assert done.skipped == ()
    assert list(encoded(load(dump(done.patch)).nodes["sounds"].content)) == ["0000/caf\ufffd" + "x" * 196]
    with pytest.raises(EditError, match="rename the file"):
        set_value(patch, "sounds", "sounds", [str(path)])


def test_patches_of_before_need_not_be_encoded_anew() -> None:
    """What the shipped starters were made from is still known to be the same."""
    for name in ("walk", "choir"):
        shipped = load_file(STARTERS[name].file)
        assert run_jobs(shipped, PALETTE, setup_for(shipped), only="sounds").done == ()
