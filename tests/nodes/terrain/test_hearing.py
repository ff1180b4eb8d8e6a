"""What a line is heard as: in time with its sound, as long as its sound, the same however it is cut into pieces."""

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node, connect, set_value
from latent_terrain.nodes.codec.interface import CodecFacts
from latent_terrain.nodes.terrain.line_audio import decoder_after, hear, hear_line, latents_at, places_on, voice_of
from latent_terrain.nodes.terrain.network import TerrainError, TerrainShape, initial_weights

PALETTE = load_palette()


class LateCodec:
    """Plays each frame's first latent for ratio samples, so many samples late, on two channels (right: turned over)."""

    def __init__(self, latency: int = 0) -> None:
        self.facts = CodecFacts("late", 2, 8, 8000, 2, 1, (), latency)
        self._late = np.zeros(latency, np.float32)

    def decode(self, latents: np.ndarray) -> np.ndarray:
        sound = np.concatenate([self._late, latents[0, 0].repeat(8)])
        count = len(sound) - len(self._late)
        self._late = sound[count:]
        return np.stack([sound[:count], -sound[:count]])[np.newaxis]

    def encode(self, audio: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def reset(self, lane: int | None = None) -> None:
        self._late = np.zeros(self.facts.latency, np.float32)

    def new_instance(self, lanes: int = 1, seed: int = 0) -> "LateCodec":
        return LateCodec(self.facts.latency)


@pytest.mark.parametrize("latency", [0, 3, 8, 29, 1000])
@pytest.mark.parametrize("frames", [1, 63, 64, 65, 200])
def test_the_codecs_lateness_is_taken_off_and_nothing_is_lost_at_the_end(latency: int, frames: int) -> None:
    latents = np.stack([np.arange(1, frames + 1), np.zeros(frames)], axis=1).astype(np.float32)
    sound = np.concatenate(list(hear(latents, LateCodec(latency))), axis=1)
    assert np.array_equal(sound[0], latents[:, 0].repeat(8))
    assert np.array_equal(sound[1], -sound[0])


def test_the_level_of_the_decoder_is_heard() -> None:
    loud, soft = (
        np.concatenate(list(hear(np.ones((4, 2), np.float32), LateCodec(), level_db=level)), axis=1)
        for level in (0.0, -20.0)
    )
    assert soft == pytest.approx(0.1 * loud)


def test_a_line_is_heard_as_the_terrain_has_it() -> None:
    weights = initial_weights(TerrainShape(2, 2, width=8, features=16), seed=3)
    places = places_on(np.array([[-1.0, 0.0], [1.0, 2.0]], np.float32), 20)
    assert places[0] == pytest.approx([-1, 0])
    assert places[-1] == pytest.approx([1, 2])
    sound = np.concatenate(list(hear_line(weights, places, LateCodec(5))), axis=1)
    assert np.array_equal(sound[0], latents_at(weights, places)[:, 0].repeat(8))
    assert len(places_on(places, 7, is_cut=True)) == 7


def test_a_codec_of_another_size_is_refused_with_what_to_do() -> None:
    with pytest.raises(TerrainError, match="use one codec for sounds and decoder"):
        hear(np.zeros((4, 3), np.float32), LateCodec())


def test_nothing_is_heard_of_no_latents() -> None:
    assert list(hear(np.zeros((0, 2), np.float32), LateCodec(9))) == []


def test_the_decoder_of_a_terrain_is_found_behind_other_nodes_and_loops_do_no_harm() -> None:
    patch = add_node(Patch(), "terrain", name="terrain")
    assert decoder_after(patch, PALETTE, "terrain") is None
    patch = add_node(patch, "latent_smooth", name="glide")
    patch = add_node(patch, "decoder", name="voice")
    patch = connect(connect(patch, "terrain.out", "glide.latents"), "glide.out", "voice.latents")
    assert decoder_after(patch, PALETTE, "terrain") == ("voice", ("glide",))
    patch = set_value(set_value(patch, "voice", "codec", "my.ts"), "voice", "level", -6.0)
    voice = voice_of(patch, PALETTE, "terrain")
    assert voice is not None
    assert (voice.codec, voice.level_db, voice.tail) == ("my.ts", -6.0, 0.0)
