import numpy as np
import pytest

from latent_terrain.nodes.meter import Meter
from latent_terrain.testing import setup_for


def feed(meter: Meter, audio: np.ndarray, block: int = 64) -> None:
    for start in range(0, audio.shape[1], block):
        part = audio[:, start : start + block]
        assert (meter.process(part, np.empty_like(part)) == part).all()


def test_peak_and_rms_of_a_steady_tone() -> None:
    time = np.arange(96_000) / 48_000
    tone = np.array([np.sin(2 * np.pi * 1000 * time), -0.5 * np.sin(2 * np.pi * 1000 * time)], np.float32)
    meter = Meter(setup_for(64))
    assert meter.read().peak == ()
    feed(meter, tone)
    assert meter.read().peak == pytest.approx((1.0, 0.5), rel=0.01)
    assert meter.read().rms == pytest.approx((0.7071, 0.3536), rel=0.01)


def test_a_peak_falls_20_db_in_a_second() -> None:
    meter = Meter(setup_for(64))
    feed(meter, np.ones((1, 64), np.float32))
    feed(meter, np.zeros((1, 48_000), np.float32))
    assert meter.read().peak[0] == pytest.approx(0.1, rel=0.01)


def test_broken_numbers_leave_the_meter_working() -> None:
    meter = Meter(setup_for(64))
    meter.process(np.full((1, 64), np.nan, np.float32), np.empty((1, 64), np.float32))
    feed(meter, np.full((1, 64), 0.25, np.float32))
    assert meter.read().peak == pytest.approx((0.25,))


def test_the_level_is_seen_by_channel() -> None:
    meter = Meter(setup_for(64))
    feed(meter, np.array([[1.0] * 64, [-0.5] * 64], np.float32))
    assert meter.shows()["peak"] == pytest.approx([1.0, 0.5])
    assert meter.shows()["rms"].shape == (2,)
