"""The device's buffer is seen in its calls, whatever else disturbs them."""

import numpy as np
import pytest

from latent_terrain.engine.live.burst import Burst

RATE = 48_000


def called(block: int, period: int, seconds: float, jitter: float = 0.0, stall_at: float = -1.0) -> Burst:
    """A device with a buffer of ``period`` samples that asks for blocks."""
    burst, random = Burst(RATE, block), np.random.default_rng(1)
    stall = 0.0
    for sample in range(0, round(seconds * RATE), block):
        now = sample // period * period / RATE + jitter * random.uniform()
        if 0 <= stall_at <= now and not stall:
            stall = 0.1
        burst.beat(int((now + stall) * 1e9))
        burst.measured()
    return burst


@pytest.mark.parametrize("block", [16, 64, 256, 1024])
@pytest.mark.parametrize("period", [16, 64, 256, 480, 1024, 2048, 8192])
def test_it_is_the_buffer_less_a_block(block: int, period: int) -> None:
    found = called(block, max(period, block), 8.0, jitter=0.0005).measured()
    assert found is not None
    assert found % block == 0
    ahead = max(period, block) - block
    tolerated = 0.002 * RATE
    assert ahead - tolerated <= found <= max(period, block) + block
    if period % block == 0:
        assert found <= ahead


def test_one_disturbed_second_says_nothing_of_the_device() -> None:
    assert called(64, 64, 8.0, stall_at=3.2).measured() == 0


def test_before_some_seconds_and_after_another_device_nothing_is_known() -> None:
    assert called(64, 64, 2.0).measured() is None
    burst = called(64, 64, 8.0)
    burst.begin_anew()
    assert burst.measured() is None
