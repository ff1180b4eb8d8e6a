"""Spread: voices side by side, as loud together as one."""

import numpy as np
import pytest

from latent_terrain.nodes.spread import panned


@pytest.mark.parametrize("channels", [1, 2, 5, 16])
@pytest.mark.parametrize("width", [0.0, 0.4, 1.0])
def test_voices_that_have_nothing_in_common_are_as_loud_as_one(channels: int, width: float) -> None:
    gains = panned(channels, width)[:, :, 0]
    assert float(np.sum(gains**2)) == pytest.approx(1.0, rel=1e-6)


def test_the_first_is_left_the_last_is_right_and_no_width_is_the_middle() -> None:
    gains = panned(3, 1.0)[:, :, 0]
    assert gains[1, 0] == pytest.approx(0, abs=1e-7)
    assert gains[0, 2] == pytest.approx(0, abs=1e-7)
    middle = panned(3, 0.0)[:, :, 0]
    assert middle[0] == pytest.approx(middle[1])
