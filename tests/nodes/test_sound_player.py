from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import Events, SettingError
from latent_terrain.nodes import sound_player
from latent_terrain.nodes.audiofile import write_sound
from latent_terrain.nodes.sound_player import PlayedSound, SoundPlayer
from latent_terrain.testing import RATE, setup_for

SOUND = np.random.default_rng(6).uniform(-0.5, 0.5, (2, 5000)).astype(np.float32)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("sounds") / "noise.wav"
    write_sound(path, SOUND, RATE, "FLOAT")
    return str(path)


def run(
    player: SoundPlayer, samples: int, block: int, plays: Events | None = None, off: range = range(0)
) -> tuple[np.ndarray, Events]:
    heard, ends = [], []
    for start in range(0, samples, block):
        out = PlayedSound(np.empty((2, block), np.float32), [])
        play = None if plays is None else [(at - start, value) for at, value in plays if start <= at < start + block]
        player.process(out, play, playing=start not in off)
        heard.append(out.audio)
        ends += [(start + at, value) for at, value in out.ended if start + at < samples]
    return np.concatenate(heard, axis=1)[:, :samples], ends


def test_it_plays_the_file_once_and_says_when_it_has_ended(file: str) -> None:
    heard, ends = run(SoundPlayer(setup_for(256), file), 8192, 256)
    assert (heard[:, :5000] == SOUND).all()
    assert not heard[:, 5000:].any()
    assert ends == [(5000, 1.0)]


def test_it_loops_a_region_without_a_gap(file: str) -> None:
    player = SoundPlayer(setup_for(256), file, loop=True, start=1000 / RATE, end=1600 / RATE)
    heard, ends = run(player, 2048, 256)
    assert (heard == np.tile(SOUND[:, 1000:1600], 4)[:, :2048]).all()
    assert ends == [(600, 1.0), (1200, 1.0), (1800, 1.0)]


def test_an_event_plays_from_the_beginning_on_its_sample(file: str) -> None:
    heard, _ = run(SoundPlayer(setup_for(256), file), 4096, 256, [(777, 1.0)])
    assert not heard[:, :777].any()
    assert (heard[:, 777:] == SOUND[:, : 4096 - 777]).all()


def test_an_event_of_0_fades_out(file: str) -> None:
    heard, ends = run(SoundPlayer(setup_for(256), file), 4096, 256, [(0, 1.0), (1000, 0.0)])
    assert (heard[:, :1000] == SOUND[:, :1000]).all()
    assert np.abs(heard[:, 1440:1480]).max() < 0.05
    assert not heard[:, 1480:].any()
    assert ends == []


def test_switched_off_it_rests_and_goes_on_from_there(file: str) -> None:
    player = SoundPlayer(setup_for(64), file)
    heard, _ = run(player, 4096, 64, off=range(1024, 2048))
    assert not heard[:, 1024 + 480 : 2048].any()
    assert (heard[:, 2048 + 480 :] == SOUND[:, 1024 + 480 : 1024 + 2048]).all()


@given(
    st.integers(1, 2000),
    st.lists(st.tuples(st.integers(0, 5999), st.sampled_from([0.0, 1.0])), max_size=6),
    st.booleans(),
)
def test_blocks_do_not_matter(file: str, block: int, plays: Events, loop: bool) -> None:
    plays = sorted(plays)
    expected = run(SoundPlayer(setup_for(500), file, loop, end=900 / RATE), 6000, 500, plays)
    heard = run(SoundPlayer(setup_for(block), file, loop, end=900 / RATE), 6000, block, plays)
    np.testing.assert_allclose(heard[0], expected[0], atol=1e-6)
    assert heard[1] == expected[1]


def test_long_sounds_are_read_from_disk_and_are_the_same(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run(SoundPlayer(setup_for(256), file, loop=True), 9000, 256, [(100, 1.0), (3000, 1.0)])
    monkeypatch.setattr(sound_player, "IN_MEMORY_SECONDS", 0.01)
    heard = run(SoundPlayer(setup_for(256), file, loop=True), 9000, 256, [(100, 1.0), (3000, 1.0)])
    assert (heard[0] == expected[0]).all()
    assert heard[1] == expected[1]


def test_long_sounds_live_are_read_ahead_and_what_is_late_is_counted(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_player, "IN_MEMORY_SECONDS", 0.01)
    monkeypatch.setattr(sound_player, "AHEAD_SECONDS", 0.05)
    monkeypatch.setattr(sound_player, "PIECE", 256)
    monkeypatch.setattr(sound_player, "WAIT_SECONDS", 1e9)
    player = SoundPlayer(replace(setup_for(64), offline=False), file, loop=True)
    try:
        heard = []
        for _ in range(150):
            player._sound._fetch()  # type: ignore[attr-defined]
            heard.append(player.process(PlayedSound(np.empty((2, 64), np.float32), [])).audio)
        assert (np.concatenate(heard, axis=1) == np.tile(SOUND, 2)[:, : 150 * 64]).all()
        assert player.read() == 0.0
        for _ in range(100):
            player.process(PlayedSound(np.empty((2, 64), np.float32), []))
        assert player.read() > 0.0
    finally:
        player.close()


def test_without_a_file_it_is_silent_and_says_so() -> None:
    said: list[str] = []
    player = SoundPlayer(replace(setup_for(256), warn=said.append))
    out = player.process(PlayedSound(np.ones((1, 256), np.float32), []))
    assert not out.audio.any()
    assert said


@pytest.mark.parametrize(("start", "setting"), [(9.0, "start"), (0.0, "file")])
def test_what_cannot_be_played_is_refused_in_a_sentence(file: str, start: float, setting: str) -> None:
    name = file if setting == "start" else str(Path(file).with_name("nothing.wav"))
    with pytest.raises(SettingError) as refused:
        SoundPlayer(setup_for(256), name, start=start)
    assert refused.value.setting == setting
