import numpy as np
import pytest

from latent_terrain.nodes.noise import Noise
from latent_terrain.testing import RATE, setup_for


def run(colour: str, samples: int, block: int = 256, channels: int = 1) -> np.ndarray:
    noise = Noise(setup_for(block), colour, channels)  # type: ignore[arg-type]
    out = np.zeros((channels, block), np.float32)
    return np.concatenate([noise.process(out).copy() for _ in range(-(-samples // block))], axis=1)[:, :samples]


def slope_db_per_octave(heard: np.ndarray) -> float:
    power = np.mean(np.abs(np.fft.rfft(heard.reshape(-1, 16_384) * np.hanning(16_384))) ** 2, axis=0)
    hertz = np.fft.rfftfreq(16_384, 1 / RATE)
    bands = [(60.0 * 2**k, 60.0 * 2 ** (k + 1)) for k in range(7)]
    levels = [10 * np.log10(power[(hertz >= low) & (hertz < high)].mean()) for low, high in bands]
    return float(np.polyfit(range(7), levels, 1)[0])


def test_white_noise_is_flat_and_pink_noise_falls_3_db_per_octave() -> None:
    assert abs(slope_db_per_octave(run("white", 16_384 * 32)[0])) < 0.3
    assert slope_db_per_octave(run("pink", 16_384 * 32)[0]) == pytest.approx(-3.0, abs=0.5)


@pytest.mark.parametrize("colour", ["white", "pink"])
def test_noise_stays_within_full_scale_around_nothing_and_repeats_in_any_blocks(colour: str) -> None:
    heard = run(colour, 50_000)
    assert np.abs(heard).max() <= 1.0
    assert abs(heard.mean()) < 0.05
    assert (heard == run(colour, 50_000, 777)).all()


def test_channels_are_independent() -> None:
    heard = run("white", 50_000, channels=2)
    assert abs(np.corrcoef(heard)[0, 1]) < 0.05
