"""How late a model is, measured as it is heard: within a frame, whatever it is made of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.nodes.codec.bank import load_bank
from latent_terrain.nodes.codec.interface import CodecFacts
from latent_terrain.nodes.codec.likeness import reproduce
from latent_terrain.nodes.codec.loader import load_codec

pytest.importorskip("torch", reason="TorchScript models need torch")
from latent_terrain.nodes.codec.describe import describe
from latent_terrain.nodes.export.instrument import Between
from latent_terrain.nodes.export.write import export_codec, export_instrument
from latent_terrain.nodes.terrain.network import TerrainShape, initial_weights

from . import models, odd_models

RATIO = models.RATIO
FRAME = 1024
GLIDE_MS = 30.0


def facts_of(model: Any, folder: Path) -> CodecFacts:
    return load_codec(str(models.save(model, folder / "m.ts"))).facts


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bank") / "bank.ts"
    export_codec(load_bank(), path)
    return path


@pytest.mark.parametrize(
    ("make", "decode", "encode"),
    [
        (models.Codec, 0, 0),
        (lambda: models.Late(640), 640, 640),
        (lambda: models.Streaming(late=256), 256, 256),
        (lambda: odd_models.Causal(streams=True), 0, 0),
        (lambda: odd_models.Causal(streams=False), 0, 0),
        (lambda: odd_models.Ahead(3, 200), 3 * RATIO, 200),
        (lambda: odd_models.Ahead(8, 20), 8 * RATIO, 20),
        (models.Symmetric, 3 * RATIO, 3 * RATIO),
        (lambda: odd_models.Shifted(5), 5 * RATIO, 5 * RATIO),
    ],
)
def test_known_delays_are_measured_within_a_frame(
    tmp_path: Path, make: Callable[[], Any], decode: int, encode: int
) -> None:
    facts = facts_of(make(), tmp_path)
    assert abs(facts.latency - decode) <= RATIO
    assert abs(facts.encoder_latency - encode) <= RATIO


def test_our_own_export_is_as_late_as_the_built_in_codec(bank: Path) -> None:
    ours, exported = load_bank().facts, load_codec(str(bank)).facts
    assert abs(exported.latency - ours.latency) < FRAME / 2
    assert abs(exported.encoder_latency - ours.encoder_latency) < FRAME


def test_what_an_export_makes_of_a_sound_lies_over_it(bank: Path) -> None:
    sound: NDArray[np.float64] = np.zeros((1, 60 * FRAME))
    random = np.random.default_rng(2)
    starts = [(12 + 16 * place) * FRAME + int(random.integers(FRAME)) for place in range(3)]
    for start in starts:
        sound[0, start : start + 6 * FRAME] = random.uniform(-0.4, 0.4, 6 * FRAME)

    def rises(heard: NDArray[np.float64]) -> NDArray[np.int64]:
        level = np.sqrt(np.convolve(heard[0] ** 2, np.full(512, 1 / 512), mode="same"))
        return np.array([np.argmax(level[one - 3 * FRAME : one + 5 * FRAME] > level.max() / 2) for one in starts])

    original = rises(sound)
    for codec in (load_bank(), load_codec(str(bank))):
        assert np.abs(rises(reproduce(codec, sound)) - original).max() < FRAME / 2


@pytest.mark.parametrize(("glide", "late"), [(0.0, 411), (GLIDE_MS, 1326)])
def test_an_instrument_is_as_late_as_it_is_heard(tmp_path: Path, glide: float, late: int) -> None:
    land = dict(initial_weights(TerrainShape(2, 16, 0.1, 32, 16), 3))
    land["fc_out.weight"] = land["fc_out.weight"] * 6
    export_instrument(land, load_bank(), tmp_path / "walk.ts", Between(glide_ms=glide))
    found = {one.facts.name: one.latency for one in describe(tmp_path / "walk.ts").methods}
    assert found["forward"] is not None
    assert abs(found["forward"] - late) < FRAME
    gliding = GLIDE_MS / 1000 * 44_100 * np.log(2) if glide else 0.0
    assert found["latents"] == pytest.approx(gliding, abs=FRAME)
