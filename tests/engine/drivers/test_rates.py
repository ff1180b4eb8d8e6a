"""The device's rate wins, unless another was asked for that it takes; the same for every front end."""

import pytest

from latent_terrain.engine.drivers import NOBODY, PlayingRate, playing_rate

from .fake_sounddevice import FakeSound, device, installed


@pytest.mark.parametrize(
    ("own", "takes", "asked", "hz"),
    [
        (48_000, (48_000,), None, 48_000),
        (44_100, (44_100, 48_000), None, 44_100),
        (44_100, (44_100, 48_000), 48_000, 48_000),
        (48_000, (48_000,), 44_100, 48_000),
        (96_000, (96_000,), 48_000, 96_000),
    ],
)
def test_the_devices_rate_wins_unless_it_takes_the_one_asked_for(
    own: int, takes: tuple[int, ...], asked: int | None, hz: int
) -> None:
    with installed(FakeSound([device("card", rate=float(own))], rates=takes)):
        found = playing_rate("card", asked, 22_050)
    assert found.hz == hz
    is_as_asked = asked in (None, hz)
    assert (found.why == "") == is_as_asked
    if not is_as_asked:
        assert f"does not support {asked} Hz; playing at its {own} Hz" in found.why


def test_without_a_device_it_is_what_was_asked_for_or_what_the_codec_has() -> None:
    with installed(FakeSound([])):
        for name in (NOBODY, None, "no such"):
            assert playing_rate(name, None, 44_100) == PlayingRate(44_100)
            assert playing_rate(name, 96_000, 44_100) == PlayingRate(96_000)
