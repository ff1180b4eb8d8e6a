"""A patch whose codec is the user's own sounds: encoded, learned, walked, changed while it plays."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.engine import Engine
from latent_terrain.engine.compile.resolve import shared_in
from latent_terrain.engine.offline import play
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, dump, load, set_content, set_value
from latent_terrain.nodes.codec.sounds import corpus, sounds_in
from latent_terrain.nodes.encode import encoded
from latent_terrain.nodes.gui.drawing import laid_density
from latent_terrain.nodes.terrain.learned import learned_weights
from latent_terrain.nodes.terrain.line_audio import hear_line, places_on, voice_of
from latent_terrain.ui.one_codec import with_sounds
from latent_terrain.ui.patch_files import played_sounds

from .codec.sounds.made import Floats, drums, noise, tone
from .land import PALETTE, RATE, draw, setup_for

OWN = {"codec": "builtin:sounds"}


def files(folder: Path, **sounds: Floats) -> list[str]:
    """WAVs of sounds ``[n]`` or ``[n, channels]``."""
    for name, sound in sounds.items():
        soundfile.write(folder / f"{name}.wav", sound, RATE, subtype="FLOAT")
    return [f"{name}.wav" for name in sounds]


def patch_of(sounds: list[str]) -> Patch:
    return draw(
        "sounds.latents -> map.latents",
        "map.coordinates -> terrain.coordinates",
        "sounds.latents -> terrain.latents",
        "map.xy -> terrain.position",
        "terrain.out -> voice.latents",
        "voice.out -> out.audio",
        sounds=("encode", {"sounds": sounds, **OWN}),
        map=("gui", {"layout": "map", "mode": "ping-pong"}),
        terrain="terrain",
        voice=("decoder", OWN),
        out="audio_out",
    )


def trained(patch: Patch, folder: Path, steps: int = 0) -> Patch:
    patch = set_value(patch, "terrain", "steps", steps)
    found = run_jobs(patch, PALETTE, setup_for(patch, folder=folder))
    assert not found.skipped, found.skipped
    return load(dump(found.patch))


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Patch, Path]:
    folder = tmp_path_factory.mktemp("learned")
    return trained(patch_of(files(folder, tone=tone(), drums=drums(), noise=noise())), folder), folder


@pytest.fixture
def three(learned: tuple[Patch, Path], tmp_path: Path) -> Patch:
    """A tone, drums and noise on a map, with their files in ``tmp_path``."""
    shutil.copytree(learned[1], tmp_path, dirs_exist_ok=True)
    return learned[0]


def test_every_line_comes_back_as_its_recording(three: Patch, tmp_path: Path) -> None:
    weights, voice = learned_weights(three.nodes["terrain"].content), voice_of(three, PALETTE, "terrain")
    assert voice is not None
    drawn = {key: one for key, one in three.nodes["map"].content.items() if key.startswith("arrange/line/")}
    for (_, line), (name, latents) in zip(
        sorted(drawn.items()), sorted(encoded(three.nodes["sounds"].content).items()), strict=True
    ):
        places = places_on(line, len(latents))
        heard = np.concatenate(list(hear_line(weights, places, voice.stream(tmp_path))), axis=1)
        whole, _ = soundfile.read(tmp_path / f"{name.partition('/')[2]}.wav", dtype="float32")
        apart = np.abs(heard[0, : len(whole)] - whole)
        assert np.median(apart) < 1e-4, name


def test_the_patch_has_its_sounds_by_path_and_content_and_plays_them_at_any_rate(three: Patch, tmp_path: Path) -> None:
    entries = [json.loads(one) for one in sounds_in(shared_in(three))]
    assert sorted(entry[0] for entry in entries) == ["drums.wav", "noise.wav", "tone.wav"]
    assert laid_density(three.nodes["map"].content) > 0
    for rate in (44_100, 48_000):
        engine = Engine(three, PALETTE, setup_for(three, rate=rate, folder=tmp_path))
        sound = np.concatenate([part.copy() for part in play(engine, 2 * rate)], axis=1)
        engine.close()
        assert 0.02 < np.sqrt((sound**2).mean()) < 0.5
        assert not engine.faults()


def test_sounds_come_and_go_while_it_plays(three: Patch, tmp_path: Path) -> None:
    engine = Engine(three, PALETTE, setup_for(three, folder=tmp_path))
    parts = [part.copy() for part in play(engine, RATE)]
    files(tmp_path, low=tone(hertz=110.0))
    more = trained(set_value(three, "sounds", "sounds", ["tone.wav", "low.wav"]), tmp_path, 30)
    assert len(sounds_in(shared_in(more))) == 2
    engine.update(more)
    parts += [part.copy() for part in play(engine, RATE)]
    engine.close()
    sound = np.concatenate(parts, axis=1)
    levels = np.sqrt((sound[:, : len(sound[0]) // 2205 * 2205].reshape(2, -1, 2205) ** 2).mean(axis=(0, 2)))
    assert levels[4:20].max() > 0.1, "hits, which die away between"
    assert (levels[20:] > 0.005).all(), "there is a gap"
    steps = np.abs(np.diff(sound[0]))
    assert steps.max() <= 1.05 * np.abs(np.diff(drums())).max(), "a click louder than the hits"
    assert steps[RATE + RATE // 20 :].max() < 0.3, "a click after the handover"


def test_one_more_sound_leaves_the_latents_of_the_others_as_they_are(three: Patch, tmp_path: Path) -> None:
    before = encoded(three.nodes["sounds"].content)
    files(tmp_path, low=tone(hertz=110.0))
    sounds = ["tone.wav", "drums.wav", "noise.wav", "low.wav"]
    after = encoded(trained(set_value(three, "sounds", "sounds", sounds), tmp_path, 30).nodes["sounds"].content)
    assert len(after) == 4
    for name, latents in before.items():
        np.testing.assert_array_equal(after[name], latents)


def test_renamed_files_are_played_from_where_they_are_now(tmp_path: Path) -> None:
    (tmp_path / "rec").mkdir()
    files(tmp_path / "rec", tone=tone(), drums=drums(), noise=noise())
    before = trained(set_value(patch_of([]), "sounds", "sounds", ["rec"]), tmp_path, 30)
    (tmp_path / "rec" / "noise.wav").rename(tmp_path / "rec" / "aside.wav")
    (tmp_path / "rec" / "tone.wav").rename(tmp_path / "rec" / "noise.wav")
    (tmp_path / "rec" / "drums.wav").rename(tmp_path / "rec" / "tone.wav")
    corpus._kept.clear()
    after = trained(before, tmp_path, 30)
    now = {"noise": "aside", "tone": "noise", "drums": "tone"}
    entries = {one.digest: one.path for one in map(corpus.entry_of, sounds_in(shared_in(before)))}
    for one in map(corpus.entry_of, sounds_in(shared_in(after))):
        assert one.path == f"rec/{now[Path(entries[one.digest]).stem]}.wav"
    engine = Engine(after, PALETTE, setup_for(after, folder=tmp_path))
    assert not engine.problems
    engine.close()


def test_a_file_that_is_gone_is_said_and_the_others_play(three: Patch, tmp_path: Path) -> None:
    (tmp_path / "drums.wav").unlink()
    corpus._kept.clear()
    said: list[str] = []
    setup = setup_for(three, folder=tmp_path)
    engine = Engine(three, PALETTE, setup)
    said += [str(one) for one in engine.problems]
    sound = np.concatenate([part.copy() for part in play(engine, RATE)], axis=1)
    engine.close()
    assert any("drums.wav" in one and "silent" in one for one in said), said
    assert np.abs(sound).max() > 0.01


def test_a_file_that_became_another_sound_is_said(three: Patch, tmp_path: Path) -> None:
    corpus._kept.clear()
    files(tmp_path, drums=tone(1.0, 700.0))
    voice = voice_of(three, PALETTE, "terrain")
    assert voice is not None
    stream = voice.stream(tmp_path)
    assert any("drums.wav has changed since it was encoded" in one for one in stream.problems)  # type: ignore[attr-defined]


def test_a_patch_without_sounds_is_silent_and_says_what_to_do() -> None:
    patch = draw(
        "value.out -> voice.latents",
        "voice.out -> out.audio",
        value=("slider", {"value": 1.0}),
        voice=("decoder", OWN),
        out="audio_out",
    )
    engine = Engine(patch, PALETTE, setup_for(patch))
    assert any("has no sounds yet" in str(one) for one in engine.problems)
    assert not np.concatenate([part.copy() for part in play(engine, RATE // 2)], axis=1).any()
    engine.close()


def test_damaged_entries_are_left_out(three: Patch, tmp_path: Path) -> None:
    content = dict(three.nodes["sounds"].content)
    keys = [key for key in content if "/shared/" in key]
    content[keys[0]] = np.frombuffer(b'["/etc/passwd", 1', np.uint8)
    content[keys[1]] = np.frombuffer(b'["a.wav","1:2",0,null,1e99,[[1]]]', np.uint8)
    damaged = set_content(three, "sounds", content)
    assert len(sounds_in(shared_in(damaged))) == 1
    engine = Engine(damaged, PALETTE, setup_for(damaged, folder=tmp_path))
    for _ in play(engine, RATE // 2):
        pass
    assert not engine.faults()
    engine.close()


def test_odd_sounds_become_a_map(tmp_path: Path) -> None:
    click = np.zeros(RATE, np.float32)
    click[500] = 1.0
    odd = files(
        tmp_path,
        silence=np.zeros(RATE, np.float32),
        click=click,
        twin=tone(1.0),
        other_twin=tone(1.0),
        loud=np.clip(20 * tone(1.0), -1, 1),
        shifted=tone(1.0) + 0.5,
        over=4 * tone(1.0),
        eight=np.repeat(tone(1.0)[:, None], 8, axis=1),
        one=np.ones(1, np.float32),
    )
    patch = trained(patch_of(odd), tmp_path, 30)
    assert len(encoded(patch.nodes["sounds"].content)) == len(odd)
    engine = Engine(patch, PALETTE, setup_for(patch, folder=tmp_path))
    sound = np.concatenate([part.copy() for part in play(engine, 4 * RATE)], axis=1)
    assert np.isfinite(sound).all()
    assert not engine.faults()
    engine.close()


def test_of_a_sound_of_hours_the_beginning_is_taken_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "LONGEST_SECONDS", 1)
    patch = draw(sounds=("encode", {"sounds": files(tmp_path, long=tone(3.0)), **OWN}))
    found = run_jobs(patch, PALETTE, setup_for(patch, folder=tmp_path))
    (latents,) = encoded(found.patch.nodes["sounds"].content).values()
    assert len(latents) == -(-RATE // 1024)
    assert any("long.wav is longer than" in str(one) and "FILE#t=" in str(one) for one in found.warnings)


def test_more_sounds_than_fit_are_left_out_and_named(
    three: Patch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "MOST_SECONDS", 5)
    voice = voice_of(three, PALETTE, "terrain")
    assert voice is not None
    stream = voice.stream(tmp_path)
    assert len(stream.problems) == 1  # type: ignore[attr-defined]
    assert "is skipped" in stream.problems[0]  # type: ignore[attr-defined]


def test_who_gets_sound_files_plays_them_as_they_are_unless_a_codec_was_chosen() -> None:
    cords = ("sounds.latents -> terrain.latents", "terrain.out -> voice.latents", "voice.out -> out.audio")
    plain = draw(*cords, sounds="encode", terrain="terrain", voice="decoder", out="audio_out")
    after = with_sounds(plain, PALETTE, "sounds", "sounds", ["a.wav"])
    assert [after.nodes[name].values.get("codec") for name in ("sounds", "voice")] == ["builtin:sounds"] * 2
    chosen = set_value(plain, "voice", "codec", "builtin:bank")
    assert "codec" not in with_sounds(chosen, PALETTE, "sounds", "sounds", ["a.wav"]).nodes["sounds"].values
    live = draw(
        *cords,
        "mic.out -> sounds.audio",
        sounds="encode",
        terrain="terrain",
        voice="decoder",
        out="audio_out",
        mic="audio_in",
    )
    assert "codec" not in with_sounds(live, PALETTE, "sounds", "sounds", ["a.wav"]).nodes["voice"].values


def test_sounds_are_found_beside_the_patch_and_where_they_were_packed(three: Patch, tmp_path: Path) -> None:
    corpus._kept.clear()
    (tmp_path / "files").mkdir()
    (tmp_path / "drums.wav").rename(tmp_path / "files" / "drums.wav")
    setup = setup_for(three, folder=tmp_path)
    engine = Engine(three, PALETTE, setup)
    assert not [one for one in engine.problems if "drums" in str(one)]
    engine.close()
    (text,) = (one for one in sounds_in(shared_in(three)) if "tone.wav" in one)
    assert json.loads(corpus.moved_sound(text, "tone.wav", "files/tone.wav"))[0] == "files/tone.wav"
    folder = corpus.moved_sound(corpus.moved_sound(text, "tone.wav", "own/deep/tone.wav"), "own", "files/own")
    assert json.loads(folder)[0] == "files/own/deep/tone.wav"
    assert corpus.moved_sound(text, "other.wav", "x.wav") == text


def test_check_tells_which_files_are_played_that_no_setting_names(three: Patch, tmp_path: Path) -> None:
    assert not list(played_sounds(three, PALETTE, tmp_path))
    hidden = set_value(three, "sounds", "sounds", ["tone.wav"])
    assert sorted(one.path for one in played_sounds(hidden, PALETTE, tmp_path)) == ["drums.wav", "noise.wav"]


@pytest.mark.parametrize("is_absolute", [False, True])
def test_sounds_outside_of_a_patchs_folder_are_named_as_they_were_given(
    is_absolute: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sounds").mkdir()
    files(tmp_path / "sounds", a=tone())
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    given = str(tmp_path / "sounds") if is_absolute else "../sounds"
    patch = draw(sounds=("encode", {"sounds": [given], **OWN}))
    folder = Path("out")
    found = run_jobs(patch, PALETTE, setup_for(patch, folder=folder)).patch
    (text,) = sounds_in(shared_in(found))
    assert json.loads(text)[0] == (str(tmp_path / "sounds" / "a.wav") if is_absolute else "../sounds/a.wav")
    assert not corpus.load_corpus([corpus.entry_of(text)], folder).problems


def test_even_loudness_may_glide_and_be_driven_while_it_plays(three: Patch, tmp_path: Path) -> None:
    engine = Engine(three, PALETTE, setup_for(three, folder=tmp_path))
    engine.turn("voice", "even", 1.0, 0.3)
    levels = [float(np.sqrt((part**2).mean())) for part in play(engine, 2 * RATE)]
    assert not engine.faults()
    engine.close()
    assert max(levels[len(levels) // 2 :]) > 0.03
