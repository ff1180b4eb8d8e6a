"""What asks for blocks: a sound device that calls, one that is written to, or a clock; and what keeps them going."""

from .blocking import BlockingDriver
from .clock import ClockDriver
from .devices import Device, Offers, find_device, list_devices, offers
from .interface import NOBODY, DeviceError, Driver, Format, Play, Tell, Wanted
from .library import rescan
from .portaudio import CallbackDriver
from .rates import PlayingRate, playing_rate
from .supervisor import Means, Supervisor
from .timing import Period, Spread, Timing, TimingReport

__all__ = [
    "NOBODY",
    "BlockingDriver",
    "CallbackDriver",
    "ClockDriver",
    "Device",
    "DeviceError",
    "Driver",
    "Format",
    "Means",
    "Offers",
    "Period",
    "Play",
    "PlayingRate",
    "Spread",
    "Supervisor",
    "Tell",
    "Timing",
    "TimingReport",
    "Wanted",
    "find_device",
    "list_devices",
    "offers",
    "playing_rate",
    "rescan",
]
