"""At which sample rate a patch is played: one rule for the command line, the editor and scripts.

The device's own rate wins, unless another was asked for that the device takes. Codecs convert at their edge.
"""

from dataclasses import dataclass

from .devices import find_device, takes
from .interface import NOBODY, DeviceError


@dataclass(frozen=True)
class PlayingRate:
    """hz: whole. why: a sentence where it is not the rate that was asked for, else ""."""

    hz: int
    why: str = ""


def playing_rate(device: str | None, asked: int | None, otherwise: int) -> PlayingRate:
    """The rate to play at.

    device: as ``Wanted`` has it. asked: Hz that somebody named, None where nobody did. otherwise: where there is no
    device. A device that is not there is for whoever opens it to tell.
    """
    if device == NOBODY:
        return PlayingRate(asked or otherwise)
    try:
        found = find_device(device)
    except DeviceError:
        return PlayingRate(asked or otherwise)
    own = round(found.sample_rate)
    if asked is None or asked == own:
        return PlayingRate(own)
    if takes(found, asked):
        return PlayingRate(asked)
    return PlayingRate(own, f"{found.label} does not support {asked} Hz; playing at its {own} Hz")
