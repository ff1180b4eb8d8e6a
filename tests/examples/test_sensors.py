"""The sensors of the performer's example: the same for a seed, with what real ones send that is none."""

from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "biosignals"


def test_the_sensors_send_the_same_for_a_seed_with_spikes_and_lost_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    from sensors import CHANNELS, biosignals  # type: ignore[import-not-found]

    one, same, other = (
        np.array([values for _, values in zip(range(3000), biosignals(seed), strict=False)]) for seed in (1, 1, 2)
    )
    assert one.shape == (3000, CHANNELS)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other, equal_nan=True)
    assert 5 < np.isnan(one).sum() < 60
    assert np.nanmax(np.abs(one[:, :4])) > 5 * np.nanquantile(np.abs(one[:, :4]), 0.99), "a loose electrode"
