import numpy as np
import pytest

from latent_terrain.nodes.lfo import Lfo, Shape
from latent_terrain.testing import RATE, setup_for


def run(shape: Shape, rate: float, seconds: float, block: int = 256, phase: float = 0.0) -> np.ndarray:
    lfo = Lfo(setup_for(block), shape)
    out = np.zeros((1, block), np.float32)
    blocks = -(-round(seconds * RATE) // block)
    return np.concatenate([lfo.process(out, rate, 2.0, 6.0, phase)[0].copy() for _ in range(blocks)])


@pytest.mark.parametrize("shape", ["sine", "triangle", "saw", "square", "random"])
def test_stays_between_low_and_high_and_reaches_both_nearly(shape: Shape) -> None:
    heard = run(shape, 20.0, 2.0)
    assert heard.min() >= 2.0
    assert heard.max() <= 6.0
    assert heard.min() < 2.5
    assert heard.max() > 5.5


def test_shapes_are_what_they_are_called() -> None:
    quarter = round(RATE / 4)
    assert run("sine", 1.0, 1.0)[[0, quarter]] == pytest.approx([4.0, 6.0])
    assert run("triangle", 1.0, 1.0)[[0, quarter, 2 * quarter]] == pytest.approx([2.0, 4.0, 6.0])
    assert run("saw", 1.0, 1.0)[[0, quarter, 2 * quarter]] == pytest.approx([2.0, 3.0, 4.0])
    assert run("square", 1.0, 1.0)[[0, 2 * quarter + 1]] == pytest.approx([6.0, 2.0])


@pytest.mark.parametrize("phase", [0.0, 0.3, 1.0])
def test_random_movement_is_smooth_and_the_same_in_any_blocks(phase: float) -> None:
    heard = run("random", 50.0, 0.5, 64, phase)
    assert np.abs(np.diff(heard)).max() < 4.0 * 1.6 * 50 / RATE
    for block in (256, 1000, 20_000):
        assert (run("random", 50.0, 0.5, block, phase)[: len(heard)] == heard[: round(0.5 * RATE)][: len(heard)]).all()


def test_phase_moves_the_random_movement_ahead_by_a_cycle() -> None:
    plain, ahead = run("random", 10.0, 1.0), run("random", 10.0, 1.0, phase=1.0)
    np.testing.assert_allclose(plain[4800:9600], ahead[:4800], atol=1e-3)
