import numpy as np
import pytest

from latent_terrain.nodes.gain import amplitude, gain


def test_decibels_are_decibels() -> None:
    audio = np.ones((2, 8), np.float32)
    assert gain(audio, np.zeros_like(audio), -20.0) == pytest.approx(0.1)
    assert gain(audio, np.zeros_like(audio), 0.0) == pytest.approx(1.0)
    levels = np.linspace(-90, 24, 50, dtype=np.float32)[None]
    np.testing.assert_allclose(amplitude(levels)[0], [amplitude(float(level)) for level in levels[0]], rtol=2e-6)  # type: ignore[index]
