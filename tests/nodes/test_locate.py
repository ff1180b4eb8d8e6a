"""The node that plays the map by ear: what it learns, what it keeps, and what it says when it can't."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from latent_terrain.engine import SharedContent, Trajectories
from latent_terrain.engine.setup import Setup
from latent_terrain.engine.values import Source
from latent_terrain.nodes.encode import Encode
from latent_terrain.nodes.locate import Locate, Located

from .location.test_path import RATE, Array, sounds


@pytest.fixture
def latents(tmp_path: Path) -> Trajectories:
    some = sounds()
    for name, sound in some.items():
        soundfile.write(tmp_path / f"{name}.wav", sound, RATE)
    arrays = tuple(np.zeros((44, 3), np.float32) for _ in some)
    return Trajectories(tuple(some), arrays, sources=tuple(Source(f"{name}.wav") for name in some))


def lines(count: int = 3) -> Trajectories:
    return Trajectories(
        tuple(f"line {number}" for number in range(count)),
        tuple(np.array([[number, 0.0], [number, 1.0]], np.float32) for number in range(count)),
    )


def setup(folder: Path, said: list[str]) -> Setup:
    return Setup(sample_rate=48_000.0, block=256, folder=folder, warn=said.append)


def goes_on(done: float, text: str, /, snapshot: Any = None) -> bool:
    return True


def ends(done: float, text: str, /, snapshot: Any = None) -> bool:
    return False


def learned(folder: Path, latents: Trajectories, coordinates: Trajectories) -> dict[str, Any]:
    made = Locate(setup(folder, []), {}).learn(coordinates, latents, goes_on)
    return {f"learn/{name}": array for name, array in made.items()}


def played(node: Locate, sound: Array) -> Array:
    rows = []
    for begin in range(0, len(sound) - 255, 256):
        out = Located(*(np.zeros((size, 256), np.float32) for size in (2, 1, 1)))
        node.process(out, sound[np.newaxis, begin : begin + 256])
        rows.append(np.concatenate(out))
    return np.concatenate(rows, axis=1)


def test_a_sound_that_comes_in_plays_its_line(tmp_path: Path, latents: Trajectories) -> None:
    node = Locate(setup(tmp_path, []), learned(tmp_path, latents, lines()))
    heard = played(node, sounds(48_000)["high"])
    x, y, sure, line = heard[:, 12_000:]
    assert np.median(x) == pytest.approx(1.0)
    assert np.median(line) == 2
    assert np.median(sure) > 0.7
    assert y[-1] > y[0] + 0.5
    assert not played(node, np.zeros(24_000, np.float32))[2:, -10_000:].any()


def test_untrained_it_says_so_and_gives_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    node = Locate(setup(tmp_path, said), {})
    assert "not trained yet" in said[0]
    assert not played(node, sounds()["low"][:2048]).any()


def test_damaged_content_is_told_and_nothing_breaks(tmp_path: Path, latents: Trajectories) -> None:
    content = learned(tmp_path, latents, lines())
    for name in content:
        said: list[str] = []
        node = Locate(setup(tmp_path, said), {**content, name: content[name].reshape(-1)[:3]})
        assert not said or "damaged" in said[0]
        played(node, sounds()["low"][:2048])


def test_a_sound_without_a_line_is_not_found_and_comes_back_with_one(tmp_path: Path, latents: Trajectories) -> None:
    partly = Trajectories(lines().names, (lines().arrays[0], np.zeros((0, 2), np.float32), lines().arrays[2]))
    content = learned(tmp_path, latents, partly)
    node = Locate(setup(tmp_path, []), content)
    assert 2 not in played(node, sounds(48_000)["high"])[3]
    for path in tmp_path.glob("*.wav"):
        path.unlink()
    again = Locate(setup(tmp_path, []), content).learn(lines(), latents, goes_on)
    assert not np.isnan(again["places"]).any(), "the same sounds are not listened to again"


def test_another_map_is_taken_up_without_a_break(tmp_path: Path, latents: Trajectories) -> None:
    node = Locate(setup(tmp_path, []), learned(tmp_path, latents, lines()))
    moved = Trajectories(lines().names, tuple(array + 5 for array in lines().arrays))
    content = learned(tmp_path, latents, moved)
    sound = sounds(48_000)["high"]
    before = played(node, sound[:24_064])
    assert node.renews(content)
    node.renew(node.prepare(content))
    after = played(node, sound[24_064:])
    assert after[0, 0] == pytest.approx(before[0, -1], abs=0.05)
    assert after[0, -1] == pytest.approx(6.0)
    assert not node.renews({})


def test_what_can_not_be_learned_is_refused_with_a_sentence(tmp_path: Path, latents: Trajectories) -> None:
    node = Locate(setup(tmp_path, []), {})

    def learn(coordinates: Trajectories, of: Trajectories) -> None:
        node.learn(coordinates, of, goes_on)

    with pytest.raises(ValueError, match="draw lines"):
        learn(Trajectories(), latents)
    with pytest.raises(ValueError, match="encode it again"):
        learn(lines(), Trajectories(latents.names, latents.arrays))
    with pytest.raises(ValueError, match="3 coordinates"):
        learn(Trajectories(("a",), (np.zeros((4, 3), np.float32),)), latents)
    soundfile.write(tmp_path / "low.wav", np.zeros(RATE), RATE)
    silent = Trajectories(latents.names[:1], latents.arrays[:1], sources=latents.sources[:1])
    with pytest.raises(ValueError, match="silent"):
        learn(lines(), silent)
    assert node.learn(lines(), latents, ends) == {}


def test_a_missing_file_is_told_and_the_others_are_found(tmp_path: Path, latents: Trajectories) -> None:
    (tmp_path / "low.wav").unlink()
    said: list[str] = []
    made = Locate(setup(tmp_path, said), {}).learn(lines(), latents, goes_on)
    assert any("low can't be found" in sentence for sentence in said)
    assert set(made["line"].tolist()) == {1, 2}


def test_encode_tells_what_sounds_are_like_and_which_file_each_is(tmp_path: Path, latents: Trajectories) -> None:
    node = Encode(setup(tmp_path, []), {}, SharedContent({}), sounds=tuple(f"{name}.wav" for name in latents.names))
    content = {f"encode/{name}": array for name, array in node.encode(goes_on).items()}
    given = Encode(setup(tmp_path, []), content, SharedContent({}), sounds=node.sounds).latents()
    assert [source.path for source in given.sources if source is not None] == [f"{one}.wav" for one in given.names]
    assert {one.shape for one in given.descriptors} == {(42,)}
    old = {
        name: array for name, array in content.items() if not name.startswith(("encode/descriptors", "encode/source"))
    }
    before = Encode(setup(tmp_path, []), old, SharedContent({}), sounds=node.sounds).latents()
    assert before.descriptors == ()
    assert [Path(source.path).name for source in before.sources if source is not None] == [
        f"{one}.wav" for one in before.names
    ]
    assert before == given, "what was taught before is not taught again for that"
    odd = {
        name: array[:3] if "/descriptors/" in name or "/source/" in name else array for name, array in content.items()
    }
    assert Encode(setup(tmp_path, []), odd, SharedContent({}), sounds=node.sounds).latents().descriptors == ()
