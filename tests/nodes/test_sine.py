from fractions import Fraction

import numpy as np
import pytest

from latent_terrain.engine import Setup, new_bus
from latent_terrain.nodes.phasor import Cycle
from latent_terrain.nodes.sine import Sine
from latent_terrain.testing import RATE, setup_for


def run(frequency: float, seconds: float, block: int = 256, phase: float = 0.0) -> np.ndarray:
    sine = Sine(setup_for(block))
    out = np.zeros((1, block), np.float32)
    return np.concatenate(
        [sine.process(out, frequency, phase)[0].copy() for _ in range(round(seconds * RATE) // block)]
    )


def test_a_sine_is_a_sine() -> None:
    heard = run(440.0, 1.0)
    expected = np.sin(2 * np.pi * 440.0 * np.arange(len(heard)) / RATE)
    np.testing.assert_allclose(heard, expected, atol=2e-6)


@pytest.mark.parametrize("block", [1, 7, 64, 2048])
def test_a_sine_is_the_same_to_the_last_bit_at_any_block_size(block: int) -> None:
    length = 4096
    assert run(441.3, 0.2)[:length].tobytes() == run(441.3, 0.2, block)[:length].tobytes()


def test_a_sine_keeps_its_pitch_for_hours() -> None:
    phases = Cycle(RATE, 2).advance(441.0, 2)
    exact = Fraction(441, round(RATE)) * 2**64
    samples_in_ten_hours = 10 * 3600 * round(RATE)
    assert abs(int(phases[1]) - exact) * samples_in_ten_hours / 2**64 < 1e-5


def test_a_glide_of_pitch_goes_on_from_the_same_phase() -> None:
    sine = Sine(setup_for(256))
    out = np.zeros((1, 256), np.float32)
    before = sine.process(out, 220.0)[0].copy()
    after = sine.process(out, np.full((1, 256), 440.0, np.float32))[0]  # type: ignore[arg-type]
    assert abs(after[0] - before[-1]) < 2 * np.pi * 220 / RATE * 1.01


def test_a_quarter_cycle_of_phase_makes_a_cosine() -> None:
    heard = run(100.0, 0.1, phase=0.25)
    np.testing.assert_allclose(heard, np.cos(2 * np.pi * 100 * np.arange(len(heard)) / RATE), atol=2e-6)


def test_no_frequency_folds_back_below_the_highest() -> None:
    heard = Sine(Setup(sample_rate=8000.0, block=64, bus=new_bus(64))).process(np.zeros((1, 64), np.float32), 20_000.0)
    assert np.abs(heard).max() < 0.01
