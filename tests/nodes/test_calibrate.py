"""calibrate: learns each channel's range while it is told to, keeps it, and plays within it."""

import numpy as np
import pytest

from latent_terrain.nodes.calibrate import Calibrate

from .sensing import BLOCK, held, played, setup


def sensors(rows: int = 500) -> np.ndarray:
    """Three channels in units of their own."""
    random = np.random.default_rng(0)
    return np.stack([random.uniform(200, 800, rows), random.normal(0, 1e-3, rows), random.uniform(-1, 0, rows)], axis=1)


def learned(method: str = "range", **settings: object) -> tuple[Calibrate, np.ndarray]:
    node, rows = Calibrate(setup(), {}, method, **settings), sensors()  # type: ignore[arg-type]
    played(node, held(rows, BLOCK), learning=True)
    return node, rows


def test_each_channel_fills_the_range_that_it_has_learned() -> None:
    node, rows = learned()
    out = played(node, held(rows, BLOCK), low=-2.0, high=2.0)[:, BLOCK - 1 :: BLOCK]
    np.testing.assert_allclose(out.min(1), -2.0, atol=1e-4)
    np.testing.assert_allclose(out.max(1), 2.0, atol=1e-4)


def test_by_z_score_three_deviations_reach_the_ends() -> None:
    node, rows = learned("zscore", clip=False)
    out = played(node, held(rows, BLOCK), low=-3.0, high=3.0)[:, BLOCK - 1 :: BLOCK]
    np.testing.assert_allclose(out, ((rows - rows.mean(0)) / rows.std(0)).T, atol=2e-3)


def test_beyond_what_was_learned_it_is_held_at_the_ends() -> None:
    node, rows = learned()
    assert played(node, held(rows[:9] + 1e4, BLOCK)).max() == pytest.approx(1.0)
    assert played(node, held(rows[:9] - 1e4, BLOCK))[:, -1].tolist() == [0.0, 0.0, 0.0]


def test_nothing_is_learned_while_it_is_off_and_learning_again_begins_anew() -> None:
    node, rows = learned()
    before = node.capture()
    played(node, held(rows * 50, BLOCK))
    assert {name: one.tolist() for name, one in node.capture().items()} == {
        name: one.tolist() for name, one in before.items()
    }
    played(node, held(rows[:50] * 0.5, BLOCK), learning=True)
    np.testing.assert_allclose(np.asarray(node.capture()["high"], np.float64), (rows[:50] * 0.5).max(0), rtol=1e-6)


def test_no_numbers_and_silent_channels_do_no_harm() -> None:
    node, rows = Calibrate(setup(), {}), sensors()
    rows[::3] = np.nan
    rows[:, 1] = 7.0
    played(node, held(rows, BLOCK), learning=True)
    assert all(np.isfinite(one).all() for one in node.capture().values())
    out = played(node, held(rows, BLOCK))
    assert np.isfinite(out).all()
    np.testing.assert_allclose(out[1], 0.5, atol=1e-3)


def test_what_it_has_learned_is_kept_and_damage_is_not_taken() -> None:
    node, rows = learned()
    kept = node.capture()
    again = Calibrate(setup(), kept)
    np.testing.assert_array_equal(played(again, held(rows, BLOCK)), played(Calibrate(setup(), kept), held(rows, BLOCK)))
    said: list[str] = []
    Calibrate(setup(said), {**kept, "low": np.full(2, np.nan)})
    Calibrate(setup(said), {})
    assert len(said) == 2
    assert "not calibrated yet" in said[0]
    higher = np.asarray(kept["high"], np.float64) + 10.0
    again.renew(again.prepare({**kept, "high": higher}))
    np.testing.assert_array_equal(again.capture()["high"], higher)
