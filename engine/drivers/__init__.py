"""What asks for blocks: a sound device that calls, one that is written to, or a clock; and what keeps them going."""

from .blocking_driver import BlockingDriver
from .clock import ClockDriver
from .devices import Device, Offers, find_device, list_devices, offers
from .interface import NOBODY, DeviceError, Driver, Format, Play, Tell, WantedDevice
from .library import rescan
from .portaudio import CallbackDriver
from .rates import PlayingRate, playing_rate
from .statistics import Period, Quantiles, Timing, TimingReport
from .supervisor import Means, Supervisor

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
    "Quantiles",
    "Supervisor",
    "Tell",
    "Timing",
    "TimingReport",
    "WantedDevice",
    "find_device",
    "list_devices",
    "offers",
    "playing_rate",
    "rescan",
]
