import numpy as np

from latent_terrain.nodes.phasor import Cycle, Phasor
from latent_terrain.testing import RATE, setup_for


def test_a_phasor_rises_from_0_and_never_reaches_1() -> None:
    phasor = Phasor(setup_for(2048))
    out = np.zeros((1, 2048), np.float32)
    heard = np.concatenate([phasor.process(out, 1000.0)[0].copy() for _ in range(10)])
    assert heard[0] == 0.0
    assert heard.max() < 1.0
    np.testing.assert_allclose(heard[:48], np.arange(48) / 48, atol=1e-6)


def test_a_modulated_cycle_is_where_a_steady_one_of_the_same_frequency_is() -> None:
    steady, moving = Cycle(RATE, 512), Cycle(RATE, 512)
    for count in (1, 100, 512, 3):
        one = steady.advance(333.25, count).copy()
        other = moving.advance(np.full((1, count), 333.25, np.float32), count)
        assert (one == other).all()


def test_splitting_a_sweep_changes_no_bit() -> None:
    sweep = np.geomspace(10, 15_000, 4096).astype(np.float32)[None]
    whole = Cycle(RATE, 4096).advance(sweep, 4096).copy()
    cycle = Cycle(RATE, 4096)
    parts = [cycle.advance(sweep[:, a:b], b - a).copy() for a, b in ((0, 1), (1, 700), (700, 701), (701, 4096))]
    assert (np.concatenate(parts) == whole).all()
